//! Which files of a folder are meant: include and exclude globs, as the AWS CLI has them (`*` matches slashes, too).

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{Refusal, Spec};

/// The selection of one folder.
#[derive(Debug, Clone)]
pub struct Pick {
    include: Option<GlobSet>,
    exclude: GlobSet,
    recursive: bool,
}

impl Pick {
    /// The selection that a `$path` object makes.
    ///
    /// # Errors
    /// A glob that is none.
    pub fn of(spec: &Spec) -> Result<Self, Refusal> {
        let include = if spec.include.is_empty() { None } else { Some(build(spec, &spec.include)?) };
        Ok(Self { include, exclude: build(spec, &spec.exclude)?, recursive: spec.recursive })
    }

    /// Whether a file is taken; `path` is relative to the folder, with slashes.
    pub fn takes(&self, path: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(path)) && !self.exclude.is_match(path)
    }

    /// Whether a folder is looked into.
    pub fn enters(&self, path: &str) -> bool {
        self.recursive && !self.exclude.is_match(path) && !self.exclude.is_match(format!("{path}/"))
    }
}

fn build(spec: &Spec, globs: &[String]) -> Result<GlobSet, Refusal> {
    let mut set = GlobSetBuilder::new();
    let wrong = |glob: &str, problem: &dyn std::fmt::Display| {
        let cure = "globs are as in `*.html`, `img/**`, `*.{png,jpg}`";
        Refusal::new(spec.text(), "path", format!("`{glob}` is not a glob: {problem}"), cure)
    };
    for glob in globs {
        // People write `./img/*` and `img/` for what lies in the folder img.
        let plain = glob.strip_prefix("./").unwrap_or(glob);
        let whole = if plain.ends_with('/') { format!("{plain}**") } else { plain.to_owned() };
        let built = GlobBuilder::new(&whole).literal_separator(false).build();
        set.add(built.map_err(|error| wrong(glob, error.kind()))?);
    }
    set.build().map_err(|error| wrong("", &error))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn taken(options: &Value, paths: &[&str]) -> Vec<String> {
        let mut value = json!({"$path": "d"});
        value.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let pick = Pick::of(&Spec::read(&value).unwrap()).unwrap();
        let inside = |path: &str| path.match_indices('/').all(|(at, _)| pick.enters(path.get(..at).unwrap()));
        paths.iter().filter(|path| inside(path) && pick.takes(path)).map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn globs_select() {
        let all = ["index.html", "a/b.html", "a/b.css", "node_modules/x/y.js", "img/p.png", "img/deep/q.png"];
        for (options, want) in [
            (json!({}), &all[..]),
            (json!({"recursive": false}), &["index.html"]),
            (json!({"include": "*.html"}), &["index.html", "a/b.html"]),
            (json!({"include": ["*.html", "*.css"], "exclude": "a/*"}), &["index.html"]),
            (json!({"exclude": ["node_modules/**", "img"]}), &["index.html", "a/b.html", "a/b.css"]),
            (json!({"exclude": ["node_modules/", "./img/*"]}), &["index.html", "a/b.html", "a/b.css"]),
            (json!({"include": "img/"}), &["img/p.png", "img/deep/q.png"]),
            (json!({"include": "*.{css,js}"}), &["a/b.css", "node_modules/x/y.js"]),
            (json!({"include": "**/*.html"}), &["index.html", "a/b.html"]),
        ] {
            assert_eq!(taken(&options, &all), want, "{options}");
        }
    }

    #[test]
    fn a_bad_glob_is_told() {
        let spec = Spec::read(&json!({"$path": "d", "exclude": "a["})).unwrap();
        let refusal = Pick::of(&spec).unwrap_err();
        assert_eq!(refusal.problem, "`a[` is not a glob: unclosed character class; missing ']'");
    }
}
