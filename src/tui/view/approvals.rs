//! The first tab: what waits and what was decided, and the one under the cursor below or beside.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::list::{self, Entry, List};
use super::{empty, review};
use crate::approval::{Approval, State};
use crate::tui::drawn::Hit;
use crate::tui::model::Model;
use crate::tui::text::{Row, spread};
use crate::tui::theme::{Role, Theme};
use crate::tui::words;

/// From this width on, list and review stand side by side.
pub(super) const WIDE: u16 = 120;
/// Below this width an entry takes two rows, and there is no preview.
const NARROW: u16 = 60;

pub(super) fn draw(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    let all = model.approvals.all();
    if all.is_empty() {
        empty::approvals(canvas, model, area);
        return;
    }
    let open = model.opened().is_some();
    if area.width >= WIDE {
        let width = (area.width * 2 / 5).clamp(48, 64);
        draw_list(canvas, model, Rect { width: width - 1, ..area }, true);
        let bar = Rect::new(area.x + width, area.y, 1, area.height);
        canvas.bar(bar);
        let right = Rect::new(bar.x + 1, area.y, area.width - width - 1, area.height);
        if let Some(selected) = &model.review {
            review::draw(canvas, model, selected, right);
        }
        return;
    }
    let Some(selected) = &model.review else { return draw_list(canvas, model, area, area.width < NARROW) };
    if open {
        review::draw(canvas, model, selected, area);
    } else if area.width < NARROW || area.height < 14 {
        draw_list(canvas, model, area, area.width < NARROW);
    } else {
        let headed = all.iter().any(|approval| !is_pending(approval));
        let wanted = u16::try_from(all.len() + 1 + usize::from(headed)).unwrap_or(u16::MAX);
        let height = wanted.clamp(3, area.height * 2 / 5);
        draw_list(canvas, model, Rect { height, ..area }, false);
        canvas.rule(Rect::new(area.x, area.y + height, area.width, 1));
        let below = Rect::new(area.x, area.y + height + 1, area.width, area.height - height - 1);
        review::draw(canvas, model, selected, below);
    }
}

fn draw_list(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect, two_rows: bool) {
    let all = model.approvals.all();
    let width = usize::from(area.width);
    let theme = canvas.theme;
    let mut area = area;
    let columns = Columns::of(width);
    if !two_rows {
        canvas.row(area.x, area.y, area.width, &columns.header(theme));
        area = Rect::new(area.x, area.y + 1, area.width, area.height.saturating_sub(1));
    }
    let headed = all.iter().position(|approval| !is_pending(approval)).unwrap_or(usize::MAX);
    let selected = model.approvals.selected_index().unwrap_or(0);
    let active = model.opened().is_none() && model.ask.is_none();
    List {
        len: all.len(),
        height: list::height,
        each: if two_rows { 2 } else { 1 },
        headed,
        selected,
        row: model.approvals.cursor.row,
        active,
        entry: |index: usize| {
            let approval = all.get(index)?;
            let here = index == selected;
            let rows =
                if two_rows { two(model, approval, here, width) } else { vec![columns.row(model, approval, here)] };
            let above = if index == headed { vec![decided_rule(theme, width)] } else { Vec::new() };
            let rows = if is_pending(approval) || here { rows } else { rows.into_iter().map(fade).collect() };
            Some(Entry { above, rows, hit: Hit::Approval(approval.id.clone()) })
        },
    }
    .draw(canvas, area);
}

fn fade(row: Row) -> Row {
    row.all(Role::Dim)
}

fn decided_rule(theme: Theme, width: usize) -> Row {
    let rule = theme.glyphs().rule;
    let row = Row::new().own(Role::Rule, rule.repeat(2)).own(Role::Dim, " decided ");
    let missing = width.saturating_sub(row.width());
    row.own(Role::Rule, rule.repeat(missing))
}

const fn is_pending(approval: &Approval) -> bool {
    matches!(approval.state, State::Pending)
}

/// What stands at the end of an entry: how long it was asked ago and how long there is, or what was decided when.
fn ending(model: &Model, approval: &Approval) -> (Row, Row) {
    let theme = model.options.look.theme;
    if is_pending(approval) {
        let rest = approval.decide_by.since(model.now);
        let role = if rest.as_secs() < 60 { Role::Bad } else { Role::Plain };
        let ago = Row::new().own(Role::Dim, words::age(model.now.since(approval.asked_at)));
        (ago, Row::new().own(role, words::countdown(rest)))
    } else {
        let (mark, word, role) = words::state(&approval.state, theme.glyphs());
        let at = words::state_since(&approval.state, approval.asked_at);
        let at = words::clock(at, model.now, &model.options.look.zone);
        (Row::new().own(Role::Dim, at), Row::new().own(role, format!("{mark} {word}")))
    }
}

fn mark(theme: Theme, approval: &Approval, here: bool) -> Row {
    let risk = approval.facts.risk;
    Row::new()
        .own(Role::Accent, if here { theme.glyphs().cursor } else { " " })
        .own(Role::Risk(risk), theme.risk_mark(risk))
        .own(Role::Plain, " ")
}

fn operation(theme: Theme, approval: &Approval) -> Row {
    let facts = &approval.facts;
    Row::new().shown(Role::Strong, &theme.shown(&format!("{}:{}", facts.service, facts.operation)))
}

/// What it is about, in a row: `bucket key`. The review tells which is which.
pub(super) fn target(theme: Theme, approval: &Approval) -> Row {
    if approval.facts.targets.is_empty() {
        return Row::new().own(Role::Dim, theme.glyphs().none);
    }
    approval.facts.targets.iter().fold(Row::new(), |row, (_, value)| {
        let gap = if row.is_empty() { "" } else { " " };
        row.own(Role::Plain, gap).shown(Role::Plain, &theme.shown(value))
    })
}

fn dim(theme: Theme, text: &str) -> Row {
    Row::new().shown(Role::Dim, &theme.shown(text))
}

fn two(model: &Model, approval: &Approval, here: bool, width: usize) -> Vec<Row> {
    let theme = model.options.look.theme;
    let (when, end) = ending(model, approval);
    let first = mark(theme, approval, here)
        .join(operation(theme, approval))
        .own(Role::Plain, " ")
        .join(target(theme, approval));
    let first = spread(first, end.own(Role::Plain, " "), width, theme);
    let dot = format!(" {} ", theme.glyphs().dot);
    let facts = &approval.facts;
    let second = Row::new()
        .own(Role::Accent, if here { theme.glyphs().cursor } else { " " })
        .own(Role::Plain, "  ")
        .join(dim(theme, if facts.account.is_empty() { "account unknown" } else { &facts.account }))
        .own(Role::Dim, dot.clone())
        .join(dim(theme, &facts.region))
        .own(Role::Dim, dot)
        .join(dim(theme, &facts.agent));
    vec![first, spread(second, when.own(Role::Plain, " "), width, theme)]
}

/// The columns of an entry in one row.
struct Columns {
    operation: usize,
    target: usize,
    account: usize,
    region: usize,
    agent: usize,
    when: usize,
    end: usize,
}

impl Columns {
    fn of(width: usize) -> Self {
        let (when, end) = (8, 10);
        let account = if width >= 100 { 13 } else { 0 };
        let (region, agent) = if width >= 76 { (13, 12) } else { (0, 12) };
        let fixed = 3 + account + region + agent + when + end + 1;
        let room = width.saturating_sub(fixed);
        let operation = (room * 11 / 20).min(30);
        Self { operation, target: room.saturating_sub(operation), account, region, agent, when, end }
    }

    fn line(&self, cells: [Row; 7], theme: Theme) -> Row {
        let [operation, target, account, region, agent, when, end] = cells;
        let cell = |row: Row, width: usize| match width {
            0 => Row::new(),
            width => row.fit(width - 1, theme).own(Role::Plain, " "),
        };
        cell(operation, self.operation)
            .join(cell(target, self.target))
            .join(cell(account, self.account))
            .join(cell(region, self.region))
            .join(cell(agent, self.agent))
            .join(when.right(self.when, theme))
            .own(Role::Plain, " ")
            .join(end.right(self.end - 1, theme))
            .own(Role::Plain, " ")
    }

    fn header(&self, theme: Theme) -> Row {
        let title = |text: &str| Row::new().own(Role::Dim, text);
        let cells = [
            title("operation"),
            title("target"),
            title("account"),
            title("region"),
            title("agent"),
            title("asked"),
            title("left"),
        ];
        Row::new().own(Role::Plain, "   ").join(self.line(cells, theme))
    }

    fn row(&self, model: &Model, approval: &Approval, here: bool) -> Row {
        let theme = model.options.look.theme;
        let facts = &approval.facts;
        let (when, end) = ending(model, approval);
        let cells = [
            operation(theme, approval),
            target(theme, approval),
            dim(theme, &facts.account),
            dim(theme, &facts.region),
            dim(theme, &facts.agent),
            when,
            end,
        ];
        mark(theme, approval, here).join(self.line(cells, theme))
    }
}
