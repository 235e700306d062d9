//! Nothing goes out unsigned unless the model says so: every operation of every service is planned as a call
//! would be, and asked how it would be signed. And what the rarer schemes put on the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use countersign::aws::{AwsError, AwsRequest, Signing};
use countersign::smithy::{Location, Member, Model, Operation, ShapeType};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::fake::{Fake, Reply, Request};
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

/// How an operation would be signed by its model alone: the schemes it names, else its service's; none is SigV4.
fn allowed(model: &Model, operation: &Operation) -> Vec<Signing> {
    let schemes = operation.auth.as_ref().unwrap_or(&model.service.auth);
    let known = schemes.iter().filter_map(|scheme| match scheme.as_str() {
        "aws.auth#sigv4" => Some(Signing::SigV4),
        "aws.auth#sigv4a" => Some(Signing::SigV4a),
        "smithy.api#httpBearerAuth" => Some(Signing::Bearer),
        _ => None,
    });
    let known: Vec<Signing> = known.collect();
    if operation.auth.as_ref().is_some_and(|schemes| schemes.iter().all(|scheme| scheme == NO_AUTH)) {
        vec![Signing::Unsigned]
    } else if known.is_empty() {
        vec![Signing::SigV4]
    } else {
        known
    }
}

#[tokio::test]
async fn nothing_goes_out_unsigned_unless_the_model_says_so() {
    let aws = client_of("", |config| config.endpoint_url = None).await;
    let mut count: BTreeMap<Signing, usize> = BTreeMap::new();
    let (mut wrong, mut by_endpoint, mut refused) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
    for service in models::store().index().unwrap().services().iter().map(|service| service.name.clone()) {
        let model = models::model(&service);
        for (name, operation) in &model.operations {
            let payload = Value::Object(payload(&model, name));
            let allowed = allowed(&model, operation);
            match aws.signing(&model, name, &payload, None) {
                Ok(signing) => {
                    *count.entry(signing).or_default() += 1;
                    let unsigned = (signing == Signing::Unsigned) != (allowed == [Signing::Unsigned]);
                    if unsigned {
                        wrong.push(format!("{service}.{name}: {signing:?}, and its model says {allowed:?}"));
                    } else if !allowed.contains(&signing) {
                        by_endpoint.insert((service.clone(), signing));
                    }
                }
                Err(AwsError::Unsupported(told)) => *refused.entry(told).or_insert(0) += 1,
                Err(error) => wrong.push(format!("{service}.{name} could not be looked at: {error:?}")),
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    // Every operation there is; a new one of a kind that is not expected here is to be looked at.
    let expected = [(Signing::SigV4, 19_641), (Signing::SigV4a, 45), (Signing::Bearer, 40), (Signing::Unsigned, 49)];
    assert_eq!(count, expected.into());
    let old = |service: &str| {
        format!("{service} signs with the old signature version 2, which is not spoken here; use the AWS CLI for it")
    };
    let talk = |operation: &str| {
        format!(
            "{operation} takes an event stream while it answers with another: a conversation, not a call with one \
             payload; use an SDK for it"
        )
    };
    let mut both = BTreeMap::from([(old("ImportExport"), 6), (old("SimpleDB"), 10)]);
    both.extend(
        [
            "Chat",
            "InvokeModelWithBidirectionalStream",
            "StartConversation",
            "StartMedicalScribeListeningSession",
            "StartSpeechSynthesisStream",
        ]
        .map(|operation| (talk(operation), 1)),
    );
    assert_eq!(refused, both);
    assert_eq!(count.values().sum::<usize>() + refused.values().sum::<usize>(), 19_796);
    println!("by their endpoints alone: {by_endpoint:?}");
    assert!(by_endpoint.iter().all(|(_, signing)| *signing == Signing::SigV4a), "{by_endpoint:?}");
}

/// What is planned is what is sent: one operation of each service for each way to sign, over a socket.
#[tokio::test]
async fn what_is_planned_is_what_is_sent() {
    let sent: Arc<Mutex<Vec<Request>>> = Arc::default();
    let seen = Arc::clone(&sent);
    let server = Fake::start(move |request| {
        seen.lock().unwrap().push(request);
        async { Reply(400, "text/plain", String::new()) }
    })
    .await;
    // As a proxy it gets what goes to hosts below the endpoint's as well.
    let aws = client_of("http://example.com", |config| {
        config.max_retries = 0;
        config.proxy = Some(server.url.clone());
    })
    .await;
    let mut count: BTreeMap<Signing, usize> = BTreeMap::new();
    for service in models::store().index().unwrap().services().iter().map(|service| service.name.clone()) {
        let model = models::model(&service);
        let mut done = BTreeSet::new();
        for name in model.operations.keys() {
            let payload = Value::Object(payload(&model, name));
            let Ok(signing) = aws.signing(&model, name, &payload, None) else { continue };
            if !done.insert(signing) {
                continue;
            }
            let model = Arc::clone(&model);
            let request = AwsRequest { model, operation: name.clone(), payload: payload.into(), region: None };
            let result = aws.invoke(request, CancellationToken::new()).await;
            let sent: Vec<Request> = std::mem::take(&mut *sent.lock().unwrap());
            let what = format!("{service}.{name}: {signing:?}: {result:?}: {sent:?}");
            if signing == Signing::Bearer {
                // There is no token here, and it is not sent without one.
                assert!(matches!(result, Err(AwsError::Credentials { .. })) && sent.is_empty(), "{what}");
                *count.entry(signing).or_default() += 1;
                continue;
            }
            // A payload made by rule does not fit everywhere; then nothing is sent.
            let Some(request) = sent.last() else {
                assert!(matches!(result, Err(AwsError::Payload(_) | AwsError::Endpoint(_))), "{what}");
                continue;
            };
            let how = request.header("authorization").split(' ').next();
            let expected = match signing {
                Signing::SigV4 | Signing::S3Express => "AWS4-HMAC-SHA256",
                Signing::SigV4a => "AWS4-ECDSA-P256-SHA256",
                Signing::Bearer | Signing::Unsigned => "",
            };
            assert_eq!(how, Some(expected), "{what}");
            *count.entry(signing).or_default() += 1;
        }
    }
    println!("sent: {count:?}");
    assert!(
        count[&Signing::SigV4] >= 400 && count[&Signing::Unsigned] >= 5 && count[&Signing::Bearer] >= 1,
        "{count:?}"
    );
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
