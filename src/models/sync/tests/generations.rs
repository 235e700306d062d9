//! Whose facts and documentation a generation has, and how a process that runs takes it over.

use std::path::Path;

use super::*;
use crate::{
    models::{Refreshed, Store, home::Current, sync::import},
    smithy::Model,
};

/// A Smithy model of SQS as old as the hills: fewer operations than the snapshot, but with documentation.
fn old_sqs() -> Value {
    toy("SQS", &[("SendMessage", &["QueueUrl", "MessageBody"]), ("DeleteQueue", &["QueueUrl"])])
}

fn dated(mut model: Value, version: &str) -> Value {
    model["shapes"]["toy#Toys"]["version"] = json!(version);
    model
}

fn archive(models: &[(&str, Value)]) -> Files {
    let named = |name: &str| format!("m/{name}/service/2020-01-01/{name}.json");
    models.iter().map(|(name, model)| (named(name), model.to_string().into_bytes())).collect()
}

fn model(models: &Models, service: &str) -> Model {
    Model::clone(&*models.store().model(service).unwrap())
}

#[test]
fn a_service_newer_in_the_snapshot_stays_the_newer_one() {
    let den = Den::new();
    let report =
        den.good(0, &archive(&[("sqs", dated(old_sqs(), "2012-11-05")), ("gone", toy("Toy Box", &[("GetToy", &[])]))]));
    // The snapshot is ahead of the source, so what only the source has was taken back by AWS.
    assert_eq!((report.facts, report.documentation), (vec![(Origin::Snapshot, 439)], vec![(Origin::Sync, 1)]));
    assert_eq!((report.added, report.changed), (Vec::new(), vec!["sqs".to_owned()]));
    let (models, known) = (den.models(), Store::embedded().model("sqs").unwrap());
    let mut merged = model(&models, "sqs");
    for (name, operation) in &mut merged.operations {
        let expected = ["SendMessage", "DeleteQueue"].contains(&name.as_str()).then(|| format!("Does {name}."));
        assert_eq!(operation.documentation.take(), expected);
    }
    assert_eq!(merged, *known, "but for the documentation it is the snapshot's");
}

#[test]
fn a_service_newer_in_the_sync_is_taken_whole() {
    let den = Den::new();
    let report =
        den.good(0, &archive(&[("sqs", dated(old_sqs(), "2099-01-01")), ("box", toy("Toy Box", &[("GetToy", &[])]))]));
    assert_eq!(report.facts, [(Origin::Snapshot, 438), (Origin::Sync, 2)]);
    assert_eq!((report.added, report.removed.len() > 5), (vec!["toy-box:GetToy".to_owned()], true));
    let (merged, known) = (model(&den.models(), "sqs"), Store::embedded().model("sqs").unwrap());
    assert_eq!((merged.service.name.as_str(), merged.service.version.as_str()), ("sqs", "2099-01-01"));
    assert_eq!(merged.endpoint_rules, known.endpoint_rules, "what it does not tell is the snapshot's");
    assert_eq!(merged.operations.keys().collect::<Vec<_>>(), ["DeleteQueue", "SendMessage"]);
}

#[test]
fn documentation_of_what_is_installed_fills_the_gaps() {
    let den = Den::new();
    let data = den.folder.path().join("root/usr/lib/python3.13/site-packages/botocore/data");
    let put = |service: &str, operation: &str| {
        let document = json!({
            "metadata": {"apiVersion": "2012-11-05", "endpointPrefix": service, "protocol": "json", "serviceFullName": service,
                "serviceId": service, "signatureVersion": "v4"},
            "operations": {operation: {"name": operation, "http": {"method": "POST", "requestUri": "/"},
                "documentation": "<p>As installed. Really.</p>"}, "NoSuch": {"name": "NoSuch", "http": {"method": "POST", "requestUri": "/"}}},
            "shapes": {},
        });
        let path = data.join(service).join("2012-11-05/service-2.json");
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, document.to_string()).unwrap();
    };
    put("sqs", "SendMessage");
    put("s3", "DeleteBucket");
    std::fs::create_dir_all(data.join("sns/2010-03-31")).unwrap();
    std::fs::write(data.join("sns/2010-03-31/service-2.json"), "{").unwrap();
    let mut sqs = dated(old_sqs(), "2012-11-05");
    sqs["shapes"]["toy#SendMessage"]["traits"] = json!({});
    let report = den.good(0, &archive(&[("sqs", sqs)]));
    assert_eq!(report.documentation, [(Origin::Sync, 1), (Origin::Installed, 2)]);
    assert_eq!((report.facts, report.added.len()), (vec![(Origin::Snapshot, 439)], 0));
    let told = |service: &str, operation: &str| {
        let all = listed(&den.models(), service);
        all.into_iter().find(|(name, _)| name == operation).unwrap().1.unwrap_or_default()
    };
    assert_eq!(told("sqs", "SendMessage"), "As installed.");
    assert_eq!(told("sqs", "DeleteQueue"), "Does DeleteQueue.", "what AWS publishes comes first");
    assert_eq!(told("s3", "DeleteBucket"), "As installed.");
    assert_eq!(told("s3", "DeleteObject"), "");

    // Without a network what is installed is used all the same; and when it is gone, so is what it told.
    put("s3", "DeleteObject");
    let error = den.sync(1, &Server::unreachable()).unwrap_err();
    assert!(error.is_offline());
    assert_eq!((told("s3", "DeleteBucket"), told("s3", "DeleteObject")), (String::new(), "As installed.".to_owned()));
    assert_eq!(told("sqs", "DeleteQueue"), "Does DeleteQueue.", "the last good sync is kept");
    std::fs::remove_dir_all(&data).unwrap();
    assert_eq!(sync(den.options(2), None, &|_| {}).unwrap().documentation, [(Origin::Sync, 1)]);
    let status = crate::models::status::status(&den.models(), &den.home).unwrap();
    let parts: Vec<_> = status.parts.iter().map(|part| (part.origin, part.facts, part.documentation)).collect();
    assert_eq!(parts, [(Origin::Snapshot, 439, 0), (Origin::Sync, 0, 1)]);
    assert_eq!((status.documented, status.synced_at, status.tried_at), (1, Some(at(0)), Some(at(1))));
}

#[test]
fn an_import_is_kept_beside_the_sync() {
    let den = Den::new();
    den.good(0, &two_toys());
    let source = den.folder.path().join("imported");
    std::fs::create_dir(&source).unwrap();
    std::fs::write(source.join("a.json"), toy("Toy Attic", &[("Climb", &[])]).to_string()).unwrap();
    let (read, made) = import(den.options(1), &source, &|_| {}).unwrap();
    assert_eq!((read.services, made.change, made.added), (1, Change::New, vec!["toy-attic:Climb".to_owned()]));
    assert_eq!(made.facts, [(Origin::Snapshot, 439), (Origin::Import, 1), (Origin::Sync, 2)]);
    let mut files = two_toys();
    files.pop_first();
    let synced = den.good(2, &files);
    assert_eq!(synced.facts, [(Origin::Snapshot, 439), (Origin::Import, 1), (Origin::Sync, 1)]);
    assert_eq!(listed(&den.models(), "toy-attic").len(), 1);
}

#[test]
fn a_process_that_runs_takes_a_new_generation_over() {
    let den = Den::new();
    let models = den.models();
    let before = models.store();
    assert_eq!((models.refresh(), models.generation()), (Refreshed::Same, None));
    let first = den.good(0, &two_toys());
    assert_eq!((models.refresh(), models.refresh()), (Refreshed::Swapped, Refreshed::Same));
    assert_eq!(models.generation(), first.generation);
    assert_eq!(listed(&models, "toy-zoo").len(), 1);
    // A call that began before sees what it began with.
    assert!(before.index().unwrap().service("toy-zoo").is_none());
    let held = models.store();
    let second = den.good(1, &archive(&[("box", toy("Toy Box", &[("GetToy", &[]), ("PutToy", &[]), ("New", &[])]))]));
    assert_eq!(models.refresh(), Refreshed::Swapped);
    assert_eq!((models.generation(), listed(&models, "toy-zoo").len()), (second.generation, 0));
    assert_eq!(held.model("toy-zoo").unwrap().operations.len(), 1, "its files are there still");
    assert!(!std::sync::Arc::ptr_eq(&held, &models.store()));
}

#[test]
fn a_generation_that_cannot_be_used_is_passed_over() {
    let den = Den::new();
    let made = den.good(0, &two_toys());
    let models = den.models();
    let current = den.folder.path().join("models/current.json");
    let known: Current = serde_json::from_slice(&std::fs::read(&current).unwrap()).unwrap();
    let write = |current_file: &Path, value: &Current| {
        // Another file, as a writer makes it.
        let aside = current_file.with_extension("new");
        std::fs::write(&aside, serde_json::to_vec(value).unwrap()).unwrap();
        std::fs::rename(&aside, current_file).unwrap();
    };
    for (value, told) in [
        (Current { snapshot: "another".into(), ..known.clone() }, "made for another version of Countersign"),
        (Current { form: 0, ..known.clone() }, "made for another version of Countersign"),
        (Current { generation: "2023-gone".into(), ..known.clone() }, "index.zst cannot be used"),
    ] {
        write(&current, &value);
        assert_eq!(models.refresh(), Refreshed::Same);
        assert!(models.problem().is_some_and(|problem| problem.contains(told)), "{:?}", models.problem());
        assert_eq!(listed(&models, "toy-zoo").len(), 1, "what is in use stays in use");
        let fresh = den.models();
        assert_eq!((fresh.generation(), listed(&fresh, "toy-zoo").len()), (None, 0), "a new process has the snapshot");
        assert!(fresh.problem().is_some_and(|problem| problem.contains(told)));
    }
    write(&current, &known);
    assert_eq!((models.refresh(), models.problem()), (Refreshed::Same, None));
    // Made with another snapshot: it is merged anew of what it holds, without the network.
    write(&current, &Current { snapshot: "another".into(), ..known });
    let anew = sync(den.options(1), None, &|_| {}).unwrap();
    assert_eq!((anew.change, listed(&den.models(), "toy-zoo").len()), (Change::New, 1));
    assert_ne!(anew.generation, made.generation);
}
