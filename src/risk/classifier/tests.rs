//! Every operation of the snapshot, and the labelled public cases where they are present.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::PathBuf};

use serde_json::Value;

use super::{Assessment, Classifier, Names, OnceLock, OperationFacts, Reviewed, RiskClass, Tables};
use crate::{
    catalog::{Index, OperationEntry, ServiceEntry},
    models::Store,
    risk::levels::Levels,
};

fn index() -> std::sync::Arc<Index> {
    Store::embedded().index().expect("an index").clone()
}

fn facts<'a>(service: &'a ServiceEntry, operation: OperationEntry<'a>) -> OperationFacts<'a> {
    OperationFacts {
        service: &service.name,
        signing_name: &service.signing_name,
        operation: operation.name,
        method: operation.method,
        readonly: operation.readonly,
        idempotent: operation.idempotent,
        lifecycle: operation.lifecycle,
    }
}

fn asset(name: &str) -> &'static str {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/risk").join(name);
    fs::read_to_string(path).expect("an asset").leak()
}

/// For review: writes the class of every operation, with the tables as they are on disk now.
#[test]
#[ignore = "writes target/risk-review.tsv for people"]
fn write_review() {
    let (reviewed, unread) = Reviewed::parse(asset("operations.txt"));
    assert_eq!(unread, Vec::<usize>::new(), "operations.txt");
    let (names, unread) = Names::parse(asset("names.txt"));
    assert_eq!(unread, Vec::<usize>::new(), "names.txt");
    let classifier = Classifier::default();
    classifier.tables.set(Tables { reviewed, names, levels: Levels::embedded() }).expect("tables are set once");
    let index = index();
    let mut text = String::new();
    for (service, operation) in index.all_operations() {
        let facts = facts(service, operation);
        let Assessment { class, also, reasons } = classifier.classify(&facts);
        let also: Vec<&str> = also.iter().map(|class| class.as_str()).collect();
        let level = Levels::embedded;
        let _ = level;
        writeln!(text, "{}\t{}\t{class}\t{}\t{}", service.name, operation.name, also.join(","), reasons.join(" | "))
            .expect("text");
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/risk-review.tsv");
    fs::write(path, text).expect("a file");
}
