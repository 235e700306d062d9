//! The frame around the tabs, and what lies over them.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::{approvals, audit, footer, grants, header, help, policy};
use crate::tui::drawn::{Drawn, Hit};
use crate::tui::model::{Ask, Model, Tab};
use crate::tui::text::{Para, Row};
use crate::tui::theme::Role;

/// Smaller than this, nothing but a request for room is drawn.
const SMALLEST: (u16, u16) = (24, 8);

/// Draws the console.
///
/// ```text
///  countersign  123456789012 · default · eu-central-1      ● 2 waiting    header
/// [1 Approvals] 2 Audit            assumed-role/Admin · policy 3f2a91     tabs
///   PAUSED  everything is frozen                                          banners, while there are any
/// ────────────────────────────────────────────────────────────────────
///  the tab
/// ── ✓ approved s3:DeleteBucket demo-logs ────────────────── ↓14 more ──   what happened, where one is
///  a approve  d deny  Space read on  Esc back                             keys
/// ```
pub fn draw(model: &Model, frame: &mut Frame<'_>) -> Drawn {
    let area = frame.area();
    let mut canvas = Canvas { frame, theme: model.options.look.theme, drawn: Drawn::default() };
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut canvas, model, area);
        return canvas.drawn;
    }
    let head = header::rows(model, area.width, area.height);
    let used = canvas.rows(area, &head.rows);
    for (from, to, tab) in head.tabs {
        canvas.hit(Rect::new(from, area.y + head.tabs_row, to - from, 1), Hit::Tab(tab));
    }
    let mut top = area.y + used;
    if area.height >= 16 {
        canvas.rule(Rect::new(area.x, top, area.width, 1));
        top += 1;
    }
    let content = Rect::new(area.x, top, area.width, area.bottom().saturating_sub(2).saturating_sub(top));
    match (model.ask, model.tab) {
        (Some(Ask::Help { scroll }), _) => help::draw(&mut canvas, model, content, scroll),
        (Some(Ask::Grants { at }), _) => grants::draw(&mut canvas, model, content, at),
        (_, Tab::Approvals) => approvals::draw(&mut canvas, model, content),
        (_, Tab::Audit) => audit::draw(&mut canvas, model, content),
        (_, Tab::Policy) => policy::draw(&mut canvas, model, content),
    }
    let status = Rect::new(area.x, area.bottom() - 2, area.width, 1);
    footer::status(&mut canvas, model, status);
    let keys = Rect::new(area.x, area.bottom() - 1, area.width, 1);
    footer::keys(&mut canvas, model, keys);
    canvas.drawn
}

fn too_small(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    let waiting = Row::new().own(Role::Warn, format!("{} waiting", model.pending()));
    let cure = Row::new().own(Role::Plain, format!("make this pane larger than {}x{}", SMALLEST.0, SMALLEST.1));
    let mut rows = vec![waiting];
    rows.extend(Para::prose(cure).wrap(usize::from(area.width)));
    canvas.rows(area, &rows);
}
