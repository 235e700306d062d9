//! The forms of a word: singular for every word, and further forms to try for a word that nobody knows.

/// Short words whose `s` is a plural's, unlike that of `sns` or `aws`.
const SHORT_PLURALS: [&str; 9] = ["acs", "azs", "dbs", "ids", "ips", "igs", "ous", "vms", "pcs"];

/// The singular, lower case.
pub(super) fn stem(word: &str) -> String {
    let lower = word.to_lowercase();
    if lower.len() <= 3 && !SHORT_PLURALS.contains(&lower.as_str()) {
        return lower;
    }
    let keeps = ["ss", "us", "is", "as"].iter().any(|ending| lower.ends_with(ending));
    let Some(bare) = lower.strip_suffix('s').filter(|_| !keeps) else { return lower };
    if let Some(start) = bare.strip_suffix("ie").filter(|start| start.len() > 1) {
        return format!("{start}y");
    }
    let hissing = ["sse", "xe", "che", "she", "sse", "use"].iter().any(|ending| bare.ends_with(ending));
    match bare.strip_suffix('e').filter(|_| hissing && !bare.ends_with("ause")) {
        // `statuses`, `boxes`; yet `uses`, `databases`, `caches` end in a silent e.
        Some(start) if bare.ends_with("use") && !start.ends_with("tus") => bare.to_owned(),
        Some(start) if start.ends_with("cach") => bare.to_owned(),
        Some(start) => start.to_owned(),
        None => bare.to_owned(),
    }
}

/// Other forms of a word that the word may stand for: `listing` list, `stopped` stop, `created` create.
pub(super) fn variants(word: &str) -> Vec<String> {
    let mut out = Vec::new();
    for ending in ["ing", "ed", "er", "ation", "ment", "ly"] {
        let Some(start) = word.strip_suffix(ending).filter(|start| start.len() >= 3) else { continue };
        out.push(start.to_owned());
        out.push(format!("{start}e"));
        let mut last = start.chars().rev();
        if let (Some(a), Some(b)) = (last.next(), last.next())
            && a == b
        {
            out.push(start.chars().take(start.chars().count() - 1).collect());
        }
        if let Some(stem) = start.strip_suffix('i') {
            out.push(format!("{stem}y"));
        }
        if ending == "ation" {
            out.push(format!("{start}ate"));
        }
    }
    if let Some(start) = word.strip_suffix("ion") {
        out.push(start.to_owned());
        out.push(format!("{start}e"));
    }
    out
}

/// Words of the same family: of `tag` tagging, of `replicate` replication, of `encryption` encrypt.
pub(super) fn forms(word: &str) -> Vec<String> {
    if word.len() < 3 || !word.is_ascii() {
        return Vec::new();
    }
    let mut out = variants(word);
    let bare = word.strip_suffix('e').unwrap_or(word);
    out.extend(["ing", "ion", "ation"].map(|ending| format!("{bare}{ending}")));
    if let Some(start) = word.strip_suffix('y') {
        out.push(format!("{start}ication"));
    }
    if let Some(last) = bare.chars().last().filter(|last| "bdgmnprt".contains(*last)) {
        out.push(format!("{bare}{last}ing"));
    }
    out.push(format!("{bare}ed"));
    out
}

#[cfg(test)]
mod tests {
    use super::{stem, variants};

    #[test]
    fn plurals_become_singular_and_acronyms_stay() {
        let cases = [
            ("Buckets", "bucket"),
            ("policies", "policy"),
            ("addresses", "address"),
            ("caches", "cache"),
            ("databases", "database"),
            ("statuses", "status"),
            ("status", "status"),
            ("analysis", "analysis"),
            ("aliases", "aliase"),
            ("alias", "alias"),
            ("VPCs", "vpc"),
            ("ids", "id"),
            ("SNS", "sns"),
            ("DNS", "dns"),
            ("access", "access"),
            ("indexes", "index"),
            ("batches", "batch"),
            ("uses", "use"),
            ("images", "image"),
            ("queries", "query"),
            ("causes", "cause"),
            ("s3", "s3"),
        ];
        for (word, expected) in cases {
            assert_eq!(stem(word), expected, "{word}");
        }
    }

    #[test]
    fn other_forms_contain_the_plain_one() {
        for (word, plain) in [
            ("listing", "list"),
            ("running", "run"),
            ("stopped", "stop"),
            ("created", "create"),
            ("creation", "create"),
            ("deletion", "delete"),
            ("replication", "replicate"),
            ("deployment", "deploy"),
            ("copied", "copy"),
            ("reader", "read"),
        ] {
            assert!(variants(word).contains(&plain.to_owned()), "{word}: {:?}", variants(word));
        }
    }
}
