//! A passphrase on a secret: argon2id makes a key of it, XChaCha20-Poly1305 seals the secret with that. The
//! passphrase is never stored.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{Key, KeyInit as _, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::base::Entropy;

/// What making a key of a passphrase costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cost {
    /// Memory, in KiB.
    memory_kib: u32,
    /// Passes over it.
    passes: u32,
}

impl Cost {
    /// More than RFC 9106 asks for where memory is short (64 MiB, three passes); about a quarter of a second.
    pub(super) const FULL: Self = Self { memory_kib: 64 * 1024, passes: 3 };
    /// What a file may ask for at most: a damaged one must not take the machine's memory.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 32 };
    /// For tests.
    #[cfg(test)]
    pub(super) const LEAST: Self = Self { memory_kib: 8, passes: 1 };
}

/// A sealed secret of 32 bytes, as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sealed {
    argon2id: Cost,
    salt: String,
    nonce: String,
    xchacha20poly1305: String,
}

/// Why a secret could not be sealed or unsealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failed {
    /// Another passphrase, or another file's content.
    Passphrase,
    /// Nothing that was written here.
    Damaged,
}

impl Sealed {
    /// Seals a secret; `about` is bound to it and must be the same to unseal.
    pub(super) fn new(
        secret: &[u8; 32],
        passphrase: &[u8],
        about: &[u8],
        cost: Cost,
        entropy: &dyn Entropy,
    ) -> Result<Self, Failed> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        entropy.fill(&mut salt);
        entropy.fill(&mut nonce);
        let key = derive(passphrase, &salt, cost)?;
        let sealed = cipher(&key)
            .encrypt(&XNonce::from(nonce), Payload { msg: secret, aad: about })
            .map_err(|_| Failed::Damaged)?;
        Ok(Self {
            argon2id: cost,
            salt: hex::encode(salt),
            nonce: hex::encode(nonce),
            xchacha20poly1305: hex::encode(sealed),
        })
    }

    /// The secret, with the right passphrase.
    pub(super) fn open(&self, passphrase: &[u8], about: &[u8]) -> Result<Zeroizing<[u8; 32]>, Failed> {
        let (mut salt, mut nonce, mut sealed) = ([0; 16], [0; 24], [0; 48]);
        for (text, into) in [
            (&self.salt, salt.as_mut_slice()),
            (&self.nonce, nonce.as_mut_slice()),
            (&self.xchacha20poly1305, sealed.as_mut_slice()),
        ] {
            hex::decode_to_slice(text, into).map_err(|_| Failed::Damaged)?;
        }
        let Cost { memory_kib, passes } = self.argon2id;
        if memory_kib > Cost::MOST.memory_kib || passes > Cost::MOST.passes {
            return Err(Failed::Damaged);
        }
        let key = derive(passphrase, &salt, self.argon2id)?;
        let opened = cipher(&key).decrypt(&XNonce::from(nonce), Payload { msg: &sealed, aad: about });
        let opened = Zeroizing::new(opened.map_err(|_| Failed::Passphrase)?);
        let mut secret = Zeroizing::new([0; 32]);
        if opened.len() != secret.len() {
            return Err(Failed::Damaged);
        }
        secret.copy_from_slice(&opened);
        Ok(secret)
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn derive(passphrase: &[u8], salt: &[u8], cost: Cost) -> Result<Zeroizing<[u8; 32]>, Failed> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| Failed::Damaged)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let mut key = Zeroizing::new([0; 32]);
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        passphrase,
        salt,
        &mut *key,
        &mut memory,
    );
    memory.iter_mut().for_each(Zeroize::zeroize);
    done.map_err(|_| Failed::Damaged)?;
    Ok(key)
}
