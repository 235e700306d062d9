//! What is computed from shapes: that schema and validation agree, and that both hold for every operation of
//! every service.

use countersign::catalog::schema::{COMPACT_BYTES, Detail, input_schema};
use countersign::models::Store;
use countersign::smithy::Model;
use countersign::validate::{Validator, bind};
use proptest::prelude::*;
use serde_json::{Value, json};

mod checker;

use checker::{Choices, disturb, fits, instance};

fn model() -> Model {
    serde_json::from_value(json!({
        "service": {"name": "zoo", "sdk_id": "Zoo", "title": "Zoo", "version": "1", "endpoint_prefix": "zoo",
            "signing_name": "zoo", "protocols": ["restJson1"]},
        "operations": {"Put": {"name": "Put", "http": {"method": "POST", "uri": "/{Id}"}, "input": "Put"}},
        "shapes": {
            "Put": {"t": "structure", "m": [
                {"n": "Id", "t": "Id", "r": true, "x": {"location": {"label": "Id"}}},
                {"n": "Token", "t": "smithy.api#String", "r": true, "x": {"idempotency_token": true}},
                {"n": "Flag", "t": "smithy.api#Boolean"},
                {"n": "Small", "t": "smithy.api#Byte"},
                {"n": "Count", "t": "Count"},
                {"n": "Long", "t": "smithy.api#Long"},
                {"n": "Big", "t": "smithy.api#BigInteger"},
                {"n": "Level", "t": "Level"},
                {"n": "Rate", "t": "smithy.api#Double"},
                {"n": "Single", "t": "smithy.api#Float"},
                {"n": "Ratio", "t": "smithy.api#Float", "x": {"min": 0, "max": 1.5}},
                {"n": "Kind", "t": "Kind"},
                {"n": "At", "t": "smithy.api#Timestamp"},
                {"n": "Body", "t": "smithy.api#Blob"},
                {"n": "Doc", "t": "smithy.api#Document"},
                {"n": "Json", "t": "smithy.api#String", "x": {"media_type": "application/json"}},
                {"n": "Names", "t": "Names"},
                {"n": "Holes", "t": "Holes"},
                {"n": "Tags", "t": "Tags"},
                {"n": "Choice", "t": "Choice"},
                {"n": "Tree", "t": "Tree"},
                {"n": "Events", "t": "Events"}
            ]},
            "Id": {"t": "string", "x": {"min": 0, "max": 5, "pattern": "^[a-zö]*$"}},
            "Count": {"t": "integer", "x": {"min": 1, "max": 100}},
            "Level": {"t": "integer", "x": {"enum_values": [1, 2, 4]}},
            "Kind": {"t": "string", "x": {"enum_values": ["CAT", "DOG", "HORSE"]}},
            "Names": {"t": "list", "m": [{"n": "member", "t": "Id"}], "x": {"min": 1, "max": 3}},
            "Holes": {"t": "list", "m": [{"n": "member", "t": "Level"}], "x": {"sparse": true, "unique_items": true}},
            "Tags": {"t": "map", "m": [{"n": "key", "t": "Id"}, {"n": "value", "t": "Choice"}], "x": {"max": 2}},
            "Choice": {"t": "union", "m": [
                {"n": "Text", "t": "smithy.api#String"}, {"n": "Number", "t": "smithy.api#Long"}, {"n": "Tree", "t": "Tree"}
            ]},
            "Tree": {"t": "structure", "m": [
                {"n": "Left", "t": "Tree"}, {"n": "Right", "t": "Choice"}, {"n": "Leaf", "t": "smithy.api#Short", "r": true}
            ]},
            "Events": {"t": "union", "m": [{"n": "E", "t": "Tree"}], "x": {"streaming": true}}
        }
    }))
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// The schema describes the canonical form: what fits it binds; what binds has a canonical form that fits,
    /// and binds to itself.
    #[test]
    fn schema_and_validation_agree(choices in prop::collection::vec(any::<u8>(), 1..60), disturbances in 0..3) {
        let model = model();
        let operation = model.operation("Put").unwrap();
        let schema = input_schema(&model, operation, Detail::Full, None).unwrap();
        let compact = input_schema(&model, operation, Detail::Compact, None).unwrap();
        let mut choices = Choices(choices.iter().cycle());
        let mut payload = instance(&schema, &schema, &mut choices, 4);
        for _ in 0..disturbances {
            disturb(&mut payload, &mut choices);
        }
        let fitting = fits(&schema, &schema, &payload);
        match bind(&model, operation, &payload) {
            Ok(bound) => {
                prop_assert!(fits(&schema, &schema, &bound.payload), "bound, does not fit: {}", bound.payload);
                prop_assert!(fits(&compact, &compact, &bound.payload), "compact is stricter: {}", bound.payload);
                let again = bind(&model, operation, &bound.payload);
                prop_assert_eq!(again.map(|again| again.payload), Ok(bound.payload));
            }
            Err(invalid) => prop_assert!(!fitting, "fits, yet {}: {}", invalid, payload),
        }
    }
}

#[test]
fn instances_of_the_schema_are_not_all_refused() {
    // Keeps the property above from holding over nothing.
    let model = model();
    let operation = model.operation("Put").unwrap();
    let schema = input_schema(&model, operation, Detail::Full, None).unwrap();
    let fitting = (0..=255_u8).filter(|seed| {
        let choices: Vec<u8> = (0..50_u8).map(|at| at.wrapping_mul(31).wrapping_add(*seed).rotate_left(3)).collect();
        let payload = instance(&schema, &schema, &mut Choices(choices.iter().cycle()), 4);
        bind(&model, operation, &payload).is_ok()
    });
    assert!(fitting.count() > 60);
}

/// Every operation of every service, with the model it belongs to.
fn every_operation(mut visit: impl FnMut(&Model, &countersign::smithy::Operation)) {
    let store = Store::embedded();
    for service in store.index().unwrap().services() {
        let model = store.model(&service.name).unwrap();
        for operation in model.operations.values() {
            visit(&model, operation);
        }
    }
}

#[test]
fn every_operation_has_a_compact_schema_and_misses_what_the_schema_requires() {
    let validator = Validator::new();
    let mut count = 0;
    every_operation(|model, operation| {
        count += 1;
        let name = format!("{}:{}", model.service.name, operation.name);
        let schema = input_schema(model, operation, Detail::Compact, None).unwrap();
        let size = schema.to_string().len();
        assert!(size <= COMPACT_BYTES, "{name}: {size} bytes");
        let required = schema.get("required").cloned().unwrap_or_else(|| json!([]));
        let missing = match validator.bind(model, operation, &json!({})) {
            Ok(bound) => {
                assert_eq!(bound.payload, json!({}), "{name}");
                Vec::new()
            }
            Err(invalid) => {
                assert_eq!((invalid.invalid.len(), invalid.more), (0, 0), "{name}");
                invalid.missing
            }
        };
        assert_eq!(json!(missing), required, "{name}");
    });
    assert!(count > 19_000, "{count}");
}

#[test]
fn everything_that_is_cut_is_found_at_the_path_it_names() {
    fn cuts(schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(members) => {
                let text = members.get("description").and_then(Value::as_str).unwrap_or_default();
                found.extend(text.strip_prefix("Cut: ask with path ").map(str::to_owned));
                members.values().for_each(|member| cuts(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| cuts(item, found)),
            _ => {}
        }
    }
    let store = Store::embedded();
    for (service, operation) in [
        ("ec2", "RequestSpotFleet"),
        ("ec2", "RunInstances"),
        ("mediaconvert", "CreateJob"),
        ("medialive", "CreateChannel"),
        ("quicksight", "CreateDashboard"),
        ("sagemaker", "CreateTrainingJob"),
        ("wafv2", "CreateWebACL"),
    ] {
        let model = store.model(service).unwrap();
        let operation = model.operation(operation).unwrap();
        let mut waiting = vec![String::new()];
        let mut asked = 0;
        while let Some(path) = waiting.pop() {
            asked += 1;
            if asked > 60 {
                break;
            }
            let schema = input_schema(&model, operation, Detail::Compact, Some(&path)).unwrap();
            assert!(schema.to_string().len() <= COMPACT_BYTES);
            cuts(&schema, &mut waiting);
        }
    }
}

#[test]
fn a_launch_of_an_instance_binds() {
    let model = Store::embedded().model("ec2").unwrap();
    let payload = json!({
        "ImageId": "ami-0123456789abcdef0", "MinCount": "1", "MaxCount": 1, "InstanceType": "t3.micro",
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": "8", "VolumeType": "gp3"}}],
        "InstanceMarketOptions": {"SpotOptions": {"ValidUntil": 1_769_860_800}},
        "DryRun": "true"
    });
    let bound = bind(&model, model.operation("RunInstances").unwrap(), &payload).unwrap();
    assert_eq!(
        bound.payload,
        json!({
            "ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro",
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3"}}],
            "InstanceMarketOptions": {"SpotOptions": {"ValidUntil": "2026-01-31T12:00:00Z"}},
            "DryRun": true
        })
    );
}
