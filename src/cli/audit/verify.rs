//! `countersign audit verify`: whether the ledger still is what was recorded.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::audit::export;
use crate::base::Shown;
use crate::ledger::{LedgerError, Verified};

/// Tells what verification found; a ledger that does not hold is a failure of the command.
pub(super) fn told(found: &Result<Verified, LedgerError>, as_json: bool) -> anyhow::Result<ExitCode> {
    let (told, text, code) = match found {
        Ok(Verified { events, head, approvals, calls }) => (
            json!({"ok": true, "events": events, "calls": calls, "approvals": approvals, "head": head}),
            format!(
                "The ledger holds.\nevents     {events}\ncalls      {calls}\napprovals  {approvals}\nhead       {head}"
            ),
            ExitCode::SUCCESS,
        ),
        Err(LedgerError::Tampered { path, broken }) => (
            json!({"ok": false, "sequence": broken.seq, "what": broken.what}),
            format!(
                "BROKEN at event {}: {}\n{} is not what was recorded. Move it away (keep it: it is evidence) and \
                 restore a backup or begin anew.",
                broken.seq,
                Shown::line(&broken.what),
                Shown::line(&path.display().to_string()),
            ),
            ExitCode::FAILURE,
        ),
        // The database itself no longer reads: as broken, without a place in the chain.
        Err(error @ LedgerError::Corrupt { what, .. }) => (
            json!({"ok": false, "sequence": Value::Null, "what": what}),
            format!("BROKEN: {}", Shown::line(&error.to_string())),
            ExitCode::FAILURE,
        ),
        Err(error) => return Err(error.clone().into()),
    };
    let text = if as_json { export::json::line(&told) } else { text };
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(code)
}
