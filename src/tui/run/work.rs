//! What the console has done for it in the background: decisions, reads. The answers come back as messages.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use crate::tui::desk::Desk;
use crate::tui::effect::Effect;
use crate::tui::model::PAGE;
use crate::tui::msg::Msg;

/// How long a decision that is under way is waited for when leaving.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What is being done for the console in the background.
pub(super) struct Work<D> {
    pub(super) desk: Arc<D>,
    pub(super) results: UnboundedSender<Msg>,
    pub(super) decisions: JoinSet<()>,
}

impl<D: Desk> Work<D> {
    pub(super) fn begin(&mut self, effect: Effect) {
        let (desk, results) = (Arc::clone(&self.desk), self.results.clone());
        // A console that has left receives nothing: that a send fails then is as it should be.
        match effect {
            Effect::Decide { id, decision } => {
                self.decisions.spawn(async move {
                    let result = desk.decide(id.clone(), decision).await.map(Box::new);
                    let _ = results.send(Msg::Decided { id, result });
                });
            }
            Effect::Unlock { passphrase, id, decision } => {
                self.decisions.spawn(async move {
                    let result = match desk.unlock(passphrase).await {
                        Ok(()) => desk.decide(id.clone(), decision).await.map(Box::new),
                        Err(problem) => Err(problem),
                    };
                    let _ = results.send(Msg::Decided { id, result });
                });
            }
            Effect::Grants { revoke } => {
                self.decisions.spawn(async move {
                    let _ = results.send(Msg::Grants(desk.grants(revoke).await));
                });
            }
            Effect::Pause(paused) => {
                self.decisions.spawn(async move {
                    let _ = results.send(Msg::Paused(desk.pause(paused).await.map(|()| paused)));
                });
            }
            Effect::AcceptPolicy(shown) => {
                self.decisions.spawn(async move {
                    let result = desk.accept_policy(shown).await;
                    let _ = results.send(Msg::PolicyDecided { accepted: true, result });
                });
            }
            Effect::RejectPolicy(shown) => {
                self.decisions.spawn(async move {
                    let result = desk.reject_policy(shown).await;
                    let _ = results.send(Msg::PolicyDecided { accepted: false, result });
                });
            }
            Effect::LoadPolicy => {
                tokio::spawn(async move {
                    let _ = results.send(Msg::Policy(desk.policy().await.map(Box::new)));
                });
            }
            Effect::Explain(call) => {
                tokio::task::spawn_blocking(move || {
                    let _ = results.send(Msg::Explained(desk.explain(&call).map(Box::new)));
                });
            }
            Effect::LoadApprovals => {
                tokio::spawn(async move {
                    let _ = results.send(Msg::Approvals(desk.approvals().await));
                });
            }
            Effect::LoadCalls { filter, before } => {
                tokio::spawn(async move {
                    let result = desk.calls((*filter).clone(), before.clone(), PAGE).await;
                    let _ = results.send(Msg::Calls { filter, before, result });
                });
            }
            Effect::LoadTransaction(tx) => {
                tokio::spawn(async move {
                    let result = desk.transaction(tx.clone()).await;
                    let _ = results.send(Msg::Transaction { tx, result });
                });
            }
            Effect::Copy(_) | Effect::Mouse(_) | Effect::Suspend | Effect::Redraw | Effect::Quit => {}
        }
    }

    /// Decisions under way are not cut off by leaving.
    pub(super) async fn finish(&mut self) {
        let all = async { while self.decisions.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_WORDS, all).await;
    }
}
