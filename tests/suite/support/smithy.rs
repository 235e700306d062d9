//! Archives of Smithy models, as a repository serves them, and a server that serves them well or badly.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// A service that no snapshot has: operations by name, each with its input's members.
pub(crate) fn toy(sdk_id: &str, operations: &[(&str, &[&str])]) -> Value {
    let mut shapes = serde_json::Map::new();
    let targets: Vec<Value> = operations.iter().map(|(name, _)| json!({"target": format!("toy#{name}")})).collect();
    shapes.insert(
        "toy#Toys".into(),
        json!({"type": "service", "version": "2020-01-01", "operations": targets, "traits": {
            "aws.api#service": {"sdkId": sdk_id, "endpointPrefix": "toys"}, "aws.protocols#awsJson1_0": {},
            "aws.auth#sigv4": {"name": "toys"}, "smithy.api#title": "Toys"}}),
    );
    for (name, members) in operations {
        let input = format!("toy#{name}Input");
        let said = json!({"smithy.api#documentation": format!("<p>Does {name} to a toy. Well.</p>")});
        shapes.insert(format!("toy#{name}"), json!({"type": "operation", "input": {"target": input}, "traits": said}));
        let members: serde_json::Map<String, Value> =
            members.iter().map(|name| ((*name).to_owned(), json!({"target": "smithy.api#String"}))).collect();
        shapes.insert(input, json!({"type": "structure", "members": members}));
    }
    json!({"smithy": "2.0", "shapes": shapes})
}

/// Files in a tar in gzip, in the layout of AWS's repository.
pub(crate) fn archive(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(out);
    for (path, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, format!("api-models-aws-main/{path}"), bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// One model in an archive.
pub(crate) fn archive_of(name: &str, model: &Value) -> Vec<u8> {
    archive(&[(format!("{name}/service/2020-01-01/{name}.json"), model.to_string().into_bytes())])
}

/// An answer, byte for byte.
#[derive(Clone, Default)]
pub(crate) struct Raw {
    /// Status line and headers, without what ends them.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Whether the connection stays open and silent after that.
    pub(crate) hangs: bool,
}

impl Raw {
    pub(crate) fn of(status: &str, headers: &str, body: &[u8]) -> Self {
        let length = body.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}");
        Self { head, body: body.to_vec(), hangs: false }
    }
}

/// A server on loopback that answers as it is told, request by request.
pub(crate) struct Web {
    pub(crate) url: String,
    answer: Arc<Mutex<Raw>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Web {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answer, asked) = (Arc::new(Mutex::new(Raw::default())), Arc::new(Mutex::new(Vec::new())));
        let web = Self { url, answer: Arc::clone(&answer), asked: Arc::clone(&asked) };
        // It ends with the process: nobody waits for it.
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let request = head_of(&mut stream);
                asked.lock().unwrap().push(request.clone());
                let mut raw = answer.lock().unwrap().clone();
                let tag = raw.head.split("etag: ").nth(1).and_then(|rest| rest.split("\r\n").next());
                if tag.is_some_and(|tag| request.contains(&format!("if-none-match: {tag}\r\n"))) {
                    raw = Raw::of("304 Not Modified", "", b"");
                }
                // Who breaks off early is told so by the error that is dropped here.
                let _ = stream.write_all(format!("{}\r\n\r\n", raw.head.trim_end()).as_bytes());
                let _ = stream.write_all(&raw.body);
                if raw.hangs {
                    silent.push(stream);
                }
            }
        });
        web
    }

    /// What is answered from now on.
    pub(crate) fn answers(&self, raw: Raw) {
        *self.answer.lock().unwrap() = raw;
    }

    /// First lines of the requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|head| head.lines().next().unwrap_or_default().to_owned()).collect()
    }
}

fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).to_ascii_lowercase()
}
