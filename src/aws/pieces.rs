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
    from: From,
    taken: Arc<AtomicU64>,
}

#[derive(Debug)]
enum From {
    Memory(Bytes),
    Stream(Box<SdkBody>),
}

impl Pieces {
    /// The pieces of a body; `taken` counts along.
    pub(super) fn new(body: SdkBody, taken: &Arc<AtomicU64>) -> Self {
        let from = match body.bytes() {
            Some(bytes) => From::Memory(Bytes::copy_from_slice(bytes)),
            None => From::Stream(Box::new(body)),
        };
        Self { from, taken: Arc::clone(taken) }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let frame = match &mut this.from {
            From::Memory(bytes) if bytes.is_empty() => None,
            From::Memory(bytes) => Some(Ok(Frame::data(bytes.split_to(bytes.len().min(PIECE))))),
            From::Stream(body) => std::task::ready!(Pin::new(body.as_mut()).poll_frame(cx)),
        };
        if let Some(Ok(frame)) = &frame {
            this.taken.fetch_add(frame.data_ref().map_or(0, |data| data.len() as u64), Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.from {
            From::Memory(bytes) => bytes.is_empty(),
            From::Stream(body) => Body::is_end_stream(&**body),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.from {
            From::Memory(bytes) => SizeHint::with_exact(bytes.len() as u64),
            From::Stream(body) => Body::size_hint(&**body),
        }
    }
}
