//! Settings from variables and files, and what cannot be one.

use super::*;

fn read(variables: &[(&str, &str)], folder: &Path) -> Result<Settings, SettingsError> {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Settings::read(&variables.collect(), folder)
}

#[test]
fn defaults_are_those_of_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let settings = read(&[("HOME", "/home/sre")], folder.path()).unwrap();
    assert_eq!(
        settings,
        Settings {
            profile: None,
            region: None,
            log_level: LogLevel::Info,
            auto_approve: false,
            policy_path: folder.path().join("policy.yaml"),
            key_path: "/home/sre/.local/state/countersign/approver.key".into(),
            paths: Paths { home: "/home/sre/.local/state/countersign".into() },
            hold: Duration::from_secs(45),
            dotted_tool_names: false,
            max_output_characters: 25_000,
            sdk_timeout: Duration::from_secs(30),
            max_retries: 2,
            auto_sync: true,
            sync_url: None,
            sync_ref: None,
            env_file_aws: BTreeMap::new(),
            unknown_aws: Vec::new(),
        }
    );
}

#[test]
fn the_environment_wins_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "AWS_REGION=eu-west-1\nAWS_PROFILE=dev\nLOG_LEVEL=debug\n").unwrap();
    let settings = read(&[("HOME", "/h"), ("AWS_REGION", "us-west-2")], folder.path()).unwrap();
    assert_eq!(settings.region.as_deref(), Some("us-west-2"));
    assert_eq!(settings.profile.as_deref(), Some("dev"));
    assert_eq!(settings.log_level, LogLevel::Debug);
    assert_eq!(settings.env_file_aws, BTreeMap::from([("AWS_PROFILE".to_owned(), "dev".to_owned())]));
}

#[test]
fn keys_of_the_file_go_together_and_never_with_the_environments() {
    let folder = tempfile::tempdir().unwrap();
    let found = |text: &str, variables: &[(&str, &str)]| {
        std::fs::write(folder.path().join(".env"), text).unwrap();
        let settings = read(&[&[("HOME", "/h")], variables].concat(), folder.path());
        settings.map(|settings| settings.env_file_aws.into_iter().collect::<Vec<_>>())
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let keys = "AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=s\nAWS_SESSION_TOKEN=\nAWS_MCP_MAX_RETRIES=1\n";
    assert_eq!(found(keys, &[]).unwrap(), [pair(ACCESS_KEY, "a"), pair(SECRET_KEY, "s")]);
    assert_eq!(found(keys, &[(ACCESS_KEY, "")]).unwrap().len(), 2);
    for own in [ACCESS_KEY, SECRET_KEY] {
        assert_eq!(found(&format!("{keys}AWS_SESSION_TOKEN=t\n"), &[(own, "mine")]).unwrap(), []);
    }
    for (text, expected) in [
        ("AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY is missing in .env"),
        ("AWS_SECRET_ACCESS_KEY=s", "AWS_ACCESS_KEY_ID is missing in .env"),
        ("AWS_MCP_RETRIES=1", "there is no setting AWS_MCP_RETRIES; the nearest is AWS_MCP_MAX_RETRIES"),
    ] {
        let error = found(text, &[]).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    assert_eq!(found("AWS_CA_BUNDLE=x", &[("AWS_CA_BUNDLE", "y")]).unwrap(), []);
    assert_eq!(found("AWS_CA_BUNDLE=x", &[]).unwrap(), [pair("AWS_CA_BUNDLE", "x")]);
    // One region and one profile: the environment's, under whichever name.
    assert_eq!(
        found("AWS_REGION=x\nAWS_PROFILE=y", &[("AWS_DEFAULT_REGION", "z")]).unwrap(),
        [pair("AWS_PROFILE", "y")]
    );
}

#[test]
fn what_only_looks_like_awss_is_told_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "AWS_VAULT=work\nAWS_PROFIL=dev\nAWS_PROFILE=dev\nOTHER=1\n").unwrap();
    let settings = read(&[("HOME", "/h"), ("AWS_SHELL_THING", "x")], folder.path()).unwrap();
    assert_eq!(settings.unknown_aws, ["AWS_PROFIL", "AWS_VAULT"]);
    assert_eq!(settings.env_file_aws, BTreeMap::from([("AWS_PROFILE".to_owned(), "dev".to_owned())]));
}

#[test]
fn a_value_that_cannot_be_read_names_its_variable() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value) in [
        ("LOG_LEVEL", "LOUD"),
        ("AWS_MCP_AUTO_APPROVE_DESTRUCTIVE", "maybe"),
        ("SMITHY_AUTO_SYNC", "sometimes"),
        ("APPROVAL_HOLD_SECONDS", "-1"),
        ("SDK_TIMEOUT_SECONDS", "0"),
        ("MAX_OUTPUT_CHARACTERS", "many"),
        ("AWS_MCP_MAX_RETRIES", "2.5"),
        ("TOOL_NAMES", "dashed"),
        ("MCP_HTTP", "on"),
    ] {
        let error = read(&[("HOME", "/h"), (variable, value)], folder.path()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{variable}={value:?}: ")), "{error}");
    }
}

#[test]
fn without_a_home_the_cure_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = read(&[], folder.path()).unwrap_err().to_string();
    assert!(error.contains("COUNTERSIGN_HOME"), "{error}");
}

#[test]
fn a_named_env_file_must_be_there_and_be_readable() {
    let folder = tempfile::tempdir().unwrap();
    let error = read(&[("HOME", "/h"), ("COUNTERSIGN_ENV", "other.env")], folder.path()).unwrap_err().to_string();
    assert!(error.contains("other.env") && error.contains("COUNTERSIGN_ENV"), "{error}");
    std::fs::write(folder.path().join(".env"), "AWS_REGION='unclosed\n").unwrap();
    let error = read(&[("HOME", "/h")], folder.path()).unwrap_err().to_string();
    assert!(error.contains(".env") && error.contains("mend the file"), "{error}");
}

#[test]
fn what_asks_nobody_comes_from_the_environment_only() {
    let folder = tempfile::tempdir().unwrap();
    assert!(read(&[("HOME", "/h"), (AUTO_APPROVE, "true")], folder.path()).unwrap().auto_approve);
    for line in ["AWS_MCP_AUTO_APPROVE_DESTRUCTIVE=true", "AWS_MCP_AUTO_APPROVE_DESTRUCTIVE=false"] {
        std::fs::write(folder.path().join(".env"), line).unwrap();
        let error = read(&[("HOME", "/h")], folder.path()).unwrap_err().to_string();
        let told = "AWS_MCP_AUTO_APPROVE_DESTRUCTIVE stands in .env, where a program could have written it: take it \
                    out of the file, and export it in the environment if you mean it";
        assert_eq!(error, told);
    }
}
