//! Untrusted text made visible: the only form in which it reaches a screen, a log line or a notification.
//! Every character that a terminal would act on, hide, reorder or stack stands as `\u{…}`.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

#[cfg(test)]
mod tests;

/// Visible text. It remembers which parts of it were written out here, so that a screen can set them
/// apart from an agent that merely typed a backslash and a `u`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shown {
    text: String,
    /// Byte ranges of `text` that stand for hidden characters; ascending, apart from each other, never empty.
    made: Vec<(usize, usize)>,
}

/// A stretch of visible text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// As it was given.
    Plain(&'a str),
    /// Written out here in place of characters that cannot be seen.
    Made(&'a str),
}

impl Shown {
    /// Makes one line of untrusted text visible. Line breaks become `\u{a}` like every other control.
    pub fn line(text: &str) -> Self {
        let mut out = Self { text: String::with_capacity(text.len()), made: Vec::new() };
        for grapheme in text.graphemes(true) {
            out.push_grapheme(grapheme);
        }
        out
    }

    /// Makes text of several lines visible, one `Shown` a line; only `\n` breaks a line.
    pub fn lines(text: &str) -> Vec<Self> {
        text.split('\n').map(Self::line).collect()
    }

    /// For a terminal that knows ASCII only: everything else is written out.
    pub fn ascii(text: &str) -> Self {
        let mut out = Self::default();
        for ch in text.chars() {
            if ch.is_ascii_graphic() || ch == ' ' {
                out.text.push(ch);
            } else {
                out.push_made(ch);
            }
        }
        out
    }

    /// The visible text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The visible text in stretches: what was given, and what was written out here.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let ends = self.made.iter().map(|&(_, end)| end);
        let plain = std::iter::once(0).chain(ends);
        let starts = self.made.iter().map(|&(start, _)| start).chain(std::iter::once(self.text.len()));
        let made = self.made.iter().map(Some).chain(std::iter::once(None));
        plain.zip(starts).zip(made).flat_map(|((from, to), made)| {
            let plain = self.text.get(from..to).filter(|text| !text.is_empty()).map(Part::Plain);
            let made = made.and_then(|&(from, to)| self.text.get(from..to)).map(Part::Made);
            [plain, made].into_iter().flatten()
        })
    }

    /// Whether characters had to be written out.
    pub const fn has_hidden(&self) -> bool {
        !self.made.is_empty()
    }

    /// What is odd about this text if it is the name of something, strongest first; `None` for plain ASCII.
    pub fn oddity(&self) -> Option<&'static str> {
        if self.has_hidden() {
            Some("hidden characters")
        } else if self.mixes_scripts() {
            Some("mixed scripts")
        } else if !self.text.is_ascii() {
            Some("not plain ASCII")
        } else {
            None
        }
    }

    /// Whether one word of it mixes letters of scripts that look alike (`pаypal` with a Cyrillic а).
    pub fn mixes_scripts(&self) -> bool {
        self.text.split(|ch: char| !ch.is_alphanumeric()).any(|word| {
            let mut seen = word.chars().filter_map(look_alike_script);
            seen.next().is_some_and(|first| seen.any(|other| other != first))
        })
    }

    /// Columns it takes on a terminal, counted on graphemes.
    pub fn width(&self) -> usize {
        self.text.graphemes(true).map(grapheme_width).sum()
    }

    fn push_grapheme(&mut self, grapheme: &str) {
        let mut marks = 0;
        for (index, ch) in grapheme.chars().enumerate() {
            let zero_width = ch.width().unwrap_or(0) == 0;
            if index > 0 && zero_width {
                marks += 1;
            }
            let lone_mark = index == 0 && zero_width;
            // It would sit upon the closing brace of the one written out before it.
            let stray = self.ends_made() && (zero_width || joins_brace(ch));
            let tint = index > 0 && matches!(ch, '\u{1f3fb}'..='\u{1f3ff}');
            if is_deceptive(ch) || lone_mark || stray || tint || marks > MAX_MARKS {
                self.push_made(ch);
            } else {
                self.text.push(ch);
            }
        }
    }

    fn ends_made(&self) -> bool {
        self.made.last().is_some_and(|&(_, end)| end == self.text.len())
    }

    fn push_made(&mut self, ch: char) {
        let start = self.text.len();
        self.text.push_str(&format!("\\u{{{:x}}}", u32::from(ch)));
        let end = self.text.len();
        match self.made.last_mut() {
            Some((_, last)) if *last == start => *last = end,
            _ => self.made.push((start, end)),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Self::line(text)
    }
}

/// Columns one visible grapheme takes. Half-width sound marks are joined to what precedes them, yet
/// terminals give them a column of their own.
pub fn grapheme_width(grapheme: &str) -> usize {
    grapheme.width() + grapheme.chars().filter(|ch| matches!(ch, '\u{ff9e}' | '\u{ff9f}')).count()
}

fn joins_brace(ch: char) -> bool {
    !ch.is_ascii() && String::from_iter(['}', ch]).graphemes(true).count() == 1
}

/// Combining marks beyond this many in one grapheme are written out.
const MAX_MARKS: usize = 2;

/// Controls, format characters, bidi controls, zero-width characters, default-ignorables, odd spaces and blanks,
/// line separators, non-characters and unassigned or private planes (Unicode 16, `DerivedCoreProperties`, `White_Space`).
fn is_deceptive(ch: char) -> bool {
    matches!(ch,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}'
        | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{1680}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{d7fc}'..='\u{d7ff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffc}' | '\u{fffe}'..='\u{ffff}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{16fe4}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{1fffe}'..='\u{1ffff}' | '\u{2fffe}'..='\u{2ffff}' | '\u{3fffe}'..='\u{10ffff}')
}

/// Scripts whose letters pass for Latin ones (blocks of Unicode 16). Everything else never warns.
fn look_alike_script(ch: char) -> Option<&'static str> {
    Some(match ch {
        'a'..='z'
        | 'A'..='Z'
        | '\u{aa}'
        | '\u{ba}'
        | '\u{c0}'..='\u{2af}'
        | '\u{1d00}'..='\u{1d25}'
        | '\u{1e00}'..='\u{1eff}'
        | '\u{2c60}'..='\u{2c7f}'
        | '\u{a720}'..='\u{a7ff}'
        | '\u{ab30}'..='\u{ab6f}' => "Latin",
        '\u{370}'..='\u{3e1}' | '\u{3f0}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => "Greek",
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{a640}'..='\u{a69f}' => "Cyrillic",
        '\u{3e2}'..='\u{3ef}' | '\u{2c80}'..='\u{2cff}' => "Coptic",
        '\u{530}'..='\u{58f}' => "Armenian",
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => "Cherokee",
        '\u{a4d0}'..='\u{a4ff}' => "Lisu",
        '\u{10400}'..='\u{1044f}' => "Deseret",
        '\u{2100}'..='\u{214f}'
        | '\u{2160}'..='\u{2188}'
        | '\u{2460}'..='\u{24ff}'
        | '\u{ff10}'..='\u{ff5a}'
        | '\u{1d400}'..='\u{1d7ff}'
        | '\u{1f130}'..='\u{1f189}' => "styled",
        _ => return None,
    })
}
