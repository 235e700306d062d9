//! Checksums: those that a request must carry (Content-MD5, S3's flexible ones as a header), and those that an
//! answer is held against.

use std::str::FromStr as _;

use aws_smithy_checksums::ChecksumAlgorithm;
use aws_smithy_checksums::http::HttpChecksum;
use aws_smithy_runtime_api::http::{Headers, Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value};
use sha2::Sha512;

use crate::smithy::Operation;

/// Prefix of S3's checksum headers.
const HEADER: &str = "x-amz-checksum-";

/// A checksum in the making.
pub(super) enum Hasher {
    /// One that the runtime has.
    Runtime(Box<dyn HttpChecksum>),
    /// MD5.
    Md5(Md5),
    /// SHA-512.
    Sha512(Sha512),
}

impl Hasher {
    /// By the algorithm's name in the model (`CRC32`); `None` for those that are not known here (the xxHash family).
    pub(super) fn new(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("MD5") {
            return Some(Self::Md5(Md5::new()));
        }
        if name.eq_ignore_ascii_case("SHA512") {
            return Some(Self::Sha512(Sha512::new()));
        }
        ChecksumAlgorithm::from_str(name).ok().map(|algorithm| Self::Runtime(algorithm.into_impl()))
    }

    /// Takes further bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Runtime(hasher) => hasher.update(bytes),
            Self::Md5(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    /// The checksum in base64, as headers hold it.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Runtime(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Md5(hasher) => STANDARD.encode(hasher.finalize()),
            Self::Sha512(hasher) => STANDARD.encode(hasher.finalize()),
        }
    }
}

/// A checksum that a request must get: the header to put it in, and what makes it.
pub(super) struct Wanted {
    header: String,
    /// What `x-amz-sdk-checksum-algorithm` says.
    algorithm: Option<String>,
    hasher: Hasher,
}

impl Wanted {
    fn content_md5(headers: &Headers) -> Option<Self> {
        headers.get("content-md5").is_none().then(|| Self {
            header: "content-md5".to_owned(),
            algorithm: None,
            hasher: Hasher::Md5(Md5::new()),
        })
    }

    /// Takes further bytes of the body.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// Puts the headers.
    pub(super) fn put(self, headers: &mut Headers) {
        headers.insert(self.header, self.hasher.finish());
        if let Some(algorithm) = self.algorithm.filter(|_| headers.get("x-amz-sdk-checksum-algorithm").is_none()) {
            headers.insert("x-amz-sdk-checksum-algorithm", algorithm);
        }
    }
}

/// The checksum that the operation wants, unless the caller has given one.
///
/// # Errors
/// When the payload asks for an algorithm that is not known; the text names it.
pub(super) fn wanted(
    headers: &Headers,
    operation: &Operation,
    payload: &Map<String, Value>,
) -> Result<Option<Wanted>, String> {
    let Some(checksum) = &operation.checksum else {
        return Ok(if operation.checksum_required { Wanted::content_md5(headers) } else { None });
    };
    let Some(member) = &checksum.request_algorithm_member else {
        return Ok(if checksum.request_required { Wanted::content_md5(headers) } else { None });
    };
    let given = headers.iter().any(|(name, _)| {
        (name.starts_with(HEADER) && !matches!(name, "x-amz-checksum-mode" | "x-amz-checksum-type"))
            || name == "content-md5"
    });
    if given {
        return Ok(None);
    }
    let name = payload.get(member).and_then(Value::as_str).unwrap_or("CRC32");
    let hasher = Hasher::new(name).ok_or_else(|| {
        format!("{member}: `{name}` cannot be calculated here; use CRC32, or give the checksum itself")
    })?;
    let header = format!("{HEADER}{}", name.to_ascii_lowercase());
    Ok(Some(Wanted { header, algorithm: Some(name.to_ascii_uppercase()), hasher }))
}

/// Adds the checksum that the operation wants to a request whose body is in memory.
///
/// # Errors
/// As [`wanted`].
pub(super) fn apply(request: &mut Request, operation: &Operation, payload: &Map<String, Value>) -> Result<(), String> {
    let wanted = wanted(request.headers(), operation, payload)?;
    if let (Some(mut wanted), Some(body)) = (wanted, request.body().bytes()) {
        wanted.update(body);
        wanted.put(request.headers_mut());
    }
    Ok(())
}

/// A checksum that came with an answer.
pub(super) struct Promised {
    name: String,
    value: String,
    hasher: Hasher,
}

impl Promised {
    /// The checksum that an answer is to be held against, if the model has it and the answer is the whole: a part of
    /// an object comes with the checksum of the whole, an object of parts with one over their checksums (`…-3`).
    pub(super) fn of<'h>(operation: &Operation, status: u16, header: impl Fn(&str) -> Option<&'h str>) -> Option<Self> {
        let algorithms = &operation.checksum.as_ref()?.response_algorithms;
        if status != 200 {
            return None;
        }
        algorithms.iter().find_map(|name| {
            let value = header(&format!("{HEADER}{}", name.to_ascii_lowercase()))?;
            let hasher = Hasher::new(name).filter(|_| !value.contains('-'))?;
            Some(Self { name: name.clone(), value: value.to_owned(), hasher })
        })
    }

    /// Takes further bytes of the body.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// # Errors
    /// When the body was another; the text says so.
    pub(super) fn check(self) -> Result<(), String> {
        let found = self.hasher.finish();
        if found == self.value {
            return Ok(());
        }
        Err(format!(
            "the body was damaged on the way: its {} is {found}, and S3 says {}; call again",
            self.name, self.value
        ))
    }
}

/// Holds an answer in memory against its checksum.
///
/// # Errors
/// As [`Promised::check`].
pub(super) fn verify(operation: &Operation, response: &Response) -> Result<(), String> {
    let header = |name: &str| response.headers().get(name);
    let Some(mut promised) = Promised::of(operation, response.status().as_u16(), header) else { return Ok(()) };
    promised.update(response.body().bytes().unwrap_or_default());
    promised.check()
}
