//! Where credentials come from: every source that the SDKs know, found by the real binary on a machine made for
//! it, against loopback fakes. What a call is signed with is told by the server that it reaches.

use std::time::{Duration, Instant};

use rmcp::ServiceExt as _;
use serde_json::{Value, json};

use crate::support::house::call;
use crate::support::machine::Machine;
use crate::support::moto;

#[tokio::test]
async fn the_environment_comes_first() {
    let mut machine =
        Machine::with(&[(".aws/credentials", "[default]\naws_access_key_id=AKID-FILE\naws_secret_access_key=s\n")])
            .await;
    machine.set("AWS_ACCESS_KEY_ID", "AKID-ENV");
    machine.set("AWS_SECRET_ACCESS_KEY", "secret");
    assert_eq!(machine.signer().await, json!(["AKID-ENV", ""]));
    machine.set("AWS_SESSION_TOKEN", "token");
    assert_eq!(machine.signer().await, json!(["AKID-ENV", "token"]));
}

#[tokio::test]
async fn profiles_of_both_files_by_name() {
    let credentials = "[default]\naws_access_key_id=AKID-DEFAULT\naws_secret_access_key=s\n\
                       [work]\naws_access_key_id=AKID-WORK\naws_secret_access_key=s\naws_session_token=t\n";
    let config = "[profile other]\naws_access_key_id=AKID-OTHER\naws_secret_access_key=s\nregion=ap-south-1\n";
    let mut machine = Machine::with(&[("a/credentials", credentials), ("a/config", config)]).await;
    machine.set("AWS_SHARED_CREDENTIALS_FILE", "{home}/a/credentials");
    machine.set("AWS_CONFIG_FILE", "{home}/a/config");
    assert_eq!(machine.signer().await, json!(["AKID-DEFAULT", ""]));
    machine.set("AWS_PROFILE", "work");
    assert_eq!(machine.signer().await, json!(["AKID-WORK", "t"]));
    machine.set("AWS_PROFILE", "other");
    machine.unset("AWS_REGION");
    let answer = machine.invoke("dynamodb", "ListTables").await;
    assert_eq!((&answer["region"], &answer["result"]["TableNames"][0]), (&json!("ap-south-1"), &json!("AKID-OTHER")));
    machine.set("AWS_PROFILE", "gone");
    assert_eq!(
        machine.problem().await,
        (
            "CredentialsUnavailable".to_owned(),
            "there is no profile `gone`".to_owned(),
            "Set AWS_PROFILE to one that ~/.aws/config has".to_owned()
        )
    );
}

/// Two roles on top of a key.
const CHAIN: &str = "[profile top]\nrole_arn=arn:aws:iam::123456789012:role/top\nsource_profile=middle\n\
                     [profile middle]\nrole_arn=arn:aws:iam::123456789012:role/middle\nsource_profile=base\n\
                     [profile base]\naws_access_key_id=AKID-BASE\naws_secret_access_key=s\n\
                     [profile closed]\nrole_arn=arn:aws:iam::123456789012:role/forbidden\nsource_profile=base\n";

#[tokio::test]
async fn roles_are_assumed_one_after_the_other() {
    let mut machine = Machine::with(&[(".aws/config", CHAIN)]).await;
    machine.set("AWS_PROFILE", "top");
    assert_eq!(machine.signer().await, json!(["AKID-top", "token-top"]));
    let role = |name: &str| format!("POST AssumeRole arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2F{name}");
    let asked = machine.asked();
    let expected = [
        format!("{} by AKID-BASE", role("middle")),
        format!("{} by AKID-middle", role("top")),
        "POST / by AKID-top".to_owned(),
    ];
    assert_eq!(asked, expected);
    machine.set("AWS_PROFILE", "closed");
    let (kind, message, hint) = machine.problem().await;
    assert_eq!(kind, "CredentialsUnavailable");
    assert_eq!(
        message,
        "the AWS credentials of profile `closed` cannot be loaded: AccessDenied: you may not assume it"
    );
    assert_eq!(hint, "Check the profile with `aws sts get-caller-identity --profile closed`");
}

#[tokio::test]
async fn moto_knows_the_role_at_the_end_of_the_chain() {
    let Some(url) = moto::url() else { return };
    let mut machine = Machine::with(&[(".aws/config", CHAIN)]).await;
    machine.set("AWS_ENDPOINT_URL", url);
    machine.set("AWS_PROFILE", "top");
    let answer = machine.invoke("sts", "GetCallerIdentity").await;
    let arn = answer["result"]["Arn"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert!(arn.starts_with("arn:aws:sts::123456789012:assumed-role/top/"), "{arn}");
}

#[tokio::test]
async fn a_web_identity_token_is_read_from_its_file() {
    let mut machine = Machine::with(&[("token", "the-web-token")]).await;
    machine.set("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token");
    machine.set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod");
    assert_eq!(machine.signer().await, json!(["AKID-pod", "token-pod"]));
    machine.set("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/gone");
    assert_eq!(
        machine.problem().await,
        (
            "CredentialsUnavailable".to_owned(),
            "the web identity token of profile `default` cannot be read: No such file or directory (os error 2)"
                .to_owned(),
            "Check the file that AWS_WEB_IDENTITY_TOKEN_FILE or the profile's web_identity_token_file names".to_owned()
        )
    );
}

#[tokio::test]
async fn a_process_tells_the_credentials() {
    let told = r#"{"Version": 1, "AccessKeyId": "AKID-PROCESS", "SecretAccessKey": "s", "SessionToken": "t"}"#;
    let config = "[default]\ncredential_process = /bin/cat told.json\n\
                  [profile broken]\ncredential_process = /bin/sh -c 'echo my-secret; echo no luck >&2; exit 3'\n";
    let mut machine = Machine::with(&[(".aws/config", config), ("told.json", told)]).await;
    assert_eq!(machine.signer().await, json!(["AKID-PROCESS", "t"]));
    machine.set("AWS_PROFILE", "broken");
    let (kind, message, _) = machine.problem().await;
    assert_eq!(kind, "CredentialsUnavailable");
    assert!(message.contains("no luck") && !message.contains("my-secret"), "{message}");
}

#[tokio::test]
async fn a_container_is_asked_with_its_token() {
    let mut machine = Machine::with(&[]).await;
    machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/container/credentials");
    machine.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in");
    assert_eq!(machine.signer().await, json!(["AKID-1", "token-1"]));
}

#[tokio::test]
async fn an_instance_is_asked_for_its_role() {
    let mut machine = Machine::with(&[]).await;
    machine.unset("AWS_EC2_METADATA_DISABLED");
    machine.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{url}");
    let signer = machine.signer().await;
    assert!(signer[0].as_str().is_some_and(|key| key.starts_with("AKID-")), "{signer} {:?}", machine.asked());
}

/// A profile with an SSO session, and one in the older form.
const SSO: &str = "[profile x]\nsso_session=corp\nsso_account_id=123456789012\nsso_role_name=Reader\n\
                   [sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp.awsapps.com/start\n\
                   [profile old]\nsso_account_id=123456789012\nsso_role_name=Reader\nsso_region=eu-west-1\n\
                   sso_start_url=https://corp.awsapps.com/start\n";

/// The names of their tokens: the SHA-1 of `corp` and of the start URL.
const SESSION: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f";
const START_URL: &str = "a51746d4aa793ae07b25e90c3a5db96fc7832bd7";

/// Keeps a token where `aws sso login` would.
fn keep(machine: &Machine, name: &str, token: &Value) {
    let folder = machine.path().join(".aws/sso/cache");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(format!("{name}.json")), token.to_string()).unwrap();
}

#[tokio::test]
async fn an_sso_session_is_used_renewed_and_asked_for() {
    let mut machine = Machine::with(&[(".aws/config", SSO)]).await;
    let login = |profile: &str| {
        (
            "CredentialsUnavailable".to_owned(),
            format!("the SSO session of profile `{profile}` is not valid"),
            format!("Run `aws sso login --profile {profile}`"),
        )
    };
    let start = "https://corp.awsapps.com/start";
    for (profile, session) in [("x", SESSION), ("old", START_URL)] {
        machine.set("AWS_PROFILE", profile);
        assert_eq!(machine.problem().await, login(profile), "never logged in");
        let mut token = json!({
            "startUrl": start, "region": "eu-west-1", "accessToken": "sso-token", "expiresAt": "2099-01-01T00:00:00Z",
        });
        keep(&machine, session, &token);
        assert_eq!(machine.signer().await, json!(["AKID-sso-token", "sso-session"]));
        token["expiresAt"] = "2020-01-01T00:00:00Z".into();
        token["accessToken"] = "too old for the portal".into();
        keep(&machine, session, &token);
        assert_eq!(machine.problem().await, login(profile), "expired");
        token["expiresAt"] = "2099-01-01T00:00:00Z".into();
        token["accessToken"] = "signed-out".into();
        keep(&machine, session, &token);
        assert_eq!(machine.problem().await, login(profile), "ended by the portal");
    }
    machine.set("AWS_PROFILE", "x");
    keep(
        &machine,
        SESSION,
        &json!({
            "startUrl": start, "region": "eu-west-1", "accessToken": "sso-token", "expiresAt": "2020-01-01T00:00:00Z",
            "clientId": "c", "clientSecret": "s", "registrationExpiresAt": "2099-01-01T00:00:00Z",
            "refreshToken": "refresh-me",
        }),
    );
    assert_eq!(machine.signer().await, json!(["AKID-renewed", "sso-session"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_renewed_without_a_restart() {
    let mut machine = Machine::with(&[]).await;
    machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/brief/credentials");
    let mut command = machine.command(&["stdio"]);
    command.stdin(std::process::Stdio::piped());
    let client = ().serve(rmcp::transport::TokioChildProcess::new(command).unwrap()).await.unwrap();
    let list = json!({"action": "invoke", "service": "dynamodb", "operation": "ListTables", "payload": {}});
    for nth in 1..=3 {
        let answer = call(&client, "aws_execute", list.clone()).await;
        assert_eq!(answer["result"]["TableNames"], json!([format!("AKID-{nth}"), format!("token-{nth}")]), "{answer}");
    }
    client.cancel().await.unwrap();
}

#[tokio::test]
async fn without_credentials_the_cure_is_told_soon() {
    let mut machine = Machine::with(&[]).await;
    let none = (
        "CredentialsUnavailable".to_owned(),
        "there are no AWS credentials for profile `default`".to_owned(),
        "Run `aws configure --profile default` or `aws sso login --profile default`, or set AWS_PROFILE or \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            .to_owned(),
    );
    assert_eq!(machine.problem().await, none);
    // A metadata service that takes the connection and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    machine.unset("AWS_EC2_METADATA_DISABLED");
    machine.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &format!("http://{}", silent.local_addr().unwrap()));
    let begun = Instant::now();
    assert_eq!(machine.problem().await, none);
    println!("no credentials, silent metadata service: {:.1?}", begun.elapsed());
    // Two seconds are the metadata service's; the rest is a slow machine's start of a debug build.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

/// Credentials and an endpoint in `.env`, and what wins over them.
#[tokio::test]
async fn the_env_file_may_hold_them() {
    let keys = "AWS_ACCESS_KEY_ID=AKID-DOT\nAWS_SECRET_ACCESS_KEY=secret\nAWS_SESSION_TOKEN=dot\n";
    let mut machine = Machine::with(&[(".env", keys)]).await;
    assert_eq!(machine.signer().await, json!(["AKID-DOT", "dot"]));
    let url = machine.fake.url.clone();
    machine.unset("AWS_ENDPOINT_URL");
    std::fs::write(
        machine.path().join(".env"),
        format!("{keys}AWS_ENDPOINT_URL={url}\nAWS_DEFAULT_REGION=eu-west-3\n"),
    )
    .unwrap();
    machine.unset("AWS_REGION");
    let answer = machine.invoke("dynamodb", "ListTables").await;
    assert_eq!((&answer["region"], &answer["result"]["TableNames"][0]), (&json!("eu-west-3"), &json!("AKID-DOT")));
    // The environment's keys win whole: no session token of the file goes with them.
    machine.set("AWS_ACCESS_KEY_ID", "AKID-ENV");
    machine.set("AWS_SECRET_ACCESS_KEY", "secret");
    assert_eq!(machine.signer().await, json!(["AKID-ENV", ""]));
}

#[tokio::test]
async fn the_env_file_may_hold_whatever_awss_tools_know() {
    let config = "[profile dot]\naws_access_key_id=AKID-CONFIG\naws_secret_access_key=s\n";
    let mut machine = Machine::with(&[
        (".env", "AWS_CONFIG_FILE=mine\nAWS_DEFAULT_PROFILE=dot\nAWS_ENDPOINT_URL=http://127.0.0.1:1\n"),
        ("mine", config),
    ])
    .await;
    assert_eq!(machine.signer().await, json!(["AKID-CONFIG", ""]));
    // What the environment says of one service wins over what the file says of all.
    let url = machine.fake.url.clone();
    machine.unset("AWS_ENDPOINT_URL");
    machine.set("AWS_ENDPOINT_URL_DYNAMODB", &url);
    assert_eq!(machine.signer().await, json!(["AKID-CONFIG", ""]));
    // A token that is not the keys' own does not go with them.
    machine.set("AWS_SESSION_TOKEN", "another's");
    let keys = "AWS_ACCESS_KEY_ID=AKID-DOT\nAWS_SECRET_ACCESS_KEY=secret\n";
    std::fs::write(machine.path().join(".env"), keys).unwrap();
    assert_eq!(machine.signer().await, json!(["AKID-DOT", ""]));
}

#[tokio::test]
async fn what_nobody_knows_in_the_env_file_is_told() {
    let keys = "AWS_ACCESS_KEY_ID=AKID-DOT\nAWS_SECRET_ACCESS_KEY=secret\nAWS_VAULT=work\n";
    let mut machine = Machine::with(&[(".env", keys)]).await;
    let told = async |machine: &Machine| {
        let output = machine.command(&["invoke", "dynamodb", "ListTables"]).output().await.unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let line = "countersign: AWS_VAULT in .env is no variable that AWS's tools know; it has no effect\n";
    assert_eq!(told(&machine).await, (true, line.to_owned()));
    let logs = machine.path().join("state/logs");
    let log: String =
        std::fs::read_dir(&logs).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    assert!(log.contains("AWS_VAULT"), "{log}");
    machine.set("COUNTERSIGN_HOMES", "x");
    let line = "countersign: there is no setting COUNTERSIGN_HOMES; the nearest is COUNTERSIGN_HOME\n";
    assert_eq!(told(&machine).await, (false, line.to_owned()));
}
