//! Everything the ledger knows of one call, event by event.

use super::{Block, Document, Look, fact, json};
use crate::audit::{CallRow, Event};
use crate::tui::text::Row;
use crate::tui::theme::{Role, Theme, verdict_role};
use crate::tui::words;

impl Document {
    /// The text of one call: its row, then its events as they were recorded.
    pub fn transaction(call: &CallRow, events: &[Event], look: &Look) -> Self {
        let body = events.iter().flat_map(|event| event_blocks(event, look)).collect();
        Self { facts: facts(call, look), body }
    }
}

fn facts(call: &CallRow, look: &Look) -> Vec<Block> {
    let theme = look.theme;
    let shown = |text: &str| Row::new().shown(Role::Plain, &theme.shown(text));
    let (mark, word, role) = words::outcome(call.outcome, theme.glyphs());
    let mut ended = Row::new().own(role, format!("{mark} {word}"));
    if let Some(error) = &call.error {
        ended = ended.own(Role::Plain, " ").shown(Role::Bad, &theme.shown(error));
    }
    if let Some(millis) = call.duration_ms {
        ended = ended.own(Role::Dim, format!(" after {}", words::took(millis)));
    }
    let mut out = vec![fact("Outcome", ended), fact("Call", shown(call.tx.as_str()))];
    if let Some(verdict) = call.verdict {
        out.push(fact("Verdict", Row::new().own(verdict_role(verdict), verdict.as_str())));
    }
    if let Some(risk) = call.risk {
        let mark = theme.risk_mark(risk);
        out.push(fact("Risk", Row::new().own(Role::Risk(risk), format!("{mark} {}", risk.as_str()))));
    }
    out.push(fact("Agent", shown(&call.agent)));
    out
}

fn event_blocks(event: &Event, look: &Look) -> Vec<Block> {
    let theme = look.theme;
    let dot = format!(" {} ", theme.glyphs().dot);
    let heading = Row::new()
        .own(Role::Strong, words::kind(event.event.kind))
        .own(Role::Dim, format!("{dot}{}{dot}#{}", words::instant(event.event.at, &look.zone), event.seq));
    let mut out = vec![Block::Heading(heading)];
    let ids = [
        ("operation", event.event.op.as_ref().map(ToString::to_string)),
        ("approval", event.event.approval.as_ref().map(ToString::to_string)),
        ("agent", event.event.agent.as_ref().map(ToString::to_string)),
    ];
    out.extend(ids.into_iter().filter_map(|(label, id)| Some(fact(label, shown_dim(&id?, theme)))));
    if !event.event.detail.is_null() {
        out.extend(json::blocks(&event.event.detail, theme));
    }
    out.push(fact("hash", Row::new().own(Role::Dim, event.hash.to_string())));
    out.push(Block::Blank);
    out
}

fn shown_dim(text: &str, theme: Theme) -> Row {
    Row::new().shown(Role::Dim, &theme.shown(text))
}
