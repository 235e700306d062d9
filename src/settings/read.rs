//! Reading the settings: flags win over the environment, the environment over `.env`. A value that cannot be
//! read is an error that names its variable.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Paths, names};

/// How much the diagnostic logs tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens.
    Info,
    /// What should not happen.
    Warning,
    /// What must not happen.
    Error,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A variable holds something else than what it takes.
    #[error("{variable}={value:?}: {wanted}")]
    Value {
        /// The variable.
        variable: String,
        /// What it holds.
        value: String,
        /// What it takes.
        wanted: String,
    },
    /// There is no folder to keep things in.
    #[error("no folder to keep the ledger in: set COUNTERSIGN_HOME (neither XDG_STATE_HOME nor HOME is set)")]
    NoHome,
    /// `.env` cannot be read.
    #[error("{path}: {problem}; mend the file, or name another one with COUNTERSIGN_ENV", path = .path.display())]
    EnvFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A variable that begins as ours do, and is none of them.
    #[error("there is no setting {name}; the nearest is {nearest}")]
    Unknown {
        /// The variable.
        name: String,
        /// The one that was probably meant.
        nearest: &'static str,
    },
    /// `.env` holds what must come from whoever starts the program.
    #[error(
        "{0} stands in .env, where a program could have written it: take it out of the file, and export it in the \
         environment if you mean it"
    )]
    EnvFileWidens(&'static str),
    /// `.env` holds half a pair of keys.
    #[error("{0} is missing in .env, which has the other of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")]
    HalfAKey(&'static str),
}

const ACCESS_KEY: &str = "AWS_ACCESS_KEY_ID";
const SECRET_KEY: &str = "AWS_SECRET_ACCESS_KEY";
const SESSION_TOKEN: &str = "AWS_SESSION_TOKEN";

/// The variables that say one thing: one of the environment stands for both.
const TWINS: [[&str; 2]; 2] = [REGION, PROFILE];
const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];
const PROFILE: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// Every setting, read once at start.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `AWS_PROFILE` (or `AWS_DEFAULT_PROFILE`), if set.
    pub profile: Option<String>,
    /// `AWS_REGION` (or `AWS_DEFAULT_REGION`), if set.
    pub region: Option<String>,
    /// `LOG_LEVEL`.
    pub log_level: LogLevel,
    /// `AWS_MCP_AUTO_APPROVE_DESTRUCTIVE`.
    pub auto_approve: bool,
    /// `POLICY_PATH`.
    pub policy_path: PathBuf,
    /// Where things lie.
    pub paths: Paths,
    /// `COUNTERSIGN_KEY`: the approver's secret key; beneath the home folder when not said.
    pub key_path: PathBuf,
    /// `APPROVAL_HOLD_SECONDS`.
    pub hold: Duration,
    /// `TOOL_NAMES=dotted`.
    pub dotted_tool_names: bool,
    /// `MAX_OUTPUT_CHARACTERS`.
    pub max_output_characters: usize,
    /// `SDK_TIMEOUT_SECONDS`.
    pub sdk_timeout: Duration,
    /// `AWS_MCP_MAX_RETRIES`.
    pub max_retries: u32,
    /// `SMITHY_AUTO_SYNC`.
    pub auto_sync: bool,
    /// `SMITHY_SYNC_URL`, if set.
    pub sync_url: Option<String>,
    /// `SMITHY_SYNC_REF`, if set.
    pub sync_ref: Option<String>,
    /// Variables of AWS's tools that stand in `.env` only, none of them empty: the SDK does not see that file by
    /// itself. The keys are there as a pair or not at all.
    pub env_file_aws: BTreeMap<String, String>,
    /// Names in `.env` that look like AWS's and that none of its tools knows.
    pub unknown_aws: Vec<String>,
}

impl Settings {
    /// Reads the settings.
    ///
    /// `environment` is the process environment, `folder` the working folder.
    ///
    /// # Errors
    /// The first variable that cannot be used, or `.env` if it cannot be read.
    pub fn read(environment: &BTreeMap<String, String>, folder: &Path) -> Result<Self, SettingsError> {
        let file = read_env_file(environment, folder)?;
        for name in environment.keys().chain(file.keys()) {
            if let Some(nearest) = names::mistaken(name) {
                return Err(SettingsError::Unknown { name: name.clone(), nearest });
            }
        }
        let source = Source { environment, file: &file };
        let home = match source.get("COUNTERSIGN_HOME") {
            Some(home) => folder.join(home),
            None => default_home(&source).ok_or(SettingsError::NoHome)?,
        };
        source.unsupported("MCP_HTTP", &["off", "false", "0"], "only off: this version has no HTTP listener")?;
        Ok(Self {
            profile: source.one_of(PROFILE),
            region: source.one_of(REGION),
            log_level: source.choice(
                "LOG_LEVEL",
                LogLevel::Info,
                "DEBUG, INFO, WARNING or ERROR",
                |text| match text.to_ascii_uppercase().as_str() {
                    "DEBUG" => Some(LogLevel::Debug),
                    "INFO" => Some(LogLevel::Info),
                    "WARNING" => Some(LogLevel::Warning),
                    "ERROR" => Some(LogLevel::Error),
                    _ => None,
                },
            )?,
            auto_approve: source.only_environment(AUTO_APPROVE)?.choice(
                AUTO_APPROVE,
                false,
                "true or false",
                boolean,
            )?,
            policy_path: folder.join(source.get("POLICY_PATH").unwrap_or_else(|| "policy.yaml".to_owned())),
            key_path: source.get("COUNTERSIGN_KEY").map_or_else(|| home.join(Paths::KEY), |key| folder.join(key)),
            paths: Paths { home },
            hold: Duration::from_secs(source.number("APPROVAL_HOLD_SECONDS", 45, 0..=3_600)?),
            dotted_tool_names: source.choice("TOOL_NAMES", false, "underscore or dotted", |text| match text {
                "underscore" => Some(false),
                "dotted" => Some(true),
                _ => None,
            })?,
            max_output_characters: usize::try_from(source.number(
                "MAX_OUTPUT_CHARACTERS",
                25_000,
                1_000..=10_000_000,
            )?)
            .unwrap_or(25_000),
            sdk_timeout: Duration::from_secs(source.number("SDK_TIMEOUT_SECONDS", 30, 1..=3_600)?),
            max_retries: u32::try_from(source.number("AWS_MCP_MAX_RETRIES", 2, 0..=10)?).unwrap_or(2),
            auto_sync: source.choice("SMITHY_AUTO_SYNC", true, "true or false", boolean)?,
            sync_url: source.get("SMITHY_SYNC_URL"),
            sync_ref: source.get("SMITHY_SYNC_REF"),
            env_file_aws: env_file_aws(environment, &file)?,
            unknown_aws: file.keys().filter(|name| names::is_aws(name) && !names::is_standard(name)).cloned().collect(),
        })
    }
}

fn env_file_aws(
    environment: &BTreeMap<String, String>,
    file: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, SettingsError> {
    let own = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
    let mut found: BTreeMap<String, String> = file
        .iter()
        .filter(|(name, value)| names::is_aws(name) && names::is_standard(name) && !value.is_empty() && !own(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for twins in TWINS.iter().filter(|twins| twins.iter().any(|name| own(name))) {
        found.retain(|name, _| !twins.contains(&name.as_str()));
    }
    // Keys of two places must never be mixed.
    if own(ACCESS_KEY) || own(SECRET_KEY) {
        found.retain(|name, _| ![ACCESS_KEY, SECRET_KEY, SESSION_TOKEN].contains(&name.as_str()));
    }
    match (found.contains_key(ACCESS_KEY), found.contains_key(SECRET_KEY)) {
        (true, false) => Err(SettingsError::HalfAKey(SECRET_KEY)),
        (false, true) => Err(SettingsError::HalfAKey(ACCESS_KEY)),
        _ => Ok(found),
    }
}

/// What asks nobody: a program that may write `.env` must not be able to switch it on.
const AUTO_APPROVE: &str = "AWS_MCP_AUTO_APPROVE_DESTRUCTIVE";

struct Source<'a> {
    environment: &'a BTreeMap<String, String>,
    file: &'a BTreeMap<String, String>,
}

impl Source<'_> {
    /// The same, for a variable that must not stand in `.env`.
    fn only_environment(&self, variable: &'static str) -> Result<&Self, SettingsError> {
        if self.file.contains_key(variable) { Err(SettingsError::EnvFileWidens(variable)) } else { Ok(self) }
    }

    /// The value of a variable; an empty one counts as unset, as in the AWS CLI.
    fn get(&self, variable: &str) -> Option<String> {
        let value = self.environment.get(variable).or_else(|| self.file.get(variable))?;
        (!value.is_empty()).then(|| value.clone())
    }

    /// The value of variables that say one thing: first the environment's, the first name first.
    fn one_of(&self, names: [&str; 2]) -> Option<String> {
        let filled =
            |name: &&str, place: &BTreeMap<String, String>| place.get(*name).filter(|value| !value.is_empty()).cloned();
        let of = |place: &BTreeMap<String, String>| names.iter().find_map(|name| filled(name, place));
        of(self.environment).or_else(|| of(self.file))
    }

    fn choice<T>(
        &self,
        variable: &str,
        default: T,
        wanted: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, SettingsError> {
        let Some(value) = self.get(variable) else { return Ok(default) };
        read(value.trim()).ok_or_else(|| SettingsError::Value {
            variable: variable.to_owned(),
            value,
            wanted: wanted.to_owned(),
        })
    }

    fn number(&self, variable: &str, default: u64, range: std::ops::RangeInclusive<u64>) -> Result<u64, SettingsError> {
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        self.choice(variable, default, &wanted, |text| text.parse().ok().filter(|number| range.contains(number)))
    }

    fn unsupported(&self, variable: &str, taken: &[&str], wanted: &str) -> Result<(), SettingsError> {
        self.choice(variable, (), wanted, |text| taken.contains(&text.to_ascii_lowercase().as_str()).then_some(()))
    }
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn default_home(source: &Source<'_>) -> Option<PathBuf> {
    let state = source.get("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| source.get("HOME").map(|home| Path::new(&home).join(".local/state")));
    state.map(|state| state.join("countersign"))
}

fn read_env_file(
    environment: &BTreeMap<String, String>,
    folder: &Path,
) -> Result<BTreeMap<String, String>, SettingsError> {
    let named = environment.get("COUNTERSIGN_ENV").filter(|name| !name.is_empty());
    let path = folder.join(named.map_or(".env", String::as_str));
    if named.is_none() && !path.exists() {
        return Ok(BTreeMap::new());
    }
    let wrong = |problem: String| SettingsError::EnvFile { path: path.clone(), problem };
    let file = std::fs::File::open(&path).map_err(|error| wrong(error.to_string()))?;
    dotenvy::Iter::new(file).collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))
}

#[cfg(test)]
mod tests;
