//! gzip for the requests whose operation allows it (`requestCompression`), when they are large enough.

use aws_smithy_compression::{CompressionAlgorithm, CompressionOptions};
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;

use crate::smithy::Operation;

/// Compresses the body, unless it is too small or the settings forbid it. An encoding that the payload names
/// comes before ours.
pub(super) fn apply(request: &mut Request, operation: &Operation, options: &CompressionOptions) {
    let wanted = operation.compression.iter().any(|encoding| encoding == "gzip");
    let least = usize::try_from(options.min_compression_size_bytes()).unwrap_or(usize::MAX);
    let Some(body) = request.body().bytes().filter(|body| body.len() >= least) else { return };
    if !wanted || !options.is_enabled() {
        return;
    }
    let mut compressed = Vec::new();
    let mut gzip = CompressionAlgorithm::Gzip.into_impl_http_body_1_x(options);
    if gzip.compress_bytes(body, &mut compressed).is_err() {
        return;
    }
    let headers = request.headers_mut();
    let encoding = match headers.get("content-encoding") {
        Some(own) => format!("{own}, gzip"),
        None => "gzip".to_owned(),
    };
    headers.insert("content-encoding", encoding);
    headers.insert("content-length", compressed.len().to_string());
    *request.body_mut() = SdkBody::from(compressed);
}
