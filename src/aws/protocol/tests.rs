//! The choice of a protocol, and errors in XML. The protocols themselves: `tests/suite/protocols.rs`.

use super::xml_error::{XmlError, parse};
use super::{ProtocolChoice, choose};
use crate::smithy::{Protocol, Service};

#[test]
fn the_model_chooses_unless_an_emulator_stands_in_between() {
    use Protocol::{AwsJson1_0, AwsQuery, RpcV2Cbor};
    let service = |protocols: &[Protocol]| Service { protocols: protocols.to_vec(), ..Service::default() };
    let three = service(&[RpcV2Cbor, AwsJson1_0, AwsQuery]);
    let cases = [
        (&three, ProtocolChoice::Automatic, false, Some(RpcV2Cbor)),
        (&three, ProtocolChoice::Automatic, true, Some(AwsJson1_0)),
        (&three, ProtocolChoice::Model, true, Some(RpcV2Cbor)),
        (&three, ProtocolChoice::Prefer(AwsQuery), false, Some(AwsQuery)),
        (&three, ProtocolChoice::Prefer(Protocol::RestXml), false, Some(RpcV2Cbor)),
    ];
    for (service, choice, overridden, expected) in cases {
        assert_eq!(choose(service, choice, overridden), expected, "{choice:?} {overridden}");
    }
    assert_eq!(choose(&service(&[RpcV2Cbor]), ProtocolChoice::Automatic, true), Some(RpcV2Cbor));
    assert_eq!(choose(&service(&[]), ProtocolChoice::Automatic, false), None);
}

#[test]
fn errors_are_read_out_of_all_three_envelopes() {
    let error = |code: &str, message: &str, id: Option<&str>| XmlError {
        code: Some(code.into()),
        message: Some(message.into()),
        request_id: id.map(str::to_owned),
        region: None,
    };
    let cases = [
        (
            "<ErrorResponse><Error><Type>Sender</Type><Code>C</Code><Message>m &amp; n</Message></Error>\
             <RequestId>r</RequestId></ErrorResponse>",
            error("C", "m & n", Some("r")),
        ),
        (
            "<?xml version='1.0'?>\n<Error><Code>C</Code><Message>m</Message><RequestId>r</RequestId></Error>",
            error("C", "m", Some("r")),
        ),
        (
            "<Response><Errors><Error><Code>C</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>",
            error("C", "m", Some("r")),
        ),
        ("<html><Code>no</Code></html>", XmlError::default()),
        ("<ErrorResponse><Error><Code>C", XmlError::default()),
        (
            "<ErrorResponse><Error><Code>C</Code><Message>hal",
            XmlError { code: Some("C".into()), ..XmlError::default() },
        ),
        ("", XmlError::default()),
        ("not xml", XmlError::default()),
    ];
    for (body, expected) in cases {
        assert_eq!(parse(body.as_bytes()), expected, "{body}");
    }
}
