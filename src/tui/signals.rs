//! Signals that concern a console, as a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interrupt {
    /// Leave: SIGTERM, SIGHUP, SIGINT, SIGQUIT.
    Stop,
    /// Go to the shell: SIGTSTP.
    Suspend,
    /// Back from there: SIGCONT.
    Continue,
}

/// The signals.
pub(super) struct Signals {
    all: Vec<(Interrupt, Signal)>,
}

impl Signals {
    /// Listens.
    pub(super) fn new() -> io::Result<Self> {
        let listen = |interrupt, kind| signal(kind).map(|signal| (interrupt, signal));
        Ok(Self {
            all: vec![
                listen(Interrupt::Stop, SignalKind::terminate())?,
                listen(Interrupt::Stop, SignalKind::hangup())?,
                listen(Interrupt::Stop, SignalKind::interrupt())?,
                listen(Interrupt::Stop, SignalKind::quit())?,
                listen(Interrupt::Suspend, SignalKind::from_raw(signal_hook::consts::SIGTSTP))?,
                listen(Interrupt::Continue, SignalKind::from_raw(signal_hook::consts::SIGCONT))?,
            ],
        })
    }
}

impl Stream for Signals {
    type Item = Interrupt;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Interrupt>> {
        for (interrupt, signal) in &mut self.all {
            if signal.poll_recv(context).is_ready() {
                return Poll::Ready(Some(*interrupt));
            }
        }
        Poll::Pending
    }
}
