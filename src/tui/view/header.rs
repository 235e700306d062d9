//! What is always visible: who and where we are, how much waits, the tabs, and banners for what is out of order.

use std::time::Duration;

use crate::tui::model::{Model, Tab};
use crate::tui::text::{Break, Para, Row, flow, spread};
use crate::tui::theme::{Role, Theme};
use crate::tui::words;

/// The rows of the header.
pub(super) struct Header {
    pub(super) rows: Vec<Row>,
    /// Columns of each tab, and which.
    pub(super) tabs: Vec<(u16, u16, Tab)>,
    /// The row they are on.
    pub(super) tabs_row: u16,
}

pub(super) fn rows(model: &Model, width: u16, height: u16) -> Header {
    let theme = model.options.look.theme;
    let columns = usize::from(width);
    let narrow = width < 60;
    let dot = Row::new().own(Role::Dim, format!(" {} ", theme.glyphs().dot));
    let title = Row::new().own(Role::Plain, " ").own(Role::Accent, model.options.title.clone());
    let waiting = waiting(model).own(Role::Plain, " ");
    let (tabs, places) = tabs(model);

    let room = columns.saturating_sub(title.width() + waiting.width() + 4);
    let context = if narrow && height >= 16 { Row::new() } else { flow(context(model), &dot, room) };
    let gap = if context.is_empty() { "" } else { "  " };
    let mut rows = vec![spread(title.own(Role::Plain, gap).join(context), waiting, columns, theme)];

    let room = columns.saturating_sub(tabs.width() + 2 + usize::from(!narrow) * 2);
    // The tabs are never cut: what does not fit beside them is left out.
    let right = if narrow { flow([region(model)], &dot, room) } else { flow(place(model), &dot, room) };
    rows.push(spread(tabs, right.own(Role::Plain, " "), columns, theme));
    if narrow && height >= 16 {
        let context = flow(self::context(model), &dot, columns.saturating_sub(2));
        rows.push(Row::new().own(Role::Plain, " ").join(context).cut(columns, theme));
    }
    rows.extend(banner_rows(model, columns, height));
    Header { rows, tabs: places, tabs_row: 1 }
}

fn waiting(model: &Model) -> Row {
    let theme = model.options.look.theme;
    match model.pending() {
        0 => Row::new().own(Role::Dim, "0 waiting"),
        pending => Row::new().own(Role::Warn, format!("{} {pending} waiting", theme.glyphs().waiting)),
    }
}

fn tabs(model: &Model) -> (Row, Vec<(u16, u16, Tab)>) {
    let mut row = Row::new();
    let mut places = Vec::new();
    for (index, tab) in Tab::ALL.into_iter().enumerate() {
        let here = tab == model.tab;
        let from = row.width();
        let (open, close) = if here { ("[", "]") } else { (" ", " ") };
        let (number, title) = if here { (Role::Accent, Role::Strong) } else { (Role::Dim, Role::Dim) };
        row =
            row.own(number, format!("{open}{}", index + 1)).own(title, format!(" {}", tab.title())).own(number, close);
        let column = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        places.push((column(from), column(row.width()), tab));
    }
    (row, places)
}

fn shown(theme: Theme, role: Role, text: &str) -> Row {
    Row::new().shown(role, &theme.shown(text))
}

fn region(model: &Model) -> Row {
    shown(model.options.look.theme, Role::Plain, &model.status.region)
}

/// Whose account this is; what matters most comes first.
fn context(model: &Model) -> Vec<Row> {
    let theme = model.options.look.theme;
    let status = &model.status;
    let account = status.account.as_deref().unwrap_or("account unknown");
    vec![shown(theme, Role::Strong, account), shown(theme, Role::Plain, &status.profile), region(model)]
}

/// As whom, under which policy, reached how.
fn place(model: &Model) -> Vec<Row> {
    let theme = model.options.look.theme;
    let status = &model.status;
    let principal = status.principal.as_deref().unwrap_or_default();
    let identity = principal.rsplit(':').next().unwrap_or_default();
    let mut out = vec![shown(theme, Role::Plain, identity)];
    if let Some(until) = status.credentials_until {
        let left = until.since(model.now) < SOON;
        let until = words::clock(until, model.now, &model.options.look.zone);
        let role = if left { Role::Warn } else { Role::Dim };
        out.push(Row::new().own(role, format!("credentials until {}", minutes(&until))));
    }
    if let Some(endpoint) = &status.endpoint_override {
        out.push(shown(theme, Role::Warn, endpoint));
    }
    if !status.policy_version.is_empty() {
        out.push(Row::new().own(Role::Dim, "policy ").shown(Role::Plain, &theme.shown(&status.policy_version)));
    }
    match status.grants {
        0 => {}
        1 => out.push(Row::new().own(Role::Warn, "1 grant")),
        more => out.push(Row::new().own(Role::Warn, format!("{more} grants"))),
    }
    if let Some((done, of)) = status.moving {
        out.push(Row::new().own(Role::Plain, format!("uploading {done}/{of}")));
    }
    let agents = match status.agents {
        0 => "no agents".to_owned(),
        1 => "1 agent".to_owned(),
        more => format!("{more} agents"),
    };
    out.push(Row::new().own(Role::Dim, agents));
    out.extend(status.listeners.iter().map(|listener| shown(theme, Role::Dim, listener)));
    out
}

/// How long before their end credentials are marked.
const SOON: Duration = Duration::from_secs(300);

/// A time of day without its seconds.
fn minutes(clock: &str) -> &str {
    let seconds = clock.matches(':').count() > 1;
    clock.rsplit_once(':').filter(|_| seconds).map_or(clock, |(minutes, _)| minutes)
}

/// Banners in full where there is room for them; else their names in one row.
fn banner_rows(model: &Model, columns: usize, height: u16) -> Vec<Row> {
    let theme = model.options.look.theme;
    let banners = banners(model);
    let mut rows: Vec<Row> = Vec::new();
    if height < 16 && banners.len() > 1 {
        let badges = banners.into_iter().map(|(badge, _)| badge);
        let row = badges.fold(Row::new(), |row, badge| row.own(Role::Plain, " ").join(badge));
        rows.extend(Para::prose(row).wrap(columns).into_iter().take(2));
    } else {
        for (badge, text) in banners {
            let banner = Row::new().own(Role::Plain, " ").join(badge).own(Role::Plain, " ").join(text);
            if height < 20 {
                rows.push(banner.cut(columns, theme));
            } else {
                let whole = Para { hang: 2, ..Para::prose(banner) }.wrap(columns);
                // What is missing at the start has room, while there is nothing else to see. The help has all of it.
                let limit = if model.approvals.all().is_empty() { 8 } else { 3 };
                let cut = whole.len() > limit;
                rows.extend(whole.into_iter().take(limit));
                if let Some(last) = rows.last_mut().filter(|_| cut) {
                    let marked = std::mem::take(last).cut(columns.saturating_sub(9), theme);
                    *last = marked
                        .own(Role::Dim, format!("{} ", theme.glyphs().cut))
                        .own(Role::Accent, "?")
                        .own(Role::Plain, " more");
                }
            }
        }
    }
    if let Some(line) = &model.narration {
        let mark = Row::new().own(Role::Accent, if theme.ascii { " > " } else { " » " });
        let line = Row::new().shown(Role::Plain, &theme.shown(line));
        let body = mark.join(line);
        if height < 16 {
            rows.push(body.cut(columns, theme));
        } else {
            let para = Para { lead: Row::new(), hang: 3, body, breaks: Break::Prose };
            rows.extend(para.wrap(columns).into_iter().take(2));
        }
    }
    rows
}

/// What is out of order, or unusual, the worst first: a badge, and what there is to say.
fn banners(model: &Model) -> Vec<(Row, Row)> {
    let theme = model.options.look.theme;
    let status = &model.status;
    let mut out = Vec::new();
    let mut banner = |role: Role, badge: &str, text: &str| {
        let badge = Row::new().own(role, format!(" {badge} "));
        out.push((badge, Row::new().shown(Role::Plain, &theme.shown(text))));
    };
    if status.auto_approve {
        let text = "Dangerous calls run without a human: AWS_MCP_AUTO_APPROVE_DESTRUCTIVE is set.";
        banner(Role::Alarm, "AUTO-APPROVE", text);
    }
    if let Some(found) = &status.tampering {
        let text = format!("The ledger was changed from outside: {found}. `countersign audit verify` says more.");
        banner(Role::Alarm, "TAMPERED", &text);
    }
    if let Some(problem) = status.ledger_problem.as_ref().or(model.approvals.problem.as_ref()) {
        banner(Role::Alarm, "LEDGER", problem);
    }
    if status.paused {
        banner(Role::Badge, "PAUSED", "Everything is frozen; nothing is sent to AWS. p resumes.");
    }
    if let Some(problem) = &status.approver_problem {
        banner(Role::Badge, "KEY", &format!("Nothing can be approved here: {problem}"));
    }
    if let Some(problem) = &status.credentials_problem {
        banner(Role::Badge, "CREDENTIALS", problem);
    }
    if status.policy_number > 0 && !status.policy_reviewed && model.tab != Tab::Policy {
        banner(Role::Badge, "NOT YET REVIEWED", "The policy was taken as it was found; tab 3 shows all it permits.");
    }
    if status.policy_pending.is_some() && model.tab != Tab::Policy {
        banner(
            Role::Badge,
            "POLICY EDIT",
            "The policy file was edited. The edit is not in force; tab 3 shows what it would change.",
        );
    }
    if let Some(problem) = &status.policy_problem {
        banner(Role::Badge, "POLICY", problem);
    }
    if let Some(problem) = &status.models_problem {
        banner(Role::Badge, "MODELS", problem);
    }
    out
}
