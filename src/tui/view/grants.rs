//! The grants in force: who may do what without being asked, how often yet, and how long.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::approval::grant::Standing;
use crate::tui::model::Model;
use crate::tui::text::{Para, Row, spread};
use crate::tui::theme::Role;
use crate::tui::words;

pub(super) fn draw(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect, at: usize) {
    let width = usize::from(area.width);
    let mut rows = vec![Row::new().own(Role::Plain, " ").own(Role::Strong, "Grants: what runs without being asked")];
    if model.grants.is_empty() {
        let none = "There are none. In a review, t approves a request and allows the same one for 15 minutes.";
        let none = Para { hang: 1, ..Para::prose(Row::new().own(Role::Plain, " ").own(Role::Dim, none)) };
        rows.extend(none.wrap(width));
    }
    // Two rows each; what is under the cursor is always among those that are shown.
    let room = usize::from(area.height).saturating_sub(1) / 2;
    let first = at.saturating_sub(room.saturating_sub(1));
    for (index, standing) in model.grants.iter().enumerate().skip(first).take(room) {
        rows.extend(two_rows(model, standing, index == at, width));
    }
    canvas.rows(area, &rows);
}

fn two_rows(model: &Model, standing: &Standing, here: bool, width: usize) -> [Row; 2] {
    let theme = model.options.look.theme;
    let grant = &standing.grant;
    let cursor = || Row::new().own(Role::Accent, if here { theme.glyphs().cursor } else { " " });
    let rest = words::countdown(grant.until.since(model.now));
    let left = format!("{} of {} left, {rest} ", standing.left(model.now), grant.uses);
    let what = cursor().shown(Role::Strong, &theme.shown(&grant.operation)).own(Role::Plain, " ");
    let what = what.shown(Role::Plain, &theme.shown(&grant.agent_name));
    let sentence = cursor().own(Role::Plain, " ").shown(Role::Plain, &theme.shown(&grant.sentence));
    [spread(what, Row::new().own(Role::Warn, left), width, theme), sentence.cut(width, theme)]
}
