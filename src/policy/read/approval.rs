//! The section `approval`: how long a human has, how many must agree, and who they are.

use std::time::Duration;

use super::super::file::Approval;
use super::super::parse::{At, Node};
use super::{Fields, Reader};

const KEYS: &[&str] = &["ttl_seconds", "require", "require_for", "approvers"];
/// A day: an approval that old is about another world.
const MAX_TTL_SECONDS: u64 = 86_400;

impl Reader<'_> {
    pub(super) fn approval(&mut self, node: &Node) -> Approval {
        let fields = Fields(self.entries(node, "`approval`", KEYS));
        let mut approval = Approval::default();
        if let Some(node) = fields.get("ttl_seconds") {
            let seconds = self.number(node, "ttl_seconds", 1..=MAX_TTL_SECONDS);
            approval.ttl = seconds.map_or(approval.ttl, Duration::from_secs);
        }
        if let Some(node) = fields.get("require") {
            let number = self.number(node, "require", 1..=2);
            approval.require = number.and_then(|number| u8::try_from(number).ok()).unwrap_or(2);
        }
        if let Some(node) = fields.get("require_for") {
            approval.require_for = self.classes(node, "approval.require_for");
            if approval.require < 2 {
                let help = "add `require: 2`, or take `require_for` out";
                self.wrong(node.at, "`require_for` says nothing without `require: 2`", help);
            }
        }
        if let Some(node) = fields.get("approvers") {
            for (at, text) in self.texts(node, "approval.approvers", "public keys") {
                self.approver(at, &text, &mut approval.approvers);
            }
            if approval.approvers.len() < usize::from(approval.require) {
                let message = format!("`approvers` names fewer keys than the {} that must agree", approval.require);
                self.wrong(node.at, message, "list the public key of everyone who may approve, or leave it out");
            }
        }
        approval
    }

    fn approver(&mut self, at: At, text: &str, into: &mut Vec<[u8; 32]>) {
        let digits = text.strip_prefix("ed25519:").and_then(|digits| hex::decode(digits).ok());
        let key = digits.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        match key {
            Some(key) if into.contains(&key) => {
                self.wrong(at, format!("the key `{text}` stands here twice"), "keep one of them");
            }
            Some(key) => into.push(key),
            None => {
                let message = format!("`{text}` is not a public key");
                self.wrong(at, message, "as `countersign key show` prints it: `ed25519:` and 64 hex digits");
            }
        }
    }
}
