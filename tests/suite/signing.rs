//! Nothing goes out unsigned unless the model says so: every operation of every service is planned as a call
//! would be, and asked how it would be signed. And what the rarer schemes put on the wire.

use std::collections::BTreeMap;

use countersign::aws::{AwsError, AwsRequest, Signing};
use countersign::smithy::{Location, Member, Model, ShapeType};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::models;
use crate::support::scripted::{Act, Scripted, client_of};

const NO_AUTH: &str = "smithy.api#noAuth";

/// Some value of the member's type: the smallest that endpoint rules and host names can hold.
fn value(model: &Model, member: &Member) -> Value {
    let text = |name: &str| match name {
        "Bucket" => "a-bucket",
        "AccountId" | "AccountID" | "accountId" => "123456789012",
        "KvsARN" => "arn:aws:cloudfront::123456789012:key-value-store/a-b",
        "ChannelARN" => "arn:aws:kinesis:eu-west-1:123456789012:channel/a",
        "QueueARN" => "arn:aws:kinesis:eu-west-1:123456789012:queue/a",
        name if name.ends_with("ARN") => "arn:aws:kinesis:eu-west-1:123456789012:stream/a",
        "OutpostId" => "op-01ac5d28a6a232904",
        "PredictEndpoint" => "https://realtime.machinelearning.eu-west-1.amazonaws.com",
        _ => "abc",
    };
    let kind = model.shape(&member.target).map(|shape| shape.kind);
    match kind.unwrap_or(ShapeType::String) {
        ShapeType::Structure | ShapeType::Union | ShapeType::Map => json!({}),
        ShapeType::List => json!([]),
        ShapeType::Boolean => json!(false),
        ShapeType::String | ShapeType::Blob | ShapeType::Timestamp | ShapeType::Document => json!(text(&member.name)),
        _ => json!(1),
    }
}

/// What a call cannot do without: required members, and those that stand in the path.
fn payload(model: &Model, operation: &str) -> Map<String, Value> {
    let operation = model.operation(operation).unwrap();
    let members = model.input(operation).into_iter().flat_map(|input| &input.members);
    let needed = |member: &&Member| {
        member.required || member.traits().host_label || matches!(member.traits().location, Some(Location::Label(_)))
    };
    members.filter(needed).map(|member| (member.name.clone(), value(model, member))).collect()
}

#[tokio::test]
async fn nothing_goes_out_unsigned_unless_the_model_says_so() {
    let aws = client_of("", |config| config.endpoint_url = None).await;
    let mut count: BTreeMap<Signing, usize> = BTreeMap::new();
    let (mut unsigned, mut wrong, mut refused) = (Vec::new(), Vec::new(), BTreeMap::new());
    let services = models::store().index().unwrap().services();
    for service in services.iter().map(|service| service.name.clone()) {
        let model = models::model(&service);
        for (name, operation) in &model.operations {
            let payload = Value::Object(payload(&model, name));
            let may = operation.auth.as_ref().is_some_and(|schemes| schemes.iter().all(|scheme| scheme == NO_AUTH));
            match aws.signing(&model, name, &payload, None) {
                Ok(Signing::Unsigned) if may => unsigned.push(format!("{service}.{name}")),
                Ok(Signing::Unsigned) => wrong.push(format!("{service}.{name} would go out unsigned")),
                Ok(signing) if may => {
                    wrong.push(format!("{service}.{name} has no auth and is signed with {signing:?}"));
                }
                Ok(signing) => *count.entry(signing).or_default() += 1,
                Err(error) => {
                    let (kind, told) = match error {
                        AwsError::Unsupported(told) => ("unsupported", told),
                        AwsError::Endpoint(told) => ("endpoint", told),
                        other => ("other", other.to_string()),
                    };
                    refused.entry((kind, told)).or_insert_with(Vec::new).push(format!("{service}.{name}"));
                }
            }
        }
    }
    println!("signed: {count:?}\nunsigned by the model ({}): {}", unsigned.len(), unsigned.join(", "));
    for ((kind, told), operations) in &refused {
        println!("{kind}: {told}: {} operations ({} …)", operations.len(), operations[0]);
    }
    assert_eq!(wrong, Vec::<String>::new());
    refused.retain(|(kind, _), _| *kind != "unsupported");
    assert_eq!(refused, BTreeMap::new(), "operations that could not be looked at");
}

#[tokio::test]
async fn an_event_for_a_global_endpoint_is_signed_for_all_regions() {
    let json = "content-type: application/x-amz-json-1.1\r\n";
    let server = Scripted::start(vec![Act::Answer(200, json, "{}".into())]).await;
    let aws = server.client(|_| {}).await;
    let request = AwsRequest {
        model: models::model("events"),
        operation: "PutEvents".into(),
        payload: json!({"EndpointId": "abc.123", "Entries": []}).into(),
        region: None,
    };
    aws.invoke(request, CancellationToken::new()).await.unwrap();
    let sent = server.sent().remove(0);
    let header = |name: &str| sent.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
    let authorization = header("authorization: ");
    assert!(authorization.starts_with("AWS4-ECDSA-P256-SHA256 Credential=AKIDEXAMPLE/"), "{sent}");
    assert!(authorization.contains("/events/aws4_request, "), "{authorization}");
    assert_eq!(header("x-amz-region-set: "), "*");
}

#[tokio::test]
async fn the_endpoint_decides_who_signs_how() {
    let aws = client_of("", |config| config.endpoint_url = None).await;
    let signing = |service: &str, operation: &str, payload: Value| {
        let model = models::model(service);
        let signing = aws.signing(&model, operation, &payload, None).unwrap();
        (signing, aws.endpoint(&model, operation, &payload, None).unwrap())
    };
    let mrap = json!({"Bucket": "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap", "Key": "k"});
    assert_eq!(
        signing("s3", "GetObject", mrap),
        (Signing::SigV4a, "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com".into())
    );
    let store = json!({"KvsARN": "arn:aws:cloudfront::123456789012:key-value-store/a-b", "Key": "k"});
    assert_eq!(
        signing("cloudfront-keyvaluestore", "GetKey", store),
        (Signing::SigV4a, "https://123456789012.cloudfront-kvs.global.api.aws".into())
    );
    assert_eq!(
        signing("events", "PutEvents", json!({"EndpointId": "abc.123", "Entries": []})),
        (Signing::SigV4a, "https://abc.123.endpoint.events.amazonaws.com".into())
    );
    assert_eq!(signing("s3", "GetObject", json!({"Bucket": "b", "Key": "k"})).0, Signing::SigV4);
    assert_eq!(signing("codecatalyst", "VerifySession", json!({})).0, Signing::Bearer);
    assert_eq!(signing("sts", "AssumeRoleWithWebIdentity", json!({})).0, Signing::Unsigned);
}
