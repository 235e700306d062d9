//! What profile and environment say about where the credentials come from: what a message about them must name.

use std::path::{Path, PathBuf};

use aws_config::profile::{Profile, ProfileSet};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

use super::config::AwsConfig;

/// Profiles that a message names.
const NAMED: usize = 8;

/// The facts of one look. No secrets are among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The profile's name.
    pub(super) profile: String,
    /// Whether the files have it.
    pub(super) exists: bool,
    /// The profiles that there are.
    pub(super) profiles: Vec<String>,
    /// The file that profiles stand in.
    pub(super) config_file: String,
    /// The file that keys stand in.
    pub(super) credentials_file: String,
    /// Keys in the environment: whole, or the name of the missing half.
    pub(super) environment: Option<Result<(), &'static str>>,
    /// The profile's keys.
    pub(super) keys: bool,
    /// `role_arn`
    pub(super) role: Option<String>,
    /// `source_profile`, or what stands in its place.
    pub(super) source: Option<String>,
    /// `mfa_serial`
    pub(super) mfa: Option<String>,
    /// The program of `credential_process`, without its arguments: they may hold secrets.
    pub(super) process: Option<String>,
    /// Whether SSO is set up.
    pub(super) sso: bool,
    /// The web identity token's file, and who names it.
    pub(super) token_file: Option<(String, &'static str)>,
    /// The container's credential service, and the variable that names it.
    pub(super) container: Option<(String, &'static str)>,
    /// Whether the instance metadata service is switched off.
    pub(super) no_metadata: bool,
}

impl Facts {
    /// The two files of profiles, config first.
    pub(super) fn files() -> [PathBuf; 2] {
        let place = |variable: &str, usual: &str| match std::env::var(variable) {
            Ok(path) if !path.is_empty() => at_home(&path),
            _ => at_home(usual),
        };
        [place("AWS_CONFIG_FILE", "~/.aws/config"), place("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")]
    }

    /// Whether the profile is there and says nothing about credentials, nor does anything else.
    pub(super) const fn is_blank(&self) -> bool {
        let says = self.keys || self.sso || self.role.is_some() || self.process.is_some();
        self.exists && !says && self.token_file.is_none() && self.container.is_none() && self.no_metadata
    }

    /// Looks. What cannot be read is left out: whoever needs it says so.
    pub(super) async fn find(config: &AwsConfig) -> Self {
        let named = config.profile.clone().or_else(|| variable("AWS_PROFILE"));
        let profile = named.unwrap_or_else(|| "default".to_owned());
        if config.credentials.is_some() {
            return Self { profile, ..Self::default() };
        }
        let [config_file, credentials_file] = Self::files().map(|path| path.display().to_string());
        let files = EnvConfigFiles::default();
        let set = aws_config::profile::load(&Fs::real(), &Env::real(), &files, Some(profile.clone().into())).await.ok();
        let mut profiles: Vec<String> =
            set.iter().flat_map(ProfileSet::profiles).take(NAMED).map(str::to_owned).collect();
        profiles.sort();
        let found = set.as_ref().and_then(|set| set.get_profile(&profile));
        let value = |name: &str| found.and_then(|found: &Profile| found.get(name)).map(str::to_owned);
        let environment = match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
            (Some(_), Some(_)) => Some(Ok(())),
            (Some(_), None) => Some(Err("AWS_SECRET_ACCESS_KEY")),
            (None, Some(_)) => Some(Err("AWS_ACCESS_KEY_ID")),
            (None, None) => None,
        };
        let of = |name: &'static str| variable(name).map(|value| (value, name));
        Self {
            exists: found.is_some(),
            profiles,
            environment,
            keys: value("aws_access_key_id").is_some(),
            role: value("role_arn"),
            source: value("source_profile").or_else(|| value("credential_source")),
            mfa: value("mfa_serial"),
            process: value("credential_process")
                .and_then(|command| command.split_whitespace().next().map(str::to_owned)),
            sso: value("sso_session").or_else(|| value("sso_start_url")).is_some(),
            token_file: of("AWS_WEB_IDENTITY_TOKEN_FILE")
                .or_else(|| value("web_identity_token_file").map(|file| (file, "web_identity_token_file"))),
            container: of("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
                .or_else(|| of("AWS_CONTAINER_CREDENTIALS_FULL_URI")),
            no_metadata: variable("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")),
            profile,
            config_file,
            credentials_file,
        }
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), variable("HOME")) {
        (Some(rest), Some(home)) => Path::new(&home).join(rest),
        _ => PathBuf::from(path),
    }
}
