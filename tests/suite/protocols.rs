//! The AWS protocol tests (Smithy's own suite, client cases) through the whole of `aws`: payload to bytes on a
//! socket, bytes on a socket to result or error. Their place: `COUNTERSIGN_PROTOCOL_TESTS`, else the shared data.

mod cases;
mod compare;
mod exchange;
mod media;
mod values;

use self::cases::{Case, Expect};
use self::exchange::Exchange;
use crate::support::suites::{self, Tally};

const AWS: &str = "AWS protocol tests";

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
