//! Untrusted text made visible: the only form in which it reaches a screen, a log line or a notification.

use std::fmt;

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Text in which every character that a terminal would act on, hide or reorder stands as `\u{…}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shown(String);

impl Shown {
    /// Makes one line of untrusted text visible. Line breaks become `\u{a}` like every other control.
    pub fn line(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for grapheme in text.graphemes(true) {
            push_visible(grapheme, &mut out);
        }
        Self(out)
    }

    /// Makes text of several lines visible, one `Shown` a line; only `\n` breaks a line.
    pub fn lines(text: &str) -> Vec<Self> {
        text.split('\n').map(Self::line).collect()
    }

    /// The visible text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Columns it takes on a terminal.
    pub fn width(&self) -> usize {
        self.0.width()
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        Self::line(text)
    }
}

/// Combining marks beyond this many in one grapheme are written out.
const MAX_MARKS: usize = 2;

fn push_visible(grapheme: &str, out: &mut String) {
    let mut marks = 0;
    for (index, ch) in grapheme.chars().enumerate() {
        let zero_width = unicode_width::UnicodeWidthChar::width(ch) == Some(0);
        if index > 0 && zero_width {
            marks += 1;
        }
        let lone_mark = index == 0 && zero_width;
        if is_deceptive(ch) || lone_mark || marks > MAX_MARKS {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(ch)));
        } else {
            out.push(ch);
        }
    }
}

/// Controls, format characters, bidi controls, zero-width characters, default-ignorables, odd spaces,
/// line separators and unassigned or private planes (Unicode 16, DerivedCoreProperties and White_Space).
fn is_deceptive(ch: char) -> bool {
    matches!(ch,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}'
        | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{1680}'
        | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}'
        | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{d7fc}'..='\u{d7ff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffc}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}
