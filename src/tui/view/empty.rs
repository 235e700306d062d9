//! Empty lists say what to do next.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::tui::model::Model;
use crate::tui::text::{Break, Para, Row};
use crate::tui::theme::Role;
use crate::tui::update::CLIENT_CONFIGURATION;

pub(super) fn approvals(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    let theme = canvas.theme;
    if !model.options.hint.is_empty() {
        let mut paras = vec![prose(Role::Strong, NOTHING), blank()];
        let hint = model.options.hint.iter();
        paras.extend(hint.map(|line| Para::prose(Row::new().shown(Role::Plain, &theme.shown(line)))));
        block(canvas, area, &paras);
        return;
    }
    let copies = || Para::prose(Row::new().own(Role::Accent, "y").own(Role::Plain, " copies it."));
    let json = |line: &str| {
        let body = Row::new().own(Role::Literal, line);
        Para { lead: Row::new().own(Role::Plain, "  "), hang: 2, body, breaks: Break::Exact }
    };
    if area.height >= 17 && area.width >= 60 {
        let give = "Give your agent AWS through Countersign: add this to the configuration of its MCP client.";
        let demo = Row::new().own(Role::Plain, "No account at hand? ").own(Role::Accent, "countersign demo");
        let mut paras = vec![prose(Role::Strong, NOTHING), blank(), prose(Role::Plain, give), blank()];
        paras.extend(CLIENT_CONFIGURATION.lines().map(json));
        paras.extend([blank(), copies(), Para::prose(demo.own(Role::Plain, " shows the whole loop."))]);
        block(canvas, area, &paras);
    } else {
        let short: String = CLIENT_CONFIGURATION.lines().map(str::trim_start).collect();
        let add = prose(Role::Plain, "Add this to your agent's MCP client:");
        block(canvas, area, &[prose(Role::Strong, NOTHING), blank(), add, json(&short), copies()]);
    }
}

const NOTHING: &str = "Nothing waits for you.";

pub(super) fn audit(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    let theme = canvas.theme;
    let paras = match (&model.audit.problem, model.audit.loaded) {
        (Some(problem), _) => vec![
            prose(Role::Bad, "The ledger cannot be read."),
            blank(),
            Para::prose(Row::new().shown(Role::Plain, &theme.shown(problem))),
        ],
        (None, false) => vec![prose(Role::Dim, "Reading the ledger")],
        (None, true) if !model.audit.filter_text.is_empty() => vec![
            prose(Role::Strong, "No call matches the filter."),
            blank(),
            Para::prose(Row::new().shown(Role::Accent, &theme.shown(&model.audit.filter_text))),
            blank(),
            prose(Role::Plain, "Press / to change it; an empty one shows everything."),
        ],
        (None, true) => vec![
            prose(Role::Strong, "No calls yet."),
            blank(),
            prose(
                Role::Plain,
                "Every call of an agent is listed here as it comes in, with what the policy said and how it ended.",
            ),
        ],
    };
    block(canvas, area, &paras);
}

pub(super) fn policy(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    let theme = canvas.theme;
    let paras = match &model.policy.problem {
        Some(problem) => vec![
            prose(Role::Bad, "The policy cannot be read."),
            blank(),
            Para::prose(Row::new().shown(Role::Plain, &theme.shown(problem))),
        ],
        None => vec![prose(Role::Dim, "Holding the policy against every AWS operation")],
    };
    block(canvas, area, &paras);
}

fn prose(role: Role, text: &str) -> Para {
    Para::prose(Row::new().own(role, text))
}

const fn blank() -> Para {
    Para::prose(Row::new())
}

/// A block of text, a little in from the edges where there is room.
fn block(canvas: &mut Canvas<'_, '_>, area: Rect, paras: &[Para]) {
    let margin = if area.width >= 60 { 4 } else { 1 };
    let width = area.width.saturating_sub(margin * 2).min(72);
    let rows: Vec<Row> = paras.iter().flat_map(|para| para.wrap(usize::from(width))).collect();
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let top = (area.height.saturating_sub(height) / 3).min(3);
    canvas.rows(Rect::new(area.x + margin, area.y + top, width, area.height - top), &rows);
}
