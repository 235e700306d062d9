//! Who is signed for and how; above all, that nothing goes out unsigned unless the model says so.

mod suites;

use serde_json::{Value, json};

use super::{Signing, choose};
use crate::aws::AwsError;
use crate::endpoint::Endpoint;
use crate::smithy::{Operation, Service};

const SIGV4: &str = "aws.auth#sigv4";
const SIGV4A: &str = "aws.auth#sigv4a";
const BEARER: &str = "smithy.api#httpBearerAuth";
const NONE: &str = "smithy.api#noAuth";

fn chosen(service: &[&str], operation: Option<&[&str]>, endpoint: &Value) -> Result<Signing, String> {
    let owned = |schemes: &[&str]| schemes.iter().map(|scheme| (*scheme).to_owned()).collect::<Vec<_>>();
    let service = Service { auth: owned(service), ..Service::default() };
    let operation = Operation { auth: operation.map(owned), ..Operation::default() };
    let mut resolved = Endpoint::default();
    if !endpoint.is_null() {
        resolved.properties.insert("authSchemes".into(), endpoint.clone());
    }
    choose(&service, &operation, &resolved).map_err(|error| match error {
        AwsError::Unsupported(message) => message,
        other => panic!("{other:?}"),
    })
}

#[test]
fn the_endpoint_decides_then_the_operation_then_the_service() {
    let not_spoken = |what: &str| Err(format!("this call must be signed with {what}, which is not spoken here yet"));
    let cases = [
        (&[SIGV4][..], None, json!(null), Ok(Signing::SigV4)),
        (&[], None, json!(null), Ok(Signing::SigV4)),
        (&[SIGV4, BEARER], None, json!(null), Ok(Signing::SigV4)),
        (&[BEARER], None, json!(null), Ok(Signing::Bearer)),
        (&[SIGV4], Some(&[BEARER][..]), json!(null), Ok(Signing::Bearer)),
        (&[SIGV4], None, json!([{"name": "sigv4a"}, {"name": "sigv4"}]), Ok(Signing::SigV4a)),
        (&[SIGV4], None, json!([{"name": "sigv5"}, {"name": "sigv4"}]), Ok(Signing::SigV4)),
        (&[SIGV4], None, json!([{"name": "sigv5"}]), not_spoken("sigv5")),
        (&[SIGV4], None, json!([{"name": "sigv4-s3express"}]), Ok(Signing::S3Express)),
        (&[SIGV4A, SIGV4], None, json!(null), Ok(Signing::SigV4a)),
        (&[SIGV4, SIGV4A], None, json!(null), Ok(Signing::SigV4)),
        (&[SIGV4], None, json!([{"name": "none"}]), not_spoken("none")),
        // Unsigned only where the operation itself says so.
        (&[SIGV4], Some(&[]), json!(null), Ok(Signing::Unsigned)),
        (&[SIGV4], Some(&[NONE]), json!([{"name": "sigv4"}]), Ok(Signing::Unsigned)),
        (&[SIGV4], Some(&[SIGV4, NONE]), json!(null), Ok(Signing::SigV4)),
        (&[NONE], None, json!(null), not_spoken(NONE)),
        (&["smithy.api#httpApiKeyAuth"], None, json!(null), not_spoken("smithy.api#httpApiKeyAuth")),
    ];
    for (service, operation, endpoint, expected) in cases {
        assert_eq!(chosen(service, operation, &endpoint), expected, "{service:?} {operation:?} {endpoint}");
    }
}
