//! Signatures: what a human decided is signed with the approver's Ed25519 key, and whoever acts on it checks that
//! first. A signature is over a domain and the bytes, so that one made for one purpose is worth nothing for another.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::Signer as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use zeroize::Zeroizing;

use crate::base::Digest;

/// What stands before everything that is signed; the number changes when the form of the message does.
const PREFIX: &[u8] = b"countersign signature v1\0";

/// How a public key begins in text.
const ALGORITHM: &str = "ed25519:";

/// Why a signature or a key does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// Not a public key.
    #[error("a public key is written `ed25519:` and 64 hex digits; `countersign key show` prints it")]
    PublicKey,
    /// A key that verifies anything.
    #[error("this public key is weak: many signatures fit it; make another key")]
    Weak,
    /// The signature is over something else, or by another key.
    #[error("the signature does not fit: it is over something else, or by another key")]
    Wrong,
}

/// The public half of an approver's key. In text and JSON: `ed25519:` and 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// From raw bytes.
    ///
    /// # Errors
    /// When they are no point of the curve, or a weak one.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, SignatureError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| SignatureError::PublicKey)?;
        if key.is_weak() { Err(SignatureError::Weak) } else { Ok(Self(bytes)) }
    }

    /// What a human compares: 16 hex digits of a digest of the key, in groups.
    pub fn fingerprint(&self) -> String {
        let digest = Digest::of("countersign public key v1", &self.0).to_string();
        let digits: Vec<char> = digest.chars().take(16).collect();
        digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// Checks a signature over bytes within a domain. Strict: of all encodings of a signature one counts.
    ///
    /// # Errors
    /// [`SignatureError::Wrong`] when it is not this key's over exactly these bytes in this domain.
    pub fn verify(&self, domain: &str, bytes: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.0).map_err(|_| SignatureError::PublicKey)?;
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        key.verify_strict(&message(domain, bytes), &signature).map_err(|_| SignatureError::Wrong)
    }
}

impl FromStr for PublicKey {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let mut bytes = [0; 32];
        let digits = text.strip_prefix(ALGORITHM).ok_or(SignatureError::PublicKey)?;
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| SignatureError::PublicKey)?;
        Self::from_bytes(bytes)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", hex::encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.fingerprint())
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// An Ed25519 signature; 128 hex digits in text and JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({self})")
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut bytes = [0; 64];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut bytes)
            .map_err(|_| D::Error::custom("a signature is 128 hex digits"))?;
        Ok(Self(bytes))
    }
}

/// The secret half. It is never printed, and wiped from memory when it is dropped.
pub struct SecretKey(ed25519_dalek::SigningKey);

impl SecretKey {
    /// From 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The 32 bytes it was made from, for the file it is kept in; wiped when dropped.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs bytes within a domain (a constant text that names the purpose).
    pub fn sign(&self, domain: &str, bytes: &[u8]) -> Signature {
        Signature(self.0.sign(&message(domain, bytes)).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public().fingerprint())
    }
}

/// What is signed: no two pairs of domain and bytes give the same message.
fn message(domain: &str, bytes: &[u8]) -> Vec<u8> {
    let length = (domain.len() as u64).to_be_bytes();
    [PREFIX, &length, domain.as_bytes(), bytes].concat()
}
