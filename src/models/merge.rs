//! How two models of one service become one: which of them is newer, what the newer one takes over from the other,
//! and documentation where there is none yet. Pure.
//!
//! Sources cannot be told apart by a date: mirrors and archives carry the wrong ones. What can be trusted is that AWS's
//! services grow: of two models of one API version the newer is the one that has more that the other lacks.

use std::collections::BTreeSet;

use crate::smithy::{Lifecycle, Model, Operation, Shape, Traits};

/// Whether `other` is newer than `known`: of a later API version, or with more operations that the other lacks, or,
/// with the same operations, with more members and enum values that the other lacks. What is even is not newer.
pub(super) fn is_newer(other: &Model, known: &Model) -> bool {
    let versions = (&other.service.version, &known.service.version);
    if versions.0 != versions.1 && !versions.0.is_empty() && !versions.1.is_empty() {
        return versions.0 > versions.1;
    }
    let (more, fewer) = beyond(&operations(other), &operations(known));
    if (more, fewer) != (0, 0) {
        return more > fewer;
    }
    let (more, fewer) = beyond(&details(other), &details(known));
    more > fewer
}

/// How many the first has that the second lacks, and the other way round.
fn beyond<T: Ord>(first: &BTreeSet<T>, second: &BTreeSet<T>) -> (usize, usize) {
    (first.difference(second).count(), second.difference(first).count())
}

fn operations(model: &Model) -> BTreeSet<&str> {
    model.operations.keys().map(String::as_str).collect()
}

/// Members and enum values of all shapes.
fn details(model: &Model) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (name, shape) in &model.shapes {
        for member in &shape.members {
            found.insert((name.clone(), member.name.clone()));
        }
        for value in &shape.traits().enum_values {
            found.insert((name.clone(), format!("={value:?}")));
        }
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
    fn what_has_grown_is_newer() {
        let known = || model("2020-01-01", &["Get", "Put"], &["Name", "Size"]);
        let grown_enum = || {
            let mut model = known();
            let traits = model.shapes.get_mut("Kind").unwrap().traits.as_mut().unwrap();
            traits.enum_values.push(crate::smithy::EnumValue::String("b".into()));
            model
        };
        let cases = [
            ("the same", known(), false, false),
            ("a later API", model("2021-01-01", &["Get"], &[]), true, false),
            ("no API version", model("", &["Get", "Put", "List"], &["Name", "Size"]), true, false),
            ("one more operation", model("2020-01-01", &["Get", "Put", "List"], &[]), true, false),
            ("one for two", model("2020-01-01", &["List"], &["Name", "Size", "More"]), false, true),
            ("two for one", model("2020-01-01", &["Get", "List", "Tag"], &[]), true, false),
            ("one for one", model("2020-01-01", &["Get", "List"], &["Name", "Size", "More"]), false, false),
            ("one more member", model("2020-01-01", &["Get", "Put"], &["Name", "Size", "More"]), true, false),
            ("another member", model("2020-01-01", &["Get", "Put"], &["Name", "More"]), false, false),
            ("one more value", grown_enum(), true, false),
        ];
        for (what, other, newer, older) in cases {
            assert_eq!((is_newer(&other, &known()), is_newer(&known(), &other)), (newer, older), "{what}");
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
