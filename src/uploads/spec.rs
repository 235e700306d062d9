//! A `$path` object: a file or folder, and which part of the folder is meant. Its types were checked when the payload
//! was bound.

use serde_json::Value;

use super::{Place, Refusal};

/// A `$path` object, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Where it points.
    pub place: Place,
    /// Of a folder: what the keys begin with, in place of the payload's `Key`.
    pub key_prefix: Option<String>,
    /// Of a folder: whether folders in it count, too. They do unless it says no.
    pub recursive: bool,
    /// Of a folder: only what one of these globs matches.
    pub include: Vec<String>,
    /// Of a folder: not what one of these globs matches.
    pub exclude: Vec<String>,
    /// Of a folder: whether `.gitignore` files count.
    pub gitignore: bool,
}

impl Spec {
    /// Reads a `$path` object.
    ///
    /// # Errors
    /// What its path cannot be, or a glob that is none.
    pub fn read(value: &Value) -> Result<Self, Refusal> {
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let flag = |key: &str| value.get(key).and_then(Value::as_bool);
        let globs = |key: &str| match value.get(key) {
            Some(Value::String(glob)) => vec![glob.clone()],
            Some(Value::Array(globs)) => globs.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Ok(Self {
            place: Place::read(text("$path").unwrap_or_default())?,
            key_prefix: text("keyPrefix").map(str::to_owned),
            recursive: flag("recursive").unwrap_or(true),
            include: globs("include"),
            exclude: globs("exclude"),
            gitignore: flag("gitignore").unwrap_or(false),
        })
    }

    /// The path as the payload has it (untrusted).
    pub fn text(&self) -> &str {
        &self.place.text
    }

    /// Whether it says something that only counts for a folder.
    ///
    /// # Errors
    /// The refusal of such an option for what turned out to be a file.
    pub fn check_file(&self) -> Result<(), Refusal> {
        let given = [
            ("keyPrefix", self.key_prefix.is_some()),
            ("include", !self.include.is_empty()),
            ("exclude", !self.exclude.is_empty()),
            ("gitignore", self.gitignore),
        ];
        if self.place.folder {
            return Err(self.refuse("it ends like a folder and is a file", "leave the slash at its end out"));
        }
        match given.iter().find(|(_, given)| *given) {
            None => Ok(()),
            Some((option, _)) => Err(self.refuse(
                &format!("{option} only counts for a folder, and this is a file"),
                &format!("leave {option} out, or give a folder"),
            )),
        }
    }

    fn refuse(&self, problem: &str, cure: &str) -> Refusal {
        Refusal::new(self.text(), "path", problem, cure)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_is_read() {
        let value = json!({"$path": "site", "keyPrefix": "www", "recursive": false, "include": "*.html",
            "exclude": ["a", "b"], "gitignore": true});
        let want = Spec {
            place: Place::read("site").unwrap(),
            key_prefix: Some("www".into()),
            recursive: false,
            include: vec!["*.html".into()],
            exclude: vec!["a".into(), "b".into()],
            gitignore: true,
        };
        assert_eq!(Spec::read(&value), Ok(want));
        let plain = Spec::read(&json!({"$path": "x"})).unwrap();
        assert_eq!((plain.recursive, plain.gitignore, plain.check_file()), (true, false, Ok(())));
    }

    #[test]
    fn what_only_counts_for_folders_is_no_option_of_a_file() {
        for (value, problem) in [
            (json!({"$path": "x/"}), "it ends like a folder and is a file"),
            (json!({"$path": "x", "keyPrefix": ""}), "keyPrefix only counts for a folder, and this is a file"),
            (json!({"$path": "x", "include": "*"}), "include only counts for a folder, and this is a file"),
            (json!({"$path": "x", "exclude": ["*"]}), "exclude only counts for a folder, and this is a file"),
            (json!({"$path": "x", "gitignore": true}), "gitignore only counts for a folder, and this is a file"),
        ] {
            assert_eq!(Spec::read(&value).unwrap().check_file().unwrap_err().problem, problem);
        }
    }
}
