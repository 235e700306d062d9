//! What is read before a decision: the facts computed here in their fixed order, the payload whole,
//! and last, behind a rail, the agent's own words.

use super::{Block, Document, LABEL, Look, fact, json};
use crate::approval::{Approval, State};
use crate::tui::text::{Break, Para, Row};
use crate::tui::theme::{Role, Theme};
use crate::tui::words;

impl Document {
    /// The text of a request for approval.
    pub fn request(approval: &Approval, look: &Look) -> Self {
        Self { facts: facts(approval, look), body: body(approval, look.theme) }
    }
}

fn facts(approval: &Approval, look: &Look) -> Vec<Block> {
    let theme = look.theme;
    let facts = &approval.facts;
    let shown = |text: &str| Row::new().shown(Role::Plain, &theme.shown(text));
    let known = |text: &str| if text.is_empty() { Row::new().own(Role::Dim, "unknown") } else { shown(text) };
    let mut out = vec![
        Block::Para(Para::prose(Row::new().shown(Role::Strong, &theme.shown(&facts.sentence)))),
        Block::Blank,
        fact(
            "Operation",
            shown(&facts.service).own(Role::Plain, ":").shown(Role::Strong, &theme.shown(&facts.operation)),
        ),
    ];
    if facts.targets.is_empty() {
        out.push(fact("Target", Row::new().own(Role::Dim, "none named; see the payload")));
    }
    for (index, (member, value)) in facts.targets.iter().enumerate() {
        out.push(fact(if index == 0 { "Target" } else { "" }, target(member, value, theme)));
    }
    let profile = known(&facts.profile).all(Role::Dim);
    let profile = Row::new().own(Role::Dim, " (profile ").join(profile).own(Role::Dim, ")");
    out.push(fact("Account", known(&facts.account).join(profile)));
    out.push(fact("Region", known(&facts.region)));
    out.push(fact("Principal", known(&facts.principal)));
    out.push(fact("Endpoint", known(&facts.endpoint)));
    out.push(fact("Reversible", reversible(facts.reversible)));
    out.push(fact("Rule", because(known(&facts.rule), &facts.rule_reasons, theme)));
    let class = format!("{} {}", theme.risk_mark(facts.risk), facts.risk.as_str());
    out.push(fact("Risk", because(Row::new().own(Role::Risk(facts.risk), class), &facts.risk_reasons, theme)));
    for (index, file) in facts.files.iter().enumerate() {
        let path = shown(&file.path).own(Role::Dim, format!("  {}", words::size(file.size)));
        out.push(fact(if index == 0 { "Files" } else { "" }, path));
        out.push(fact("", Row::new().own(Role::Dim, "sha256 ").join(shown(&file.sha256))));
    }
    out.extend(state(approval, look));
    out
}

fn target(member: &str, value: &str, theme: Theme) -> Row {
    let value = theme.shown(value);
    let row = Row::new().shown(Role::Strong, &value);
    let row = match value.oddity() {
        Some(oddity) => row.own(Role::Plain, " ").own(Role::Badge, format!(" {oddity} ")),
        None => row,
    };
    row.own(Role::Plain, " ").own(Role::Dim, "(").shown(Role::Dim, &theme.shown(member)).own(Role::Dim, ")")
}

/// A finding and the reasons for it.
fn because(finding: Row, reasons: &[String], theme: Theme) -> Row {
    reasons.iter().fold(finding, |row, reason| row.own(Role::Plain, "  ").shown(Role::Plain, &theme.shown(reason)))
}

fn reversible(reversible: Option<bool>) -> Row {
    match reversible {
        Some(true) => Row::new().own(Role::Plain, "yes"),
        Some(false) => Row::new().own(Role::Bad, "no: this cannot be taken back"),
        None => Row::new().own(Role::Plain, "not known"),
    }
}

fn state(approval: &Approval, look: &Look) -> Vec<Block> {
    let clock = |at| words::clock(at, approval.asked_at, &look.zone);
    let since = words::state_since(&approval.state, approval.asked_at);
    let (mark, word, role) = words::state(&approval.state, look.theme.glyphs());
    let row = Row::new().own(role, format!("{mark} {word}")).own(Role::Plain, format!(" at {}", clock(since)));
    match &approval.state {
        // How long there is stands in the row above the text, where it can count down.
        State::Pending => Vec::new(),
        State::Approved { use_by, .. } => {
            vec![fact("State", row.own(Role::Plain, format!("; to be used by {}", clock(*use_by))))]
        }
        State::Denied { reason, .. } if !reason.is_empty() => {
            let lead = Row::new().own(Role::Plain, " ".repeat(LABEL)).own(Role::Rail, look.theme.glyphs().bar);
            let lead = lead.own(Role::Plain, " ");
            let words = look.theme.shown(reason);
            let body = Row::new().shown(Role::Plain, &words);
            vec![fact("State", row), Block::Para(Para { lead, hang: 0, body, breaks: Break::Prose })]
        }
        _ => vec![fact("State", row)],
    }
}

fn body(approval: &Approval, theme: Theme) -> Vec<Block> {
    let facts = &approval.facts;
    let mut out = vec![Block::Heading(Row::new().own(Role::Label, "payload"))];
    out.extend(json::blocks(&facts.payload, theme));
    let says = Row::new()
        .own(Role::Label, "in its own words: ")
        .shown(Role::Rail, &theme.shown(if facts.agent.is_empty() { "an agent without a name" } else { &facts.agent }));
    out.push(Block::Heading(says));
    let lead = Row::new().own(Role::Rail, theme.glyphs().rail).own(Role::Plain, " ");
    match facts.agent_reason.as_deref().filter(|reason| !reason.is_empty()) {
        Some(reason) => out.extend(reason.split('\n').map(|line| {
            let body = Row::new().shown(Role::Plain, &theme.shown(line));
            Block::Para(Para { lead: lead.clone(), hang: 0, body, breaks: Break::Prose })
        })),
        None => out.push(Block::Para(Para {
            lead,
            hang: 0,
            body: Row::new().own(Role::Dim, "It gave no reason."),
            breaks: Break::Prose,
        })),
    }
    out
}
