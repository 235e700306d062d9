//! A sign of life for whoever waits longer than half a second.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::ask::Caller;
use super::status::ProgressUpdate;

/// When the first sign is given, and how often after it.
const FIRST: Duration = Duration::from_millis(500);
const AGAIN: Duration = Duration::from_secs(1);

/// Runs some work; as long as it takes, the caller hears what `said` says.
pub(super) async fn ticking<T>(
    caller: &Caller<'_>,
    said: impl Fn() -> String + Send,
    work: impl Future<Output = T> + Send,
) -> T {
    let started = Instant::now();
    let mut ticks = interval_at(started + FIRST, AGAIN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = ticks.tick() => (caller.progress)(ProgressUpdate {
                elapsed_seconds: started.elapsed().as_secs_f64(),
                total_seconds: None,
                message: said(),
            }),
        }
    }
}
