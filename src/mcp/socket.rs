//! The Unix socket that a console or a server listens on: for this user's processes only, never a stale file,
//! gone when its owner is.

use std::fs::{DirBuilder, File, Metadata, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Host;
use crate::engine::Peer;

/// Connections at once; more are closed unanswered.
const CONNECTIONS: usize = 128;
/// How long to wait before accepting again when the system refuses (too many open files).
const REFUSED: Duration = Duration::from_millis(200);

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another process listens there.
    #[error("another console or server listens on {}; agents reach that one", .path.display())]
    Taken {
        /// The socket.
        path: PathBuf,
    },
    /// Others could reach the socket.
    #[error("{} must belong to you and be closed to others (chmod 700 {}): agents connect through it", .folder.display(), .folder.display())]
    Open {
        /// The folder of the socket.
        folder: PathBuf,
    },
    /// Something else has the name.
    #[error("{} is not a socket; move it away, or set COUNTERSIGN_HOME to another folder", .path.display())]
    NotASocket {
        /// What stands there.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot listen on {}: {source}; set COUNTERSIGN_HOME to a folder of yours with a short path (a socket's path has about 100 bytes)", .path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A socket that listens. Its file is removed when this is dropped.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file, to remove no one else's.
    identity: (u64, u64),
    /// Held as long as the socket: whoever holds it may replace the file.
    _lock: File,
}

impl Socket {
    /// Listens on a path. A missing folder is made, for this user only; a socket left behind by a process that
    /// is gone is replaced.
    ///
    /// # Errors
    /// When another process listens there, when others could reach it, or when the system refuses.
    pub async fn bind(path: &Path) -> Result<Self, SocketError> {
        let failed = |source| SocketError::Io { path: path.to_owned(), source };
        let folder = path.parent().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let found = std::fs::metadata(folder).map_err(failed)?;
        if found.uid() != our_uid().map_err(failed)? || found.mode() & 0o077 != 0 {
            return Err(SocketError::Open { folder: folder.to_owned() });
        }
        let taken = || SocketError::Taken { path: path.to_owned() };
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.with_extension("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken()),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        match std::fs::symlink_metadata(path) {
            Ok(found) if !is_socket(&found) => return Err(SocketError::NotASocket { path: path.to_owned() }),
            Ok(_) if UnixStream::connect(path).await.is_ok() => return Err(taken()),
            _ => {}
        }
        let (listener, identity) = listen(folder, path).map_err(failed)?;
        Ok(Self { listener, path: path.to_owned(), identity, _lock: lock })
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Serves whoever connects, until `shutdown` is cancelled; then the file is removed first, so that relays
    /// find no dead socket, and the connections end.
    pub async fn serve(self, host: Host, shutdown: CancellationToken) {
        let ours = our_uid().ok();
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) if connections.len() < CONNECTIONS => {
                        let Some(peer) = peer_of(&stream, ours) else { continue };
                        let (host, shutdown) = (host.clone(), shutdown.child_token());
                        connections.spawn(async move {
                            let (read, write) = stream.into_split();
                            host.serve(peer, read, write, shutdown).await;
                        });
                    }
                    Ok(_) => tracing::warn!("{CONNECTIONS} agents are connected; another one was turned away"),
                    Err(error) => {
                        tracing::warn!("the socket accepts nobody: {error}");
                        tokio::time::sleep(REFUSED).await;
                    }
                },
            }
        }
        drop(self);
        while connections.join_next().await.is_some() {}
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let still_ours = std::fs::symlink_metadata(&self.path).is_ok_and(|found| identity(&found) == self.identity);
        if still_ours {
            // Nothing to be done about a failure: the next listener replaces the file.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Listens under another name first, so that the real one never stands for a socket that does not listen yet
/// or that others may open.
fn listen(folder: &Path, path: &Path) -> io::Result<(UnixListener, (u64, u64))> {
    let fresh = folder.join(".s");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&fresh)?;
    std::fs::set_permissions(&fresh, Permissions::from_mode(0o600))?;
    std::fs::rename(&fresh, path)?;
    Ok((listener, identity(&std::fs::symlink_metadata(path)?)))
}

fn identity(found: &Metadata) -> (u64, u64) {
    (found.dev(), found.ino())
}

fn is_socket(found: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    found.file_type().is_socket()
}

/// The other end, if it belongs to this user.
fn peer_of(stream: &UnixStream, ours: Option<u32>) -> Option<Peer> {
    let credentials = stream.peer_cred().ok()?;
    if Some(credentials.uid()) != ours {
        tracing::warn!("a process of user {} was turned away from the socket", credentials.uid());
        return None;
    }
    let pid = credentials.pid().and_then(|pid| u32::try_from(pid).ok());
    Some(Peer { transport: "socket", pid, ..Peer::default() })
}

/// Connects to a socket that a process of this user listens on.
///
/// # Errors
/// When nobody listens, or someone else does.
pub(super) async fn connect(path: &Path) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(path).await?;
    if stream.peer_cred()?.uid() == our_uid()? { Ok(stream) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// This process's user, as the system shows it to the other end of a socket.
fn our_uid() -> io::Result<u32> {
    let (one, _other) = UnixStream::pair()?;
    Ok(one.peer_cred()?.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::symlink_metadata(path).unwrap().mode() & 0o777
    }

    #[tokio::test]
    async fn listens_for_this_user_only_and_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("run").join("c.sock");
        let socket = Socket::bind(&path).await.unwrap();
        assert_eq!((mode(path.parent().unwrap()), mode(&path)), (0o700, 0o600));
        let (client, accepted) = tokio::join!(connect(&path), socket.listener.accept());
        let peer = peer_of(&accepted.unwrap().0, our_uid().ok());
        let ourselves = Peer { transport: "socket", pid: Some(std::process::id()), ..Peer::default() };
        assert_eq!(peer, Some(ourselves));
        assert_eq!(peer_of(&client.unwrap(), Some(u32::MAX)), None);
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn one_listener_only() {
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o700)).unwrap();
        let path = home.path().join("c.sock");
        let first = Socket::bind(&path).await.unwrap();
        assert!(matches!(Socket::bind(&path).await, Err(SocketError::Taken { .. })));
        drop(first);
        drop(Socket::bind(&path).await.unwrap());
    }

    #[tokio::test]
    async fn a_stale_file_is_replaced_and_a_strange_one_is_not() {
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o700)).unwrap();
        let path = home.path().join("c.sock");
        // What a killed process leaves: the file, and nobody who listens.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(connect(&path).await.is_err());
        let socket = Socket::bind(&path).await.unwrap();
        assert!(connect(&path).await.is_ok());
        drop(socket);
        std::fs::write(&path, "mine").unwrap();
        assert!(matches!(Socket::bind(&path).await, Err(SocketError::NotASocket { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }

    #[tokio::test]
    async fn a_listener_of_older_make_without_the_lock_is_respected() {
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o700)).unwrap();
        let path = home.path().join("c.sock");
        let listener = UnixListener::bind(&path).unwrap();
        assert!(matches!(Socket::bind(&path).await, Err(SocketError::Taken { .. })));
        drop(listener);
    }

    #[tokio::test]
    async fn a_folder_that_others_may_enter_is_refused() {
        let home = tempfile::tempdir().unwrap();
        std::fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
        let error = Socket::bind(&home.path().join("c.sock")).await.unwrap_err();
        assert!(matches!(error, SocketError::Open { .. }), "{error}");
        assert!(error.to_string().contains("chmod 700"), "{error}");
    }

    #[tokio::test]
    async fn a_path_too_long_says_the_cure() {
        let home = tempfile::tempdir().unwrap();
        let error = Socket::bind(&home.path().join("x".repeat(120)).join("c.sock")).await.unwrap_err();
        assert!(error.to_string().contains("COUNTERSIGN_HOME"), "{error}");
    }
}
