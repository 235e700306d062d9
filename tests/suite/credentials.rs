//! Where credentials come from: every source that the SDKs know, found by the real binary on a machine made for
//! it, against loopback fakes. What a call is signed with is told by the server that it reaches.

use std::time::{Duration, Instant};

use rmcp::ServiceExt as _;
use serde_json::{Value, json};

use crate::support::house::call;
use crate::support::machine::Machine;
use crate::support::moto;
use crate::support::pty::Screen;

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
}

#[tokio::test]
async fn a_process_tells_the_credentials() {
    let told = r#"{"Version": 1, "AccessKeyId": "AKID-PROCESS", "SecretAccessKey": "s", "SessionToken": "t"}"#;
    let config = "[default]\ncredential_process = /bin/cat told.json\n";
    let machine = Machine::with(&[(".aws/config", config), ("told.json", told)]).await;
    assert_eq!(machine.signer().await, json!(["AKID-PROCESS", "t"]));
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
        "there are no AWS credentials for profile `default`; the instance is not asked: AWS_EC2_METADATA_DISABLED is set"
            .to_owned(),
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
    let (kind, message, cure) = machine.problem().await;
    assert_eq!(message, "there are no AWS credentials for profile `default`");
    assert_eq!((kind, cure), (none.0, none.2));
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

/// Profiles that give nothing, each for a reason of its own.
const BROKEN: &str = "[profile base]\naws_access_key_id=AKID-BASE\naws_secret_access_key=s\n\
    [profile process]\ncredential_process = /bin/sh -c 'echo my-secret; echo no luck >&2; exit 3'\n\
    [profile babble]\ncredential_process = /bin/echo {}\n\
    [profile closed]\nrole_arn=arn:aws:iam::123456789012:role/forbidden\nsource_profile=base\n\
    [profile mfa]\nrole_arn=arn:aws:iam::123456789012:role/forbidden\nsource_profile=base\n\
    mfa_serial=arn:aws:iam::123456789012:mfa/me\n\
    [profile lost]\nrole_arn=arn:aws:iam::123456789012:role/r\nsource_profile=nowhere\n\
    [profile blank]\nregion=eu-west-1\n";

/// Variables, what is wrong, the cure; {home} and {url} are the machine's.
type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str);

#[tokio::test]
async fn each_source_that_gives_nothing_has_its_cure() {
    let role = "arn:aws:iam::123456789012:role/forbidden";
    let cases: &[Case] = &[
        (
            &[("AWS_PROFILE", "gone")],
            "there is no profile `gone` in {home}/.aws/config or {home}/.aws/credentials",
            "Set AWS_PROFILE to one that is there: babble, base, blank, closed, lost, mfa, process",
        ),
        (
            &[("AWS_PROFILE", "process")],
            "the credential_process of profile `process` failed (/bin/sh …): exit status 3. Stderr: no luck",
            "Run it by hand to see why; it stands in {home}/.aws/config",
        ),
        (
            &[("AWS_PROFILE", "babble")],
            "the credential_process of profile `babble` failed (/bin/echo …): could not parse response: Expected field \
             `Version` in response but it was missing",
            "Run it by hand to see why; it stands in {home}/.aws/config",
        ),
        (
            &[("AWS_PROFILE", "closed")],
            "the role {role} of profile `closed` cannot be assumed by `base`: AccessDenied: you may not assume it",
            "Check the role's trust policy, and the profile in {home}/.aws/config",
        ),
        (
            &[("AWS_PROFILE", "mfa")],
            "the role {role} of profile `mfa` wants MFA (arn:aws:iam::123456789012:mfa/me), and its code cannot be asked \
             for here: AccessDenied: you may not assume it",
            "Run `aws configure export-credentials --profile mfa --format env`, which asks for the code, and set what it \
             prints",
        ),
        (
            &[("AWS_PROFILE", "lost")],
            "there is no profile `nowhere` in {home}/.aws/config or {home}/.aws/credentials; profile `lost` names it as \
             its source_profile",
            "Set source_profile of `lost` to one that is there: babble, base, blank, closed, lost, mfa, process",
        ),
        (
            &[("AWS_PROFILE", "blank")],
            "profile `blank` says nothing about credentials",
            "Run `aws configure --profile blank` or `aws configure sso --profile blank`, or add keys, a role_arn or a \
             credential_process to it in {home}/.aws/config",
        ),
        (
            &[("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/gone"), ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pod")],
            "the web identity token {home}/gone cannot be read: No such file or directory (os error 2)",
            "Check the file that AWS_WEB_IDENTITY_TOKEN_FILE names",
        ),
        (
            &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/closed/credentials")],
            "the container's credential service {url}/closed/credentials gives no credentials: Non-success \
             status from HTTP credential provider: StatusCode(403)",
            "Check AWS_CONTAINER_CREDENTIALS_FULL_URI, the token that goes with it, and the role of the task or pod",
        ),
        (
            &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://10.0.0.1/credentials")],
            "the container's credential service http://10.0.0.1/credentials gives no credentials: the credentials \
             provider was not properly configured: invalid full URI for ECS provider (URI did not refer to an allowed \
             IP address): http://10.0.0.1/credentials",
            "Check AWS_CONTAINER_CREDENTIALS_FULL_URI, the token that goes with it, and the role of the task or pod",
        ),
        (
            &[("AWS_ACCESS_KEY_ID", "AKID")],
            "there is only half a pair of keys in the environment: AWS_SECRET_ACCESS_KEY is not set",
            "Set AWS_SECRET_ACCESS_KEY, or unset the other of the pair",
        ),
    ];
    let mut wrong = Vec::new();
    for (variables, message, cure) in cases {
        let mut machine = Machine::with(&[(".aws/config", BROKEN)]).await;
        for (name, value) in *variables {
            machine.set(name, value);
        }
        let fill = |text: &str| {
            let home = machine.path().display().to_string();
            text.replace("{home}", &home).replace("{url}", &machine.fake.url).replace("{role}", role)
        };
        let expected = ("CredentialsUnavailable".to_owned(), fill(message), fill(cure));
        let told = machine.problem().await;
        if told != expected {
            wrong.push(format!("{variables:?}\n  {told:?}\n  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A client of a `stdio` that runs on the machine.
async fn client(machine: &Machine) -> crate::support::house::Client {
    let mut command = machine.command(&["stdio"]);
    command.stdin(std::process::Stdio::piped());
    ().serve(rmcp::transport::TokioChildProcess::new(command).unwrap()).await.unwrap()
}

fn list() -> Value {
    json!({"action": "invoke", "service": "dynamodb", "operation": "ListTables", "payload": {}})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_on_disk_is_picked_up_without_a_restart() {
    let keys = |key: &str| format!("[default]\naws_access_key_id={key}\naws_secret_access_key=secret\n");
    let machine = Machine::with(&[(".aws/credentials", &keys("AKID-OLD"))]).await;
    let client = client(&machine).await;
    let signer = async || call(&client, "aws_execute", list()).await["result"]["TableNames"].clone();
    assert_eq!(signer().await, json!(["AKID-OLD", ""]));
    std::fs::write(machine.path().join(".aws/credentials"), keys("AKID-NEWER")).unwrap();
    assert_eq!(signer().await, json!(["AKID-NEWER", ""]));
    // Taken away, and there again.
    std::fs::remove_file(machine.path().join(".aws/credentials")).unwrap();
    let answer = call(&client, "aws_execute", list()).await;
    assert_eq!(answer["error"]["type"], "CredentialsUnavailable", "{answer}");
    std::fs::write(machine.path().join(".aws/config"), keys("AKID-CONFIG")).unwrap();
    assert_eq!(signer().await, json!(["AKID-CONFIG", ""]));
    client.cancel().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_while_it_runs_is_enough() {
    let mut machine = Machine::with(&[(".aws/config", SSO)]).await;
    machine.set("AWS_PROFILE", "x");
    let client = client(&machine).await;
    let answer = call(&client, "aws_execute", list()).await;
    assert_eq!(answer["error"]["hint"], "Run `aws sso login --profile x`", "{answer}");
    let token = json!({
        "startUrl": "https://corp.awsapps.com/start", "region": "eu-west-1", "accessToken": "sso-token",
        "expiresAt": "2099-01-01T00:00:00Z",
    });
    keep(&machine, SESSION, &token);
    let answer = call(&client, "aws_execute", list()).await;
    assert_eq!(answer["result"]["TableNames"], json!(["AKID-sso-token", "sso-session"]), "{answer}");
    client.cancel().await.unwrap();
}

/// What AWS does not take any more is asked for anew by the next call, although it had no end.
#[tokio::test(flavor = "multi_thread")]
async fn what_aws_refuses_is_not_kept() {
    let told = |key: &str| format!(r#"{{"Version": 1, "AccessKeyId": "{key}", "SecretAccessKey": "s"}}"#);
    let config = "[default]\ncredential_process = /bin/cat told.json\n";
    let machine = Machine::with(&[(".aws/config", config), ("told.json", &told("EXPIRED"))]).await;
    let client = client(&machine).await;
    let answer = call(&client, "aws_execute", list()).await;
    let error = &answer["error"];
    assert_eq!(error["type"], "CredentialsUnavailable", "{answer}");
    let cure = format!(
        "Make `/bin/cat` give fresh ones (credential_process of profile `default` in {}/.aws/config)",
        machine.path().display()
    );
    assert_eq!(error["hint"], cure);
    std::fs::write(machine.path().join("told.json"), told("AKID-FRESH")).unwrap();
    let answer = call(&client, "aws_execute", list()).await;
    assert_eq!(answer["result"]["TableNames"], json!(["AKID-FRESH", ""]), "{answer}");
    client.cancel().await.unwrap();
}

#[test]
fn the_console_shows_until_when_they_are_good() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut machine = runtime.block_on(Machine::with(&[]));
    machine.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{url}/container/credentials");
    machine.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in");
    machine.set("TZ", "UTC");
    let screen = Screen::start(&[], &machine.variables(), machine.path(), 100, 24);
    let text = screen.wait("until when", |text| text.contains("credentials until "));
    let time = text.split_once("credentials until ").unwrap().1;
    assert!(time.as_bytes()[2] == b':' && time.as_bytes()[5].is_ascii_whitespace(), "{time}");
}
