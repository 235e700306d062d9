//! The second tab: every call as it came in, the latest at the bottom; and the one that is open, with all its events.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::list::{self, Entry, List};
use super::{empty, text};
use crate::audit::CallRow;
use crate::tui::drawn::Hit;
use crate::tui::model::{Model, Opened};
use crate::tui::text::{Row, spread};
use crate::tui::theme::{Role, Theme, verdict_role};
use crate::tui::words;

pub(super) fn draw(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    if let Some(open) = &model.audit.open {
        draw_open(canvas, model, open, area);
        return;
    }
    draw_list(canvas, model, area);
    if let Some(line) = &model.audit.line {
        let height = 2.min(area.height);
        let place = Rect::new(area.x, area.bottom() - height, area.width, height);
        canvas.clear(place);
        let rule = canvas.theme.glyphs().rule;
        let heading = Row::new().own(Role::Rule, rule.repeat(2)).own(Role::Strong, " filter ");
        let missing = usize::from(area.width).saturating_sub(heading.width());
        canvas.row(place.x, place.y, place.width, &heading.own(Role::Rule, rule.repeat(missing)));
        canvas.row(place.x, place.y + 1, 1, &Row::new().own(Role::Accent, canvas.theme.glyphs().cursor));
        let inner = Rect::new(place.x + 2, place.y + 1, place.width.saturating_sub(3), 1);
        canvas.frame.render_widget(line.as_ref(), inner.intersection(canvas.frame.area()));
    }
}

fn draw_list(canvas: &mut Canvas<'_, '_>, model: &Model, area: Rect) {
    let calls = model.audit.rows();
    if calls.is_empty() {
        empty::audit(canvas, model, area);
        return;
    }
    let theme = canvas.theme;
    let width = usize::from(area.width);
    let narrow = area.width < 60;
    let columns = Columns::of(width);
    let mut area = area;
    if !narrow {
        canvas.row(area.x, area.y, area.width, &columns.header(theme));
        area = Rect::new(area.x, area.y + 1, area.width, area.height.saturating_sub(1));
    }
    let selected = model.audit.selected_index().unwrap_or(0);
    List {
        len: calls.len(),
        height: list::height,
        each: if narrow { 2 } else { 1 },
        headed: usize::MAX,
        selected,
        row: model.audit.cursor.row,
        active: model.ask.is_none(),
        entry: |index: usize| {
            let call = calls.get(index)?;
            let here = index == selected;
            let rows = if narrow { two(model, call, here, width) } else { vec![columns.row(model, call, here)] };
            Some(Entry { above: Vec::new(), rows, hit: Hit::Call((call.at, call.tx.clone())) })
        },
    }
    .draw(canvas, area);
}

fn draw_open(canvas: &mut Canvas<'_, '_>, model: &Model, open: &Opened, area: Rect) {
    let theme = canvas.theme;
    let call = &open.call;
    let left = Row::new()
        .own(Role::Accent, theme.glyphs().cursor)
        .join(operation(theme, call))
        .own(Role::Dim, format!(" {} ", theme.glyphs().dot))
        .join(shown(theme, Role::Plain, &call.target));
    let at = words::clock(call.at, model.now, &model.options.look.zone);
    let title = spread(left, Row::new().own(Role::Dim, format!("{at} ")), usize::from(area.width), theme);
    canvas.row(area.x, area.y, area.width, &title);
    let body = Rect::new(area.x, area.y + 1, area.width, area.height.saturating_sub(1));
    let drawn = text::draw(canvas, body, &open.text, open.laid.as_ref(), open.scroll, 0);
    canvas.drawn.text = Some(drawn);
}

fn shown(theme: Theme, role: Role, text: &str) -> Row {
    Row::new().shown(role, &theme.shown(text))
}

/// `s3:DeleteBucket`, or the tool where there is no operation.
fn operation(theme: Theme, call: &CallRow) -> Row {
    let text = match (call.service.is_empty(), call.operation.is_empty()) {
        (true, true) => call.tool.clone(),
        (_, true) => format!("{} {}", call.tool, call.service),
        (true, false) => call.operation.clone(),
        (false, false) => format!("{}:{}", call.service, call.operation),
    };
    let row = shown(theme, Role::Strong, &text);
    if call.tool == "validate" { row.own(Role::Dim, " (check)") } else { row }
}

fn verdict(theme: Theme, call: &CallRow) -> Row {
    match call.verdict {
        Some(verdict) => Row::new().own(verdict_role(verdict), verdict.as_str()),
        None => Row::new().own(Role::Dim, theme.glyphs().none),
    }
}

fn outcome(theme: Theme, call: &CallRow) -> Row {
    let (mark, word, role) = words::outcome(call.outcome, theme.glyphs());
    Row::new().own(role, format!("{mark} {word}"))
}

fn took(call: &CallRow) -> Row {
    Row::new().own(Role::Dim, call.duration_ms.map(words::took).unwrap_or_default())
}

fn risk(theme: Theme, call: &CallRow) -> Row {
    match call.risk {
        Some(risk) => Row::new().own(Role::Risk(risk), theme.risk_mark(risk)),
        None => Row::new().own(Role::Plain, " "),
    }
}

fn two(model: &Model, call: &CallRow, here: bool, width: usize) -> Vec<Row> {
    let theme = model.options.look.theme;
    let cursor = || Row::new().own(Role::Accent, if here { theme.glyphs().cursor } else { " " });
    let at = words::clock(call.at, model.now, &model.options.look.zone);
    let first = cursor().join(risk(theme, call)).own(Role::Plain, " ").join(operation(theme, call));
    let first = first.own(Role::Plain, " ").join(shown(theme, Role::Plain, &call.target));
    let dot = format!(" {} ", theme.glyphs().dot);
    let second = cursor().own(Role::Dim, format!("  {at}{dot}")).join(shown(theme, Role::Dim, &call.agent));
    vec![
        spread(first, outcome(theme, call).own(Role::Plain, " "), width, theme),
        spread(second, took(call).own(Role::Plain, " "), width, theme),
    ]
}

struct Columns {
    time: usize,
    agent: usize,
    operation: usize,
    target: usize,
    region: usize,
    verdict: usize,
    outcome: usize,
    error: usize,
    took: usize,
}

impl Columns {
    fn of(width: usize) -> Self {
        let wide = width >= 120;
        let (time, verdict, outcome, took) = (9, 8, 10, 7);
        let agent = if wide { 16 } else { 12 };
        let region = if width >= 100 { 15 } else { 0 };
        let error = if wide { 20 } else { 0 };
        let room = width.saturating_sub(3 + time + agent + region + verdict + outcome + error + took + 1);
        let operation = (room * 3 / 5).min(36);
        Self { time, agent, operation, target: room.saturating_sub(operation), region, verdict, outcome, error, took }
    }

    fn line(&self, cells: [Row; 9], theme: Theme) -> Row {
        let [time, agent, operation, target, region, verdict, outcome, error, took] = cells;
        let cell = |row: Row, width: usize| match width {
            0 => Row::new(),
            width => row.fit(width - 1, theme).own(Role::Plain, " "),
        };
        cell(time, self.time)
            .join(cell(agent, self.agent))
            .join(cell(operation, self.operation))
            .join(cell(target, self.target))
            .join(cell(region, self.region))
            .join(cell(verdict, self.verdict))
            .join(cell(outcome, self.outcome))
            .join(cell(error, self.error))
            .join(took.right(self.took, theme))
            .own(Role::Plain, " ")
    }

    fn header(&self, theme: Theme) -> Row {
        let title = |text: &str| Row::new().own(Role::Dim, text);
        let cells = [
            title("time"),
            title("agent"),
            title("operation"),
            title("target"),
            title("region"),
            title("verdict"),
            title("outcome"),
            title("error"),
            title("took"),
        ];
        Row::new().own(Role::Plain, "   ").join(self.line(cells, theme))
    }

    fn row(&self, model: &Model, call: &CallRow, here: bool) -> Row {
        let theme = model.options.look.theme;
        let at = words::clock(call.at, model.now, &model.options.look.zone);
        let cells = [
            Row::new().own(Role::Dim, at),
            shown(theme, Role::Dim, &call.agent),
            operation(theme, call),
            shown(theme, Role::Plain, &call.target),
            shown(theme, Role::Dim, &call.region),
            verdict(theme, call),
            outcome(theme, call),
            shown(theme, Role::Dim, call.error.as_deref().unwrap_or_default()),
            took(call),
        ];
        Row::new()
            .own(Role::Accent, if here { theme.glyphs().cursor } else { " " })
            .join(risk(theme, call))
            .own(Role::Plain, " ")
            .join(self.line(cells, theme))
    }
}
