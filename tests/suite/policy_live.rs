//! The policy while engines run: taken, edited, accepted, refused; and what agents meet meanwhile.

use std::path::PathBuf;
use std::sync::Arc;

use countersign::approval::{Acceptance, PublicKey, SecretKey, SignedAcceptance, acceptance};
use countersign::audit::{Kind, NewEvent};
use countersign::base::{Clock as _, Digest, Verdict};
use countersign::call::CallError;
use countersign::cli::demo::server;
use countersign::engine::{Agent, Decision, Engine, Observer, Peer, Tool};
use countersign::ledger::{Ledger, PolicyVersion};
use countersign::settings::{PolicyFile, SystemClock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::support::house::{engine_on, key, paths};

/// Lists run.
const READS: &str = "version: 1\nrules: {allow: ['^s3:List']}\n";
/// Buckets may be made besides.
const MORE: &str = "version: 1\nrules: {allow: ['^s3:List', '^s3:CreateBucket$']}\n";

/// A home with a policy file, an S3 server, and engines that come and go.
pub(crate) struct Office {
    home: TempDir,
    address: std::net::SocketAddr,
    server: tokio::task::JoinHandle<()>,
}

impl Office {
    pub(crate) async fn open(policy: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (address, server) = server::start(&home.path().join("s3")).await.unwrap();
        let office = Self { home, address, server };
        office.write(policy);
        office
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.home.path().join("policy.yaml")
    }

    /// Puts another file in the place of the policy, as editors do it.
    pub(crate) fn write(&self, text: &str) {
        let aside = self.home.path().join("policy.new");
        std::fs::write(&aside, text).unwrap();
        std::fs::rename(aside, self.file()).unwrap();
    }

    pub(crate) async fn engine(&self) -> Seat {
        self.engine_that(false).await
    }

    pub(crate) async fn engine_that(&self, auto_approve: bool) -> Seat {
        let engine = engine_on(&paths(&self.home), self.address, PolicyFile::at(self.file()), auto_approve).await;
        let agent = engine.door().connect(Peer { transport: "cli", ..Peer::default() });
        Seat { observer: engine.observer(), engine, agent: Arc::new(agent) }
    }

    async fn ledger(&self) -> Ledger {
        Ledger::open(&paths(&self.home).ledger()).await.unwrap()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An engine with an agent at its door.
pub(crate) struct Seat {
    pub(crate) engine: Engine,
    pub(crate) observer: Observer,
    pub(crate) agent: Arc<Agent>,
}

impl Seat {
    pub(crate) async fn call(&self, tool: Tool, arguments: Value) -> Result<Value, CallError> {
        let arguments = arguments.as_object().cloned().unwrap();
        self.agent.call(tool, arguments, Arc::new(|_| ()), CancellationToken::new()).await
    }

    pub(crate) async fn invoke(&self, operation: &str, payload: Value, options: Value) -> Result<Value, CallError> {
        let arguments = json!({
            "action": "invoke", "service": "s3", "operation": operation, "payload": payload, "options": options,
        });
        self.call(Tool::Execute, arguments).await
    }

    /// What a call of an S3 operation without a payload comes to: `ok`, or the kind of its error.
    async fn meets(&self, operation: &str) -> String {
        let payload = if operation == "CreateBucket" { json!({"Bucket": "made-here"}) } else { json!({}) };
        match self.invoke(operation, payload, json!({"hold": 0})).await {
            Ok(_) => "ok".to_owned(),
            Err(error) => error.kind.to_owned(),
        }
    }

    /// Accepts what is offered.
    async fn accept(&self) -> Result<(), String> {
        let offer = self.observer.policy().await?.offer.ok_or("nothing is offered")?;
        self.engine.approver(key()).accept_policy(offer.digest).await
    }

    /// Number, whether it is reviewed, whether an edit waits, whether there is a problem.
    fn stands(&self) -> (i64, bool, bool, bool) {
        let status = self.observer.status();
        let (pending, problem) = (status.policy_pending.is_some(), status.policy_problem.is_some());
        (status.policy_number, status.policy_reviewed, pending, problem)
    }

    pub(crate) async fn close(self) {
        drop(self.agent);
        self.engine.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_file_rules_unreviewed_until_a_human_has_looked() {
    let office = Office::open(READS).await;
    let seat = office.engine().await;
    assert_eq!(seat.stands(), (1, false, false, false));
    assert_eq!(
        (seat.meets("ListBuckets").await.as_str(), seat.meets("CreateBucket").await.as_str()),
        ("ok", "PolicyDenied")
    );
    let view = seat.observer.policy().await.unwrap();
    let offer = view.offer.unwrap();
    assert_eq!((view.number, view.by, offer.in_force, offer.against_accepted), (1, None, true, false));
    // All that it permits is told, as nobody has looked at it: lists become allowed, what is dangerous asked.
    assert!(offer.diff.widens());
    let listed: Vec<&String> = offer.diff.groups.iter().flat_map(|group| &group.operations).collect();
    assert!(listed.iter().any(|name| *name == "s3:ListBuckets"));
    seat.accept().await.unwrap();
    assert_eq!(seat.stands(), (2, true, false, false));
    let view = seat.observer.policy().await.unwrap();
    assert_eq!((view.number, view.by, view.offer), (2, Some(key().public().fingerprint()), None));
    seat.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_waits_and_once_accepted_rules_every_engine_before_its_next_call() {
    let office = Office::open(READS).await;
    let (here, there) = (office.engine().await, office.engine().await);
    here.accept().await.unwrap();
    office.write(MORE);
    here.observer.look_at_policy().await;
    assert_eq!(here.stands(), (2, true, true, false));
    // It waits: nothing has changed for anybody.
    for seat in [&here, &there] {
        assert_eq!(seat.meets("CreateBucket").await, "PolicyDenied");
    }
    let offer = here.observer.policy().await.unwrap().offer.unwrap();
    assert_eq!((offer.in_force, offer.rejected, offer.against_accepted), (false, false, true));
    assert_eq!(offer.diff.groups.len(), 1, "{:?}", offer.diff);
    let group = &offer.diff.groups[0];
    assert_eq!(
        (group.operations.as_slice(), group.to.widest, group.widens),
        (&["s3:CreateBucket".to_owned()][..], Verdict::Allow, true)
    );

    // What was not on the screen is not accepted.
    let approver = here.engine.approver(key());
    let other = Acceptance::digest("version: 1\n");
    assert!(approver.accept_policy(other).await.unwrap_err().contains("look at it again"));
    approver.reject_policy(offer.digest).await.unwrap();
    assert!(here.observer.policy().await.unwrap().offer.unwrap().rejected);
    assert_eq!(here.stands(), (2, true, true, false));

    approver.accept_policy(offer.digest).await.unwrap();
    // No waiting for a signal: the very next call of the other engine meets it.
    assert_eq!(there.meets("CreateBucket").await, "ok");
    assert_eq!(there.stands(), (3, true, false, false));
    assert_eq!(here.stands(), (3, true, false, false));
    here.close().await;
    there.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_watcher_sees_an_edit_by_itself() {
    let office = Office::open(READS).await;
    let seat = office.engine().await;
    let mut hints = seat.observer.hints();
    office.write(MORE);
    while seat.observer.status().policy_pending.is_none() {
        hints.recv().await.unwrap();
    }
    seat.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_or_missing_file_changes_nothing_but_shows() {
    let office = Office::open(READS).await;
    let seat = office.engine().await;
    seat.accept().await.unwrap();
    office.write("version: 1\nrules: {alow: ['.*']}\n");
    seat.observer.look_at_policy().await;
    assert_eq!((seat.stands(), seat.meets("ListBuckets").await.as_str()), ((2, true, false, true), "ok"));
    let problem = seat.observer.status().policy_problem.unwrap();
    assert!(
        problem.contains("did you mean `allow`?") && problem.ends_with("The policy in force stays as it is."),
        "{problem}"
    );
    std::fs::remove_file(office.file()).unwrap();
    seat.observer.look_at_policy().await;
    assert_eq!((seat.stands(), seat.meets("ListBuckets").await.as_str()), ((2, true, false, true), "ok"));
    assert!(seat.observer.status().policy_problem.unwrap().contains("there is no such file"));
    assert!(seat.observer.policy().await.unwrap().offer.is_none());
    // Put back as it was: nothing waits, nothing is wrong.
    office.write(READS);
    seat.observer.look_at_policy().await;
    assert_eq!(seat.stands(), (2, true, false, false));
    seat.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_another_file_keeps_what_was_accepted() {
    let office = Office::open(READS).await;
    let seat = office.engine().await;
    seat.accept().await.unwrap();
    seat.close().await;
    office.write(MORE);
    let seat = office.engine().await;
    assert_eq!((seat.stands(), seat.meets("CreateBucket").await.as_str()), ((2, true, true, false), "PolicyDenied"));
    seat.close().await;
    std::fs::remove_file(office.file()).unwrap();
    let seat = office.engine().await;
    assert_eq!((seat.stands(), seat.meets("ListBuckets").await.as_str()), ((2, true, false, true), "ok"));
    seat.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_policy_everything_is_denied_and_the_file_waits() {
    let office = Office::open("rules: [").await;
    let seat = office.engine().await;
    assert_eq!(seat.stands(), (0, false, false, true));
    let error = seat.invoke("ListBuckets", json!({}), json!({})).await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), ("PolicyDenied", "every call is denied: no policy is in force"));
    office.write(READS);
    seat.observer.look_at_policy().await;
    assert_eq!((seat.stands(), seat.meets("ListBuckets").await.as_str()), ((0, false, true, false), "PolicyDenied"));
    seat.accept().await.unwrap();
    assert_eq!((seat.stands(), seat.meets("ListBuckets").await.as_str()), ((1, true, false, false), "ok"));
    seat.close().await;
}

/// Puts a policy into the ledger as somebody could who can write the file and knows the program.
async fn put(office: &Office, number: i64, signed: Option<Value>) {
    let at = SystemClock.now();
    let event = NewEvent {
        at,
        kind: Kind::PolicyAccepted,
        tx: None,
        op: None,
        agent: None,
        approval: None,
        detail: json!({"number": number}),
    };
    let version = PolicyVersion { number, text: MORE.to_owned(), at, signed };
    office.ledger().await.put_policy(version, event).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_approver_signed_is_refused_and_reported_and_denies_everything() {
    let forger = SecretKey::from_seed(&[9; 32]);
    let forged = |key: &SecretKey, shown: PublicKey| {
        let statement = Acceptance {
            ledger: Digest::ZERO,
            number: 3,
            policy: Acceptance::digest(MORE),
            replaces: Acceptance::digest(READS),
            at: SystemClock.now(),
        };
        let signature = key.sign(acceptance::DOMAIN, &statement.bytes());
        serde_json::to_value(SignedAcceptance { statement, key: shown, signature }).unwrap()
    };
    let cases = [
        (None, "policy 3 is not signed"),
        (Some(json!({"key": "x"})), "the signature of policy 3 cannot be read"),
        (Some(forged(&forger, forger.public())), "which is not an approver's"),
        (Some(forged(&forger, key().public())), "does not fit it"),
    ];
    for (signed, what) in cases {
        let office = Office::open(READS).await;
        let seat = office.engine().await;
        seat.accept().await.unwrap();
        put(&office, 3, signed).await;
        for seat in [seat, office.engine().await] {
            assert_eq!(seat.meets("ListBuckets").await, "PolicyDenied", "{what}");
            assert_eq!(seat.meets("CreateBucket").await, "PolicyDenied", "{what}");
            let told = seat.observer.status().tampering.unwrap();
            assert!(told.contains("every call is denied") && told.contains(what), "{told}");
            let events = seat.observer.events_after(0).await.unwrap();
            assert!(events.iter().any(|event| event.event.kind == Kind::Tampered), "{what}");
            seat.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_ends_with_the_policy_it_was_given_under() {
    let office = Office::open("version: 1\ndefault: ask\n").await;
    let seat = office.engine().await;
    seat.accept().await.unwrap();
    let asked = seat.invoke("CreateBucket", json!({"Bucket": "one"}), json!({"hold": 0})).await.unwrap_err();
    assert_eq!(asked.kind, "ConfirmationRequired");
    let token = asked.extra["confirmation"]["token"].clone();
    let approval = seat.observer.open_approvals().await.unwrap().remove(0);
    let approver = seat.engine.approver(key());
    approver.decide(&approval.id, Decision::Approve { shown: approval.shown() }).await.unwrap();
    office.write("version: 1\ndefault: ask\nrules: {allow: ['^ec2:Describe']}\n");
    seat.observer.look_at_policy().await;
    seat.accept().await.unwrap();
    let options = json!({"hold": 0, "confirmationToken": token});
    let refused = seat.invoke("CreateBucket", json!({"Bucket": "one"}), options).await.unwrap_err();
    assert_eq!(refused.kind, "InvalidConfirmationToken");
    assert_eq!(refused.extra["differs"], json!(["policy"]));
    seat.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_and_schema_tell_the_verdict_that_holds_now() {
    let office = Office::open(READS).await;
    let seat = office.engine().await;
    seat.accept().await.unwrap();
    let verdicts = async || {
        let found = seat.call(Tool::Search, json!({"query": "create bucket", "serviceHint": "s3"})).await.unwrap();
        let results = found["results"].as_array().unwrap().clone();
        let searched = results.into_iter().find(|result| result["operation"] == "CreateBucket").unwrap();
        let schema = seat.call(Tool::Schema, json!({"service": "s3", "operation": "CreateBucket"})).await.unwrap();
        (searched["verdict"].clone(), schema["verdict"].clone())
    };
    assert_eq!(verdicts().await, (json!("deny"), json!("deny")));
    office.write(MORE);
    seat.observer.look_at_policy().await;
    assert_eq!(verdicts().await, (json!("deny"), json!("deny")));
    seat.accept().await.unwrap();
    assert_eq!(verdicts().await, (json!("allow"), json!("allow")));
    seat.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_counted_as_they_match_and_a_restart_forgets_nothing() {
    let office = Office::open(READS).await;
    let seat = office.engine().await;
    let hits = async |seat: &Seat| {
        let rules = seat.observer.policy().await.unwrap().rules;
        let told =
            rules.into_iter().filter_map(|rule| rule.hits.map(|hits| (rule.entry.place, hits.hits, hits.last_call)));
        told.collect::<Vec<_>>()
    };
    assert_eq!(hits(&seat).await, []);
    for _ in 0..3 {
        seat.meets("ListBuckets").await;
    }
    seat.meets("CreateBucket").await;
    let expected = [
        ("rules.allow[0]".to_owned(), 3, "s3:ListBuckets".to_owned()),
        ("default".to_owned(), 1, "s3:CreateBucket".to_owned()),
    ];
    assert_eq!(hits(&seat).await, expected);
    seat.close().await;
    let seat = office.engine().await;
    assert_eq!(hits(&seat).await, expected);
    // A line more, and another default: what is the same keeps its count.
    office.write(&format!("# edited\n{READS}default: ask\n"));
    seat.observer.look_at_policy().await;
    seat.accept().await.unwrap();
    assert_eq!(hits(&seat).await, expected[..1]);
    seat.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_explained_by_the_policy_in_force() {
    let office = Office::open(READS).await;
    let seat = office.engine().await;
    let explained = seat.observer.explain(" S3.list-buckets ").unwrap();
    assert_eq!((explained.service.as_str(), explained.operation.as_str()), ("s3", "ListBuckets"));
    assert_eq!(
        (explained.decision.verdict, explained.decision.rule.as_str()),
        (Verdict::Allow, "rules.allow[0]: ^s3:List")
    );
    assert_eq!(seat.observer.explain("s3").unwrap_err(), "write SERVICE:OPERATION, as in s3:DeleteBucket");
    assert!(seat.observer.explain("s3:ListBukets").unwrap_err().contains("ListBuckets"));
    seat.close().await;
}
