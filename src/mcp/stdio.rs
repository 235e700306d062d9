//! Standard input and output as a connection. Nothing else may ever be written to standard output.
//!
//! Pipes (as shells and Python clients make them) and sockets (as Node clients do) are driven without threads;
//! anything else is read by a thread that the end of the process does not wait for.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileTypeExt as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Host;
use crate::engine::Peer;

/// How much is read at once.
const PIECE: usize = 64 << 10;
/// Pieces that may wait to be taken.
const PIECES: usize = 4;

/// A reading side of any kind.
pub(super) type Reader = Box<dyn AsyncRead + Send + Unpin>;
/// A writing side of any kind.
pub(super) type Writer = Box<dyn AsyncWrite + Send + Unpin>;

/// Standard input and output.
pub(super) fn pipes() -> (Reader, Writer) {
    (input(), output())
}

/// What is known of the client at the other end.
pub(super) fn peer() -> Peer {
    Peer { transport: "stdio", pid: Some(std::os::unix::process::parent_id()), ..Peer::default() }
}

/// Serves the client that started this process, until it closes standard input or `shutdown` is cancelled.
pub async fn serve(host: &Host, shutdown: CancellationToken) {
    let (read, write) = pipes();
    host.serve(peer(), read, write, shutdown).await;
}

fn input() -> Reader {
    #[cfg(target_os = "linux")]
    if let Ok(pipe) = tokio::net::unix::pipe::OpenOptions::new().open_receiver("/proc/self/fd/0") {
        return Box::new(pipe);
    }
    match socket(io::stdin()) {
        Ok(socket) => Box::new(socket),
        Err(_) => Box::new(Pieces::of(io::stdin())),
    }
}

fn output() -> Writer {
    #[cfg(target_os = "linux")]
    if let Ok(pipe) = tokio::net::unix::pipe::OpenOptions::new().open_sender("/proc/self/fd/1") {
        return Box::new(pipe);
    }
    match socket(io::stdout()) {
        Ok(socket) => Box::new(socket),
        Err(_) => Box::new(tokio::io::stdout()),
    }
}

/// A standard stream that is a socket, as one that is driven without threads.
fn socket(stream: impl AsFd) -> io::Result<UnixStream> {
    let file = File::from(stream.as_fd().try_clone_to_owned()?);
    if !file.metadata()?.file_type().is_socket() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let socket = std::os::unix::net::UnixStream::from(OwnedFd::from(file));
    socket.set_nonblocking(true)?;
    UnixStream::from_std(socket)
}

/// What a thread reads from a stream that can only be waited for.
struct Pieces {
    pieces: mpsc::Receiver<Vec<u8>>,
    /// What has come and was not taken yet.
    rest: io::Cursor<Vec<u8>>,
}

impl Pieces {
    fn of(mut stream: impl io::Read + Send + 'static) -> Self {
        let (sender, pieces) = mpsc::channel(PIECES);
        std::thread::spawn(move || {
            let mut buffer = vec![0; PIECE];
            // Whatever an error is, nothing more comes.
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                let piece = buffer.iter().take(count).copied().collect();
                if sender.blocking_send(piece).is_err() {
                    break;
                }
            }
        });
        Self { pieces, rest: io::Cursor::default() }
    }
}

impl AsyncRead for Pieces {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let count = self.rest.read(into.initialize_unfilled())?;
            if count > 0 || into.remaining() == 0 {
                into.advance(count);
                return Poll::Ready(Ok(()));
            }
            match ready!(self.pieces.poll_recv(context)) {
                Some(piece) => self.rest = io::Cursor::new(piece),
                None => return Poll::Ready(Ok(())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn a_thread_reads_everything_in_order() {
        let text: Vec<u8> = (0..1_000_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut read = Vec::new();
        Pieces::of(io::Cursor::new(text.clone())).read_to_end(&mut read).await.unwrap();
        assert_eq!(read, text);
    }
}
