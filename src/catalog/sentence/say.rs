//! The sentences.

use super::noun::{is_version, lower, phrase, plural, singular};
use super::verb::third_person;
use super::words::words;
use crate::catalog::ServiceEntry;

/// Characters of a summary that comes from documentation.
const MAX_SUMMARY: usize = 200;

/// Characters of one value in a sentence.
const MAX_VALUE: usize = 80;

/// Values of one member in a sentence.
const MAX_VALUES: usize = 3;

/// sdkIds that are abbreviations nobody says.
const UNSAID: [&str; 3] = ["SFN", "mgn", "OSIS"];

/// What a service is called in a sentence, from its sdkId and its title: its maker and its short name, `Amazon S3`.
pub fn service_title(id: &str, title: &str) -> String {
    let short = id.chars().next().is_some_and(char::is_uppercase) && !UNSAID.contains(&id);
    let maker = title.split(' ').next().filter(|maker| matches!(*maker, "Amazon" | "AWS"));
    match (short, maker) {
        _ if title.is_empty() => id.to_owned(),
        (false, _) => title.to_owned(),
        (true, None) => id.to_owned(),
        (true, Some(maker)) if id.starts_with(maker) => id.to_owned(),
        (true, Some(maker)) => format!("{maker} {id}"),
    }
}

/// What an operation does, in one plain sentence: its documentation's first, or one made from its name
/// (`Deletes a bucket in Amazon S3.`).
pub fn summary(service: &ServiceEntry, operation: &str, documentation: Option<&str>) -> String {
    let told = documentation.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    if let Some(told) = told.filter(|told| !told.is_empty()) {
        let cut = cut(&told, MAX_SUMMARY);
        return if cut.ends_with(['.', '!', '?', '…']) { cut } else { format!("{cut}.") };
    }
    let title = service_title(&service.sdk_id, &service.title);
    match Name::of(operation) {
        Some(name) => format!("{} in {title}.", name.said(None)),
        None => format!("Calls {operation} in {title}."),
    }
}

/// What one call will do, in one sentence (`Deletes the bucket demo-logs in Amazon S3.`). The targets are those of
/// [`crate::catalog::targets::targets`]; their values are untrusted and stand in quotes unless they are plain names.
pub fn will_do(service_title: &str, operation: &str, targets: &[(String, String)]) -> String {
    let Some(name) = Name::of(operation) else {
        return format!("Calls {operation} in {service_title}{}.", rest(targets, None));
    };
    let about = targets.iter().find(|(member, _)| name.is_about(member)).map(|(member, _)| member.as_str());
    let said = match about {
        Some(member) => {
            let values: Vec<_> = targets.iter().filter(|(known, _)| known == member).map(|(_, value)| value).collect();
            name.said(Some(&values))
        }
        None => name.said(None),
    };
    format!("{said} in {service_title}{}.", rest(targets, about))
}

/// The targets that the sentence has not named yet, first values only.
fn rest(targets: &[(String, String)], named: Option<&str>) -> String {
    let mut members: Vec<&str> = Vec::new();
    for (member, _) in targets {
        if Some(member.as_str()) != named && !members.contains(&member.as_str()) {
            members.push(member);
        }
    }
    let parts = members.iter().take(MAX_VALUES).map(|member| {
        let values: Vec<_> = targets.iter().filter(|(known, _)| known == member).map(|(_, value)| value).collect();
        format!("{member} {}", list(&values))
    });
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join("; ")) }
}

fn list(values: &[&String]) -> String {
    let mut text = values.iter().take(MAX_VALUES).map(|value| quoted(value)).collect::<Vec<_>>().join(", ");
    if values.len() > MAX_VALUES {
        text.push_str(&format!(" and {} more", values.len() - MAX_VALUES));
    }
    text
}

/// A value within a sentence: plain names as they are, anything else in quotes.
fn quoted(value: &str) -> String {
    let plain = !value.is_empty()
        && value.chars().all(|ch| ch.is_ascii_alphanumeric() || "-_./:@+=*#$".contains(ch))
        && value.chars().any(|ch| ch.is_ascii_alphanumeric());
    let value = cut(value, MAX_VALUE);
    if plain { value } else { format!("{value:?}") }
}

fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// An operation's name, taken apart.
struct Name<'n> {
    verb: String,
    object: Vec<&'n str>,
    batch: bool,
    admin: bool,
}

impl<'n> Name<'n> {
    /// `None` when it does not begin with a verb.
    fn of(operation: &'n str) -> Option<Self> {
        let mut words = words(operation);
        let mut prefix = |word: &str| {
            let is = words.len() > 2 && words.first() == Some(&word);
            if is {
                words.remove(0);
            }
            is
        };
        let (batch, admin) = (prefix("Batch"), prefix("Admin"));
        let (verb, object) = words.split_first()?;
        let verb = third_person(verb)?;
        Some(Self { verb, object: object.to_vec(), batch, admin })
    }

    /// The sentence as far as the service, with the values of what it is about, if known.
    fn said(&self, values: Option<&[&String]>) -> String {
        let object = match values {
            None if self.batch && self.has_simple_object() => format!("several {}", self.object_text(true)),
            None => phrase(&self.object),
            Some(values) => format!("the {} {}", self.object_text(self.batch || values.len() > 1), list(values)),
        };
        let admin = if self.admin { " as an administrator" } else { "" };
        let space = if object.is_empty() { "" } else { " " };
        format!("{}{space}{object}{admin}", self.verb)
    }

    /// The object without an article, of one or of many.
    fn object_text(&self, many: bool) -> String {
        let mut nouns: Vec<_> = self.object.iter().filter(|word| !is_version(word)).map(|word| lower(word)).collect();
        if let Some(last) = nouns.last_mut() {
            *last = if many { plural(last) } else { singular(last) };
        }
        nouns.join(" ")
    }

    /// Whether the object is one thing, not one thing for or in another.
    fn has_simple_object(&self) -> bool {
        !self.object.is_empty()
            && !phrase(&self.object)
                .split(' ')
                .any(|word| matches!(word, "to" | "from" | "for" | "in" | "on" | "of" | "with" | "by"))
    }

    /// Whether a member names the very thing that the operation's object is: `BucketName` of `DeleteBucket`,
    /// `InstanceIds` of `TerminateInstances`, `Key` of S3's `DeleteObject`.
    fn is_about(&self, member: &str) -> bool {
        if !self.has_simple_object() {
            return false;
        }
        let object = self.object_text(false);
        let mut noun = words(member.rsplit('.').next().unwrap_or(member));
        while noun.len() > 1 && noun.last().is_some_and(|word| is_handle(word)) {
            noun.pop();
        }
        let noun: Vec<_> = noun.into_iter().map(lower).collect();
        let noun = singular(&noun.join(" "));
        noun == object
            || (object == "object" && noun == "key")
            || (object.ends_with(&format!(" {noun}")) && noun != "id")
    }
}

/// Words at the end of a member's name that say only that it identifies.
fn is_handle(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "name" | "names" | "id" | "ids" | "arn" | "arns" | "identifier" | "identifiers" | "url" | "list"
    )
}
