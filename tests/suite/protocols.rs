//! The AWS protocol tests (Smithy's own suite, client cases) through the whole of `aws`: payload to bytes on a
//! socket, bytes on a socket to result or error. Their place: `COUNTERSIGN_PROTOCOL_TESTS`, else the shared data.

mod cases;
mod compare;
mod exchange;
mod media;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::cases::{Case, Expect};
use self::exchange::Exchange;

/// Cases that are not passed, each with its reason: `id | reason`.
const EXCEPTIONS: &str = include_str!("protocols/exceptions.txt");

#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    excepted: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_protocol_tests_pass() {
    let path = std::env::var_os("COUNTERSIGN_PROTOCOL_TESTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/aws-protocol-tests.json"),
        PathBuf::from,
    );
    let Ok(json) = std::fs::read(&path) else {
        println!("left out: the protocol tests ({} is not there)", path.display());
        return;
    };
    let excepted: BTreeMap<&str, &str> =
        EXCEPTIONS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" | ")).collect();
    let exchange = Exchange::start().await;
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let (mut failures, mut needless) = (Vec::new(), Vec::new());
    for case in cases::all(&json) {
        let count = counts.entry(case.protocol_name.clone()).or_default();
        let checked = check(&exchange, &case).await;
        match (checked, excepted.get(case.id.as_str())) {
            (Ok(()), None) => count.passed += 1,
            (Ok(()), Some(_)) => {
                count.passed += 1;
                needless.push(case.id);
            }
            (Err(_), Some(_)) => count.excepted += 1,
            (Err(problem), None) => {
                count.failed += 1;
                failures.push(format!("{}: {problem}", case.id));
            }
        }
    }
    for (protocol, Count { passed, failed, excepted }) in &counts {
        println!("{protocol}: {passed} passed, {failed} failed, {excepted} excepted");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(needless, Vec::<String>::new(), "exceptions that are not needed any more");
}

async fn check(exchange: &Exchange, case: &Case) -> Result<(), String> {
    match &case.expect {
        Expect::Request { payload } => {
            let (result, sent) = exchange.call(case, payload.clone(), exchange::nothing()).await;
            let sent = sent.ok_or_else(|| format!("nothing was sent: {result:?}"))?;
            // What becomes a TLS connection cannot be looked into; the rules alone say where it would go.
            let by_rules = if case.test["vendorParams"].is_null() {
                None
            } else {
                Some(exchange.endpoint(case, payload).await.map_err(|error| error.to_string())?)
            };
            compare::request(&case.test, &sent, by_rules.as_deref())
        }
        Expect::Output { output, answer } => {
            let (result, _) = exchange.call(case, case.any_payload(), answer.clone()).await;
            compare::output(result, output)
        }
        Expect::Error { codes, members, answer } => {
            let (result, _) = exchange.call(case, case.any_payload(), answer.clone()).await;
            compare::error(result, codes, members)
        }
    }
}
