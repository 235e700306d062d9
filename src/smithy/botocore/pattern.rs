//! botocore's patterns hold for a whole string, Smithy's for any part of one: the same model says `[a-z]+` in
//! the one form and `^[a-z]+$` in the other.

/// The pattern as Smithy would write it.
pub(super) fn anchored(pattern: &str) -> String {
    let starts = ["^", ".*", "(?s).*"].iter().any(|start| pattern.starts_with(start));
    let ends = ends_with(pattern, "$") || ends_with(pattern, ".*");
    if starts && ends {
        return pattern.to_owned();
    }
    if has_alternatives(pattern) {
        return format!("^(?:{pattern})$");
    }
    format!("{}{pattern}{}", if starts { "" } else { "^" }, if ends { "" } else { "$" })
}

/// Whether it ends so, and the first character of that end is not escaped.
fn ends_with(pattern: &str, end: &str) -> bool {
    let Some(before) = pattern.strip_suffix(end) else { return false };
    before.chars().rev().take_while(|ch| *ch == '\\').count() % 2 == 0
}

/// Whether there is a `|` outside groups and classes.
fn has_alternatives(pattern: &str) -> bool {
    let (mut depth, mut in_class) = (0_usize, false);
    let mut chars = pattern.chars();
    while let Some(ch) = chars.next() {
        match ch {
            '\\' => {
                chars.next();
            }
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth = depth.saturating_sub(1),
            '|' if !in_class && depth == 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs taken from services that publish both forms.
    #[test]
    fn patterns() {
        let table = [
            ("[A-Za-z][A-Za-z0-9_.-]*", "^[A-Za-z][A-Za-z0-9_.-]*$"),
            ("^\\d{3}$", "^\\d{3}$"),
            ("^[0-9a-zA-Z._-]+", "^[0-9a-zA-Z._-]+$"),
            ("oo-[a-f0-9]{17}$", "^oo-[a-f0-9]{17}$"),
            (".*", ".*"),
            ("(?s).*", "(?s).*"),
            (".*\\S.*", ".*\\S.*"),
            ("^arn:aws:amplify:.*", "^arn:aws:amplify:.*"),
            ("(?!aws:).+", "^(?!aws:).+$"),
            ("a|b", "^(?:a|b)$"),
            ("(a|b)", "^(a|b)$"),
            ("[|]", "^[|]$"),
            ("a\\|b", "^a\\|b$"),
            ("^$|^arn:.+", "^(?:^$|^arn:.+)$"),
            ("^a$|^b$", "^a$|^b$"),
            ("\\$", "^\\$$"),
            ("\\\\$", "^\\\\$"),
            ("x\\.*", "^x\\.*$"),
            ("", "^$"),
        ];
        for (pattern, expected) in table {
            assert_eq!(anchored(pattern), expected, "{pattern}");
        }
    }
}
