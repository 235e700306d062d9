//! The text of a path: what it may say before any disk is asked. Nothing is expanded and nothing goes up.

use super::Refusal;

/// Longest path, in bytes (Linux's `PATH_MAX`).
const MAX_PATH: usize = 4_096;
/// Longest name in a path, in bytes.
const MAX_NAME: usize = 255;

/// A path as it stands in a payload, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As the payload has it (untrusted).
    pub text: String,
    /// Whether it starts at the root of the machine.
    pub absolute: bool,
    /// Its names, without `.`; never `..`, never empty ones.
    pub names: Vec<String>,
    /// Whether it ends in a slash, which only folders may.
    pub folder: bool,
}

impl Place {
    /// Reads a path.
    ///
    /// # Errors
    /// What cannot be a path here: empty, `..`, `~`, `$VAR`, a NUL, longer than any file system takes.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let refuse = |problem: &str, cure: &str| Err(Refusal::new(text, "path", problem, cure));
        let as_is = "paths are taken as they are: write it relative to the folder the server was started in, or \
                     absolute and beneath one of files.roots";
        if text.is_empty() {
            return refuse("it is empty", as_is);
        }
        if text.contains('\0') {
            return refuse("it holds a NUL character", as_is);
        }
        if text.len() > MAX_PATH || text.split('/').any(|name| name.len() > MAX_NAME) {
            return refuse("it is longer than a file system takes", "at most 255 bytes a name and 4,096 altogether");
        }
        if text.starts_with('~') {
            return refuse("`~` is not expanded", as_is);
        }
        if text.split('/').any(is_variable) {
            return refuse("environment variables are not expanded", as_is);
        }
        let has_scheme = ["file:", "s3:", "http:", "https:", "fileb:"].iter().any(|scheme| {
            text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
                && text.get(scheme.len()..).is_some_and(|rest| rest.starts_with("//"))
        });
        if has_scheme {
            return refuse("it is a URL", as_is);
        }
        if text.split('/').any(|name| name == "..") {
            return refuse("`..` is not taken", as_is);
        }
        let names: Vec<String> =
            text.split('/').filter(|name| !name.is_empty() && *name != ".").map(str::to_owned).collect();
        let folder = text.ends_with('/') || text.ends_with("/.") || names.is_empty();
        Ok(Self { text: text.to_owned(), absolute: text.starts_with('/'), names, folder })
    }
}

/// `$HOME`, `${HOME}`, `%HOME%`: what a shell would replace. `Outer$Inner.class` is a name.
fn is_variable(name: &str) -> bool {
    let after = |prefix: char| name.strip_prefix(prefix).and_then(|rest| rest.chars().next());
    name.contains("${")
        || after('$').is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        || (name.starts_with('%') && name.len() > 2 && name.ends_with('%'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        for (text, absolute, names, folder) in [
            ("a.txt", false, &["a.txt"][..], false),
            ("./a//b/./c.txt", false, &["a", "b", "c.txt"], false),
            ("/srv/x", true, &["srv", "x"], false),
            ("site/", false, &["site"], true),
            (".", false, &[], true),
            ("a/.", false, &["a"], true),
            ("Outer$Inner.class", false, &["Outer$Inner.class"], false),
            ("100%", false, &["100%"], false),
            ("a..b", false, &["a..b"], false),
            ("...", false, &["..."], false),
        ] {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(Place::read(text), Ok(Place { text: text.to_owned(), absolute, names, folder }), "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for (text, problem) in [
            ("", "it is empty"),
            ("..", "`..` is not taken"),
            ("a/../b", "`..` is not taken"),
            ("/srv/..", "`..` is not taken"),
            ("~/x", "`~` is not expanded"),
            ("~root/x", "`~` is not expanded"),
            ("$HOME/x", "environment variables are not expanded"),
            ("a/${X}/b", "environment variables are not expanded"),
            ("%APPDATA%/x", "environment variables are not expanded"),
            ("file:///etc/passwd", "it is a URL"),
            ("S3://b/k", "it is a URL"),
            ("a\0b", "it holds a NUL character"),
            (&"n".repeat(256), "it is longer than a file system takes"),
            (&"a/".repeat(2_100), "it is longer than a file system takes"),
        ] {
            let refusal = Place::read(text).unwrap_err();
            assert_eq!((refusal.rule.as_str(), refusal.problem.as_str()), ("path", problem), "{text:?}");
        }
    }
}
