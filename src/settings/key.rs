//! The approver's key: a file of its own, made on the first start of a console, with or without a passphrase on it.
//! A passphrase is remembered for a quarter of an hour at most, and never written anywhere.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::passphrase::{Cost, Failed, Sealed};
use super::private::{self, Care};
use crate::approval::{PublicKey, SecretKey, Signature};
use crate::base::{Entropy, Timestamp};

/// How long a passphrase counts after it was given.
pub const REMEMBERED: Duration = Duration::from_secs(15 * 60);

/// Fewest characters of a passphrase.
const SHORTEST: usize = 8;

/// Why there is no key, or no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Others could have read or written it.
    #[error("{} is not used: {what}; {cure}, and if somebody may have read it, make another key", .path.display())]
    Unsafe {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        cure: String,
    },
    /// The system said no.
    #[error("{}: {what}; make its folder yours and writable, or set COUNTERSIGN_HOME to one that is", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// Not what was written there.
    #[error("{} cannot be read ({what}); restore it from a backup, or move it away", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// There is none yet.
    #[error("there is no approver's key at {} yet; the first start of `countersign` makes it", .path.display())]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// The passphrase has not been given, or its time is over.
    #[error("the approver's key is locked: give its passphrase in the console")]
    Locked,
    /// Another passphrase than the key has.
    #[error("this is not the passphrase of the key; try again")]
    Passphrase,
    /// It would not protect anything.
    #[error("a passphrase has at least {SHORTEST} characters")]
    TooShort,
    /// It has one.
    #[error("the key has a passphrase already; give the present one to change it")]
    Protected,
}

/// The file's content.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Version of this form.
    countersign_key: u32,
    public: PublicKey,
    secret: Secret,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Secret {
    /// The seed in hex.
    Plain(String),
    /// Under a passphrase.
    Sealed(Sealed),
}

impl Drop for Secret {
    fn drop(&mut self) {
        if let Self::Plain(seed) = self {
            seed.zeroize();
        }
    }
}

/// The version of the form that is written.
const VERSION: u32 = 1;

/// The approver's key as the console holds it.
pub struct ApproverKey {
    public: PublicKey,
    state: Mutex<State>,
}

enum State {
    /// No passphrase on it.
    Open(SecretKey),
    /// A passphrase on it; for a while it is known.
    Sealed { path: PathBuf, sealed: Sealed, open: Option<Unlocked> },
}

struct Unlocked {
    secret: SecretKey,
    since: Timestamp,
}

impl Unlocked {
    /// A clock that is set back ends it: nobody knows then how long it has been.
    fn counts(&self, now: Timestamp) -> bool {
        now >= self.since && now.since(self.since) <= REMEMBERED
    }
}

impl ApproverKey {
    /// A key that lies in no file.
    pub fn of(secret: SecretKey) -> Self {
        Self { public: secret.public(), state: Mutex::new(State::Open(secret)) }
    }

    /// Reads the key's file.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none; others when it cannot be trusted or read.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let written = read(path)?.ok_or_else(|| KeyError::Missing { path: path.to_owned() })?;
        let public = written.public;
        let state = match &written.secret {
            Secret::Plain(seed) => State::Open(secret_of(path, seed, public)?),
            Secret::Sealed(sealed) => State::Sealed { path: path.to_owned(), sealed: sealed.clone(), open: None },
        };
        Ok(Self { public, state: Mutex::new(state) })
    }

    /// Reads the key's file, and makes one first where there is none.
    ///
    /// # Errors
    /// As [`Self::open`], and when it cannot be written.
    pub fn open_or_make(path: &Path, entropy: &dyn Entropy) -> Result<Self, KeyError> {
        match Self::open(path) {
            Err(KeyError::Missing { .. }) => {
                let mut seed = Zeroizing::new([0; 32]);
                entropy.fill(&mut *seed);
                let secret = SecretKey::from_seed(&seed);
                let written = Written {
                    countersign_key: VERSION,
                    public: secret.public(),
                    secret: Secret::Plain(hex::encode(seed.as_slice())),
                };
                private::create(path, &text_of(path, &written)?)?;
                // Whoever was first: what lies there now is the key.
                Self::open(path)
            }
            opened => opened,
        }
    }

    /// The public half.
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    /// Whether there is a passphrase on it.
    pub fn is_protected(&self) -> bool {
        matches!(&*self.state(), State::Sealed { .. })
    }

    /// Whether the passphrase has to be given before anything can be signed. Forgets one whose time is over.
    pub fn is_locked(&self, now: Timestamp) -> bool {
        match &mut *self.state() {
            State::Open(_) => false,
            State::Sealed { open, .. } => {
                *open = open.take().filter(|unlocked| unlocked.counts(now));
                open.is_none()
            }
        }
    }

    /// Takes the passphrase; it counts for [`REMEMBERED`]. Takes a quarter of a second of work: not for an async task.
    ///
    /// # Errors
    /// [`KeyError::Passphrase`] when it is another one.
    pub fn unlock(&self, passphrase: &str, now: Timestamp) -> Result<(), KeyError> {
        let (path, sealed) = match &*self.state() {
            State::Open(_) => return Ok(()),
            State::Sealed { path, sealed, .. } => (path.clone(), sealed.clone()),
        };
        let secret = unseal(&path, &sealed, passphrase, self.public)?;
        if let State::Sealed { open, .. } = &mut *self.state() {
            *open = Some(Unlocked { secret, since: now });
        }
        Ok(())
    }

    /// Forgets the passphrase.
    pub fn lock(&self) {
        if let State::Sealed { open, .. } = &mut *self.state() {
            *open = None;
        }
    }

    /// Signs bytes within a domain.
    ///
    /// # Errors
    /// [`KeyError::Locked`] while the passphrase is not known.
    pub fn sign(&self, domain: &str, bytes: &[u8], now: Timestamp) -> Result<Signature, KeyError> {
        if self.is_locked(now) {
            return Err(KeyError::Locked);
        }
        match &*self.state() {
            State::Open(secret) | State::Sealed { open: Some(Unlocked { secret, .. }), .. } => {
                Ok(secret.sign(domain, bytes))
            }
            State::Sealed { open: None, .. } => Err(KeyError::Locked),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ApproverKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApproverKey({})", self.public.fingerprint())
    }
}

/// What may be known of a key's file without its passphrase: the public half, and whether there is a passphrase.
///
/// # Errors
/// As [`ApproverKey::open`].
pub fn look(path: &Path) -> Result<(PublicKey, bool), KeyError> {
    let written = read(path)?.ok_or_else(|| KeyError::Missing { path: path.to_owned() })?;
    Ok((written.public, matches!(written.secret, Secret::Sealed(_))))
}

/// Puts a passphrase on the key in a file, or another one in its place (`present` is then the one it has).
///
/// # Errors
/// When the present passphrase is missing or wrong, the new one too short, or the file cannot be read or written; the
/// key is then as it was.
pub fn protect(
    path: &Path,
    present: Option<&str>,
    passphrase: &str,
    entropy: &dyn Entropy,
) -> Result<PublicKey, KeyError> {
    protect_at(Cost::FULL, path, present, passphrase, entropy)
}

fn protect_at(
    cost: Cost,
    path: &Path,
    present: Option<&str>,
    passphrase: &str,
    entropy: &dyn Entropy,
) -> Result<PublicKey, KeyError> {
    if passphrase.chars().count() < SHORTEST {
        return Err(KeyError::TooShort);
    }
    let written = read(path)?.ok_or_else(|| KeyError::Missing { path: path.to_owned() })?;
    let public = written.public;
    let secret = match (&written.secret, present) {
        (Secret::Plain(seed), _) => secret_of(path, seed, public)?,
        (Secret::Sealed(_), None) => return Err(KeyError::Protected),
        (Secret::Sealed(sealed), Some(present)) => unseal(path, sealed, present, public)?,
    };
    let about = public.to_string();
    let sealed = Sealed::new(&secret.seed(), passphrase.as_bytes(), about.as_bytes(), cost, entropy)
        .map_err(|_| damaged(path, "it could not be sealed"))?;
    let written = Written { countersign_key: VERSION, public, secret: Secret::Sealed(sealed) };
    private::replace(path, &text_of(path, &written)?)?;
    Ok(public)
}

fn read(path: &Path) -> Result<Option<Written>, KeyError> {
    let Some(bytes) = private::read(path, Care::Secret)? else { return Ok(None) };
    // serde's message could quote what it found.
    let written: Written = serde_json::from_slice(&bytes).map_err(|_| damaged(path, "it is not a key's file"))?;
    if written.countersign_key != VERSION {
        return Err(damaged(path, "a newer countersign wrote it"));
    }
    Ok(Some(written))
}

fn text_of(path: &Path, written: &Written) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut text = Zeroizing::new(Vec::with_capacity(4096));
    serde_json::to_writer_pretty(&mut *text, written).map_err(|_| damaged(path, "it could not be written"))?;
    text.push(b'\n');
    Ok(text)
}

fn secret_of(path: &Path, seed: &str, public: PublicKey) -> Result<SecretKey, KeyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(seed, &mut *bytes).map_err(|_| damaged(path, "its secret is not 64 hex digits"))?;
    pair(path, &bytes, public)
}

fn unseal(path: &Path, sealed: &Sealed, passphrase: &str, public: PublicKey) -> Result<SecretKey, KeyError> {
    let seed = sealed.open(passphrase.as_bytes(), public.to_string().as_bytes()).map_err(|failed| match failed {
        Failed::Passphrase => KeyError::Passphrase,
        Failed::Damaged => damaged(path, "its secret is not what was written"),
    })?;
    pair(path, &seed, public)
}

fn pair(path: &Path, seed: &[u8; 32], public: PublicKey) -> Result<SecretKey, KeyError> {
    let secret = SecretKey::from_seed(seed);
    if secret.public() == public { Ok(secret) } else { Err(damaged(path, "its two halves do not belong together")) }
}

fn damaged(path: &Path, what: &str) -> KeyError {
    KeyError::Damaged { path: path.to_owned(), what: what.to_owned() }
}

#[cfg(test)]
mod tests;
