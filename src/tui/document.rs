//! A text that is read from top to bottom: facts, then a body. Built once from what it tells, wrapped once a width.
//! Nothing in here is ever cut.

use jiff::tz::TimeZone;

use super::text::{Break, Para, Row};
use super::theme::{Role, Theme};

mod json;
mod policy;
mod request;
mod transaction;

#[cfg(test)]
mod tests;

/// What a text looks like whatever it tells: marks, colours, the time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Colours and marks.
    pub theme: Theme,
    /// The zone that times are told in.
    pub zone: TimeZone,
}

/// A text that is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    facts: Vec<Block>,
    body: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    Para(Para),
    Heading(Row),
    Blank,
}

/// A text wrapped to a width.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Laid {
    /// The width.
    pub width: u16,
    /// The facts' rows.
    pub facts: Vec<Row>,
    /// The body's rows.
    pub body: Vec<Row>,
}

impl Document {
    /// Wraps it.
    pub fn lay(&self, width: u16, theme: Theme) -> Laid {
        let rows = |blocks: &[Block]| blocks.iter().flat_map(|block| block.rows(usize::from(width), theme)).collect();
        Laid { width, facts: rows(&self.facts), body: rows(&self.body) }
    }
}

impl Block {
    fn rows(&self, width: usize, theme: Theme) -> Vec<Row> {
        match self {
            Self::Para(para) => para.wrap(width),
            Self::Heading(row) => {
                let rule = theme.glyphs().rule;
                let before = Row::new().own(Role::Rule, rule.repeat(2)).own(Role::Plain, " ");
                let row = before.join(row.clone()).own(Role::Plain, " ");
                let missing = width.saturating_sub(row.width());
                let row = row.own(Role::Rule, rule.repeat(missing));
                Para::prose(row).wrap(width)
            }
            Self::Blank => vec![Row::new()],
        }
    }
}

/// Columns of the names of facts.
const LABEL: usize = 11;

/// A fact: its name, and what is so.
fn fact(label: &str, value: Row) -> Block {
    let label = format!("{label:<LABEL$}");
    Block::Para(Para {
        lead: Row::new(),
        hang: LABEL,
        body: Row::new().own(Role::Label, label).join(value),
        breaks: Break::Prose,
    })
}
