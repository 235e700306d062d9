//! Lines of the reviewed tables in `assets/risk`: `service:Operation conditions -> class also # why`.

use std::collections::HashMap;

use super::RiskClass;

/// What a reviewed line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ruling {
    pub(super) class: RiskClass,
    /// IAM's access level does not change it.
    pub(super) firm: bool,
    pub(super) also: Vec<RiskClass>,
    pub(super) why: &'static str,
}

/// A line, with the text before its class.
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) subject: &'static str,
    /// Words between the subject and `->`.
    pub(super) conditions: Vec<&'static str>,
    pub(super) ruling: Ruling,
}

/// The class of a name.
pub(super) fn class(name: &str) -> Option<RiskClass> {
    RiskClass::ALL.into_iter().find(|class| class.as_str() == name)
}

/// The lines of a table that say something. A line that cannot be read is an error with its number.
pub(super) fn lines(table: &'static str) -> impl Iterator<Item = Result<Line, usize>> {
    table.lines().enumerate().filter_map(|(at, line)| {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        Some(parse(at + 1, line).ok_or(at + 1))
    })
}

fn parse(number: usize, line: &'static str) -> Option<Line> {
    let (facts, why) = line.split_once(" # ").unwrap_or((line, ""));
    let mut fields = facts.split_ascii_whitespace();
    let subject = fields.next()?;
    let mut conditions = Vec::new();
    if facts.contains(" -> ") {
        conditions.extend(fields.by_ref().take_while(|field| *field != "->"));
    }
    let word = fields.next()?;
    let (word, firm) = word.strip_suffix('!').map_or((word, false), |word| (word, true));
    let also = fields.map(class).collect::<Option<Vec<_>>>()?;
    Some(Line { number, subject, conditions, ruling: Ruling { class: class(word)?, firm, also, why: why.trim() } })
}

/// Operations reviewed one by one.
#[derive(Debug, Default)]
pub(super) struct Reviewed {
    by_service: HashMap<&'static str, HashMap<&'static str, Ruling>>,
}

impl Reviewed {
    /// Reads a table, and tells the numbers of the lines that it could not read or that say something twice.
    pub(super) fn parse(table: &'static str) -> (Self, Vec<usize>) {
        let mut reviewed = Self::default();
        let mut unread = Vec::new();
        for line in lines(table) {
            let Ok(line) = line.map_err(|number| unread.push(number)) else { continue };
            let Some((services, operations)) = line.subject.split_once(':') else {
                unread.push(line.number);
                continue;
            };
            for service in services.split(',') {
                let of_service = reviewed.by_service.entry(service).or_default();
                for operation in operations.split(',') {
                    if of_service.insert(operation, line.ruling.clone()).is_some() {
                        unread.push(line.number);
                    }
                }
            }
        }
        (reviewed, unread)
    }

    /// What was said of an operation.
    pub(super) fn ruling(&self, service: &str, operation: &str) -> Option<&Ruling> {
        self.by_service.get(service)?.get(operation)
    }

    /// Every operation that was reviewed.
    #[cfg(test)]
    pub(super) fn subjects(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.by_service
            .iter()
            .flat_map(|(service, operations)| operations.keys().map(|operation| (*service, *operation)))
    }
}
