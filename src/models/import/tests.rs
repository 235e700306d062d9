//! Tests of import: every kind of source, determinism, broken input.

mod faults;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write as _,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{models::Store, smithy::Protocol};

/// Files of a source, by path.
type Files = BTreeMap<String, Vec<u8>>;

fn service(endpoint_prefix: &str, operations: &[&str]) -> Value {
    let operations: serde_json::Map<String, Value> = operations
        .iter()
        .map(|name| ((*name).to_owned(), json!({"name": name, "http": {"method": "POST", "requestUri": "/"}, "documentation": "<p>Does it. Well.</p>"})))
        .collect();
    json!({
        "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": endpoint_prefix, "protocol": "json", "serviceFullName": "T", "serviceId": "T", "signatureVersion": "v4"},
        "operations": operations,
        "shapes": {},
        "novelty": 1
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A botocore package with two services, one of them in two versions.
fn package() -> Files {
    let json = |value: Value| serde_json::to_vec(&value).unwrap();
    let rules = json(json!({"version": "1.0", "parameters": {}, "rules": []}));
    [
        ("botocore/__init__.py", b"import os\n\n__version__ = '1.2.3'\n".to_vec()),
        ("botocore/client.py", b"x".to_vec()),
        ("botocore/data/partitions.json", json(json!({"version": "1.1", "partitions": []}))),
        ("botocore/data/endpoints.json", b"{".to_vec()),
        ("botocore/data/toy/2019-01-01/service-2.json", json(service("toys", &["Old"]))),
        ("botocore/data/toy/2020-01-01/service-2.json.gz", gzip(&json(service("toys", &["GetToy", "PutToy"])))),
        (
            "botocore/data/toy/2020-01-01/service-2.sdk-extras.json",
            json(json!({"merge": {"metadata": {"signingName": "toysign"}}})),
        ),
        ("botocore/data/toy/2020-01-01/endpoint-rule-set-1.json.gz", gzip(&rules)),
        ("botocore/data/toy/2020-01-01/examples-1.json", b"{".to_vec()),
        ("botocore/data/zoo/2021-05-05/service-2.json", json(service("zoo", &["Feed"]))),
        ("botocore/data/zoo/2021-05-05/waiters-2.json", json(json!({"waiters": {}}))),
        ("botocore/data/ghost/2021-05-05/examples-1.json", b"{}".to_vec()),
        ("botocore/data/ghost/2021-05-05/waiters-2.json", b"{}".to_vec()),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .into()
}

fn ast(sdk_id: &str, version: &str) -> Vec<u8> {
    serde_json::to_vec(&json!({"smithy": "2.0", "shapes": {
        "toy#Toys": {"type": "service", "version": version, "operations": [{"target": "toy#Get"}], "traits": {"aws.api#service": {"sdkId": sdk_id}}},
        "toy#Get": {"type": "operation"}
    }}))
    .unwrap()
}

fn write_folder(root: &Path, files: &Files) {
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

fn write_zip(path: &Path, files: &Files) {
    let mut zip = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn tar(prefix: &str, files: &Files) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, format!("{prefix}{name}"), bytes.as_slice()).unwrap();
    }
    tar.into_inner().unwrap()
}

/// All files of a folder.
fn contents(folder: &Path) -> Files {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn import(source: &Path, out: &Path) -> Result<Report, ImportError> {
    run(source, out, Options::default())
}

#[test]
fn every_packing_of_botocore_gives_the_same_bytes() {
    let home = TempDir::new().unwrap();
    let path = |name: &str| home.path().join(name);
    let files = package();
    write_folder(&path("site-packages"), &files);
    write_folder(&path("aws-cli/dist/awscli"), &files);
    write_zip(&path("botocore-1.2.3.whl"), &files);
    fs::write(path("botocore.tar"), tar("botocore-1.2.3/", &files)).unwrap();
    fs::write(path("botocore.tar.gz"), gzip(&tar("botocore-1.2.3/", &files))).unwrap();
    fs::write(path("botocore.tar.zst"), zstd::encode_all(tar("", &files).as_slice(), 1).unwrap()).unwrap();
    let sources = [
        "site-packages",
        "site-packages/botocore",
        "site-packages/botocore/data",
        "aws-cli",
        "botocore-1.2.3.whl",
        "botocore.tar",
        "botocore.tar.gz",
        "botocore.tar.zst",
    ];
    let mut first: Option<(Report, Files)> = None;
    for (at, source) in sources.iter().enumerate() {
        let out = path(&format!("out-{at}"));
        let report = import(&path(source), &out).unwrap();
        let made = (report, contents(&out));
        assert_eq!(&made, first.get_or_insert_with(|| made.clone()), "{source}");
    }
    let (report, made) = first.unwrap();
    assert_eq!(made.keys().collect::<Vec<_>>(), ["index.zst", "partitions.json.zst", "toy.json.zst", "zoo.json.zst"]);
    assert_eq!(report.bytes, made.values().map(Vec::len).sum::<usize>());
    assert_eq!(
        report.to_string(),
        format!(
            "2 services, 3 operations from botocore 1.2.3, {} bytes\n\
         not known: service.novelty 2 times, first in toy\n\
         skipped: ghost 2021-05-05, there is no service-2 in it\n\
         skipped: toy 2019-01-01, there is a later one\n",
            report.bytes
        )
    );
}

#[test]
fn what_is_imported_can_be_loaded() {
    let home = TempDir::new().unwrap();
    write_folder(home.path(), &package());
    let out = home.path().join("models");
    import(home.path(), &out).unwrap();
    let store = Store::folder(&out);
    let index = store.index().unwrap();
    assert_eq!(index.source(), "botocore 1.2.3");
    let names: Vec<String> =
        index.all_operations().map(|(service, operation)| format!("{}:{}", service.name, operation.name)).collect();
    assert_eq!(names, ["toy:GetToy", "toy:PutToy", "zoo:Feed"]);
    let toy = store.model("toy").unwrap();
    assert_eq!((toy.service.signing_name.as_str(), toy.service.endpoint_prefix.as_str()), ("toysign", "toys"));
    assert_eq!(toy.endpoint_rules, Some(json!({"version": "1.0", "parameters": {}, "rules": []})));
    assert_eq!(toy.operations["GetToy"].documentation, None);
    assert_eq!(*store.partitions().unwrap(), json!({"version": "1.1", "partitions": []}));

    run(home.path(), &out, Options { documentation: true, names: None, ..Options::default() }).unwrap();
    let store = Store::folder(&out);
    assert_eq!(store.model("toy").unwrap().operations["GetToy"].documentation.as_deref(), Some("Does it."));
    let index = store.index().unwrap();
    assert_eq!(index.operation(index.service("toy").unwrap(), "GetToy").unwrap().summary, Some("Does it."));
}

#[test]
fn every_packing_of_smithy_models_gives_the_same_bytes() {
    let home = TempDir::new().unwrap();
    let path = |name: &str| home.path().join(name);
    let files: Files = [
        ("models/toy/service/2019-01-01/toy-2019-01-01.json", ast("Toy Store", "2019-01-01")),
        ("models/toy/service/2020-01-01/toy-2020-01-01.json", ast("Toy Store", "2020-01-01")),
        ("models/zoo/2020/zoo.json", ast("Elastic Load Balancing v2", "2020")),
        ("models/package.json", b"{\"name\": \"models\"}".to_vec()),
        ("README.md", b"x".to_vec()),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .into();
    write_folder(&path("folder"), &files);
    write_zip(&path("models.zip"), &files);
    fs::write(path("models.tar"), tar("", &files)).unwrap();
    fs::write(path("models.tar.gz"), gzip(&tar("", &files))).unwrap();
    fs::write(path("models.tar.zst"), zstd::encode_all(tar("", &files).as_slice(), 1).unwrap()).unwrap();
    let embedded = Store::embedded();
    let options = Options { documentation: false, names: Some(embedded.index().unwrap()), ..Options::default() };
    let mut first: Option<(Report, Files)> = None;
    for (at, source) in ["folder", "models.zip", "models.tar", "models.tar.gz", "models.tar.zst"].iter().enumerate() {
        let out = path(&format!("out-{at}"));
        let report = run(&path(source), &out, options).unwrap();
        let made = (report, contents(&out));
        assert_eq!(&made, first.get_or_insert_with(|| made.clone()), "{source}");
    }
    let (report, made) = first.unwrap();
    assert_eq!(
        made.keys().collect::<Vec<_>>(),
        ["elbv2.json.zst", "index.zst", "toy-store.json.zst"],
        "botocore's name by the sdkId"
    );
    assert_eq!((report.source.as_str(), report.services, report.operations), ("Smithy JSON AST", 2, 2));
    let skipped: Vec<String> =
        report.skipped.iter().map(|skipped| format!("{}: {}", skipped.what, skipped.why)).collect();
    assert_eq!(skipped, ["models/package.json: it is no Smithy model", "toy-store 2019-01-01: there is a later one"]);

    let store = Store::folder(path("out-0"));
    assert_eq!(store.model("toy-store").unwrap().service.version, "2020-01-01");
    assert_eq!(store.partitions().unwrap(), embedded.partitions().unwrap(), "Smithy models bring no partitions");
}

#[test]
fn one_smithy_file() {
    let home = TempDir::new().unwrap();
    let source = home.path().join("toy.json");
    for packed in [ast("Toy", "1"), gzip(&ast("Toy", "1")), zstd::encode_all(ast("Toy", "1").as_slice(), 1).unwrap()] {
        fs::write(&source, packed).unwrap();
        let report = import(&source, &home.path().join("out")).unwrap();
        assert_eq!((report.services, report.operations), (1, 1));
    }
}

/// What botocore and Smithy say of the same services, where AWS's Smithy models are present. They are older than
/// the snapshot: these services have changed in nothing that is compared.
#[test]
fn both_forms_say_the_same() {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/api-models-aws.tar.zst"));
    if !source.exists() {
        println!("left out: {} is not here", source.display());
        return;
    }
    let home = TempDir::new().unwrap();
    let embedded = Store::embedded();
    let options = Options { documentation: false, names: Some(embedded.index().unwrap()), ..Options::default() };
    let report = run(source, &home.path().join("out"), options).unwrap();
    assert_eq!((report.services, report.operations), (402, 16_019));
    assert!(report.unknown.is_empty(), "{report}");
    let smithy = Store::folder(home.path().join("out"));
    for name in ["s3", "sqs", "lambda", "iam", "sts", "sns", "cloudfront", "route53"] {
        let (smithy, botocore) = (smithy.model(name).unwrap(), embedded.model(name).unwrap());
        assert_eq!(smithy.service.signing_name, botocore.service.signing_name);
        if smithy.service.protocols.iter().any(|protocol| matches!(protocol, Protocol::RestXml | Protocol::AwsQuery)) {
            assert_eq!(smithy.service.xml_namespace, botocore.service.xml_namespace, "{name}");
        }
        let mut compared = 0;
        for operation in smithy.operations.values() {
            let other = &botocore.operations[&operation.name];
            let place = format!("{name}:{}", operation.name);
            assert_eq!(operation.http.method, other.http.method, "{place}");
            assert_eq!(operation.checksum_required, other.checksum_required, "{place}");
            let (Some(input), Some(other)) = (smithy.input(operation), botocore.input(other)) else { continue };
            for member in &input.members {
                let other = other.member(&member.name).unwrap();
                assert_eq!(member.required, other.required, "{place}.{}", member.name);
                assert_eq!(form(member), form(other), "{place}.{}", member.name);
                compared += 1;
            }
        }
        assert!(compared > 10, "{name}: {compared}");
    }
}

/// Where and how a member is written. Labels are named by botocore after the URI pattern, by Smithy after the
/// member; names in XML count only where XML is written (SQS keeps them from its past).
fn form(member: &crate::smithy::Member) -> (Option<&str>, Option<String>) {
    use crate::smithy::Location::{Header, Label, Payload, PrefixHeaders, Query, QueryParams, StatusCode};
    let location = member.traits().location.as_ref();
    let name = match location {
        Some(Header(name) | PrefixHeaders(name) | Query(name)) => Some(name.to_lowercase()),
        None => member.traits().json_name.clone(),
        _ => None,
    };
    let kind = location.map(|location| match location {
        Header(_) => "header",
        PrefixHeaders(_) => "prefix headers",
        Query(_) => "query",
        QueryParams => "query parameters",
        Label(_) => "label",
        Payload => "payload",
        StatusCode => "status",
    });
    (kind, name)
}
