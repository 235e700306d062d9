//! Signatures: what fits, and what does not.

use serde_json::json;

use crate::approval::signature::{PublicKey, SecretKey, Signature, SignatureError};

fn key(n: u8) -> SecretKey {
    SecretKey::from_seed(&[n; 32])
}

#[test]
fn a_signature_fits_its_key_domain_and_bytes_only() {
    let (domain, bytes) = ("decision", b"approve".as_slice());
    let signature = key(1).sign(domain, bytes);
    assert_eq!(key(1).public().verify(domain, bytes, &signature), Ok(()));
    // (key, domain, bytes): each alone, and a boundary that is moved.
    for (n, domain, bytes) in [
        (2, domain, bytes),
        (1, "grant", bytes),
        (1, domain, b"approvf".as_slice()),
        (1, domain, b"".as_slice()),
        (1, "decisio", b"napprove".as_slice()),
        (1, "decisiona", b"pprove".as_slice()),
    ] {
        let got = key(n).public().verify(domain, bytes, &signature);
        assert_eq!(got, Err(SignatureError::Wrong), "key {n}, {domain}, {bytes:?}");
    }
}

#[test]
fn every_changed_bit_of_a_signature_is_refused() {
    let signature = key(1).sign("decision", b"approve");
    let hex = signature.to_string();
    for bit in 0..512_usize {
        let mut bytes = hex::decode(&hex).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let other: Signature = serde_json::from_value(json!(hex::encode(bytes))).unwrap();
        let got = key(1).public().verify("decision", b"approve", &other);
        assert_eq!(got, Err(SignatureError::Wrong), "bit {bit}");
    }
}

/// RFC 8032, section 7.1, test 1: the seed and the public key that belongs to it.
#[test]
fn the_keys_are_those_of_the_standard() {
    let mut seed = [0; 32];
    hex::decode_to_slice("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", &mut seed).unwrap();
    let public = SecretKey::from_seed(&seed).public();
    assert_eq!(public.to_string(), "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_eq!(*SecretKey::from_seed(&seed).seed(), seed);
}

#[test]
fn keys_and_signatures_survive_as_text() {
    let public = key(1).public();
    assert_eq!(public.to_string().parse(), Ok(public));
    assert_eq!(serde_json::from_value::<PublicKey>(json!(public)).unwrap(), public);
    let signature = key(1).sign("decision", b"approve");
    assert_eq!(serde_json::from_value::<Signature>(json!(signature)).unwrap(), signature);
    assert!(serde_json::from_value::<Signature>(json!("00")).is_err());
}

#[test]
fn what_is_no_public_key_is_refused() {
    let good = key(1).public().to_string();
    let digits = good.trim_start_matches("ed25519:");
    for (text, error) in [
        (digits.to_owned(), SignatureError::PublicKey),
        (good.replace("ed25519", "ed448"), SignatureError::PublicKey),
        (format!("{good}00"), SignatureError::PublicKey),
        (good.replace(digits, &"g".repeat(64)), SignatureError::PublicKey),
        // The identity of the curve and its point of order two: every message has a signature that fits them.
        (format!("ed25519:01{}", "00".repeat(31)), SignatureError::Weak),
        (format!("ed25519:ec{}7f", "ff".repeat(30)), SignatureError::Weak),
    ] {
        assert_eq!(text.parse::<PublicKey>(), Err(error), "{text}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let secret = key(7);
    let printed = format!("{secret:?} {:?} {}", secret.public(), secret.public().fingerprint());
    assert!(!printed.contains("0707"), "{printed}");
    let fingerprint = secret.public().fingerprint();
    assert_eq!(fingerprint.len(), 19);
    assert!(fingerprint.split('-').all(|group| group.len() == 4), "{fingerprint}");
    assert_ne!(fingerprint, key(8).public().fingerprint());
}
