//! IAM's access levels, from the Service Authorization Reference. They know neither destructive, secret nor execute,
//! but they know reads from writes for most operations.

use std::{io::Read, ops::Range};

const PACKED: &[u8] = include_bytes!("../../assets/risk/iam-levels.txt.zst");

/// IAM's word for what an action does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Read,
    List,
    Write,
    Tagging,
    Permissions,
}

impl Level {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::List => "List",
            Self::Write => "Write",
            Self::Tagging => "Tagging",
            Self::Permissions => "Permissions management",
        }
    }

    fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "r" => Self::Read,
            "l" => Self::List,
            "w" => Self::Write,
            "t" => Self::Tagging,
            "p" => Self::Permissions,
            _ => return None,
        })
    }
}

/// All levels, as text: a line a service, `service<TAB>action=level action=level`, sorted.
#[derive(Debug, Default)]
pub(super) struct Levels {
    text: String,
    lines: Vec<Range<usize>>,
}

impl Levels {
    /// Unpacks the levels in the binary. Damaged levels are no levels: names still decide, the stricter way.
    pub(super) fn embedded() -> Self {
        let mut text = String::new();
        let unpacked = zstd::Decoder::new(PACKED).and_then(|mut decoder| decoder.read_to_string(&mut text));
        if unpacked.is_err() {
            return Self::default();
        }
        let mut lines = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            lines.push(start..start + line.trim_end().len());
            start += line.len();
        }
        Self { text, lines }
    }

    /// The level of an action of a service by its name in IAM, whatever the case.
    pub(super) fn level(&self, service: &str, action: &str) -> Option<Level> {
        let service = service.to_ascii_lowercase();
        let line = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        let name = |range: &Range<usize>| line(range).split('\t').next().unwrap_or_default();
        let at = self.lines.binary_search_by(|range| name(range).cmp(service.as_str())).ok()?;
        let (_, actions) = line(self.lines.get(at)?).split_once('\t')?;
        let found = actions.split(' ').filter_map(|entry| entry.split_once('='));
        found.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(action)).and_then(|(_, code)| Level::parse(code))
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, Levels};

    #[test]
    fn levels_are_found_by_service_and_action() {
        let levels = Levels::embedded();
        for (service, action, expected) in [
            ("s3", "ListAllMyBuckets", Some(Level::List)),
            ("s3", "getobject", Some(Level::Read)),
            ("iam", "AttachUserPolicy", Some(Level::Permissions)),
            ("ec2", "CreateTags", Some(Level::Tagging)),
            ("lambda", "InvokeFunction", Some(Level::Write)),
            ("lambda", "Nothing", None),
            ("nothing", "Invoke", None),
        ] {
            assert_eq!(levels.level(service, action), expected, "{service}:{action}");
        }
    }
}
