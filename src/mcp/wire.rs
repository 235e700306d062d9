//! One connection as the protocol library wants it: messages in, messages out, over lines of JSON.
//!
//! Ours rather than the library's own: the end of the input cancels the connection's calls at once, and every
//! request gets an answer, even one that is too long, too deep, malformed, or ahead of the handshake.

use std::io;
use std::sync::{Arc, Mutex};

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use super::inbox::{Inbox, MAX_MESSAGE, Meaning};
use super::lines::{Line, Lines};
use super::locked::locked;
use super::out::Out;

/// A connection.
pub(super) struct Wire<R, W> {
    lines: Lines<R>,
    inbox: Arc<Mutex<Inbox>>,
    out: Out<W>,
    gone: CancellationToken,
}

impl<R, W> Wire<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    /// Over a reader and a writer; `gone` is cancelled when either ends.
    pub(super) fn new(read: R, write: W, gone: CancellationToken) -> Self {
        Self { lines: Lines::new(read, MAX_MESSAGE), inbox: Arc::default(), out: Out::new(write, gone.clone()), gone }
    }

    /// Its way out.
    pub(super) fn out(&self) -> Out<W> {
        self.out.clone()
    }

    async fn next_line(&mut self) -> Option<Line> {
        let line = tokio::select! {
            biased;
            () = self.gone.cancelled() => return None,
            line = async {
                self.out.not_congested().await;
                self.lines.next().await
            } => line,
        };
        let line = line.ok().flatten();
        if line.is_none() {
            self.gone.cancel();
        }
        line
    }

    fn with_inbox<T>(&self, work: impl FnOnce(&mut Inbox) -> T) -> T {
        work(&mut locked(&self.inbox))
    }
}

impl<R, W> Transport<RoleServer> for Wire<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Error = io::Error;

    fn send(&mut self, message: ServerJsonRpcMessage) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let id = match &message {
            ServerJsonRpcMessage::Response(response) => Some(&response.id),
            ServerJsonRpcMessage::Error(error) => error.id.as_ref(),
            ServerJsonRpcMessage::Request(_) | ServerJsonRpcMessage::Notification(_) => None,
        };
        if let Some(id) = id {
            self.with_inbox(|inbox| inbox.answered(id));
        }
        // Progress may be left out; an answer may not.
        let left_out = matches!(message, ServerJsonRpcMessage::Notification(_)) && self.out.is_slow();
        let sending = if left_out {
            None
        } else {
            Some(serde_json::to_vec(&message).map_err(io::Error::from).map(|line| self.out.send(line)))
        };
        async move {
            match sending {
                None => Ok(()),
                Some(sending) => sending?.await,
            }
        }
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            let meaning = match self.next_line().await? {
                Line::Whole(line) => self.with_inbox(|inbox| inbox.read(&line)),
                Line::TooLong(envelope) => self.with_inbox(|inbox| inbox.too_long(envelope)),
            };
            match meaning {
                Meaning::Message(message) => return Some(*message),
                Meaning::Refused(id, error) => self.out.refuse(id, error),
                Meaning::Nothing => {}
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.gone.cancel();
        self.out.close().await
    }
}
