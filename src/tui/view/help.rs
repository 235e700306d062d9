//! The help: the keys, from their table, and all that the header has no room for.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::tui::document::Laid;
use crate::tui::drawn::{Hit, TextDrawn};
use crate::tui::keys::TABLE;
use crate::tui::model::Model;
use crate::tui::text::{Break, Para, Row};
use crate::tui::theme::Role;

/// Columns of the keys' names.
const NAMES: usize = 17;

pub(super) fn draw(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect, scroll: usize) {
    let inner = Rect::new(area.x + 1, area.y, area.width.saturating_sub(2), area.height);
    let width = usize::from(inner.width);
    let rows: Vec<Row> = paras(model).iter().flat_map(|para| para.wrap(width)).collect();
    let height = usize::from(inner.height);
    let total = rows.len();
    let first = scroll.min(total.saturating_sub(height));
    let visible: Vec<Row> = rows.into_iter().skip(first).take(height).collect();
    canvas.rows(inner, &visible);
    canvas.hit(area, Hit::Text);
    let laid = Arc::new(Laid { width: inner.width, ..Laid::default() });
    canvas.drawn.text = Some(TextDrawn { laid, first, rows: visible.len(), total });
}

fn paras(model: &Model) -> Vec<Para> {
    let theme = model.options.look.theme;
    let status = &model.status;
    let mut out = vec![Para::prose(Row::new().own(Role::Strong, "Keys"))];
    out.extend(TABLE.iter().map(|binding| {
        let names = Row::new().own(Role::Accent, binding.names());
        let gap = NAMES.saturating_sub(names.width()).max(2);
        let body = names.own(Role::Plain, " ".repeat(gap)).own(Role::Plain, binding.long.replace('`', ""));
        Para { lead: Row::new(), hang: NAMES, body, breaks: Break::Prose }
    }));
    out.push(Para::prose(Row::new()));
    out.push(Para::prose(Row::new().own(Role::Strong, "This console")));
    let unknown = "unknown".to_owned();
    let mut facts = vec![
        ("account", status.account.clone().unwrap_or_else(|| unknown.clone())),
        ("principal", status.principal.clone().unwrap_or(unknown)),
        ("profile", status.profile.clone()),
        ("region", status.region.clone()),
        ("policy", format!("{} {}", status.policy_version, status.policy_path)),
        ("agents", status.agents.to_string()),
    ];
    facts.extend(status.endpoint_override.iter().map(|endpoint| ("endpoint", endpoint.clone())));
    let problems = [
        ("ledger", status.ledger_problem.as_ref().or(model.approvals.problem.as_ref())),
        ("credentials", status.credentials_problem.as_ref()),
        ("policy file", status.policy_problem.as_ref()),
        ("models", status.models_problem.as_ref()),
    ];
    facts.extend(problems.into_iter().filter_map(|(label, problem)| Some((label, problem?.clone()))));
    facts.extend(status.listeners.iter().map(|listener| ("listening", listener.clone())));
    out.extend(facts.into_iter().map(|(label, value)| {
        let body = Row::new().own(Role::Label, format!("{label:<NAMES$}")).shown(Role::Plain, &theme.shown(&value));
        Para { lead: Row::new(), hang: NAMES, body, breaks: Break::Prose }
    }));
    out
}
