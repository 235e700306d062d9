//! From a source to packed services, on as many threads as there are cores: packing is slow.

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use super::{ImportError, Options, Skipped, ast, botocore, source};
use crate::models::packed::{Effort, Packed, deflate};

/// All that was found in a source.
pub(super) struct Gathered {
    pub(super) source: String,
    pub(super) services: Vec<Packed>,
    pub(super) partitions: Option<Vec<u8>>,
    pub(super) skipped: Vec<Skipped>,
}

enum Job {
    Botocore(botocore::Service),
    Ast(String, Vec<u8>),
}

/// What came of a job, with the name that puts it in order.
enum Done {
    Packed(Vec<Packed>),
    Skipped(Skipped),
    Failed(String, ImportError),
}

pub(super) fn gather(path: &Path, options: Options<'_>) -> Result<Gathered, ImportError> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (sender, receiver) = sync_channel(threads);
    let receiver = Mutex::new(receiver);
    let (found, done) = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| worker(&receiver, options))).collect();
        let found = feed(path, &sender, options);
        drop(sender);
        let done: Result<Vec<Vec<Done>>, ImportError> =
            workers.into_iter().map(|worker| worker.join().map_err(|_| ImportError::Interrupted)).collect();
        (found, done)
    });
    let mut gathered = found?;
    let mut failed: Vec<(String, ImportError)> = Vec::new();
    for done in done?.into_iter().flatten() {
        match done {
            Done::Packed(packed) => gathered.services.extend(packed),
            Done::Skipped(skipped) => gathered.skipped.push(skipped),
            Done::Failed(name, error) => failed.push((name, error)),
        }
    }
    gathered.skipped.sort_by(|a, b| a.what.cmp(&b.what));
    // Of several broken files always the same one is told of.
    match failed.into_iter().min_by(|a, b| a.0.cmp(&b.0)) {
        Some((_, error)) => Err(error),
        None => Ok(gathered),
    }
}

/// Walks the source and hands out the work. Models in botocore's form win: a package also holds other JSON.
fn feed(path: &Path, sender: &SyncSender<Job>, options: Options<'_>) -> Result<Gathered, ImportError> {
    let mut package = botocore::Package::default();
    let mut files = 0_usize;
    let mut skipped = Vec::new();
    source::walk(path, &mut |name, reader| {
        if package.take(name, reader)? || !package.is_empty() || !name.ends_with(".json") {
            return Ok(());
        }
        files += 1;
        let job = Job::Ast(name.to_owned(), source::read(name, reader)?);
        sender.send(job).map_err(|_| ImportError::Interrupted)
    })?;
    let source = if package.is_empty() { "Smithy JSON AST".to_owned() } else { package.source() };
    let partitions = package.take_partitions().map(|json| partitions(&json, options.effort)).transpose()?;
    for service in package.into_services(&mut skipped) {
        sender.send(Job::Botocore(service)).map_err(|_| ImportError::Interrupted)?;
    }
    Ok(Gathered { source, services: Vec::new(), partitions, skipped })
}

fn partitions(json: &[u8], effort: Effort) -> Result<Vec<u8>, ImportError> {
    let damaged = |error: &dyn std::fmt::Display| ImportError::damaged("partitions.json", error);
    let value: serde_json::Value = serde_json::from_slice(json).map_err(|error| damaged(&error))?;
    deflate(value.to_string().as_bytes(), effort).map_err(|error| damaged(&error))
}

fn worker(receiver: &Mutex<Receiver<Job>>, options: Options<'_>) -> Vec<Done> {
    let mut done = Vec::new();
    loop {
        let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Err(_) => return done,
            Ok(Job::Botocore(service)) => done.push(match service.pack(options) {
                Ok(packed) => Done::Packed(vec![packed]),
                Err(error) => Done::Failed(service.name().to_owned(), error),
            }),
            Ok(Job::Ast(name, bytes)) => done.push(match ast::pack_file(&name, &bytes, options) {
                Ok(Some(packed)) => Done::Packed(packed),
                Ok(None) => Done::Skipped(Skipped { what: name, why: "it is no Smithy model" }),
                Err(error) => Done::Failed(name, error),
            }),
        }
    }
}
