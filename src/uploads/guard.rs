//! Names that are refused: secrets by built-in rules, and what the policy's `files.deny` says. Names are compared
//! without regard to case, and a link's target counts like the link.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// The built-in rules: name, and globs over the path beneath its root. A slash is matched by `*`, too.
const SECRETS: &[(&str, &[&str])] = &[
    ("dotenv", &["**/.env", "**/.env.*", "**/*.env", "**/.envrc", "**/.flaskenv"]),
    ("aws", &["**/.aws", "**/.aws/**", "**/.boto", "**/.s3cfg", "**/.passwd-s3fs", "**/aws_credentials*"]),
    (
        "cloud",
        &[
            "**/.azure/**",
            "**/.config/gcloud/**",
            "**/application_default_credentials.json",
            "**/service-account*.json",
            "**/service_account*.json",
            "**/.config/doctl/**",
            "**/.oci/**",
        ],
    ),
    (
        "credentials",
        &[
            "**/credentials",
            "**/credentials.json",
            "**/credentials.y*ml",
            "**/credentials.csv",
            "**/credentials.toml",
            "**/*accessKeys.csv",
            "**/*credentials.csv",
            "**/.netrc",
            "**/_netrc",
            "**/.git-credentials",
            "**/.npmrc",
            "**/.yarnrc.yml",
            "**/.pypirc",
            "**/.pgpass",
            "**/.my.cnf",
            "**/.htpasswd",
            "**/.vault-token",
            "**/.terraformrc",
            "**/credentials.tfrc.json",
            "**/.docker/config.json",
            "**/.dockercfg",
            "**/.cargo/credentials*",
            "**/.gem/credentials",
            "**/.config/gh/hosts.yml",
            "**/.config/rclone/rclone.conf",
            "**/secrets.y*ml",
            "**/secrets.json",
            "**/secrets.toml",
            "**/*.tfvars",
            "**/*.tfvars.json",
            "**/*.tfstate",
            "**/*.tfstate.*",
        ],
    ),
    ("kubernetes", &["**/.kube/**", "**/kubeconfig", "**/*.kubeconfig"]),
    (
        "private key",
        &[
            "**/*.pem",
            "**/*.key",
            "**/*.p12",
            "**/*.pfx",
            "**/*.p8",
            "**/*.ppk",
            "**/*.jks",
            "**/*.keystore",
            "**/*.kdbx",
            "**/*.asc",
            "**/*.gpg",
            "**/id_rsa*",
            "**/id_dsa*",
            "**/id_ecdsa*",
            "**/id_ed25519*",
            "**/.ssh/**",
            "**/.gnupg/**",
            "**/*_rsa",
            "**/*_ed25519",
        ],
    ),
    (
        "history",
        &["**/.bash_history", "**/.zsh_history", "**/.python_history", "**/.psql_history", "**/.node_repl_history"],
    ),
    ("countersign", &["**/.countersign/**", "**/countersign/ledger.db*", "**/approver.key*"]),
];

/// The kernel's files: what they hold is not what lies on a disk.
const KERNEL: [&str; 3] = ["proc", "sys", "dev"];

/// A rule that refuses a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its name.
    pub rule: String,
    /// How it can be permitted.
    pub cure: String,
}

/// The rules over names.
#[derive(Debug, Clone)]
pub struct Guard {
    /// All of them in one: most names match none.
    any: GlobSet,
    secrets: Vec<(&'static str, GlobSet)>,
    deny: Vec<(String, GlobSet)>,
    allow: GlobSet,
}

impl Guard {
    /// The built-in rules, with the policy's own: `deny` always wins, `allow` lifts built-in ones. Globs that are none
    /// were refused when the policy was read; here they count for nothing in `allow`, and for everything in `deny`.
    pub fn new(deny: &[String], allow: &[String]) -> Self {
        let set = |globs: &[&str]| build(globs).unwrap_or_else(GlobSet::empty);
        let all = || build(&["**"]).unwrap_or_else(GlobSet::empty);
        let allow: Vec<&str> = allow.iter().map(String::as_str).collect();
        let every: Vec<&str> = SECRETS.iter().flat_map(|(_, globs)| globs.iter().copied()).collect();
        Self {
            any: set(&every),
            secrets: SECRETS.iter().map(|(name, globs)| (*name, set(globs))).collect(),
            deny: deny.iter().map(|glob| (glob.clone(), build(&[glob]).unwrap_or_else(all))).collect(),
            allow: set(&allow),
        }
    }

    /// The rule that refuses reading a path. `forms` are ways to write it: beneath its root, beneath the start folder,
    /// absolute; a rule that matches one of them counts.
    pub fn reading(&self, forms: &[&str]) -> Option<Hit> {
        let forms: Vec<&str> = forms.iter().map(|form| form.trim_start_matches('/')).collect();
        if let Some((glob, _)) = self.deny.iter().find(|(_, set)| forms.iter().any(|form| set.is_match(form))) {
            let cure = "a human takes it out of files.deny in the policy; do not look for another way to the content";
            return Some(Hit { rule: format!("files.deny: {glob}"), cure: cure.to_owned() });
        }
        if !forms.iter().any(|form| self.any.is_match(form)) || self.allowed(&forms) {
            return None;
        }
        let (name, _) = self.secrets.iter().find(|(_, set)| forms.iter().any(|form| set.is_match(form)))?;
        Some(secret(name, forms.first().copied().unwrap_or_default()))
    }

    /// The rule that refuses writing to a path: also what is hidden (`.git/hooks`, `.bashrc`), because programs obey it.
    pub fn writing(&self, forms: &[&str]) -> Option<Hit> {
        self.reading(forms).or_else(|| {
            let first = forms.first().map(|form| form.trim_start_matches('/'))?;
            if self.allowed(&[first]) || !first.split('/').any(|name| name.starts_with('.')) {
                return None;
            }
            Some(Hit {
                rule: "hidden files are not written".to_owned(),
                cure: format!(
                    "choose a name without a leading dot, or a human adds {first:?} to files.allow in the policy"
                ),
            })
        })
    }

    /// Whether an absolute path is one of the kernel's own.
    pub fn kernel(names: &[String]) -> bool {
        names.first().is_some_and(|first| KERNEL.contains(&first.as_str()))
    }

    /// The rule that refuses a content, judging from its beginning.
    pub fn content(&self, form: &str, beginning: &[u8]) -> Option<Hit> {
        const MARKS: [&[u8]; 2] = [b"PRIVATE KEY-----", b"PRIVATE KEY BLOCK-----"];
        if !beginning.starts_with(b"-----BEGIN ") || self.allowed(&[form.trim_start_matches('/')]) {
            return None;
        }
        let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        MARKS.iter().any(|mark| line.ends_with(mark)).then(|| secret("private key", form))
    }

    fn allowed(&self, forms: &[&str]) -> bool {
        forms.iter().any(|form| self.allow.is_match(form))
    }
}

fn secret(name: &str, path: &str) -> Hit {
    Hit {
        rule: format!("secret: {name}"),
        cure: format!(
            "such files stay on this machine; if this one may go, a human adds {path:?} to files.allow in the policy"
        ),
    }
}

/// A set of globs, `*` over slashes too, without regard to case.
fn build(globs: &[&str]) -> Option<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(GlobBuilder::new(glob).case_insensitive(true).literal_separator(false).build().ok()?);
    }
    set.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(globs: &[&str]) -> Vec<String> {
        globs.iter().map(|glob| (*glob).to_owned()).collect()
    }

    fn rule(guard: &Guard, form: &str) -> Option<String> {
        guard.reading(&[form]).map(|hit| hit.rule)
    }

    #[test]
    fn secrets_are_known_by_name() {
        let guard = Guard::new(&[], &[]);
        for (path, want) in [
            (".env", Some("secret: dotenv")),
            (".ENV", Some("secret: dotenv")),
            ("app/.env.production", Some("secret: dotenv")),
            ("prod.env", Some("secret: dotenv")),
            (".env.", Some("secret: dotenv")),
            (".aws/config", Some("secret: aws")),
            ("home/x/.AWS/credentials", Some("secret: aws")),
            ("x/credentials", Some("secret: credentials")),
            ("certs/server.pem", Some("secret: private key")),
            ("ID_RSA", Some("secret: private key")),
            ("a/id_ed25519.pub", Some("secret: private key")),
            (".ssh/known_hosts", Some("secret: private key")),
            ("terraform.tfstate", Some("secret: credentials")),
            ("/home/me/.kube/config", Some("secret: kubernetes")),
            ("state/countersign/ledger.db-wal", Some("secret: countersign")),
            ("environment.txt", None),
            ("env", None),
            ("src/keys.rs", None),
            ("monkey", None),
            ("docs/credentials.md", None),
        ] {
            assert_eq!(rule(&guard, path).as_deref(), want, "{path}");
        }
    }

    #[test]
    fn the_policy_denies_more_and_permits_some() {
        let guard = Guard::new(&texts(&["**/.git/**", "*.bak"]), &texts(&["certs/*.pem", "a.bak"]));
        for (path, want) in [
            (".git/config", Some("files.deny: **/.git/**")),
            ("deep/er/x.BAK", Some("files.deny: *.bak")),
            ("a.bak", Some("files.deny: *.bak")),
            ("certs/public.pem", None),
            ("other/public.pem", Some("secret: private key")),
        ] {
            assert_eq!(rule(&guard, path).as_deref(), want, "{path}");
        }
        let hit = guard.reading(&["x/y.pem"]).unwrap();
        assert!(hit.cure.contains("adds \"x/y.pem\" to files.allow"), "{}", hit.cure);
        // A glob that is none refuses everything rather than nothing.
        assert_eq!(rule(&Guard::new(&texts(&["a["]), &[]), "x").as_deref(), Some("files.deny: a["));
    }

    #[test]
    fn what_programs_obey_is_not_written() {
        let guard = Guard::new(&[], &texts(&[".well-known/*"]));
        for (path, want) in [
            ("out/x.json", None),
            (".git/hooks/pre-commit", Some("hidden files are not written")),
            (".bashrc", Some("hidden files are not written")),
            (".well-known/x", None),
            ("a/.env", Some("secret: dotenv")),
        ] {
            assert_eq!(guard.writing(&[path]).map(|hit| hit.rule).as_deref(), want, "{path}");
        }
    }

    #[test]
    fn a_private_key_is_known_by_its_first_line() {
        let guard = Guard::new(&[], &texts(&["mine.txt"]));
        let rule = |form, text: &str| guard.content(form, text.as_bytes()).map(|hit| hit.rule);
        let secret = Some("secret: private key".to_owned());
        assert_eq!(rule("a.txt", "-----BEGIN RSA PRIVATE KEY-----\nMII"), secret);
        assert_eq!(rule("a.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\r\nMII"), secret);
        assert_eq!(rule("a.txt", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"), secret);
        assert_eq!(rule("a.txt", "-----BEGIN CERTIFICATE-----\nMII"), None);
        assert_eq!(rule("a.txt", "see PRIVATE KEY-----\n"), None);
        assert_eq!(rule("mine.txt", "-----BEGIN RSA PRIVATE KEY-----\nMII"), None);
    }
}
