//! What is wrong with a policy file, shown the way rustc shows it: place, source line, caret, cure.

use std::fmt;

use super::parse::At;
use crate::base::Shown;

/// A policy file that is not in force, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The file, as its reader names it.
    pub file: String,
    /// At least one problem, in the order of the file.
    pub problems: Vec<Problem>,
}

/// One problem and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 when the whole file is meant.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The source line, shortened around the place.
    source: Shown,
    /// Columns of a terminal before the caret.
    indent: usize,
    /// How many carets.
    carets: usize,
}

/// The longest piece of a source line that is shown, in characters.
const WINDOW: usize = 96;

impl Problem {
    /// A problem at a place of `text`.
    pub(super) fn at(text: &str, at: At, message: impl Into<String>, help: impl Into<String>) -> Self {
        let line: Vec<char> = text.lines().nth(at.line.saturating_sub(1)).unwrap_or_default().chars().collect();
        let place = at.column.saturating_sub(1).min(line.len());
        let start = if line.len() <= WINDOW { 0 } else { place.saturating_sub(WINDOW / 3) };
        let part = |from: usize, to: usize| -> String {
            line.iter().take(to.min(start + WINDOW)).skip(from).collect::<String>().replace('\t', " ")
        };
        let before = Shown::line(&part(start, place));
        let marked = Shown::line(&part(place, place + at.width.max(1)));
        Self {
            line: at.line,
            column: at.column,
            message: message.into(),
            help: help.into(),
            source: Shown::line(part(start, line.len()).trim_end()),
            indent: before.width(),
            carets: marked.width().max(1),
        }
    }

    /// A problem of the file as a whole.
    pub(super) fn whole(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            line: 0,
            column: 0,
            message: message.into(),
            help: help.into(),
            source: Shown::default(),
            indent: 0,
            carets: 0,
        }
    }

    fn write(&self, file: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (file, message) = (Shown::line(file), Shown::line(&self.message));
        if self.line == 0 {
            writeln!(f, "{file}: error: {message}")?;
        } else {
            let number = self.line.to_string();
            let gutter = " ".repeat(number.len());
            writeln!(f, "{file}:{}:{}: error: {message}", self.line, self.column)?;
            writeln!(f, "{gutter} |")?;
            writeln!(f, "{number} | {}", self.source)?;
            writeln!(f, "{gutter} | {}{}", " ".repeat(self.indent), "^".repeat(self.carets))?;
        }
        write!(f, "  = help: {}", Shown::line(&self.help))
    }
}

impl PolicyError {
    /// A file that could not even be read.
    pub fn unreadable(file: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { file: file.to_owned(), problems: vec![Problem::whole(message, help)] }
    }

    /// The first problem in one line, for a banner.
    pub fn headline(&self) -> String {
        let Some(first) = self.problems.first() else { return format!("{}: error", Shown::line(&self.file)) };
        let more = match self.problems.len() {
            0 | 1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        let (file, message) = (Shown::line(&self.file), Shown::line(&first.message));
        if first.line == 0 {
            format!("{file}: {message}{more}")
        } else {
            format!("{file}:{}:{}: {message}{more}", first.line, first.column)
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n\n")?;
            }
            problem.write(&self.file, f)?;
        }
        Ok(())
    }
}
