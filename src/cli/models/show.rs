//! Models, their sources and a sync in words.

use std::io::{self, Write};
use std::time::Duration;

use crate::base::{Shown, Timestamp};
use crate::models::Origin;
use crate::models::status::{Part, Status};
use crate::models::sync::{Change, Report, Step};

/// Operations that are named of those that came or went.
const NAMED: usize = 8;

/// What models are in use.
pub(super) fn status(out: &mut impl Write, status: &Status, now: Timestamp) -> io::Result<()> {
    match (&status.generation, status.made_at) {
        (Some(generation), Some(made_at)) => {
            writeln!(out, "generation {generation}, made {}", ago(now, made_at))?;
        }
        _ => writeln!(out, "the snapshot in the binary alone; `countersign models sync` adds what AWS publishes")?,
    }
    writeln!(
        out,
        "{} services, {} operations, {} of them with documentation\n",
        status.services, status.operations, status.documented
    )?;
    for part in &status.parts {
        writeln!(out, "{:<10} {}", part.origin.name(), told(part, now))?;
    }
    match (status.synced_at, &status.sync_problem) {
        (None, None) => writeln!(out, "\nnever synced")?,
        (Some(at), None) => writeln!(out, "\nlast synced {}", ago(now, at))?,
        (synced, Some(problem)) => {
            let tried = status.tried_at.map(|at| ago(now, at)).unwrap_or_default();
            writeln!(out, "\nthe last sync, {tried}, failed: {}", Shown::line(problem))?;
            match synced {
                Some(at) => writeln!(out, "the one before that succeeded {}", ago(now, at))?,
                None => writeln!(out, "none has succeeded yet")?,
            }
        }
    }
    if let Some(problem) = &status.problem {
        writeln!(out, "\n{}", Shown::line(problem))?;
    }
    Ok(())
}

fn told(part: &Part, now: Timestamp) -> String {
    let mut said = vec![Shown::line(&part.source).to_string()];
    if let Some(revision) = &part.revision {
        said.push(Shown::line(revision).to_string());
    }
    if let Some(dated) = part.dated {
        let day: String = dated.to_string().chars().take(10).collect();
        let verb = if part.origin == Origin::Installed { "installed" } else { "of" };
        said.push(format!("{verb} {day}"));
    }
    if let Some(read_at) = part.read_at {
        said.push(format!("read {}", ago(now, read_at)));
    }
    let mut gives = Vec::new();
    if part.facts > 0 {
        gives.push(format!("facts of {}", part.facts));
    }
    if part.documentation > 0 {
        gives.push(format!("documentation of {}", part.documentation));
    }
    let gives = if gives.is_empty() { "gives nothing that is not there already".to_owned() } else { gives.join(", ") };
    format!("{}: {gives}", said.join(", "))
}

/// What a sync did.
pub(super) fn report(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let what = match report.change {
        Change::NotModified => "the source has nothing new",
        Change::Same => "nothing differs from what is there",
        Change::New => "a new generation is in place",
    };
    let generation = report.generation.as_deref().unwrap_or("the snapshot alone");
    writeln!(out, "{what}: {generation}, {} services, {} operations", report.services, report.operations)?;
    if report.change != Change::New {
        return Ok(());
    }
    writeln!(out, "{} services differ from before", report.changed.len())?;
    for (title, names) in [("new", &report.added), ("gone", &report.removed)] {
        if names.is_empty() {
            continue;
        }
        let shown: Vec<String> = names.iter().take(NAMED).map(|name| Shown::line(name).to_string()).collect();
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        writeln!(out, "{title}: {}{more}", shown.join(", "))?;
    }
    for (title, counts) in [("facts", &report.facts), ("documentation", &report.documentation)] {
        let counts: Vec<String> = counts.iter().map(|(origin, count)| format!("{} {count}", origin.name())).collect();
        if !counts.is_empty() {
            writeln!(out, "services by source of {title}: {}", counts.join(", "))?;
        }
    }
    Ok(())
}

/// Where a sync stands.
pub(super) fn step(step: Step) -> String {
    match step {
        Step::Asking => "asking the server".to_owned(),
        Step::Reading { bytes, total, models, changed } => {
            let total = total.map(|total| format!(" of {}", megabytes(total))).unwrap_or_default();
            format!("reading: {}{total}, {models} models, {changed} new or changed", megabytes(bytes))
        }
        Step::Merging { done, total } => format!("merging: {done} of {total} services"),
        Step::Verifying => "verifying".to_owned(),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}

/// How long ago something was, in its largest unit.
fn ago(now: Timestamp, at: Timestamp) -> String {
    let age = now.since(at);
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let unit = units.iter().find(|(seconds, _)| age >= Duration::from_secs(*seconds));
    match unit {
        None => "just now".to_owned(),
        Some((seconds, unit)) => {
            let count = age.as_secs() / seconds;
            format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * 1_000)
    }

    #[test]
    fn ages() {
        for (seconds, text) in [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7_199, "1 hour ago"),
            (7_200, "2 hours ago"),
            (86_400 * 30, "30 days ago"),
        ] {
            assert_eq!(ago(at(seconds), at(0)), text, "{seconds}");
        }
    }

    #[test]
    fn a_status_with_everything() {
        let part = |origin, source: &str, facts, documentation| Part {
            origin,
            source: source.to_owned(),
            revision: None,
            dated: None,
            read_at: None,
            facts,
            documentation,
        };
        let mut whole = Status {
            generation: Some("g1".into()),
            made_at: Some(at(0)),
            services: 441,
            operations: 19_900,
            documented: 19_000,
            parts: vec![
                part(Origin::Snapshot, "botocore 1.44.5", 430, 0),
                Part {
                    revision: Some("abc".into()),
                    dated: Some(at(-86_400)),
                    read_at: Some(at(0)),
                    ..part(Origin::Sync, "https://h/x @ main", 11, 400)
                },
                Part { dated: Some(at(-86_400)), ..part(Origin::Installed, "AWS CLI 2.15.0\u{7}", 0, 0) },
            ],
            problem: None,
            synced_at: Some(at(0)),
            tried_at: Some(at(7_200)),
            sync_problem: Some("the server is not able to answer now".into()),
        };
        let text = |status: &Status| {
            let mut out = Vec::new();
            super::status(&mut out, status, at(10_800)).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            text(&whole),
            "generation g1, made 3 hours ago\n441 services, 19900 operations, 19000 of them with documentation\n\n\
             snapshot   botocore 1.44.5: facts of 430\n\
             sync       https://h/x @ main, abc, of 2023-11-13, read 3 hours ago: facts of 11, documentation of 400\n\
             installed  AWS CLI 2.15.0\\u{7}, installed 2023-11-13: gives nothing that is not there already\n\n\
             the last sync, 1 hour ago, failed: the server is not able to answer now\n\
             the one before that succeeded 3 hours ago\n"
        );
        (whole.generation, whole.synced_at, whole.sync_problem) = (None, None, None);
        whole.problem = Some("made for another version".into());
        let text = text(&whole);
        assert!(text.starts_with("the snapshot in the binary alone; "), "{text}");
        assert!(text.ends_with("\nnever synced\n\nmade for another version\n"), "{text}");
    }

    #[test]
    fn steps_and_reports() {
        let reading = Step::Reading { bytes: 12_345_678, total: Some(40_000_000), models: 7, changed: 2 };
        assert_eq!(step(reading), "reading: 12.3 MB of 40.0 MB, 7 models, 2 new or changed");
        let names = |count: usize| (0..count).map(|at| format!("s:O{at}")).collect::<Vec<_>>();
        let made = Report {
            change: Change::New,
            generation: Some("g1".into()),
            services: 2,
            operations: 20,
            added: names(9),
            removed: names(1),
            changed: vec!["s".into()],
            facts: vec![(Origin::Snapshot, 1), (Origin::Sync, 1)],
            documentation: Vec::new(),
            bytes: 1,
        };
        let mut out = Vec::new();
        report(&mut out, &made).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "a new generation is in place: g1, 2 services, 20 operations\n1 services differ from before\n\
             new: s:O0, s:O1, s:O2, s:O3, s:O4, s:O5, s:O6, s:O7 and 1 more\ngone: s:O0\n\
             services by source of facts: snapshot 1, sync 1\n"
        );
    }
}
