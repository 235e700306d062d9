//! Where calls really go: S3's many kinds of addresses, and the endpoints that environment and profile name. Seen by
//! a proxy that is asked for a tunnel to each, and opens none.

use countersign::aws::{AwsConfig, AwsRequest, Identity, Signing};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::machine::Machine;
use crate::support::models;
use crate::support::scripted::{Act, Scripted, client_of};

async fn closed_proxy(calls: usize) -> Scripted {
    Scripted::start((0..calls).map(|_| Act::Answer(502, "", String::new())).collect()).await
}

/// The hosts that tunnels were asked for.
fn hosts(proxy: &Scripted) -> Vec<String> {
    let asked = proxy.sent().into_iter().filter_map(|request| {
        let (host, _) = request.strip_prefix("CONNECT ")?.split_once(' ')?;
        Some(host.trim_end_matches(":443").to_owned())
    });
    asked.collect()
}

/// What a kind of address is about: service, operation, payload, settings; the URL, and how it is signed.
type Kind = (&'static str, &'static str, Value, fn(&mut AwsConfig), &'static str, Signing);

#[tokio::test]
async fn each_kind_of_address_is_where_the_call_goes() {
    let plain: fn(&mut AwsConfig) = |_| {};
    let get = |bucket: &str| json!({"Bucket": bucket, "Key": "k"});
    let v4 = Signing::SigV4;
    let kinds: Vec<Kind> = vec![
        ("s3", "GetObject", get("logs"), plain, "https://logs.s3.eu-west-1.amazonaws.com", v4),
        // A name that no certificate covers stands in the path.
        ("s3", "GetObject", get("a.b"), plain, "https://s3.eu-west-1.amazonaws.com/a.b", v4),
        (
            "s3",
            "GetObject",
            get("logs"),
            |config| config.s3_path_style = Some(true),
            "https://s3.eu-west-1.amazonaws.com/logs",
            v4,
        ),
        (
            "s3",
            "GetObject",
            get("logs"),
            |config| config.s3_accelerate = true,
            "https://logs.s3-accelerate.amazonaws.com",
            v4,
        ),
        (
            "s3",
            "GetObject",
            get("logs"),
            |config| config.use_dual_stack = Some(true),
            "https://logs.s3.dualstack.eu-west-1.amazonaws.com",
            v4,
        ),
        (
            "s3",
            "GetObject",
            get("logs"),
            |config| (config.s3_accelerate, config.use_dual_stack) = (true, Some(true)),
            "https://logs.s3-accelerate.dualstack.amazonaws.com",
            v4,
        ),
        // An access point is in the region of its ARN.
        (
            "s3",
            "GetObject",
            get("arn:aws:s3:us-west-2:123456789012:accesspoint/mine"),
            plain,
            "https://mine-123456789012.s3-accesspoint.us-west-2.amazonaws.com",
            v4,
        ),
        (
            "s3",
            "GetObject",
            get("arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap"),
            plain,
            "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com",
            Signing::SigV4a,
        ),
        (
            "s3",
            "GetObject",
            get("arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/accesspoint/mine"),
            plain,
            "https://mine-123456789012.op-01234567890123456.s3-outposts.us-west-2.amazonaws.com",
            // Where SigV4a is offered first, it is taken.
            Signing::SigV4a,
        ),
        (
            "s3",
            "GetObject",
            get("arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/mine"),
            plain,
            "https://mine-123456789012.s3-object-lambda.us-west-2.amazonaws.com",
            v4,
        ),
        (
            "s3",
            "WriteGetObjectResponse",
            json!({"RequestRoute": "io-route", "RequestToken": "t"}),
            plain,
            "https://io-route.s3-object-lambda.eu-west-1.amazonaws.com",
            v4,
        ),
        (
            "s3control",
            "GetBucket",
            json!({
                "AccountId": "123456789012",
                "Bucket": "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01234567890123456/bucket/b"
            }),
            plain,
            "https://s3-outposts.us-west-2.amazonaws.com",
            v4,
        ),
        (
            "s3control",
            "GetAccessPoint",
            json!({"AccountId": "123456789012", "Name": "n"}),
            plain,
            "https://123456789012.s3-control.eu-west-1.amazonaws.com",
            v4,
        ),
        // The session is asked for first, at the same place.
        (
            "s3",
            "GetObject",
            get("logs--euw1-az1--x-s3"),
            plain,
            "https://logs--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com",
            Signing::S3Express,
        ),
        // An account's own endpoint; whose account it is, is known.
        (
            "dynamodb",
            "GetItem",
            json!({"TableName": "t", "Key": {"k": {"S": "v"}}}),
            plain,
            "https://123456789012.ddb.eu-west-1.amazonaws.com",
            v4,
        ),
        (
            "dynamodb",
            "GetItem",
            json!({"TableName": "arn:aws:dynamodb:eu-west-1:222222222222:table/t", "Key": {"k": {"S": "v"}}}),
            plain,
            "https://222222222222.ddb.eu-west-1.amazonaws.com",
            v4,
        ),
        (
            "dynamodb",
            "GetItem",
            json!({"TableName": "t", "Key": {"k": {"S": "v"}}}),
            |config| config.account_id_endpoint_mode = Some("disabled".into()),
            "https://dynamodb.eu-west-1.amazonaws.com",
            v4,
        ),
    ];
    for (service, operation, payload, change, expected, signed) in kinds {
        let proxy = closed_proxy(2).await;
        let aws = client_of("", |config| {
            config.endpoint_url = None;
            config.max_retries = 0;
            config.proxy = Some(proxy.url.clone());
            config.identity = Some(Identity { account: "123456789012".into(), arn: "arn:aws:iam::1:user/u".into() });
            change(config);
        })
        .await;
        let model = models::model(service);
        let what = format!("{service}.{operation} {payload}");
        assert_eq!(aws.endpoint(&model, operation, &payload, None).as_deref(), Ok(expected), "{what}");
        assert_eq!(aws.signing(&model, operation, &payload, None), Ok(signed), "{what}");
        let request = AwsRequest { model, operation: operation.into(), payload: payload.into(), region: None };
        aws.invoke(request, CancellationToken::new()).await.unwrap_err();
        let host = expected.trim_start_matches("https://").split('/').next().unwrap();
        assert_eq!(hosts(&proxy), [host], "{what}");
    }
}

#[tokio::test]
async fn an_account_that_must_be_known_and_is_not_is_told() {
    let aws = client_of("", |config| {
        config.endpoint_url = None;
        config.account_id_endpoint_mode = Some("required".into());
    })
    .await;
    let error = aws.endpoint(&models::model("dynamodb"), "ListTables", &json!({}), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no endpoint for this call: AccountIdEndpointMode is required but no AccountID was provided or able to be loaded"
    );
}

const KEYS: &str = "aws_access_key_id=AKID\naws_secret_access_key=s\n";
const NOWHERE: &str = "http://127.0.0.1:1";

/// A line of the profile, its `services` section, the environment; where the call comes in: here, or by which host.
type Told = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

#[tokio::test(flavor = "multi_thread")]
async fn environment_and_profile_name_endpoints_in_the_order_of_the_cli() {
    let cases: [Told; 11] = [
        ("endpoint_url={url}", "", &[], "here"),
        ("endpoint_url=NOWHERE", "", &[("AWS_ENDPOINT_URL", "{url}")], "here"),
        ("endpoint_url=NOWHERE\nservices=mine", "endpoint_url={url}", &[], "here"),
        ("services=mine", "endpoint_url=NOWHERE", &[("AWS_ENDPOINT_URL", "{url}")], "here"),
        ("services=mine", "endpoint_url=NOWHERE", &[("AWS_ENDPOINT_URL_DYNAMODB", "{url}")], "here"),
        ("", "", &[("AWS_ENDPOINT_URL", NOWHERE), ("AWS_ENDPOINT_URL_DYNAMODB", "{url}")], "here"),
        // Another service's is not this one's.
        ("", "", &[("AWS_ENDPOINT_URL_S3", "{url}")], "dynamodb.eu-west-1.amazonaws.com"),
        ("", "", &[("AWS_USE_FIPS_ENDPOINT", "true")], "dynamodb-fips.eu-west-1.amazonaws.com"),
        ("use_dualstack_endpoint=true", "", &[], "dynamodb.eu-west-1.api.aws"),
        ("", "", &[("AWS_USE_DUALSTACK_ENDPOINT", "true")], "dynamodb.eu-west-1.api.aws"),
        (
            "endpoint_url=NOWHERE",
            "",
            &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
            "dynamodb.eu-west-1.amazonaws.com",
        ),
    ];
    for (profile, service, environment, expected) in cases {
        let proxy = closed_proxy(8).await;
        let mut machine = Machine::with(&[]).await;
        let fill = |text: &str| text.replace("{url}", &machine.fake.url).replace("NOWHERE", NOWHERE);
        let config = format!(
            "[default]\n{KEYS}{}\n[services mine]\ndynamodb =\n  {}\n",
            fill(profile),
            if service.is_empty() { "max_attempts=1".to_owned() } else { fill(service) }
        );
        std::fs::create_dir_all(machine.path().join(".aws")).unwrap();
        std::fs::write(machine.path().join(".aws/config"), config).unwrap();
        machine.unset("AWS_ENDPOINT_URL");
        machine.set("AWS_MCP_MAX_RETRIES", "0");
        machine.set("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled");
        machine.set("HTTPS_PROXY", &proxy.url);
        for (name, value) in environment {
            machine.set(name, value);
        }
        let answer = machine.signer().await;
        let what = format!("{profile:?} {service:?} {environment:?}: {answer}");
        if expected == "here" {
            assert_eq!(answer, json!(["AKID", ""]), "{what}");
            assert_eq!(hosts(&proxy), Vec::<String>::new(), "{what}");
        } else {
            let hosts = hosts(&proxy);
            assert!(hosts.iter().any(|host| host == expected), "{what}: {hosts:?}");
            assert!(machine.asked().is_empty(), "{what}: {:?}", machine.asked());
        }
    }
}
