//! The effect of SQL and PartiQL: two opinions, of a parser that knows dialects and of the keywords alone, and the
//! stricter of them. What no dialect parses is believed to be harmless only where no word in it could act.

use super::{Effect, keywords, lexer::Reading, parsed};

/// Which SQL a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::risk) enum Speech {
    /// `DynamoDB`'s.
    PartiQl,
    /// Redshift's, near to PostgreSQL's.
    Redshift,
    /// Aurora's: PostgreSQL's or MySQL's; the call does not tell which.
    Aurora,
    /// Athena's: Trino's for queries, Hive's for tables.
    Athena,
}

impl Speech {
    /// How its text may be read.
    pub(super) const fn readings(self) -> &'static [Reading] {
        match self {
            Self::Aurora => &[Reading::Standard, Reading::Flat, Reading::MySql],
            Self::PartiQl | Self::Redshift | Self::Athena => &[Reading::Standard, Reading::Flat],
        }
    }
}

/// The effect of a text of statements, its worst under every reading of it; none where there is no statement.
pub(in crate::risk) fn sql(text: &str, speech: Speech) -> Option<Effect> {
    let by_parse = parsed::effect(text, speech);
    let by_words = keywords::effect(text, speech, by_parse.is_some())?;
    Effect::worst(Some(by_words), by_parse)
}
