//! Nouns as operations' names hold them: lower case, articles, plurals.

/// Words that are written in capitals though names write them as words.
const CAPITALS: [&str; 46] = [
    "acl", "acls", "ami", "amis", "api", "apis", "arn", "arns", "cidr", "cidrs", "cpu", "csv", "db", "dhcp", "dns",
    "ebs", "ecr", "ecs", "efs", "eks", "fpga", "gpu", "hsm", "http", "iam", "id", "ids", "ip", "ips", "ipv4", "ipv6",
    "json", "kms", "mfa", "nat", "oidc", "s3", "saml", "sms", "sql", "ssh", "ssl", "tls", "url", "vpc", "vpcs",
];

/// Words between nouns, and whether an article follows.
const BETWEEN: [(&str, bool); 11] = [
    ("to", true),
    ("from", true),
    ("for", true),
    ("in", true),
    ("on", true),
    ("of", true),
    ("with", false),
    ("by", false),
    ("as", false),
    ("and", false),
    ("or", false),
];

/// What cannot be counted, and so has no article.
const UNCOUNTED: [&str; 24] = [
    "access",
    "accelerate",
    "code",
    "compliance",
    "content",
    "credit",
    "data",
    "encryption",
    "evidence",
    "health",
    "history",
    "info",
    "information",
    "logging",
    "metadata",
    "monitoring",
    "pricing",
    "replication",
    "support",
    "tagging",
    "traffic",
    "usage",
    "utilization",
    "versioning",
];

/// A word as it stands within a sentence.
pub(super) fn lower(word: &str) -> String {
    let lower = word.to_lowercase();
    if CAPITALS.contains(&lower.as_str()) {
        let (stem, plural) = match lower.strip_suffix('s') {
            Some(stem) if CAPITALS.contains(&stem) => (stem, "s"),
            _ => (lower.as_str(), ""),
        };
        let stem = if stem.starts_with("ipv") { stem.replace("ip", "IP") } else { stem.to_uppercase() };
        return format!("{stem}{plural}");
    }
    let capitals = word.chars().filter(|ch| ch.is_uppercase()).count();
    if capitals >= 2 { word.to_owned() } else { lower }
}

/// What a verb is done to: `a bucket policy`, `tags for a resource`.
pub(super) fn phrase(words: &[&str]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut group: Vec<String> = Vec::new();
    let mut article = true;
    for word in words {
        let said = lower(word);
        if let Some((between, next)) = BETWEEN.iter().find(|(between, _)| *between == said) {
            parts.extend(close(&mut group, article));
            parts.push((*between).to_owned());
            article = *next;
        } else if !is_version(word) {
            group.push(said);
        }
    }
    parts.extend(close(&mut group, article));
    parts.join(" ")
}

fn close(group: &mut Vec<String>, article: bool) -> Option<String> {
    let last = group.last()?;
    let text = group.join(" ");
    let bare = !article || is_plural(last) || UNCOUNTED.contains(&last.as_str());
    let text = if bare { text } else { format!("{} {text}", indefinite(&text)) };
    group.clear();
    Some(text)
}

/// `V2` at the end of a name says nothing of what is done.
pub(super) fn is_version(word: &str) -> bool {
    word.strip_prefix(['V', 'v']).is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a noun, as [`lower`] gives it, names many.
pub(super) fn is_plural(noun: &str) -> bool {
    let singular = ["ss", "us", "is", "as", "DNS"].iter().any(|ending| noun.ends_with(ending));
    noun.ends_with('s') && !singular
}

/// The plural of a noun.
pub(super) fn plural(noun: &str) -> String {
    let vowel_y = ["ay", "ey", "oy", "uy"].iter().any(|ending| noun.ends_with(ending));
    if is_plural(noun) {
        noun.to_owned()
    } else if noun.ends_with('y') && !vowel_y {
        format!("{}ies", noun.strip_suffix('y').unwrap_or(noun))
    } else if ["s", "x", "ch", "sh"].iter().any(|ending| noun.ends_with(ending)) {
        format!("{noun}es")
    } else {
        format!("{noun}s")
    }
}

/// The singular of a plural that [`plural`] makes; any other noun as it is.
pub(super) fn singular(noun: &str) -> String {
    if !is_plural(noun) {
        return noun.to_owned();
    }
    if let Some(stem) = noun.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    let hissing = ["sses", "xes", "ches", "shes", "uses"].iter().any(|ending| noun.ends_with(ending));
    let stem = if hissing { noun.strip_suffix("es") } else { noun.strip_suffix('s') };
    stem.unwrap_or(noun).to_owned()
}

/// `a` or `an`, by sound.
fn indefinite(text: &str) -> &'static str {
    let first = text.split(' ').next().unwrap_or_default();
    let letter = first.chars().next().unwrap_or(' ');
    let spelled_out = first.chars().filter(|ch| ch.is_uppercase()).count() >= 2;
    let vowel = if spelled_out {
        "AEFHILMNORSX".contains(letter)
    } else {
        let like_you = ["us", "uni", "uti", "eu", "one"].iter().any(|start| first.starts_with(start));
        "aeiou".contains(letter) && !like_you
    };
    if vowel { "an" } else { "a" }
}
