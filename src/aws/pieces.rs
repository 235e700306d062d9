//! The body of a request, handed over piece by piece, so that it shows whether the sending gets on.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Bytes that are handed over at once.
const PIECE: usize = 64 * 1024;

/// A body, and the count of what was taken of it.
#[derive(Debug)]
pub(super) struct Pieces {
    body: Box<SdkBody>,
    /// What is left of the last frame of the body; nothing is copied.
    rest: Bytes,
    taken: Arc<AtomicU64>,
}

impl Pieces {
    /// The pieces of a body; `taken` counts along.
    pub(super) fn new(body: SdkBody, taken: &Arc<AtomicU64>) -> Self {
        Self { body: Box::new(body), rest: Bytes::new(), taken: Arc::clone(taken) }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            match std::task::ready!(Pin::new(this.body.as_mut()).poll_frame(cx))
                .map(|frame| frame.map(Frame::into_data))
            {
                Some(Ok(Ok(data))) => this.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        this.taken.fetch_add(piece.len() as u64, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && Body::is_end_stream(&*self.body)
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = Body::size_hint(&*self.body);
        let rest = self.rest.len() as u64;
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint.set_lower(hint.lower().saturating_add(rest));
        hint
    }
}
