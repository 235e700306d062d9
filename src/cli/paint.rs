//! Colours of what commands print: the sixteen ANSI ones, and none where nobody looks or nobody wants them.
//! A colour only ever repeats what a word already says.

use std::io::IsTerminal as _;

use super::args::Color;

/// How text is dressed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    on: bool,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// What matters most on its line.
    Strong,
    /// What may be overlooked.
    Dim,
    /// Names of members and of facts.
    Name,
    /// It is well.
    Good,
    /// Look twice.
    Warn,
    /// It is wrong.
    Bad,
    /// What moves power.
    Odd,
    /// What runs something.
    Run,
}

impl Paint {
    /// As the flag, the environment and standard output say.
    pub(super) fn of(color: Color) -> Self {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let wanted = variable("NO_COLOR").is_none() && variable("TERM").is_none_or(|term| term != "dumb");
        let on = match color {
            Color::Auto => wanted && std::io::stdout().is_terminal(),
            Color::Always => true,
            Color::Never => false,
        };
        Self { on }
    }

    /// With or without colours.
    #[cfg(test)]
    pub(super) const fn new(on: bool) -> Self {
        Self { on }
    }

    /// The text, dressed. It must not hold control characters.
    pub(super) fn ink(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Strong => "1",
            Ink::Dim => "2",
            Ink::Name => "36",
            Ink::Good => "32",
            Ink::Warn => "33",
            Ink::Bad => "31",
            Ink::Odd => "35",
            Ink::Run => "34",
        };
        if self.on && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// The text, dressed and filled up to a width in columns.
    pub(super) fn column(self, ink: Ink, text: &str, width: usize) -> String {
        let missing = width.saturating_sub(unicode_width::UnicodeWidthStr::width(text));
        format!("{}{}", self.ink(ink, text), " ".repeat(missing))
    }
}

/// The ink of a risk class; the console's colours.
pub(super) fn risk(word: &str) -> Ink {
    match word {
        "read" => Ink::Good,
        "write" => Ink::Name,
        "destructive" => Ink::Bad,
        "privilege" => Ink::Odd,
        "execute" => Ink::Run,
        _ => Ink::Warn,
    }
}

/// The ink of a verdict.
pub(super) fn verdict(word: &str) -> Ink {
    match word {
        "allow" => Ink::Good,
        "ask" => Ink::Warn,
        _ => Ink::Bad,
    }
}
