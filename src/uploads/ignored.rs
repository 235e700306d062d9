//! `.gitignore` files, as git reads them: the deepest one that says something counts.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The `.gitignore` files on the way to a folder. Paths are relative to where the first of them lies, with slashes.
#[derive(Debug, Default)]
pub struct Ignored {
    files: Vec<(String, Gitignore)>,
}

impl Ignored {
    /// Adds the file of a folder (empty for the outermost). Lines that are no patterns count for nothing, as in git.
    pub fn push(&mut self, folder: &str, text: &str) {
        let mut builder = GitignoreBuilder::new("");
        for line in text.trim_start_matches('\u{feff}').lines() {
            let _ = builder.add_line(None, line);
        }
        if let Ok(file) = builder.build() {
            self.files.push((folder.to_owned(), file));
        }
    }

    /// How many files there are.
    pub fn depth(&self) -> usize {
        self.files.len()
    }

    /// Forgets the files of the folders that were left.
    pub fn truncate(&mut self, depth: usize) {
        self.files.truncate(depth);
    }

    /// Whether a path is ignored; the folders above it were asked about before.
    pub fn ignores(&self, path: &str, is_folder: bool) -> bool {
        if path.rsplit('/').next() == Some(".git") {
            return true;
        }
        for (folder, file) in self.files.iter().rev() {
            let below = if folder.is_empty() {
                Some(path)
            } else {
                path.strip_prefix(folder.as_str()).and_then(|rest| rest.strip_prefix('/'))
            };
            match below.map(|below| file.matched(below, is_folder)) {
                Some(Match::Ignore(_)) => return true,
                Some(Match::Whitelist(_)) => return false,
                Some(Match::None) | None => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_count_as_in_git() {
        let mut ignored = Ignored::default();
        ignored.push("", "# comment\n*.log\n/build/\nnode_modules\n!keep.log\n");
        ignored.push("web", "*.map\n!app.map\n!special.log\n");
        for (path, is_folder, want) in [
            ("a.log", false, true),
            ("deep/a.log", false, true),
            ("keep.log", false, false),
            ("build", true, true),
            ("build", false, false),
            ("web/build", true, false),
            ("web/node_modules", true, true),
            ("web/x.map", false, true),
            ("web/app.map", false, false),
            ("x.map", false, false),
            ("web/special.log", false, false),
            (".git", true, true),
            ("web/.git", false, true),
            (".gitignore", false, false),
        ] {
            assert_eq!(ignored.ignores(path, is_folder), want, "{path}");
        }
        ignored.truncate(1);
        assert_eq!((ignored.depth(), ignored.ignores("web/x.map", false)), (1, false));
    }
}
