//! Tests of the index: its form, what it says, and faults.

use super::*;
use crate::{
    catalog::{InputMember, entry::write_lines},
    smithy::{Lifecycle, Member, Model, Operation, Paginator, Service, Shape},
};

fn operation(name: &str) -> Operation {
    let mut operation = Operation { name: name.to_owned(), ..Operation::default() };
    operation.http.method = "POST".to_owned();
    operation
}

fn model(name: &str, operations: Vec<Operation>) -> Model {
    let service = Service {
        name: name.to_owned(),
        sdk_id: format!("{name} Id"),
        title: format!("Amazon\t{name}"),
        version: "2020-01-01".to_owned(),
        endpoint_prefix: format!("{name}-endpoint"),
        signing_name: format!("{name}-sign"),
        ..Service::default()
    };
    let operations = operations.into_iter().map(|operation| (operation.name.clone(), operation)).collect();
    Model { service, operations, ..Model::default() }
}

fn text(models: &[Model]) -> String {
    let lines = models.iter().map(|model| {
        let mut lines = String::new();
        write_lines(model, "abc", 7, &mut lines);
        lines
    });
    compose("test 1.0", lines.collect::<Vec<_>>().iter().map(String::as_str))
}

fn toys() -> Model {
    let mut delete = operation("DeleteToy");
    "DELETE".clone_into(&mut delete.http.method);
    delete.idempotent = true;
    delete.deprecated = true;
    delete.lifecycle = Some(Lifecycle::Delete);
    delete.input = Some("DeleteToyRequest".to_owned());
    delete.documentation = Some("Takes a toy\naway.".to_owned());
    let mut list = operation("ListToys");
    list.readonly = true;
    list.paginator = Some(Paginator::default());
    let mut model = model("toys", vec![delete, list]);
    let member = |name: &str, required| Member { name: name.to_owned(), required, ..Member::default() };
    let shape = Shape { members: vec![member("Id", true), member("Force", false)], ..Shape::default() };
    model.shapes.insert("DeleteToyRequest".to_owned(), shape);
    model
}

#[test]
fn facts_survive() {
    let index = Index::parse(text(&[model("empty", Vec::new()), toys()])).unwrap();
    assert_eq!(index.source(), "test 1.0");
    assert_eq!(index.operation_count(), 2);
    let names: Vec<(&str, usize)> =
        index.services().iter().map(|service| (&*service.name, service.operation_count())).collect();
    assert_eq!(names, [("empty", 0), ("toys", 2)]);
    let service = index.service("toys").unwrap();
    assert_eq!(
        *service,
        ServiceEntry {
            name: "toys".to_owned(),
            model_version: "abc".to_owned(),
            model_bytes: 7,
            sdk_id: "toys Id".to_owned(),
            title: "Amazon toys".to_owned(),
            api_version: "2020-01-01".to_owned(),
            endpoint_prefix: "toys-endpoint".to_owned(),
            signing_name: "toys-sign".to_owned(),
            arn_namespace: None,
            cloudformation_name: None,
            operations: 0..2,
        }
    );
    let delete = index.operation(service, "DeleteToy").unwrap();
    assert_eq!(
        delete.members().collect::<Vec<_>>(),
        [InputMember { name: "Id", required: true }, InputMember { name: "Force", required: false },]
    );
    let facts = |operation: OperationEntry<'_>| {
        (operation.readonly, operation.idempotent, operation.deprecated, operation.paginated, operation.lifecycle)
    };
    assert_eq!((delete.method, delete.summary), ("DELETE", Some("Takes a toy away.")));
    assert_eq!(facts(delete), (false, true, true, false, Some(Lifecycle::Delete)));
    let list = index.operation(service, "ListToys").unwrap();
    assert_eq!((list.method, list.summary, list.members().count()), ("POST", None, 0));
    assert_eq!(facts(list), (true, false, false, true, None));
    assert_eq!(index.operation(service, "listtoys"), None, "exact names only");
    let all: Vec<&str> = index.all_operations().map(|(_, operation)| operation.name).collect();
    assert_eq!(all, ["DeleteToy", "ListToys"]);
}

#[test]
fn every_lifecycle_survives() {
    use Lifecycle::{Create, Delete, List, Put, Read, Update};
    for lifecycle in [Create, Put, Read, Update, Delete, List] {
        let mut operation = operation("A");
        operation.lifecycle = Some(lifecycle);
        let index = Index::parse(text(&[model("a", vec![operation])])).unwrap();
        assert_eq!(index.all_operations().next().unwrap().1.lifecycle, Some(lifecycle));
    }
}

#[test]
fn what_is_no_index_is_refused() {
    let good = text(&[toys()]);
    let damaged = |line| Err(IndexError::Damaged { line });
    let table = [
        (String::new(), Err(IndexError::NotAnIndex)),
        ("countersign-models 2\tx\n".to_owned(), Err(IndexError::NotAnIndex)),
        ("countersign-models 1\n".to_owned(), Err(IndexError::NotAnIndex)),
        ("countersign-models 1\tx\n".to_owned(), Ok(0)),
        (good.clone(), Ok(2)),
        (good.replacen("abc\t7", "abc\tseven", 1), damaged(2)),
        (good.replacen("\tPOST", "", 1), damaged(4)),
        (good.replacen("\t2020-01-01", "", 1), damaged(2)),
        ("countersign-models 1\tx\nGet\tGET\t\t\t\n".to_owned(), damaged(2)),
        (good.trim_end_matches(['\t', '\n']).to_owned(), damaged(4)),
    ];
    for (text, expected) in table {
        assert_eq!(Index::parse(text.clone()).map(|index| index.operation_count()), expected, "{text:?}");
    }
}
