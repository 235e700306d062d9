//! Every paginator and every waiter of the snapshot: understood, and true to its operation's shapes.

use std::collections::BTreeMap;
use std::sync::Arc;

use countersign::call::paginate::Pages;
use countersign::call::plan::facts_of;
use countersign::call::waiter::{Waiter, operation_of};
use countersign::risk::Classifier;
use countersign::smithy::{Model, Operation, ShapeType};

use crate::support::models;

/// The type of what stands at a dotted path of an output.
fn kind_at(model: &Model, operation: &Operation, path: &str) -> Option<ShapeType> {
    let mut shape = operation.output.as_deref()?;
    for name in path.split('.') {
        shape = &model.shape(shape)?.member(name)?.target;
    }
    match shape {
        "smithy.api#String" => Some(ShapeType::String),
        other => model.shape(other).map(|shape| shape.kind),
    }
}

fn problems_of(model: &Model, operation: &Operation) -> Vec<String> {
    let Some(paginator) = &operation.paginator else { return Vec::new() };
    let mut problems = Vec::new();
    if let Err(error) = Pages::new(paginator, Arc::default(), 1, 0) {
        problems.push(error.to_string());
    }
    let input = model.input(operation);
    for member in paginator.input_token.iter().chain(&paginator.limit_key) {
        if input.and_then(|input| input.member(member)).is_none() {
            problems.push(format!("the input has no member {member}"));
        }
    }
    let plain = |text: &&String| text.chars().all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_'));
    for path in paginator.output_token.iter().chain(&paginator.result_key).chain(&paginator.more_results).filter(plain)
    {
        if kind_at(model, operation, path).is_none() {
            problems.push(format!("the output has nothing at {path}"));
        }
    }
    problems
}

#[test]
fn all_paginators_and_waiters_are_understood() {
    let store = models::store();
    let index = store.index().unwrap();
    let classifier = Classifier::embedded();
    let (mut paginators, mut waiters, mut problems) = (0, 0, Vec::new());
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for service in index.services() {
        let model = store.model(&service.name).unwrap();
        let class =
            |operation: &str| classifier.classify(&facts_of(&index.resolve(&service.name, operation).unwrap())).class;
        for operation in model.operations.values().filter(|operation| operation.paginator.is_some()) {
            paginators += 1;
            let found = problems_of(&model, operation);
            problems.extend(found.into_iter().map(|problem| format!("{}:{} {problem}", service.name, operation.name)));
            let class = class(&operation.name).to_string();
            if class != "read" {
                refused.entry(class).or_default().push(format!("{}:{}", service.name, operation.name));
            }
        }
        for (name, form) in &model.waiters {
            waiters += 1;
            if let Err(problem) = Waiter::read(&model, name, form) {
                problems.push(format!("{}: {problem}", service.name));
            }
            let operation = operation_of(form).unwrap_or_default();
            if model.operation(operation).is_none() {
                problems.push(format!("{}: {name} polls {operation}, which is not there", service.name));
            } else if class(operation).to_string() != "read" {
                let class = class(operation);
                refused.entry(format!("{class}, waiters")).or_default().push(format!("{}:{name}", service.name));
            }
        }
    }
    println!("{} services, {paginators} paginators, {waiters} waiters", index.services().len());
    for (class, operations) in &refused {
        println!("not read but {class}: {} {operations:?}", operations.len());
    }
    assert_eq!(problems, Vec::<String>::new());
    assert!(paginators >= 3_400 && waiters >= 400, "{paginators} paginators, {waiters} waiters");
}
