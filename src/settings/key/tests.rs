//! The key's file: made once, refused when it is not the owner's alone, locked and unlocked.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::*;
use crate::settings::Pins;

/// Counts up: no two fills are alike.
struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        bytes.fill(n);
    }
}

fn entropy() -> Counting {
    Counting(1.into())
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000)
}

fn home() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("home/approver.key");
    (folder, path)
}

fn protected(path: &Path, passphrase: &str) -> ApproverKey {
    ApproverKey::open_or_make(path, &entropy()).unwrap();
    protect_at(Cost::LEAST, path, None, passphrase, &entropy()).unwrap();
    ApproverKey::open(path).unwrap()
}

#[test]
fn the_first_start_makes_a_key_for_its_owner_only_and_later_ones_find_it() {
    let (_folder, path) = home();
    let made = ApproverKey::open_or_make(&path, &entropy()).unwrap();
    let about = fs::metadata(&path).unwrap();
    assert_eq!((about.mode() & 0o7777, about.nlink()), (0o600, 1));
    assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777, 0o700);
    let found = ApproverKey::open_or_make(&path, &Counting(99.into())).unwrap();
    assert_eq!(found.public(), made.public());
    assert!(!found.is_protected() && !found.is_locked(at(0)));
    let signature = found.sign("test", b"bytes", at(0)).unwrap();
    assert_eq!(made.public().verify("test", b"bytes", &signature), Ok(()));
    // Nothing else is left behind.
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_file_that_is_not_its_owners_alone_is_not_used() {
    let (folder, path) = home();
    ApproverKey::open_or_make(&path, &entropy()).unwrap();
    let told = || ApproverKey::open(&path).unwrap_err().to_string();

    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o666] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        assert!(told().contains(&format!("others have access to it (mode {mode:03o}); chmod 600 it")), "{}", told());
    }
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    ApproverKey::open(&path).unwrap();

    let other = folder.path().join("other");
    fs::hard_link(&path, &other).unwrap();
    assert!(told().contains("a second name somewhere"), "{}", told());
    fs::remove_file(&other).unwrap();

    fs::rename(&path, &other).unwrap();
    symlink(&other, &path).unwrap();
    assert!(told().contains("it is a symbolic link; put the file itself in its place"), "{}", told());
    // A link that leads nowhere is no invitation to make the key where it points.
    fs::remove_file(&path).unwrap();
    symlink(folder.path().join("nowhere"), &path).unwrap();
    assert!(ApproverKey::open_or_make(&path, &entropy()).is_err());
    assert!(!folder.path().join("nowhere").exists());

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(told().contains("it is not a regular file"), "{}", told());
}

#[test]
fn a_file_that_was_changed_is_refused_without_quoting_it() {
    let (_folder, path) = home();
    ApproverKey::open_or_make(&path, &entropy()).unwrap();
    let good = fs::read_to_string(&path).unwrap();
    let seed = "01".repeat(32);
    assert!(good.contains(&seed));
    for (what, text) in [
        ("it is not a key's file", String::new()),
        ("it is not a key's file", good.replace("plain", "plainer")),
        ("it is not a key's file", good.replace('}', ", \"more\": 1}")),
        ("a newer countersign wrote it", good.replace("\"countersign_key\": 1", "\"countersign_key\": 2")),
        ("its two halves do not belong together", good.replace(&seed, &"02".repeat(32))),
        ("its secret is not 64 hex digits", good.replace(&seed, "01")),
    ] {
        assert_ne!(text, good);
        fs::write(&path, text).unwrap();
        let told = ApproverKey::open(&path).unwrap_err().to_string();
        assert!(told.contains(what) && !told.contains("0101"), "{what}: {told}");
    }
}

#[test]
fn a_passphrase_counts_for_a_quarter_of_an_hour() {
    let (_folder, path) = home();
    let key = protected(&path, "correct horse");
    assert!(key.is_protected());
    assert_eq!(key.sign("test", b"", at(0)), Err(KeyError::Locked));
    assert_eq!(key.unlock("correct horsf", at(0)), Err(KeyError::Passphrase));
    assert_eq!(key.sign("test", b"", at(0)), Err(KeyError::Locked));

    key.unlock("correct horse", at(10)).unwrap();
    let signature = key.sign("test", b"bytes", at(10)).unwrap();
    assert_eq!(key.public().verify("test", b"bytes", &signature), Ok(()));
    assert!(key.sign("test", b"", at(10 + 900)).is_ok());
    assert_eq!(key.sign("test", b"", at(10 + 901)), Err(KeyError::Locked));
    assert_eq!(key.sign("test", b"", at(20)), Err(KeyError::Locked), "what was forgotten stays forgotten");

    key.unlock("correct horse", at(20)).unwrap();
    assert_eq!(key.sign("test", b"", at(19)), Err(KeyError::Locked), "a clock that was set back ends it");
    key.unlock("correct horse", at(20)).unwrap();
    key.lock();
    assert_eq!(key.sign("test", b"", at(20)), Err(KeyError::Locked));
}

#[test]
fn neither_passphrase_nor_secret_is_in_the_file() {
    let (_folder, path) = home();
    let public = ApproverKey::open_or_make(&path, &entropy()).unwrap().public();
    let seed = "01".repeat(32);
    protect_at(Cost::LEAST, &path, None, "correct horse", &Counting(9.into())).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains(&seed) && !text.contains("correct"), "{text}");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(look(&path), Ok((public, true)));
}

#[test]
fn the_passphrase_is_changed_only_with_the_present_one() {
    let (_folder, path) = home();
    protected(&path, "correct horse");
    let change = |present, new| protect_at(Cost::LEAST, &path, present, new, &entropy()).map(drop);
    assert_eq!(change(None, "battery staple"), Err(KeyError::Protected));
    assert_eq!(change(Some("wrong"), "battery staple"), Err(KeyError::Passphrase));
    assert_eq!(change(Some("correct horse"), "short"), Err(KeyError::TooShort));
    change(Some("correct horse"), "battery staple").unwrap();
    let key = ApproverKey::open(&path).unwrap();
    assert_eq!(key.unlock("correct horse", at(0)), Err(KeyError::Passphrase));
    assert_eq!(key.unlock("battery staple", at(0)), Ok(()));
}

#[test]
fn what_was_sealed_for_one_key_does_not_open_as_another() {
    let (_folder, path) = home();
    protected(&path, "correct horse");
    let text = fs::read_to_string(&path).unwrap();
    let public = look(&path).unwrap().0;
    let other = SecretKey::from_seed(&[9; 32]).public();
    fs::write(&path, text.replace(&public.to_string(), &other.to_string())).unwrap();
    let key = ApproverKey::open(&path).unwrap();
    assert_eq!(key.unlock("correct horse", at(0)), Err(KeyError::Passphrase));
    // A file that asks for more memory than there is.
    let greedy = text.replace("\"memory_kib\": 8", "\"memory_kib\": 4000000000");
    assert_ne!(greedy, text);
    fs::write(&path, greedy).unwrap();
    let told = ApproverKey::open(&path).unwrap().unlock("correct horse", at(0)).unwrap_err();
    assert!(matches!(told, KeyError::Damaged { .. }), "{told}");
}

#[test]
fn pins_are_the_first_key_and_what_its_owner_adds() {
    let (folder, _) = home();
    let path = folder.path().join("approvers");
    assert_eq!(Pins::read(&path), Ok(Pins::default()));
    let keys: Vec<PublicKey> = [1, 2, 3].map(|n| SecretKey::from_seed(&[n; 32]).public()).to_vec();
    let first = Pins::read_or_make(&path, keys[0]).unwrap();
    assert_eq!(first.keys(), [keys[0]].into());
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    // Another key does not get in by starting a console.
    assert_eq!(Pins::read_or_make(&path, keys[1]), Ok(first));

    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n  {}   the other one\n# {}\n", keys[1], keys[2])).unwrap();
    assert_eq!(Pins::read(&path).unwrap().keys(), keys[..2].iter().copied().collect());

    fs::write(&path, format!("{text}{}\n", "ed25519:12")).unwrap();
    let told = Pins::read(&path).unwrap_err().to_string();
    assert!(told.contains("line 4: a public key is written"), "{told}");

    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
    let told = Pins::read(&path).unwrap_err().to_string();
    assert!(told.contains("others have access to it (mode 664); chmod 644 it"), "{told}");
}
