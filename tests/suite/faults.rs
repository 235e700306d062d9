//! Errors in every protocol: those that the model describes, those that it does not, and answers that are none.
//! Each is a `ServiceError` with its status and the id of its request, whatever its body is like.

use std::sync::Arc;

use countersign::aws::{AwsError, AwsRequest, ProtocolChoice};
use countersign::smithy::{Fault, Model, Protocol};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::models;
use crate::support::scripted::{Act, Scripted};

/// A protocol, by an operation that speaks it.
struct Spoken {
    protocol: Protocol,
    model: Arc<Model>,
    operation: &'static str,
    payload: Value,
    /// The body of an error, by code, message and one further member.
    body: fn(&str, &str, &str) -> Vec<u8>,
    /// A modelled error of the operation on the wire, its code to us, its further member, whose fault it is.
    modelled: (&'static str, &'static str, &'static str, Fault),
}

fn json_1(code: &str, message: &str, member: &str) -> Vec<u8> {
    json!({"__type": format!("com.amazonaws.x#{code}"), "message": message, member: "more"}).to_string().into_bytes()
}

fn cbor(code: &str, message: &str, member: &str) -> Vec<u8> {
    let mut encoder = aws_smithy_cbor::Encoder::new(Vec::new());
    encoder.begin_map().str("__type").str(code).str("message").str(message).str(member).str("more").end();
    encoder.into_writer()
}

fn query(code: &str, message: &str, member: &str) -> Vec<u8> {
    let error = format!("<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message><{member}>more</{member}>");
    format!("<ErrorResponse><Error>{error}</Error><RequestId>r-body</RequestId></ErrorResponse>").into_bytes()
}

fn ec2(code: &str, message: &str, _: &str) -> Vec<u8> {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    format!("<Response><Errors>{error}</Errors><RequestID>r-body</RequestID></Response>").into_bytes()
}

fn spoken() -> Vec<Spoken> {
    let (client, server) = (Fault::Client, Fault::Server);
    // No service speaks it yet.
    let mut future = Model::clone(&models::model("dynamodb"));
    future.service.protocols = vec![Protocol::RpcV2Json];
    vec![
        Spoken {
            protocol: Protocol::RpcV2Json,
            model: Arc::new(future),
            operation: "DescribeTable",
            payload: json!({"TableName": "t"}),
            body: json_1,
            modelled: ("ResourceNotFoundException", "ResourceNotFoundException", "", client),
        },
        Spoken {
            protocol: Protocol::AwsJson1_0,
            model: models::model("dynamodb"),
            operation: "DescribeTable",
            payload: json!({"TableName": "t"}),
            body: json_1,
            modelled: ("ResourceNotFoundException", "ResourceNotFoundException", "", client),
        },
        Spoken {
            protocol: Protocol::AwsJson1_1,
            model: models::model("kms"),
            operation: "DescribeKey",
            payload: json!({"KeyId": "k"}),
            body: json_1,
            modelled: ("KMSInternalException", "KMSInternalException", "", server),
        },
        Spoken {
            protocol: Protocol::RestJson1,
            model: models::model("lambda"),
            operation: "GetFunction",
            payload: json!({"FunctionName": "f"}),
            body: json_1,
            modelled: ("ResourceNotFoundException", "ResourceNotFoundException", "Type", client),
        },
        Spoken {
            protocol: Protocol::RestXml,
            model: models::model("cloudfront"),
            operation: "GetDistribution",
            payload: json!({"Id": "d"}),
            body: query,
            modelled: ("NoSuchDistribution", "NoSuchDistribution", "", client),
        },
        Spoken {
            protocol: Protocol::AwsQuery,
            model: models::model("iam"),
            operation: "GetUser",
            payload: json!({"UserName": "u"}),
            body: query,
            modelled: ("NoSuchEntity", "NoSuchEntity", "", client),
        },
        Spoken {
            protocol: Protocol::Ec2Query,
            model: models::model("ec2"),
            operation: "DescribeVpcs",
            payload: json!({}),
            body: ec2,
            // EC2 models none.
            modelled: ("InvalidVpcID.NotFound", "InvalidVpcID.NotFound", "", client),
        },
        Spoken {
            protocol: Protocol::RpcV2Cbor,
            model: models::model("cloudwatch"),
            operation: "GetDashboard",
            payload: json!({"DashboardName": "d"}),
            body: cbor,
            modelled: ("InternalServiceFault", "InternalServiceFault", "", server),
        },
    ]
}

/// What an answer becomes.
async fn answered(spoken: &Spoken, status: u16, headers: &str, body: &[u8]) -> AwsError {
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let server = Scripted::start(vec![Act::Raw([head.as_bytes(), body].concat())]).await;
    let aws = server
        .client(|config| {
            config.max_retries = 0;
            config.protocol = ProtocolChoice::Prefer(spoken.protocol);
        })
        .await;
    let request = AwsRequest {
        model: Arc::clone(&spoken.model),
        operation: spoken.operation.into(),
        payload: spoken.payload.clone().into(),
        region: None,
    };
    aws.invoke(request, CancellationToken::new()).await.unwrap_err()
}

const WITH_ID: &str = "x-amzn-requestid: r-1\r\n";

fn service(code: &str, message: &str, http_status: u16, id: Option<&str>, fault: Fault, detail: Value) -> AwsError {
    AwsError::Service {
        code: code.to_owned(),
        message: message.to_owned(),
        http_status,
        request_id: id.map(str::to_owned),
        fault,
        attempts: 1,
        detail: Box::new(detail),
    }
}

#[tokio::test]
async fn errors_are_read_with_the_model_and_without() {
    for spoken in spoken() {
        let (wire, code, member, fault) = spoken.modelled;
        let what = format!("{:?}", spoken.protocol);
        let body = (spoken.body)(wire, "it went wrong", if member.is_empty() { "Unknown" } else { member });
        let status = if fault == Fault::Server { 500 } else { 400 };
        let detail = if member.is_empty() { json!({}) } else { json!({ member: "more" }) };
        let got = answered(&spoken, status, WITH_ID, &body).await;
        assert_eq!(got, service(code, "it went wrong", status, Some("r-1"), fault, detail), "{what}");

        let body = (spoken.body)("NobodyKnowsThis", "new", "Unknown");
        let got = answered(&spoken, 400, WITH_ID, &body).await;
        assert_eq!(got, service("NobodyKnowsThis", "new", 400, Some("r-1"), Fault::Client, json!({})), "{what}");
        // The model knows better than the status whose fault it is; without a model the status says it.
        let got = answered(&spoken, 500, WITH_ID, &body).await;
        assert_eq!(got, service("NobodyKnowsThis", "new", 500, Some("r-1"), Fault::Server, json!({})), "{what}");
    }
}

#[tokio::test]
async fn a_body_that_cannot_be_read_costs_the_message_only() {
    for spoken in spoken() {
        let whole = (spoken.body)("Cut", "a long message", "Unknown");
        let bodies: [(&str, &[u8]); 7] = [
            ("nothing", b""),
            ("a page of a proxy", b"<html><head><title>503</title></head><body>Service Unavailable</body></html>"),
            ("text", b"upstream connect error"),
            ("no text", &[0xff, 0xfe, 0x00, 0x9f, 0xff]),
            ("another document", b"[1, 2"),
            ("an object without anything", b"{}"),
            ("a piece", &whole[..whole.len() / 4]),
        ];
        for (about, body) in bodies {
            let what = format!("{:?}: {about}", spoken.protocol);
            match answered(&spoken, 503, WITH_ID, body).await {
                AwsError::Service { http_status: 503, request_id, fault: Fault::Server, attempts: 1, code, .. } => {
                    assert_eq!((request_id.as_deref(), code.as_str()), (Some("r-1"), "ServiceUnavailable"), "{what}");
                }
                other => panic!("{what}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn the_query_protocols_tell_the_request_in_the_body() {
    let call = async |protocol, body: &str, status: u16| {
        let spoken = spoken().into_iter().find(|spoken| spoken.protocol == protocol).unwrap();
        let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        let server = Scripted::start(vec![Act::Raw([head.as_bytes(), body.as_bytes()].concat())]).await;
        let aws = server.client(|config| config.max_retries = 0).await;
        let (model, payload) = (Arc::clone(&spoken.model), spoken.payload.clone().into());
        let request = AwsRequest { model, operation: spoken.operation.into(), payload, region: None };
        match aws.invoke(request, CancellationToken::new()).await {
            Ok(reply) => reply.request_id,
            Err(AwsError::Service { request_id, .. }) => request_id,
            Err(other) => panic!("{other:?}"),
        }
    };
    let (ec2_error, iam_error) = (ec2("C", "m", ""), query("C", "m", "M"));
    let cases = [
        (Protocol::Ec2Query, 200, "<DescribeVpcsResponse><requestId>r-2</requestId><vpcSet/></DescribeVpcsResponse>"),
        (
            Protocol::AwsQuery,
            200,
            "<GetUserResponse><GetUserResult><User><UserName>u</UserName></User></GetUserResult>\
             <ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></GetUserResponse>",
        ),
    ];
    for (protocol, status, body) in cases {
        assert_eq!(call(protocol, body, status).await.as_deref(), Some("r-2"), "{body}");
    }
    for (protocol, body) in [(Protocol::Ec2Query, ec2_error), (Protocol::AwsQuery, iam_error)] {
        let body = String::from_utf8(body).unwrap();
        assert_eq!(call(protocol, &body, 400).await.as_deref(), Some("r-body"), "{body}");
    }
    let none = call(Protocol::Ec2Query, "<DescribeVpcsResponse><vpcSet/></DescribeVpcsResponse>", 200).await;
    assert_eq!(none, None);
}
