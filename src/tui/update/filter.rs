//! The filter of the audit: a line in the filter language, applied when it is sent.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_textarea::{CursorMove, TextArea};

use super::{Effect, Model, complain};
use crate::audit::Filter;

/// `/`: the line begins with the filter in force.
pub(super) fn open(model: &mut Model) {
    let mut line = TextArea::new(vec![model.audit.filter_text.clone()]);
    line.set_cursor_line_style(ratatui::style::Style::new());
    line.set_placeholder_text("service:s3 verdict:deny agent:claude since:1h words");
    line.move_cursor(CursorMove::End);
    model.audit.line = Some(Box::new(line));
}

/// Any key but `Enter` and `Esc`.
pub(super) fn typed(model: &mut Model, key: &KeyEvent) {
    let breaks = matches!(key.code, KeyCode::Char('m' | 'j') if key.modifiers == KeyModifiers::CONTROL);
    if let Some(line) = &mut model.audit.line
        && !breaks
        && !matches!(key.code, KeyCode::Tab | KeyCode::BackTab)
    {
        line.input(*key);
    }
}

/// `Enter`: what cannot be read is told, and the line stays.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let Some(line) = &model.audit.line else { return Vec::new() };
    let text = line.lines().join(" ").trim().to_owned();
    match Filter::parse(&text, model.now) {
        Ok(filter) => {
            model.audit.narrow(filter, text);
            if model.loading_calls.begin() { vec![super::latest(model)] } else { Vec::new() }
        }
        Err(problem) => {
            complain(model, &problem.to_string());
            Vec::new()
        }
    }
}
