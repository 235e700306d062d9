//! What the engine does in the background: notices other processes' commits, expires what is overdue, learns the
//! identity. Each loop ends when the engine stops.

use std::sync::Arc;
use std::time::Duration;

use super::shared::Shared;
use crate::approval::{Approval, State};
use crate::aws::{AwsError, AwsReply, CredentialsUnavailable, Identity};
use crate::base::Timestamp;

/// How long one wait for another process's commit lasts before the deadline of approvals is looked at again.
const WAIT: Duration = Duration::from_secs(30);
/// How long after a deadline the sweep comes: both clocks are read in milliseconds.
const GRACE: Duration = Duration::from_millis(20);

impl Shared {
    /// Starts the loops.
    pub(super) fn watch(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = follow(&shared) => {}
            }
        });
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = expire(&shared) => {}
            }
        });
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = shared.watch_policy_file() => {}
            }
        });
    }

    /// Looks for other generations of models.
    pub(super) fn watch_models(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => {}
                () = shared.follow_models() => {}
            }
        });
    }

    /// Closes what engines that no longer run have left open.
    pub(super) fn bury_the_dead(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            match shared.ledger.mark_orphans(shared.clock.now()).await {
                Ok(orphans) => tracing::info!(?orphans, "what dead engines left open is closed"),
                Err(error) => tracing::error!(%error, "what dead engines left open cannot be closed"),
            }
        });
    }

    /// Learns the identity in the background, for the header.
    pub(super) fn learn_identity(self: &Arc<Self>) {
        let shared = Arc::clone(self);
        self.tasks.spawn(async move {
            tokio::select! {
                () = shared.stop.cancelled() => {}
                _ = shared.identity() => {}
            }
        });
    }

    /// Account and principal; cached by the edge, shown in the status.
    pub(super) async fn identity(&self) -> Result<Option<Identity>, CredentialsUnavailable> {
        let identity = self.aws.identity().await;
        let until = self.aws.credentials_until();
        self.update_status(|status| status.credentials_until = until);
        self.update_status(|status| match &identity {
            Ok(identity) => {
                status.account = identity.as_ref().map(|identity| identity.account.clone());
                status.principal = identity.as_ref().map(|identity| identity.arn.clone());
                status.credentials_problem = None;
            }
            Err(problem) => status.credentials_problem = Some(format!("{}; {}", problem.message, problem.cure)),
        });
        identity
    }

    /// Shows what an answer tells about the credentials: that they are taken, until when, or what is wrong.
    pub(super) fn credentials_seen(&self, answer: &Result<AwsReply, AwsError>) {
        let until = self.aws.credentials_until();
        self.update_status(|status| {
            status.credentials_until = until;
            match answer {
                Ok(_) => status.credentials_problem = None,
                Err(AwsError::Credentials { message, cure }) => {
                    status.credentials_problem = Some(format!("{message}; {cure}"));
                }
                Err(_) => {}
            }
        });
    }

    /// Counts what waits, and tells whoever looks.
    pub(super) async fn refresh_pending(&self) {
        match self.ledger.open_approvals().await {
            Ok(open) => {
                let pending = open.iter().filter(|approval| approval.state == State::Pending).count();
                self.update_status(|status| status.pending = pending);
            }
            Err(error) => tracing::warn!(%error, "the pending approvals cannot be counted"),
        }
        if let Ok((seq, _)) = self.ledger.head().await {
            self.hint_ledger(seq);
        }
    }
}

/// Turns other processes' commits into hints.
async fn follow(shared: &Arc<Shared>) {
    let mut last = 0;
    loop {
        match shared.ledger.wait_for_change(last, WAIT).await {
            Ok(version) if version == last => {}
            Ok(version) => {
                last = version;
                shared.refresh_paused().await;
                if let Err(error) = shared.refresh_policy().await {
                    tracing::warn!(%error, "the policy in force cannot be read");
                }
                shared.refresh_grants().await;
                shared.refresh_pending().await;
            }
            Err(error) => {
                tracing::warn!(%error, "the ledger cannot be watched");
                tokio::time::sleep(WAIT).await;
            }
        }
    }
}

/// Expires approvals at their deadlines.
async fn expire(shared: &Arc<Shared>) {
    let mut hints = shared.hints.subscribe();
    loop {
        let open = shared.ledger.open_approvals().await.unwrap_or_default();
        let next = open.iter().map(deadline).min();
        let now = shared.clock.now();
        match next {
            Some(at) if at < now => {
                if let Err(error) = shared.ledger.sweep(now).await {
                    tracing::warn!(%error, "overdue approvals could not be expired");
                    tokio::time::sleep(WAIT).await;
                }
                shared.refresh_pending().await;
            }
            Some(at) => tokio::select! {
                () = tokio::time::sleep(at.since(now) + GRACE) => {}
                _ = hints.recv() => {}
            },
            None => {
                // Lagging behind is fine: what is open is read anew.
                let _ = hints.recv().await;
            }
        }
    }
}

const fn deadline(approval: &Approval) -> Timestamp {
    match approval.state {
        State::Approved { use_by, .. } => use_by,
        _ => approval.decide_by,
    }
}
