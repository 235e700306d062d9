//! The AWS protocol tests (Smithy's own suite, client cases) and botocore's through the whole of `aws`: payload to
//! bytes on a socket, bytes on a socket to result or error. Place of the first: `COUNTERSIGN_PROTOCOL_TESTS`, else
//! the shared data; the others come in botocore's package.

mod cases;
mod compare;
mod exchange;
mod media;
mod package;
mod values;

use self::cases::{Case, Expect};
use self::exchange::Exchange;
use crate::support::botocore::{self, CURRENT};
use crate::support::suites::{self, Tally};

const AWS: &str = "AWS protocol tests";
const BOTOCORE: &str = "botocore protocol tests";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_protocol_tests_pass() {
    let file = suites::file(AWS, "COUNTERSIGN_PROTOCOL_TESTS", "aws-protocol-tests.json");
    let Some(file) = file else { return };
    let exchange = Exchange::start().await;
    let mut tally = Tally::of(AWS, &file);
    for case in cases::all(&file.bytes) {
        let checked = check(&exchange, &case).await;
        tally.count(&case.protocol_name, &case.id, checked);
    }
    tally.finish();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_protocol_tests_of_botocore_pass() {
    let root = "tests/unit/protocols/";
    let Some(files) = botocore::files(BOTOCORE, CURRENT, |path| path.starts_with(root)) else { return };
    let exchange = Exchange::start().await;
    let mut tally = Tally::new(BOTOCORE);
    for (path, json) in &files {
        let path = path.trim_start_matches(root).trim_end_matches(".json");
        // The list of what botocore leaves out is not ours.
        let Some((folder, file)) = path.rsplit_once('/') else { continue };
        for case in package::cases(folder, file, json) {
            let checked = check(&exchange, &case).await;
            tally.count(&case.protocol_name, &case.id, checked);
        }
    }
    assert_eq!(tally.len(), 1004);
    tally.finish();
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
