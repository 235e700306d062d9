//! The policy in words: what is in force with its counts, what an edit changes by its effect, what a call meets.

use std::collections::BTreeMap;

use super::{Block, Document, LABEL, Look, fact};
use crate::base::Timestamp;
use crate::engine::{Explained, PendingView, PolicyView, RuleView};
use crate::policy::{Change, Diff, Finding, Group, Level, Matched};
use crate::tui::text::{Break, Para, Row};
use crate::tui::theme::{Role, Theme, verdict_role};
use crate::tui::words;

/// Operations of a group up to which each is named; beyond that the services are.
const NAMED: usize = 60;
/// Services that are named then.
const SERVICES: usize = 24;
/// Columns of how often and when a rule matched.
const HITS: usize = 15;

impl Document {
    /// The policy in force: its rules as they are asked, how often each has mattered, what is odd about it.
    pub fn policy(view: &PolicyView, look: &Look, now: Timestamp) -> Self {
        let theme = look.theme;
        let mut body = vec![heading("rules in force, strongest first: matches, how long ago, what they say")];
        body.extend(view.rules.iter().flat_map(|rule| rule_blocks(rule, look, now)));
        body.push(Block::Blank);
        body.extend(findings(&view.findings, theme));
        Self { facts: standing(view, look, now), body }
    }

    /// What a human accepts: the effect of an edit, what lets more happen first.
    pub fn offer(view: &PolicyView, offer: &PendingView, look: &Look) -> Self {
        let theme = look.theme;
        let sentence = if offer.in_force {
            "Accept the policy as it was found; nobody has looked at it yet."
        } else {
            "Put the edited policy in force for every engine on this ledger."
        };
        let against = if offer.against_accepted {
            Row::new().own(Role::Plain, format!("with policy {}, which was accepted", view.number))
        } else {
            Row::new().own(Role::Warn, "with nothing: no policy was accepted yet, so all that it permits is told")
        };
        let widens = if offer.diff.widens() {
            Row::new().own(Role::Bad, "yes: lines with + let more happen")
        } else {
            Row::new().own(Role::Good, "no")
        };
        let version = Row::new().shown(Role::Strong, &theme.shown(&offer.version));
        let mut facts = vec![
            Block::Para(Para::prose(Row::new().own(Role::Strong, sentence))),
            fact("File", Row::new().shown(Role::Plain, &theme.shown(&view.path))),
            fact("Version", version.own(Role::Dim, format!("  seen {}", words::instant(offer.since, &look.zone)))),
            fact("Compared", against),
            fact("Widens", widens),
        ];
        if offer.rejected {
            facts.push(fact("State", Row::new().own(Role::Warn, "rejected; it can still be accepted")));
        }
        let mut body = vec![heading("what changes")];
        body.extend(changes(&offer.diff, theme));
        body.push(Block::Blank);
        body.extend(findings(&offer.findings, theme));
        Self { facts, body }
    }

    /// What a call meets, and every rule that matches it.
    pub fn explained(explained: &Explained, look: &Look) -> Self {
        let theme = look.theme;
        let decision = &explained.decision;
        let call = format!("{}:{}", explained.service, explained.operation);
        let class = explained.assessment.class;
        let risk = Row::new().own(Role::Risk(class), format!("{} {class}", theme.risk_mark(class)));
        let facts = vec![
            fact("Call", Row::new().shown(Role::Strong, &theme.shown(&call))),
            fact("Verdict", Row::new().own(verdict_role(decision.verdict), decision.verdict.as_str())),
            fact("Rule", Row::new().shown(Role::Plain, &theme.shown(&decision.rule))),
            fact("Risk", risk),
        ];
        let mut body = vec![heading("why")];
        let why = decision.reasons.iter().chain(&explained.assessment.reasons);
        body.extend(why.map(|reason| Block::Para(Para::prose(Row::new().shown(Role::Plain, &theme.shown(reason))))));
        body.extend([Block::Blank, heading("every rule that matches, strongest first")]);
        body.extend(decision.trace.iter().map(|matched| trace(matched, theme)));
        let name = "By its name alone: class and verdict may be others with a payload.";
        body.extend([Block::Blank, Block::Para(Para::prose(Row::new().own(Role::Dim, name)))]);
        Self { facts, body }
    }
}

fn heading(text: &str) -> Block {
    Block::Heading(Row::new().own(Role::Label, text))
}

fn standing(view: &PolicyView, look: &Look, now: Timestamp) -> Vec<Block> {
    let theme = look.theme;
    let shown = |role, text: &str| Row::new().shown(role, &theme.shown(text));
    let in_force = if view.number == 0 {
        Row::new().own(Role::Bad, "none: every call is denied")
    } else {
        let version = Row::new().own(Role::Strong, format!("policy {}", view.number)).own(Role::Plain, "  ");
        let at = words::clock(view.at, now, &look.zone);
        let row = version.join(shown(Role::Plain, &view.version)).own(Role::Dim, format!("  {at}"));
        match &view.by {
            Some(key) => row.own(Role::Dim, "  accepted with ").join(shown(Role::Dim, key)),
            None => row.own(Role::Plain, "  ").own(Role::Badge, " NOT YET REVIEWED "),
        }
    };
    let mut facts = vec![fact("In force", in_force), fact("File", shown(Role::Plain, &view.path))];
    if let Some(problem) = &view.problem {
        facts.push(fact("", shown(Role::Warn, problem.lines().next().unwrap_or_default())));
    }
    match &view.offer {
        None => {}
        Some(offer) => {
            let what = if offer.in_force { "all it permits" } else { "an edit" };
            let wider =
                if offer.diff.widens() { (Role::Bad, "lets more happen") } else { (Role::Good, "widens nothing") };
            let state = if offer.rejected { "  rejected" } else { "" };
            let row = Row::new()
                .own(Role::Warn, format!("{} ", theme.glyphs().waiting))
                .own(Role::Plain, format!("{what}, "))
                .own(wider.0, wider.1)
                .own(Role::Dim, state)
                .own(Role::Plain, "; ")
                .own(Role::Accent, "Enter")
                .own(Role::Plain, " reads it");
            facts.push(fact("Waiting", row));
        }
    }
    facts
}

fn rule_blocks(rule: &RuleView, look: &Look, now: Timestamp) -> Vec<Block> {
    let theme = look.theme;
    let entry = &rule.entry;
    let hits = match &rule.hits {
        Some(hits) => format!("{:>7}  {:<4}  ", hits.hits, words::age(now.since(hits.last_at))),
        None => format!("{:>7}  {:<4}  ", theme.glyphs().none, ""),
    };
    let hits = if rule.hits.is_some() { Row::new().own(Role::Plain, hits) } else { Row::new().own(Role::Dim, hits) };
    let verdict = Row::new().own(verdict_role(entry.verdict), format!("{:<6}", entry.verdict.as_str()));
    let mut body = hits.join(verdict).shown(Role::Plain, &theme.shown(&entry.what));
    if !entry.conditions.is_empty() {
        body = body.own(Role::Plain, "  ").shown(Role::Key, &theme.shown(&entry.conditions));
    }
    body = body.own(Role::Plain, "  ").shown(Role::Dim, &theme.shown(&entry.place));
    if let Some(because) = &entry.because {
        body = body.own(Role::Dim, ": ").shown(Role::Dim, &theme.shown(because));
    }
    if let Some(hits) = &rule.hits {
        body = body.own(Role::Dim, "  last ").shown(Role::Dim, &theme.shown(&hits.last_call));
    }
    vec![Block::Para(Para { lead: Row::new(), hang: HITS, body, breaks: Break::Prose })]
}

fn findings(findings: &[Finding], theme: Theme) -> Vec<Block> {
    let mut out = vec![heading("what is odd about it")];
    if findings.is_empty() {
        out.push(Block::Para(Para::prose(Row::new().own(Role::Good, "nothing"))));
    }
    for finding in findings {
        let role = match finding.level {
            Level::Error => Role::Bad,
            Level::Warning => Role::Warn,
            Level::Note => Role::Dim,
        };
        let text = format!(
            "line {}: {} {}. {}",
            finding.line,
            finding.rule,
            finding.message.trim_end_matches('.'),
            finding.help
        );
        let body =
            Row::new().own(role, format!("{:<8}", finding.level.as_str())).shown(Role::Plain, &theme.shown(&text));
        out.push(Block::Para(Para { lead: Row::new(), hang: 8, body, breaks: Break::Prose }));
    }
    out
}

fn changes(diff: &Diff, theme: Theme) -> Vec<Block> {
    if diff.is_empty() {
        let nothing = "No operation and no setting changes: comments or order only.";
        return vec![Block::Para(Para::prose(Row::new().own(Role::Plain, nothing)))];
    }
    let mut out: Vec<Block> = diff.groups.iter().flat_map(|group| group_blocks(group, theme)).collect();
    out.extend(diff.settings.iter().map(|change| setting(change, theme)));
    out
}

fn sign(widens: bool) -> (Role, &'static str) {
    if widens { (Role::Bad, "+ ") } else { (Role::Good, "- ") }
}

fn group_blocks(group: &Group, theme: Theme) -> Vec<Block> {
    let (role, sign) = sign(group.widens);
    let number = group.operations.len();
    let what = if number == 1 { "1 operation becomes" } else { "operations become" };
    let count = if number == 1 { what.to_owned() } else { format!("{number} {what}") };
    let text = format!("{sign}{count} {} (from {})", group.to.words(), group.from.words());
    let mut head = Row::new().own(role, text);
    for (class, count) in group.classes.iter().rev() {
        head =
            head.own(Role::Plain, "  ").own(Role::Risk(*class), format!("{} {count} {class}", theme.risk_mark(*class)));
    }
    let body = if number <= NAMED {
        let names = group.operations.join("  ");
        Row::new().shown(Role::Plain, &theme.shown(&names))
    } else {
        services(&group.operations, theme)
    };
    let indent = Row::new().own(Role::Plain, "    ");
    vec![
        Block::Para(Para { lead: Row::new(), hang: 2, body: head, breaks: Break::Prose }),
        Block::Para(Para { lead: indent, hang: 0, body, breaks: Break::Prose }),
    ]
}

/// The services of many operations, those with most of them first.
fn services(operations: &[String], theme: Theme) -> Row {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for operation in operations {
        *counts.entry(operation.split(':').next().unwrap_or_default()).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let told: Vec<String> = counts.iter().take(SERVICES).map(|(name, count)| format!("{name} {count}")).collect();
    let more = counts.len().saturating_sub(SERVICES);
    let row = Row::new().shown(Role::Plain, &theme.shown(&told.join("  ")));
    if more == 0 {
        return row;
    }
    row.own(Role::Dim, format!("  and {more} more services; `countersign policy diff --json` names every operation"))
}

fn setting(change: &Change, theme: Theme) -> Block {
    let (role, sign) = sign(change.widens);
    let shown = |text: &str| Row::new().shown(Role::Plain, &theme.shown(text));
    let head = Row::new().own(role, sign).shown(role, &theme.shown(&change.what)).own(Role::Plain, ": ");
    let body = match (change.from.as_str(), change.to.as_str()) {
        ("", to) => head.own(Role::Dim, "new: ").join(shown(to)),
        (from, "") => head.own(Role::Dim, "gone: ").join(shown(from)),
        (from, to) => head.join(shown(from)).own(Role::Dim, " becomes ").join(shown(to)),
    };
    Block::Para(Para { lead: Row::new(), hang: 2, body, breaks: Break::Prose })
}

fn trace(matched: &Matched, theme: Theme) -> Block {
    let mark = if matched.decided { theme.glyphs().cursor } else { " " };
    let mut body = Row::new()
        .own(Role::Accent, format!("{mark} "))
        .own(verdict_role(matched.verdict), format!("{:<6}", matched.verdict.as_str()))
        .shown(Role::Plain, &theme.shown(&matched.rule));
    for more in [&matched.because, &matched.note].into_iter().flatten() {
        body = body.own(Role::Dim, "  ").shown(Role::Dim, &theme.shown(more));
    }
    Block::Para(Para { lead: Row::new(), hang: LABEL, body, breaks: Break::Prose })
}
