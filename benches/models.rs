//! How long the index and the models of a small, a middling and the largest service take to load, and to resolve
//! a name. `cargo bench --bench models`

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use countersign::models::Store;

#[expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
fn measure(what: &str, mut run: impl FnMut()) {
    const RUNS: usize = 20;
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let (best, median) = (times.first().copied().unwrap_or_default(), times.get(RUNS / 2).copied().unwrap_or_default());
    println!("{what:<45} best {best:>12.3?}   median {median:>12.3?}");
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    measure("index: inflate and parse", || {
        black_box(Store::embedded().index().map(|index| index.operation_count()).unwrap_or_default());
    });
    for service in ["sts", "s3", "ec2"] {
        let store = Store::embedded();
        store.index()?;
        measure(&format!("{service}: inflate and parse (with the index)"), || {
            black_box(Store::embedded().model(service).is_ok());
        });
        store.model(service)?;
        measure(&format!("{service}: from the cache"), || {
            black_box(store.model(service).is_ok());
        });
    }
    let store = Store::embedded();
    let index = store.index()?;
    for (what, service, operation) in [
        ("resolve: exact", "ec2", "TerminateInstances"),
        ("resolve: another spelling", "Amazon EC2", "terminate-instances"),
        ("resolve: unknown operation", "ec2", "TerminateInstance"),
        ("resolve: unknown service", "ecc2", "TerminateInstances"),
    ] {
        measure(what, || {
            black_box(index.resolve(service, operation).is_ok());
        });
    }
    Ok(())
}
