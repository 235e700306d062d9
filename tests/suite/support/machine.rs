//! A machine for the real binary: a home folder with its `.aws`, an environment of its own, and a loopback
//! server that is AWS, the portal of SSO, the container's and the instance's metadata service in one.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use super::fake::{Fake, Reply, Request};

/// Allows the reads that tell whose credentials are in use.
const POLICY: &str = r#"
version: 1
services: {allowlist: ["*"]}
rules: {allow: ["^dynamodb:ListTables$", "^sts:GetCallerIdentity$"]}
default: deny
"#;

pub(crate) struct Machine {
    pub(crate) home: TempDir,
    pub(crate) fake: Fake,
    /// What came in, one line each: what was asked, signed by whom.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    environment: BTreeMap<String, String>,
}

impl Machine {
    /// A machine with these files beneath its home.
    pub(crate) async fn with(files: &[(&str, &str)]) -> Self {
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&asked);
        let fake = Fake::start(move |request| {
            let seen = Arc::clone(&seen);
            async move { answer(&request, &seen) }
        })
        .await;
        let home = tempfile::tempdir().unwrap();
        let mut machine = Self { home, fake, asked, environment: BTreeMap::new() };
        for (name, text) in [("policy.yaml", POLICY)].iter().chain(files) {
            let path = machine.home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (url, home) = (machine.fake.url.clone(), machine.home.path().display().to_string());
        for (name, value) in [
            ("HOME", home.as_str()),
            ("COUNTERSIGN_HOME", &format!("{home}/state")),
            ("PATH", "/usr/bin:/bin"),
            ("AWS_ENDPOINT_URL", &url),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("SMITHY_AUTO_SYNC", "false"),
        ] {
            machine.set(name, value);
        }
        machine
    }

    /// Sets a variable; `{url}` is the server's, `{home}` the home's.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        let value = value.replace("{url}", &self.fake.url).replace("{home}", &self.home.path().display().to_string());
        self.environment.insert(name.to_owned(), value);
    }

    pub(crate) fn unset(&mut self, name: &str) {
        self.environment.remove(name);
    }

    /// Its environment.
    pub(crate) fn variables(&self) -> Vec<(&str, &std::ffi::OsStr)> {
        self.environment.iter().map(|(name, value)| (name.as_str(), std::ffi::OsStr::new(value))).collect()
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// The real binary on this machine.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .args(arguments)
            .env_clear()
            .envs(&self.environment)
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Calls an operation, and gives the answer.
    pub(crate) async fn invoke(&self, service: &str, operation: &str) -> Value {
        let output = self.command(&["invoke", service, operation]).output().await.unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no answer, but: {told}"))
    }

    /// The access key and the session token that a call is signed with.
    pub(crate) async fn signer(&self) -> Value {
        let answer = self.invoke("dynamodb", "ListTables").await;
        if answer["status"] == "ok" { answer["result"]["TableNames"].clone() } else { answer["error"].clone() }
    }

    /// Type, message and hint of the error that a call ends with.
    pub(crate) async fn problem(&self) -> (String, String, String) {
        let error = self.signer().await;
        let text = |name: &str| error[name].as_str().unwrap_or_else(|| panic!("no {name} in {error}")).to_owned();
        (text("type"), text("message"), text("hint"))
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Credentials as the container's and the instance's services give them; how many were given is in the key.
fn metadata(asked: &Mutex<Vec<String>>, lifetime: jiff::SignedDuration) -> Value {
    let nth = asked.lock().unwrap().iter().filter(|line| line.contains("/credentials")).count();
    json!({
        "Code": "Success", "Type": "AWS-HMAC",
        "AccessKeyId": format!("AKID-{nth}"), "SecretAccessKey": "secret", "Token": format!("token-{nth}"),
        "Expiration": (jiff::Timestamp::now() + lifetime).to_string(),
    })
}

/// What an STS answers: credentials named after the role.
fn assumed(action: &str, role: &str) -> Reply {
    let role = role.rsplit("%2F").next().unwrap_or(role);
    Reply::xml(format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials>\
         <AccessKeyId>AKID-{role}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
         <SessionToken>token-{role}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         <AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/{role}/s</Arn>\
         <AssumedRoleId>ARO:s</AssumedRoleId></AssumedRoleUser></{action}Result></{action}Response>"
    ))
}

fn answer(request: &Request, asked: &Mutex<Vec<String>>) -> Reply {
    let form = |name: &str| {
        let value = request.body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        value.unwrap_or_default().to_owned()
    };
    let told = match form("Action") {
        action if action.is_empty() => request.path.clone(),
        action => format!("{action} {}", form("RoleArn")),
    };
    asked.lock().unwrap().push(format!("{} {told} by {}", request.method, request.key()));
    let hour = jiff::SignedDuration::from_hours(1);
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/") if request.key() == "EXPIRED" => Reply(
            400,
            "application/x-amz-json-1.0",
            r#"{"__type": "ExpiredTokenException", "message": "The security token is expired"}"#.to_owned(),
        ),
        ("POST", "/") if request.header("x-amz-target").ends_with(".ListTables") => {
            Reply::json(&json!({"TableNames": [request.key(), request.header("x-amz-security-token")]}))
        }
        ("POST", "/") if form("RoleArn").ends_with("forbidden") => Reply(
            403,
            "text/xml",
            "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
             <Message>you may not assume it</Message></Error></ErrorResponse>"
                .to_owned(),
        ),
        ("POST", "/") => match form("Action").as_str() {
            action @ "AssumeRole" => assumed(action, &form("RoleArn")),
            action @ "AssumeRoleWithWebIdentity" if form("WebIdentityToken") == "the-web-token" => {
                assumed(action, &form("RoleArn"))
            }
            _ => Reply::nothing(),
        },
        ("GET", "/container/credentials") if request.header("authorization") == "let me in" => {
            Reply::json(&metadata(asked, hour))
        }
        // Within the ten seconds before their end credentials are asked for anew.
        ("GET", "/closed/credentials") => {
            Reply(403, "application/json", r#"{"message": "this pod has no role"}"#.into())
        }
        ("GET", "/brief/credentials") => Reply::json(&metadata(asked, jiff::SignedDuration::from_secs(5))),
        ("PUT", "/latest/api/token") => Reply::text("imds-token"),
        ("GET", path) if request.header("x-aws-ec2-metadata-token") == "imds-token" => match path {
            "/latest/meta-data/iam/security-credentials/" => Reply::text("instance-role"),
            "/latest/meta-data/iam/security-credentials/instance-role" => Reply::json(&metadata(asked, hour)),
            _ => Reply::nothing(),
        },
        ("GET", "/federation/credentials?role_name=Reader&account_id=123456789012") => {
            let token = request.header("x-amz-sso_bearer_token");
            if !matches!(token, "sso-token" | "renewed") {
                return Reply(401, "application/json", r#"{"message": "Session token not found or invalid"}"#.into());
            }
            Reply::json(&json!({"roleCredentials": {
                "accessKeyId": format!("AKID-{token}"), "secretAccessKey": "secret", "sessionToken": "sso-session",
                "expiration": 4_070_908_800_000_i64,
            }}))
        }
        ("POST", "/token") if request.body.contains("\"refreshToken\":\"refresh-me\"") => {
            Reply::json(&json!({"accessToken": "renewed", "expiresIn": 28800, "refreshToken": "next"}))
        }
        _ => Reply::nothing(),
    }
}
