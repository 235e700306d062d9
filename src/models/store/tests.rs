//! Tests of the store: every embedded service, folders, damage.

use super::*;

#[test]
fn every_embedded_service_loads() {
    let store = Store::embedded();
    let index = store.index().unwrap();
    assert_eq!((index.services().len(), index.operation_count()), (439, 19_796));
    let mut operations = 0;
    for entry in index.services() {
        let model = store.model(&entry.name).unwrap();
        assert_eq!(model.service.name, entry.name);
        let names: Vec<&str> = index.operations(entry).map(|operation| operation.name).collect();
        assert_eq!(names, model.operations.keys().map(String::as_str).collect::<Vec<_>>(), "{}", entry.name);
        assert!(model.endpoint_rules.is_some(), "{} has no endpoint rules", entry.name);
        operations += names.len();
    }
    assert_eq!(operations, 19_796);
    assert_eq!(index.source(), "botocore 1.44.5");
}
