//! From the flags and the terminal to the looks of the console.

use tokio::sync::mpsc::UnboundedReceiver;

use super::args::{Color, Looks};
use crate::tui::Options;

/// How the console looks, and where lines of narration come from.
pub(super) fn options(looks: Looks, narration: Option<UnboundedReceiver<String>>) -> Options {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = match looks.color {
        Color::Auto => !no_color,
        Color::Always => true,
        Color::Never => false,
    };
    Options { color, ascii: looks.ascii, narration, ..Options::default() }
}
