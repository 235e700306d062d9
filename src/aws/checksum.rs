//! Checksums that a request must carry: Content-MD5, and S3's flexible ones as a header over the body in memory.

use std::str::FromStr as _;

use aws_smithy_checksums::ChecksumAlgorithm;
use aws_smithy_runtime_api::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use serde_json::{Map, Value};

use crate::smithy::Operation;

/// Prefix of S3's checksum headers.
const HEADER: &str = "x-amz-checksum-";

/// Adds the checksum that the operation wants, unless the caller has given one.
///
/// # Errors
/// When the payload asks for an algorithm that is not known; the text names it.
pub(super) fn apply(request: &mut Request, operation: &Operation, payload: &Map<String, Value>) -> Result<(), String> {
    let Some(checksum) = &operation.checksum else {
        if operation.checksum_required {
            content_md5(request);
        }
        return Ok(());
    };
    let Some(member) = &checksum.request_algorithm_member else {
        if checksum.request_required {
            content_md5(request);
        }
        return Ok(());
    };
    let given = request.headers().iter().any(|(name, _)| {
        (name.starts_with(HEADER) && !matches!(name, "x-amz-checksum-mode" | "x-amz-checksum-type"))
            || name == "content-md5"
    });
    let Some(body) = request.body().bytes().map(<[u8]>::to_vec) else { return Ok(()) };
    if given {
        return Ok(());
    }
    let wanted = payload.get(member).and_then(Value::as_str);
    let algorithm = match wanted {
        Some(name) => ChecksumAlgorithm::from_str(name)
            .map_err(|_| format!("{member}: `{name}` is not a checksum algorithm; use CRC32"))?,
        None => ChecksumAlgorithm::Crc32,
    };
    let mut hasher = algorithm.into_impl();
    hasher.update(&body);
    let value = STANDARD.encode(hasher.finalize());
    let headers = request.headers_mut();
    headers.insert(format!("{HEADER}{}", algorithm.as_str()), value);
    if headers.get("x-amz-sdk-checksum-algorithm").is_none() {
        headers.insert("x-amz-sdk-checksum-algorithm", algorithm.as_str().to_uppercase());
    }
    Ok(())
}

fn content_md5(request: &mut Request) {
    if request.headers().get("content-md5").is_some() {
        return;
    }
    if let Some(body) = request.body().bytes() {
        let digest = STANDARD.encode(Md5::digest(body));
        request.headers_mut().insert("content-md5", digest);
    }
}
