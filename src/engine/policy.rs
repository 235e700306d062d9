//! The policy in force: the one that was accepted last in this ledger, by a signature that counts. Every engine looks
//! before each call whether another was accepted. A ledger whose newest policy does not hold denies everything.

mod accept;
mod file;
mod view;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde_json::{Value, json};

pub use view::{Explained, PendingView, PolicyView, RuleView};

use super::shared::Shared;
use crate::approval::{PublicKey, SignedAcceptance, acceptance};
use crate::audit::{Kind, NewEvent};
use crate::base::{Digest, Timestamp};
use crate::ledger::{LedgerError, PolicyVersion};
use crate::policy::{Policy, PolicyError};
use crate::settings::{Look, PolicyFile};

/// What rules now.
pub(super) struct InForce {
    pub(super) policy: Arc<Policy>,
    /// Its number in the ledger; 0 while there is none.
    pub(super) number: i64,
    pub(super) text: String,
    pub(super) at: Timestamp,
    /// Whose signature it has; `None` for one that nobody has looked at.
    pub(super) by: Option<PublicKey>,
    /// What the ledger gave for it.
    mark: Option<(i64, String)>,
}

/// What the file says, where that is not what rules.
pub(super) enum Edit {
    /// The same, or nothing is known of it yet.
    None,
    /// Another policy, which waits for a human.
    Pending(Arc<Pending>),
    /// Something that is no policy.
    Broken(PolicyError),
}

/// An edit that waits for a human.
pub(super) struct Pending {
    pub(super) text: String,
    pub(super) policy: Arc<Policy>,
    /// When it was seen first.
    pub(super) since: Timestamp,
}

/// The policies an engine knows of.
pub(super) struct Policies {
    pub(super) file: PolicyFile,
    in_force: RwLock<Arc<InForce>>,
    edit: Mutex<Edit>,
    /// How the file looked when it was last read.
    look: Mutex<Option<Look>>,
    /// Diff and findings as last worked out, for which texts.
    worked: Mutex<Option<(Digest, Arc<view::Worked>)>>,
}

impl InForce {
    fn closed(mark: Option<(i64, String)>) -> Self {
        let policy = Arc::new(Policy::closed());
        Self { policy, number: 0, text: String::new(), at: Timestamp::default(), by: None, mark }
    }
}

impl Policies {
    /// Nothing is allowed until [`Shared::first_policy`] has run.
    pub(super) fn new(file: PolicyFile) -> Self {
        Self {
            file,
            in_force: RwLock::new(Arc::new(InForce::closed(None))),
            edit: Mutex::new(Edit::None),
            look: Mutex::new(None),
            worked: Mutex::new(None),
        }
    }

    pub(super) fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn put(&self, in_force: InForce) {
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(in_force);
    }
}

impl Shared {
    /// The policy in force.
    pub(super) fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policies.in_force().policy)
    }

    /// At the start: what the ledger has; and where it has none, the file as it is, which nobody has looked at yet.
    pub(super) async fn first_policy(&self) -> Result<(), LedgerError> {
        let mark = self.ledger.policy_mark().await?;
        let none = self.load_policy(mark).await?;
        let read = self.read_policy_file().await;
        if let (true, Ok((text, policy))) = (none, &read) {
            let at = self.clock.now();
            let version = PolicyVersion { number: 1, text: text.clone(), at, signed: None };
            let detail = json!({"number": 1, "version": policy.version(), "reviewed": false});
            // Where another engine was faster, its policy rules.
            self.ledger.put_policy(version, event(at, Kind::PolicyAccepted, detail)).await?;
            self.refresh_policy().await?;
        }
        self.compare(read);
        Ok(())
    }

    /// Looks whether another policy was accepted, by whatever engine, and lets it rule.
    ///
    /// # Errors
    /// When the ledger cannot be read; what rules is then as it was.
    pub(super) async fn refresh_policy(&self) -> Result<(), LedgerError> {
        let mark = self.ledger.policy_mark().await?;
        if mark != self.policies.in_force().mark {
            self.load_policy(mark).await?;
        }
        Ok(())
    }

    /// Lets the newest policy of the ledger rule; tells whether there has never been one.
    async fn load_policy(&self, mark: Option<(i64, String)>) -> Result<bool, LedgerError> {
        let found = match self.ledger.latest_policy().await {
            Ok(None) if mark.is_none() => return Ok(true),
            Ok(None) => Err("the newest policy was taken away".to_owned()),
            Ok(Some(version)) => self.checked(version),
            Err(LedgerError::Tampered { broken, .. }) => Err(broken.to_string()),
            Err(error) => return Err(error),
        };
        match found {
            Ok(found) => {
                let told = json!({
                    "version": found.policy.version(), "number": found.number, "reviewed": found.by.is_some(),
                    "path": self.policies.file.name(),
                });
                self.policies.put(InForce { mark, ..found });
                self.tell_in_force();
                self.ledger.append(event(self.clock.now(), Kind::PolicyInForce, told)).await?;
                self.compare_again();
            }
            Err(what) => {
                let message = format!("the policy in the ledger does not count, so every call is denied: {what}");
                self.policies.put(InForce::closed(mark));
                self.tell_in_force();
                self.forged_policy(&message).await;
            }
        }
        Ok(false)
    }

    /// A policy from the ledger, if it counts: it is the first, or a key that counts has signed it.
    fn checked(&self, version: PolicyVersion) -> Result<InForce, String> {
        let PolicyVersion { number, text, at, signed } = version;
        let by = match signed {
            None if number == 1 => None,
            None => return Err(format!("policy {number} is not signed")),
            Some(signed) => {
                let signed: SignedAcceptance = serde_json::from_value(signed)
                    .map_err(|error| format!("the signature of policy {number} cannot be read: {error}"))?;
                let wrong = |what: String| format!("policy {number}: {what}");
                signed.check(number, &text, at, &self.root()?).map_err(wrong)?;
                Some(signed.key)
            }
        };
        let policy =
            Policy::parse(&text, &format!("policy {number} of the ledger")).map_err(|error| error.headline())?;
        Ok(InForce { policy: Arc::new(policy), number, text, at, by, mark: None })
    }

    /// Shows what rules.
    fn tell_in_force(&self) {
        let in_force = self.policies.in_force();
        self.update_status(|status| {
            in_force.policy.version().clone_into(&mut status.policy_version);
            status.policy_number = in_force.number;
            status.policy_reviewed = in_force.by.is_some();
        });
    }
}

/// An event outside of calls.
fn event(at: Timestamp, kind: Kind, detail: Value) -> NewEvent {
    NewEvent { at, kind, tx: None, op: None, agent: None, approval: None, detail }
}

/// What names a text to whoever accepts it.
fn digest(text: &str) -> Digest {
    acceptance::Acceptance::digest(text)
}
