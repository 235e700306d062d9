//! What single services do in a way of their own, and no trait of the model says. Each with its test.

use aws_smithy_runtime_api::http::{Request, Response};
use aws_smithy_xml::codec::find_depth2_element_slice_by;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::operation::Prepared;
use super::schema::{OperationSchemas, Shaping};
use crate::smithy::{Location, Operation, Protocol, Service, Shape};

/// How the wire form of an operation differs from what its shapes say.
pub(super) fn shaping(service: &Service, operation: &Operation) -> Shaping {
    let mut shaping = Shaping::default();
    if service.sdk_id == "S3" {
        // The bucket is in the host or in the endpoint's path; the rules have put it there.
        if let Some(rest) = operation.http.uri.strip_prefix("/{Bucket}") {
            shaping.uri = Some(if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") });
        }
        shaping.unwrapped_output = operation.name == "GetBucketLocation";
    }
    shaping
}

/// Fills in what a caller may leave out.
pub(super) fn prepare_input(
    service: &Service,
    operation: &Operation,
    input: Option<&Shape>,
    payload: &mut Map<String, Value>,
    token: &mut dyn FnMut() -> String,
) {
    for member in input.into_iter().flat_map(|input| &input.members) {
        let unset = payload.get(&member.name).is_none_or(Value::is_null);
        if member.traits().idempotency_token && unset {
            payload.insert(member.name.clone(), token().into());
        }
        let unset = unset || payload.get(&member.name).is_some_and(|value| value == "");
        if service.sdk_id == "Glacier" && member.name == "accountId" && unset {
            payload.insert(member.name.clone(), "-".into());
        }
    }
    // As the SDKs do: the checksum of what is read comes along and is looked at.
    let mode = operation.checksum.as_ref().and_then(|checksum| checksum.request_validation_mode_member.as_ref());
    if let Some(mode) = mode.filter(|mode| payload.get(*mode).is_none_or(Value::is_null)) {
        payload.insert(mode.clone(), "ENABLED".into());
    }
    user_data(service, operation, payload);
    if service.sdk_id == "Route 53" {
        trim_route53_ids(input, payload);
    }
}

/// User data is base64 on the wire; like botocore we take the text itself where botocore does. What is base64 already
/// stays: a script never is.
fn user_data(service: &Service, operation: &Operation, payload: &mut Map<String, Value>) {
    let takes_text = matches!(
        (service.sdk_id.as_str(), operation.name.as_str()),
        ("EC2", "RunInstances") | ("Auto Scaling", "CreateLaunchConfiguration")
    );
    if let Some(Value::String(text)) = payload.get_mut("UserData").filter(|_| takes_text)
        && STANDARD.decode(text.trim()).is_err()
    {
        *text = STANDARD.encode(&*text);
    }
}

/// Route 53 answers with `/hostedzone/Z1` and wants `Z1` in the path.
fn trim_route53_ids(input: Option<&Shape>, payload: &mut Map<String, Value>) {
    for (name, prefixes) in [
        ("HostedZoneId", &["/hostedzone/", "hostedzone/"] as &[&str]),
        ("Id", &["/hostedzone/", "hostedzone/", "/change/", "change/", "/delegationset/", "delegationset/"]),
        ("DelegationSetId", &["/delegationset/", "delegationset/"]),
        ("ChangeId", &["/change/", "change/"]),
    ] {
        // Only where it stands in the path: elsewhere a slash is left to Route 53 to judge. The path may know the
        // member by another name (`HostedZoneId` stands in it as `{Id}`).
        let member = input.into_iter().flat_map(|input| &input.members).find(|member| member.name == name);
        let in_path = name == "DelegationSetId"
            || member.is_some_and(|member| matches!(member.traits().location, Some(Location::Label(_))));
        if let Some(Value::String(id)) = payload.get_mut(name).filter(|_| in_path)
            && let Some(rest) = prefixes.iter().find_map(|prefix| id.strip_prefix(prefix))
        {
            *id = rest.to_owned();
        }
    }
}

/// What single services answer in a way of their own: us-east-1 is an empty element to S3, and nothing to the SDKs.
pub(super) fn finish_output(service: &Service, operation: &Operation, output: &mut Map<String, Value>) {
    if service.sdk_id == "S3"
        && operation.name == "GetBucketLocation"
        && output.get("LocationConstraint").is_some_and(|region| region == "")
    {
        output.shift_remove("LocationConstraint");
    }
}

/// The host prefix of an operation, unless the endpoint rules of its service write it themselves.
pub(super) fn host_prefix<'o>(service: &Service, operation: &'o Operation) -> Option<&'o str> {
    operation.host_prefix.as_deref().filter(|prefix| !(service.sdk_id == "S3 Control" && *prefix == "{AccountId}."))
}

/// The URL of an S3 endpoint before its path, and the path: the bucket, where it is not in the host.
pub(super) fn bucket_path<'u>(service: &Service, url: &'u str) -> Option<(&'u str, &'u str)> {
    let host = url.find("://").map(|at| at + 3).filter(|_| service.sdk_id == "S3")?;
    let path = host + url.get(host..)?.find('/')?;
    url.split_at_checked(path).filter(|(_, path)| *path != "/")
}

/// Headers that a service wants on every request.
pub(super) fn headers(service: &Service, operation: &Operation, request: &mut Request) {
    match service.sdk_id.as_str() {
        "API Gateway" => {
            request.headers_mut().insert("accept", "application/json");
        }
        "Glacier" => {
            request.headers_mut().insert("x-amz-glacier-version", service.version.clone());
            let uploads = matches!(operation.name.as_str(), "UploadArchive" | "UploadMultipartPart");
            if uploads && request.headers().get(TREE_HASH).is_none() {
                let hash = request.body().bytes().filter(|body| !body.is_empty()).map(tree_hash);
                if let Some(hash) = hash {
                    request.headers_mut().insert(TREE_HASH, hash);
                }
            }
        }
        _ => {}
    }
}

const TREE_HASH: &str = "x-amz-sha256-tree-hash";

/// SHA-256 over a binary tree of 1 MiB leaves, in hex.
fn tree_hash(body: &[u8]) -> String {
    tree_root(body.chunks(1 << 20).map(|leaf| Sha256::digest(leaf).into()).collect())
}

/// The root above the hashes of the leaves, in hex.
pub(super) fn tree_root(mut level: Vec<[u8; 32]>) -> String {
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => Sha256::new().chain_update(left).chain_update(right).finalize().into(),
                rest => rest.first().copied().unwrap_or_default(),
            })
            .collect();
    }
    hex::encode(level.first().copied().unwrap_or_default())
}

/// An endpoint that stands in the payload itself (Machine Learning's Predict).
pub(super) fn endpoint(service: &Service, operation: &Operation, payload: &Map<String, Value>) -> Option<String> {
    let predict = service.sdk_id == "Machine Learning" && operation.name == "Predict";
    let url = payload.get("PredictEndpoint").filter(|_| predict)?.as_str()?;
    Some(url.trim_end_matches('/').to_owned())
}

/// S3 may answer 200 and put an error into the body (CopyObject, CompleteMultipartUpload, UploadPartCopy).
pub(super) fn is_error(prepared: &Prepared, response: &Response) -> bool {
    if !response.status().is_success() {
        return true;
    }
    let body = response.body().bytes().unwrap_or_default();
    prepared.model.service.sdk_id == "S3"
        && prepared.wire.kind() == Protocol::RestXml
        // An object may hold anything, an error document too.
        && OperationSchemas::raw_payload(&prepared.schemas.output).is_none()
        && body.trim_ascii_start().starts_with(b"<")
        && root_is_error(body)
}

fn root_is_error(body: &[u8]) -> bool {
    // The root is asked first, and a body whose root matches is handed back whole.
    find_depth2_element_slice_by(body, |name| name == "Error").is_some_and(|found| found.len() == body.len())
}

#[cfg(test)]
mod tests;
