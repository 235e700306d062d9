//! The policy's file: looked at once a second, read when it looks different. What it says changes nothing; it waits.

use std::sync::Arc;
use std::time::Duration;

use super::{Edit, Pending};
use crate::engine::shared::{Shared, lock};
use crate::policy::{Policy, PolicyError};

/// How often the file is looked at: one call of the system.
const LOOK: Duration = Duration::from_secs(1);

/// A text and the policy it is, or why it is none.
pub(super) type Read = Result<(String, Policy), PolicyError>;

impl Shared {
    /// Watches the file until the engine stops.
    pub(in crate::engine) async fn watch_policy_file(self: &Arc<Self>) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.look_at_policy_file().await;
        }
    }

    /// Reads the file if it looks different than before.
    pub(in crate::engine) async fn look_at_policy_file(&self) {
        let file = self.policies.file.clone();
        let look = tokio::task::spawn_blocking(move || file.look()).await;
        if look.ok().is_some_and(|look| *lock(&self.policies.look) != Some(look)) {
            let read = self.read_policy_file().await;
            self.compare(read);
        }
    }

    /// Reads the file.
    pub(super) async fn read_policy_file(&self) -> Read {
        let file = self.policies.file.clone();
        let read = tokio::task::spawn_blocking(move || {
            // Before it is read: a change right after that is seen the next time.
            let look = file.look();
            let read = file.read().and_then(|text| Policy::parse(&text, &file.name()).map(|policy| (text, policy)));
            (look, read)
        });
        match read.await {
            Ok((look, read)) => {
                *lock(&self.policies.look) = Some(look);
                read
            }
            Err(error) => Err(PolicyError::unreadable(&self.policies.file.name(), error.to_string(), "start again")),
        }
    }

    /// Holds what the file says against what rules.
    pub(super) fn compare(&self, read: Read) {
        let in_force = self.policies.in_force();
        let edit = match read {
            Ok((text, _)) if in_force.number > 0 && text == in_force.text => Edit::None,
            Ok((text, policy)) => {
                Edit::Pending(Arc::new(Pending { text, policy: Arc::new(policy), since: self.clock.now() }))
            }
            Err(error) => Edit::Broken(error),
        };
        {
            let mut known = lock(&self.policies.edit);
            match (&*known, &edit) {
                // Saved again as it was: it keeps its age.
                (Edit::Pending(old), Edit::Pending(new)) if old.text == new.text => {}
                _ => *known = edit,
            }
        }
        self.tell_edit();
    }

    /// After another policy began to rule: the edit may be just that.
    pub(super) fn compare_again(&self) {
        let in_force = self.policies.in_force();
        {
            let mut known = lock(&self.policies.edit);
            if matches!(&*known, Edit::Pending(pending) if pending.text == in_force.text) {
                *known = Edit::None;
            }
        }
        self.tell_edit();
    }

    /// Shows how the file stands.
    pub(super) fn tell_edit(&self) {
        let ruling = self.policies.in_force().number > 0;
        let (pending, problem) = match &*lock(&self.policies.edit) {
            Edit::None => (None, None),
            Edit::Pending(pending) => (Some(pending.policy.version().to_owned()), None),
            Edit::Broken(error) if ruling => {
                let stays = "The policy in force stays as it is.";
                (None, Some(format!("{error}\n{stays}")))
            }
            Edit::Broken(error) => (None, Some(format!("{error}\nUntil there is a policy, every call is denied."))),
        };
        self.update_status(|status| {
            status.policy_pending = pending;
            status.policy_problem = problem;
        });
    }
}
