//! How two models of one service become one. Dates cannot be trusted (mirrors and archives carry wrong ones), but AWS's
//! services grow far more often than they shrink: a model is ahead of another when it has much that the other lacks, and
//! a whole source is older than the snapshot when the snapshot is ahead of it in more services than the other way round.
//! Of an older source only the prose is taken, and none of the services that only it has: AWS took those back.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use crate::smithy::{Lifecycle, Model, Operation, Shape, Traits};

/// How many times as much as it lacks a model must have to be ahead: sources differ a little in how they say the same.
const CLEARLY: usize = 4;

/// Which of two models of a service is ahead: [`Ordering::Greater`] is the first.
///
/// That is the one of the later API version; or else the one with more operations, and more members and enum values in
/// the operations that both have, by far.
pub(super) fn ahead(one: &Model, other: &Model) -> Ordering {
    let versions = (&one.service.version, &other.service.version);
    if versions.0 != versions.1 && !versions.0.is_empty() && !versions.1.is_empty() {
        return versions.0.cmp(versions.1);
    }
    let common = |name: &&String| one.operations.contains_key(*name) && other.operations.contains_key(*name);
    let common: Vec<&String> = one.operations.keys().filter(common).collect();
    let operations = |model: &Model| -> BTreeSet<String> { model.operations.keys().cloned().collect() };
    let (more, less) = beyond(&operations(one), &operations(other));
    let (more_details, less_details) = beyond(&details(one, &common), &details(other, &common));
    let (more, less) = (more + more_details, less + less_details);
    if more > CLEARLY * less {
        Ordering::Greater
    } else if less > CLEARLY * more {
        Ordering::Less
    } else {
        Ordering::Equal
    }
}

/// How many the first has that the second lacks, and the other way round.
fn beyond<T: Ord>(first: &BTreeSet<T>, second: &BTreeSet<T>) -> (usize, usize) {
    (first.difference(second).count(), second.difference(first).count())
}

/// Members and enum values of all shapes that the inputs and outputs of these operations reach. Errors do not count:
/// sources differ in what they tell of them.
fn details<'m>(model: &'m Model, operations: &[&String]) -> BTreeSet<(&'m str, String)> {
    let used = operations.iter().filter_map(|name| model.operation(name));
    let mut open: Vec<&str> =
        used.flat_map(|operation| operation.input.iter().chain(&operation.output)).map(String::as_str).collect();
    let mut shapes: BTreeMap<&str, &Shape> = BTreeMap::new();
    while let Some(name) = open.pop() {
        let Some(shape) = model.shape(name) else { continue };
        if shapes.insert(name, shape).is_none() {
            open.extend(shape.members.iter().map(|member| member.target.as_str()));
        }
    }
    let mut found = BTreeSet::new();
    for (name, shape) in shapes.into_iter().filter(|(_, shape)| shape.traits().error.is_none()) {
        found.extend(shape.members.iter().map(|member| (name, member.name.clone())));
        found.extend(shape.traits().enum_values.iter().map(|value| (name, format!("={value:?}"))));
    }
    found
}

/// Gives a newer model what only the older one knows: the canonical names, and what the source of the newer one does
/// not tell (botocore's paginators are richer, Smithy models lack its signature version).
pub(super) fn inherit(newer: &mut Model, older: &Model) {
    let (service, known) = (&mut newer.service, &older.service);
    service.name.clone_from(&known.name);
    if service.signature_version.is_empty() {
        service.signature_version.clone_from(&known.signature_version);
    }
    fill(&mut service.arn_namespace, known.arn_namespace.as_ref());
    fill(&mut service.cloudformation_name, known.cloudformation_name.as_ref());
    fill(&mut service.target_prefix, known.target_prefix.as_ref());
    fill(&mut service.xml_namespace, known.xml_namespace.as_ref());
    fill(&mut newer.endpoint_rules, older.endpoint_rules.as_ref());
    for (name, operation) in &mut newer.operations {
        let Some(known) = older.operations.get(name) else { continue };
        if known.paginator.is_some() {
            operation.paginator.clone_from(&known.paginator);
        }
        fill(&mut operation.result_wrapper, known.result_wrapper.as_ref());
        fill(&mut operation.resource, known.resource.as_ref());
        fill(&mut operation.lifecycle, known.lifecycle.as_ref());
        operation.readonly |= known.readonly;
    }
    for (name, waiter) in &older.waiters {
        let operation = waiter.get("operation").and_then(serde_json::Value::as_str);
        if operation.is_some_and(|operation| newer.operations.contains_key(operation)) {
            newer.waiters.insert(name.clone(), waiter.clone());
        }
    }
}

/// Adds what `source` tells beside the facts, where `model` is silent: documentation, and the resources that operations
/// belong to. Says whether it added anything.
///
/// Nothing it adds can make an operation look more harmless: that an operation only reads or creates is a fact, and
/// facts come from the newer model alone.
pub(super) fn annotate(model: &mut Model, source: &Model) -> bool {
    let mut added = fill(&mut model.service.documentation, source.service.documentation.as_ref());
    for (name, operation) in &mut model.operations {
        if let Some(source) = source.operations.get(name) {
            added |= annotate_operation(operation, source);
        }
    }
    for (name, shape) in &mut model.shapes {
        if let Some(source) = source.shapes.get(name) {
            added |= annotate_shape(shape, source);
        }
    }
    added
}

fn annotate_operation(operation: &mut Operation, source: &Operation) -> bool {
    let mut added = fill(&mut operation.documentation, source.documentation.as_ref());
    added |= fill(&mut operation.resource, source.resource.as_ref());
    if let Some(Lifecycle::Put | Lifecycle::Update | Lifecycle::Delete) = source.lifecycle {
        added |= fill(&mut operation.lifecycle, source.lifecycle.as_ref());
    }
    added
}

fn annotate_shape(shape: &mut Shape, source: &Shape) -> bool {
    let mut added = document(&mut shape.traits, source.traits());
    for member in &mut shape.members {
        if let Some(source) = source.members.iter().find(|known| known.name == member.name) {
            added |= document(&mut member.traits, source.traits());
        }
    }
    added
}

fn document(traits: &mut Option<Box<Traits>>, source: &Traits) -> bool {
    let Some(documentation) = &source.documentation else { return false };
    let traits = traits.get_or_insert_default();
    fill(&mut traits.documentation, Some(documentation))
}

/// Sets what is not set yet.
fn fill<T: Clone>(slot: &mut Option<T>, value: Option<&T>) -> bool {
    match (slot.is_none(), value) {
        (true, Some(value)) => {
            *slot = Some(value.clone());
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn model(version: &str, operations: &[&str], members: &[&str]) -> Model {
        let operations: serde_json::Map<String, Value> = operations
            .iter()
            .map(|name| {
                ((*name).to_owned(), json!({"name": name, "http": {"method": "POST", "uri": "/"}, "input": "In"}))
            })
            .collect();
        let members: Vec<Value> = members.iter().map(|name| json!({"n": name, "t": "Kind"})).collect();
        serde_json::from_value(json!({
            "service": {"name": "toy", "version": version},
            "operations": operations,
            "shapes": {"In": {"t": "structure", "m": members}, "Kind": {"t": "string", "x": {"enum_values": ["a"]}}},
        }))
        .unwrap()
    }

    #[test]
    fn what_has_grown_is_ahead() {
        use Ordering::{Equal, Greater, Less};
        let known = || model("2020-01-01", &["Get", "Put"], &["Name", "Size"]);
        let changed = |change: fn(&mut Model)| {
            let mut model = known();
            change(&mut model);
            model
        };
        let value = |model: &mut Model| {
            let traits = model.shapes.get_mut("Kind").unwrap().traits.as_mut().unwrap();
            traits.enum_values.push(crate::smithy::EnumValue::String("b".into()));
        };
        let error = |model: &mut Model| {
            let error =
                json!({"t": "structure", "m": [{"n": "Message", "t": "Kind"}], "x": {"error": {"fault": "client"}}});
            model.shapes.insert("Broken".into(), serde_json::from_value(error).unwrap());
            model.operations.get_mut("Get").unwrap().errors.push("Broken".into());
        };
        let cases = [
            ("the same", known(), Equal),
            ("a later API", model("2021-01-01", &["Get"], &[]), Greater),
            ("no API version", model("", &["Get", "Put", "List"], &["Name", "Size"]), Greater),
            ("one more operation", model("2020-01-01", &["Get", "Put", "List"], &["Name", "Size"]), Greater),
            ("one fewer", model("2020-01-01", &["Get"], &["Name", "Size"]), Less),
            ("one for one", model("2020-01-01", &["Get", "List"], &["Name", "Size"]), Equal),
            ("one more member", model("2020-01-01", &["Get", "Put"], &["Name", "Size", "More"]), Greater),
            ("another member", model("2020-01-01", &["Get", "Put"], &["Name", "More"]), Equal),
            ("four for one", model("2020-01-01", &["Get", "Put"], &["Name", "A", "B", "C", "D"]), Equal),
            ("five for one", model("2020-01-01", &["Get", "Put"], &["Name", "A", "B", "C", "D", "E"]), Greater),
            // AWS took an operation back, and went on with the others.
            ("shrunk and grown", model("2020-01-01", &["Get"], &["Name", "Size", "A", "B", "C", "D", "E"]), Greater),
            ("one more value", changed(value), Greater),
            ("more of an error", changed(error), Equal),
        ];
        for (what, other, expected) in cases {
            assert_eq!(ahead(&other, &known()), expected, "{what}");
            assert_eq!(ahead(&known(), &other), expected.reverse(), "{what}");
        }
    }

    #[test]
    fn a_newer_model_keeps_what_only_the_older_one_knew() {
        let mut older = model("2020-01-01", &["Get", "Gone"], &["Name"]);
        older.service.name = "canonical".into();
        older.service.signature_version = "v4".into();
        older.endpoint_rules = Some(json!({"rules": 1}));
        let paginator = crate::smithy::Paginator { limit_key: Some("Max".into()), ..Default::default() };
        older.operations.get_mut("Get").unwrap().paginator = Some(paginator.clone());
        older.waiters.insert("Ready".into(), json!({"operation": "Get"}));
        older.waiters.insert("Over".into(), json!({"operation": "Gone"}));
        let mut newer = model("2020-01-01", &["Get", "Put", "List"], &["Name", "Size"]);
        inherit(&mut newer, &older);
        let mut expected = model("2020-01-01", &["Get", "Put", "List"], &["Name", "Size"]);
        expected.service.name = "canonical".into();
        expected.service.signature_version = "v4".into();
        expected.endpoint_rules = Some(json!({"rules": 1}));
        expected.operations.get_mut("Get").unwrap().paginator = Some(paginator);
        expected.waiters.insert("Ready".into(), json!({"operation": "Get"}));
        assert_eq!(newer, expected);
    }

    #[test]
    fn documentation_fills_gaps_and_changes_no_fact() {
        let mut source = model("2019-01-01", &["Get", "Gone"], &["Name", "Gone"]);
        source.service.documentation = Some("Toys.".into());
        let get = source.operations.get_mut("Get").unwrap();
        get.documentation = Some("Gets it.".into());
        get.lifecycle = Some(Lifecycle::Read);
        get.readonly = true;
        get.resource = Some("Toy".into());
        source.shapes.get_mut("Kind").unwrap().traits.as_mut().unwrap().documentation = Some("A kind.".into());
        let members = &mut source.shapes.get_mut("In").unwrap().members;
        members[0].traits.get_or_insert_default().documentation = Some("Its name.".into());
        members[0].required = true;

        let mut known = model("2020-01-01", &["Get", "Put"], &["Name", "Size"]);
        known.shapes.get_mut("Kind").unwrap().traits.as_mut().unwrap().documentation = Some("Mine.".into());
        let mut expected = known.clone();
        assert!(annotate(&mut known, &source));
        expected.service.documentation = Some("Toys.".into());
        let get = expected.operations.get_mut("Get").unwrap();
        get.documentation = Some("Gets it.".into());
        get.resource = Some("Toy".into());
        let members = &mut expected.shapes.get_mut("In").unwrap().members;
        members[0].traits.get_or_insert_default().documentation = Some("Its name.".into());
        assert_eq!(known, expected);
        assert!(!annotate(&mut known, &source), "a second time there is nothing to add");
        let operation = |model: &Model| crate::smithy::own::digest(model, model.operation("Get").unwrap());
        assert_eq!(operation(&known), operation(&model("2020-01-01", &["Get", "Put"], &["Name", "Size"])));
    }
}
