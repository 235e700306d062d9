//! Tests of sync against a scripted server: what is taken over, what is refused, and that nothing is lost on the way.

mod archives;
mod faults;
mod generations;

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    sync::Mutex,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    base::Timestamp,
    models::{Home, Models, Origin, installed::Places},
};

/// Files of an archive by path.
type Files = BTreeMap<String, Vec<u8>>;

/// A Smithy model of a service that no snapshot has: operations by name, each with its input's members.
fn toy(sdk_id: &str, operations: &[(&str, &[&str])]) -> Value {
    let mut shapes = serde_json::Map::new();
    let targets: Vec<Value> = operations.iter().map(|(name, _)| json!({"target": format!("toy#{name}")})).collect();
    shapes.insert(
        "toy#Toys".into(),
        json!({"type": "service", "version": "2020-01-01", "operations": targets, "traits": {
            "aws.api#service": {"sdkId": sdk_id, "endpointPrefix": "toys"}, "aws.protocols#awsJson1_0": {},
            "aws.auth#sigv4": {"name": "toys"}, "smithy.api#title": "Toys"}}),
    );
    for (name, members) in operations {
        shapes.insert(
            format!("toy#{name}"),
            json!({"type": "operation", "input": {"target": format!("toy#{name}Input")}, "traits": {
                "smithy.api#documentation": format!("<p>Does {name}. Well.</p>")}}),
        );
        let members: serde_json::Map<String, Value> =
            members.iter().map(|name| ((*name).to_owned(), json!({"target": "smithy.api#String"}))).collect();
        shapes.insert(format!("toy#{name}Input"), json!({"type": "structure", "members": members}));
    }
    json!({"smithy": "2.0", "shapes": shapes})
}

fn files(models: &[(&str, Value)]) -> Files {
    models.iter().map(|(path, model)| ((*path).to_owned(), model.to_string().into_bytes())).collect()
}

/// Two toys in the published layout.
fn two_toys() -> Files {
    files(&[
        (
            "models-main/toy-box/service/2020-01-01/toy-box.json",
            toy("Toy Box", &[("GetToy", &["Name"]), ("PutToy", &["Name", "Size"])]),
        ),
        ("models-main/toy-zoo/service/2020-01-01/toy-zoo.json", toy("Toy Zoo", &[("Feed", &["Animal"])])),
    ])
}

fn tar(files: &Files) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_700_000_000);
        builder.append_data(&mut header, path, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut out).unwrap();
    out
}

/// What the server answers.
#[derive(Clone, Default)]
struct Answer {
    status: u16,
    etag: Option<&'static str>,
    kind: Option<&'static str>,
    length: Option<u64>,
    digest: Option<&'static str>,
    location: Option<&'static str>,
    body: Vec<u8>,
    /// How the connection ends after the body, if not well.
    breaks: Option<&'static str>,
}

impl Answer {
    fn ok(body: Vec<u8>) -> Self {
        Self { status: 200, body, ..Self::default() }
    }

    fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }
}

/// A server that gives these answers in this order, and notes what it was asked.
struct Server {
    answers: Mutex<Vec<Result<Answer, FetchError>>>,
    asked: Mutex<Vec<(String, Option<String>)>>,
}

impl Server {
    fn with(answers: impl IntoIterator<Item = Answer>) -> Self {
        let mut answers: Vec<_> = answers.into_iter().map(Ok).collect();
        answers.reverse();
        Self { answers: Mutex::new(answers), asked: Mutex::default() }
    }

    fn unreachable() -> Self {
        let error = FetchError { problem: "the server cannot be reached".into(), offline: true };
        Self { answers: Mutex::new(vec![Err(error)]), asked: Mutex::default() }
    }

    fn asked(&self) -> Vec<(String, Option<String>)> {
        self.asked.lock().unwrap().clone()
    }
}

struct Breaking(Option<&'static str>);

impl Read for Breaking {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        self.0.map_or(Ok(0), |problem| Err(std::io::Error::other(problem)))
    }
}

impl Fetch for Server {
    fn get(&self, request: Request<'_>) -> Result<Response, FetchError> {
        self.asked.lock().unwrap().push((request.url.to_owned(), request.etag.map(str::to_owned)));
        let answer = self.answers.lock().unwrap().pop().expect("the server is asked once too often")?;
        Ok(Response {
            status: answer.status,
            etag: answer.etag.map(str::to_owned),
            content_type: answer.kind.map(str::to_owned),
            length: answer.length,
            digest: answer.digest.map(str::to_owned),
            location: answer.location.map(str::to_owned),
            body: Box::new(Cursor::new(answer.body).chain(Breaking(answer.breaks))),
        })
    }
}

/// A home to sync in, on a machine on which nothing is installed.
struct Den {
    folder: TempDir,
    home: Home,
    places: Places,
    place: Place,
}

impl Den {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::new(folder.path().join("models"));
        let places = Places { root: folder.path().join("root"), ..Places::default() };
        Self { home, places, place: Place::new("https://models.example/aws", "main").unwrap(), folder }
    }

    fn options(&self, second: i64) -> Options<'_> {
        Options { home: &self.home, places: &self.places, now: at(second), threads: 2, anew: false }
    }

    fn sync(&self, second: i64, server: &Server) -> Result<Report, SyncError> {
        sync(self.options(second), Some((&self.place, server)), &|_| {})
    }

    /// Syncs what must go well.
    fn good(&self, second: i64, files: &Files) -> Report {
        self.sync(second, &Server::with([Answer::ok(gzip(&tar(files)))])).unwrap()
    }

    fn models(&self) -> Models {
        Models::open(self.home.clone()).unwrap()
    }

    /// Every file beneath the home's models, by path, but for what the last sync came to.
    fn snapshot(&self) -> BTreeMap<String, Vec<u8>> {
        fn collect(folder: &std::path::Path, files: &mut BTreeMap<String, Vec<u8>>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, files);
                } else {
                    files.insert(path.display().to_string(), std::fs::read(&path).unwrap());
                }
            }
        }
        let mut files = BTreeMap::new();
        collect(&self.folder.path().join("models"), &mut files);
        files.retain(|path, _| !path.ends_with("sync.json"));
        files
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000 + second * 1_000)
}

/// The operations of a service as the index lists them, with what is told of each.
fn listed(models: &Models, service: &str) -> Vec<(String, Option<String>)> {
    let store = models.store();
    let index = store.index().unwrap();
    let Some(entry) = index.service(service) else { return Vec::new() };
    let operations = index.operations(entry);
    operations.map(|operation| (operation.name.to_owned(), operation.summary.map(str::to_owned))).collect()
}
