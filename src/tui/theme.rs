//! How things look: every style in one place, in the sixteen ANSI colours and the terminal's own.
//! A colour only ever repeats what a word or a mark already says.

use ratatui::style::{Color, Modifier, Style};

use crate::base::{RiskClass, Shown, Verdict};

/// What a stretch of text is; the theme decides how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// What matters most on its line.
    Strong,
    /// What may be overlooked.
    Dim,
    /// The name of a fact.
    Label,
    /// A key of a payload.
    Key,
    /// A string of a payload.
    Text,
    /// Any other value of a payload.
    Literal,
    /// A character written out because it cannot be seen.
    Hidden,
    /// The rail before somebody else's words.
    Rail,
    /// Lines and frames.
    Rule,
    /// The product, the present tab, keys.
    Accent,
    /// It went well, it is ready.
    Good,
    /// Look twice.
    Warn,
    /// It went wrong, it is lost.
    Bad,
    /// A badge that must not be missed.
    Badge,
    /// A badge that tells of danger.
    Alarm,
    /// The risk of a call.
    Risk(RiskClass),
}

/// The marks, in Unicode or in ASCII; all one column wide.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Horizontal line.
    pub rule: &'static str,
    /// Vertical line.
    pub bar: &'static str,
    /// Before words that are not ours.
    pub rail: &'static str,
    /// At a line break within a text of the payload.
    pub newline: &'static str,
    /// Text was cut here (never in a review).
    pub cut: &'static str,
    /// Between small facts.
    pub dot: &'static str,
    /// The row under the cursor.
    pub cursor: &'static str,
    /// Waiting.
    pub waiting: &'static str,
    /// Done.
    pub done: &'static str,
    /// Refused or failed.
    pub failed: &'static str,
    /// Nobody knows.
    pub unknown: &'static str,
    /// Neither.
    pub none: &'static str,
    /// More above.
    pub up: &'static str,
    /// More below.
    pub down: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    rule: "─",
    bar: "│",
    rail: "┃",
    newline: "↵",
    cut: "…",
    dot: "·",
    cursor: "▌",
    waiting: "●",
    done: "✓",
    failed: "✗",
    unknown: "?",
    none: "–",
    up: "↑",
    down: "↓",
};

const ASCII: Glyphs = Glyphs {
    rule: "-",
    bar: "|",
    rail: "|",
    newline: "$",
    cut: "~",
    dot: "|",
    cursor: ">",
    waiting: "*",
    done: "+",
    failed: "x",
    unknown: "?",
    none: "-",
    up: "^",
    down: "v",
};

/// The look of one console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Whether colours are used at all; without them bold, dim, underlined and reversed remain.
    pub color: bool,
    /// Whether only ASCII is written.
    pub ascii: bool,
}

impl Theme {
    /// The marks.
    pub const fn glyphs(self) -> &'static Glyphs {
        if self.ascii { &ASCII } else { &UNICODE }
    }

    /// The mark of a risk class.
    pub const fn risk_mark(self, risk: RiskClass) -> &'static str {
        match (risk, self.ascii) {
            (RiskClass::Destructive, false) => "▲",
            (RiskClass::Privilege, false) => "◆",
            (RiskClass::Secret, false) => "■",
            (RiskClass::Execute, false) => "►",
            (RiskClass::Write, false) => "+",
            (RiskClass::Read, false) => "○",
            (RiskClass::Destructive, true) => "!",
            (RiskClass::Privilege, true) => "@",
            (RiskClass::Secret, true) => "#",
            (RiskClass::Execute, true) => ">",
            (RiskClass::Write, true) => "+",
            (RiskClass::Read, true) => "o",
        }
    }

    /// Untrusted text as this terminal can show it.
    pub fn shown(self, text: &str) -> Shown {
        if self.ascii { Shown::ascii(text) } else { Shown::line(text) }
    }

    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let (color, style) = match role {
            Role::Plain | Role::Text => (None, plain),
            Role::Strong => (None, plain.add_modifier(Modifier::BOLD)),
            Role::Dim | Role::Rule | Role::Label => (None, plain.add_modifier(Modifier::DIM)),
            Role::Key => (Some(Color::Blue), plain),
            Role::Literal => (Some(Color::Cyan), plain),
            Role::Hidden => (None, plain.add_modifier(Modifier::REVERSED)),
            Role::Rail => (Some(Color::Magenta), plain),
            Role::Accent => (Some(Color::Cyan), plain.add_modifier(Modifier::BOLD)),
            Role::Good => (Some(Color::Green), plain.add_modifier(Modifier::BOLD)),
            Role::Warn => (Some(Color::Yellow), plain.add_modifier(Modifier::BOLD)),
            Role::Bad => (Some(Color::Red), plain.add_modifier(Modifier::BOLD)),
            Role::Badge => (Some(Color::Yellow), plain.add_modifier(Modifier::REVERSED)),
            Role::Alarm => (Some(Color::Red), plain.add_modifier(Modifier::REVERSED | Modifier::BOLD)),
            Role::Risk(risk) => risk_style(risk),
        };
        match color {
            Some(color) if self.color => style.fg(color),
            _ => style,
        }
    }

    /// The row under the cursor, where the keys go.
    pub const fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

const fn risk_style(risk: RiskClass) -> (Option<Color>, Style) {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    match risk {
        RiskClass::Destructive => (Some(Color::Red), bold),
        RiskClass::Privilege => (Some(Color::Magenta), bold),
        RiskClass::Secret => (Some(Color::Yellow), bold),
        RiskClass::Execute => (Some(Color::Blue), bold),
        RiskClass::Write => (Some(Color::Cyan), Style::new()),
        RiskClass::Read => (Some(Color::Green), Style::new()),
    }
}

/// How a verdict looks.
pub const fn verdict_role(verdict: Verdict) -> Role {
    match verdict {
        Verdict::Allow => Role::Good,
        Verdict::Ask => Role::Warn,
        Verdict::Deny => Role::Bad,
    }
}
