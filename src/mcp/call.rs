//! One call from its request to its answer: progress on the way, cancellation, and a panic that stays here.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rmcp::RoleServer;
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext};
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Session;
use crate::call::CallError;
use crate::engine::status::ProgressUpdate;
use crate::engine::{Progress, Tool};

/// How long one progress message may take to be written before it is given up.
const TELLING: Duration = Duration::from_secs(2);

/// What is called.
pub(super) struct Ask {
    pub(super) tool: Tool,
    pub(super) arguments: Map<String, Value>,
}

/// Runs a call. `cancel` is cancelled when the client is gone; here also when it cancels the request.
pub(super) async fn run(
    session: &dyn Session,
    ask: Ask,
    context: &RequestContext<RoleServer>,
    cancel: CancellationToken,
) -> Result<Value, CallError> {
    let mut teller = Teller::of(context, cancel.clone());
    // Told at once: until the first message, some transports withhold even that the request has arrived.
    let mut telling = match ask.tool {
        Tool::Execute => teller.tell(0.0, None, "received".to_owned()),
        Tool::Search | Tool::Schema => None,
    };
    let (reports, mut latest) = watch::channel(None::<ProgressUpdate>);
    let progress: Progress = Arc::new(move |update| {
        reports.send_replace(Some(update));
    });
    let call = async { session.call(ask.tool, ask.arguments, progress, cancel.clone()).await };
    let mut call = std::pin::pin!(AssertUnwindSafe(call).catch_unwind());
    let mut listening = teller.token.is_some();
    let outcome = loop {
        tokio::select! {
            biased;
            outcome = &mut call => break outcome,
            () = context.ct.cancelled(), if !cancel.is_cancelled() => cancel.cancel(),
            () = finished(&mut telling), if telling.is_some() => telling = None,
            changed = latest.changed(), if listening && telling.is_none() => {
                listening = changed.is_ok();
                let update = latest.borrow_and_update().clone();
                telling = update.and_then(|update| {
                    teller.tell(update.elapsed_seconds, update.total_seconds, update.message)
                });
            }
        }
    };
    // Progress that came after the answer would be about an unknown request.
    finished(&mut telling).await;
    match outcome {
        Ok(outcome) => outcome,
        Err(_panic) => Err(CallError::new("Internal", "Countersign failed while it handled this call")
            .hint("this is our fault, not the call's; for a call that changes something, look whether it took effect")),
    }
}

async fn finished(telling: &mut Option<BoxFuture<'static, ()>>) {
    if let Some(telling) = telling {
        telling.await;
    }
}

/// Tells a client how its call is getting on, if it asked for that.
struct Teller {
    peer: Peer<RoleServer>,
    token: Option<ProgressToken>,
    told: Option<f64>,
    /// Cancelled when nobody wants to know any more.
    cancel: CancellationToken,
}

impl Teller {
    fn of(context: &RequestContext<RoleServer>, cancel: CancellationToken) -> Self {
        Self { peer: context.peer.clone(), token: context.meta.get_progress_token(), told: None, cancel }
    }

    /// The next message; none if the client does not want it, or if there is no progress in it.
    fn tell(&mut self, elapsed: f64, total: Option<f64>, message: String) -> Option<BoxFuture<'static, ()>> {
        let token = self.token.clone()?;
        if self.told.is_some_and(|told| elapsed <= told) {
            return None;
        }
        self.told = Some(elapsed);
        let mut param = ProgressNotificationParam::new(token, elapsed).with_message(message);
        param.total = total;
        let (peer, cancel) = (self.peer.clone(), self.cancel.clone());
        let telling = async move {
            // A client that does not read misses it. One that is gone is noticed elsewhere.
            tokio::select! {
                () = cancel.cancelled() => {}
                _ = tokio::time::timeout(TELLING, peer.notify_progress(param)) => {}
            }
        };
        Some(telling.boxed())
    }
}
