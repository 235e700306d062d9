//! The words of an operation's name. `DeleteDBInstances` is delete, db, instance: names say the same thing in
//! singular and plural, and abbreviations run in capitals.

/// The words of a name, in lower case and in the singular.
pub(super) fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut found = Vec::new();
    let mut word = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|before| !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase));
        if (starts || !letter.is_ascii_alphanumeric()) && !word.is_empty() {
            found.push(singular(&word));
            word.clear();
        }
        if letter.is_ascii_alphanumeric() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        found.push(singular(&word));
    }
    found
}

/// The same rule for patterns and names, so it need not be English.
fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 1 && !stem.ends_with('s') => stem.to_owned(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_fall_into_words() {
        for (name, expected) in [
            ("DeleteDBInstances", "delete db instance"),
            ("CreateAPIKey", "create api key"),
            ("PutResourcePolicies", "put resource policy"),
            ("GetAccess", "get access"),
            ("ListObjectsV2", "list object v2"),
            ("AssociateS3Resources", "associate s3 resource"),
            ("lowerCase_with-signs", "lower case with sign"),
            ("", ""),
        ] {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }
}
