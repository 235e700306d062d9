//! The assets are whole, and the ranking does what it is meant to on a small index. How well it does on all
//! operations is measured in `tests/suite`.

use std::collections::HashSet;

use super::lexicon::{self, Alternative, PhraseLine, ServiceLine, lines, parse_words};
use super::{Hit, Searcher};
use crate::catalog::Index;

/// Services (name, sdkId, title) and their operations (name, members).
type Services<'a> = &'a [(&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)])];

fn index(services: Services<'_>) -> Index {
    let text = services.iter().map(|(name, sdk_id, title, operations)| {
        let operations: String =
            operations.iter().map(|(name, members)| format!("{name}\tPOST\t\t{members}\t\n")).collect();
        format!("#\t{name}\t0\t0\t{sdk_id}\t{title}\t1\t{name}\t{name}\t\t\n{operations}")
    });
    let text: Vec<_> = text.collect();
    Index::parse(crate::catalog::index::compose("test", text.iter().map(String::as_str))).unwrap()
}

fn small() -> Index {
    index(&[
        (
            "ec2",
            "EC2",
            "Amazon Elastic Compute Cloud",
            &[
                ("CreateSnapshot", "VolumeId*"),
                ("CreateVolume", "Size"),
                ("DeleteVolume", "VolumeId*"),
                ("DescribeInstances", "InstanceIds"),
                ("RebootInstances", "InstanceIds*"),
                ("RunInstances", "ImageId InstanceType"),
            ],
        ),
        ("gamelift", "GameLift", "Amazon GameLift", &[("DescribeInstances", "FleetId*")]),
        (
            "s3",
            "S3",
            "Amazon Simple Storage Service",
            &[
                ("DeleteBucket", "Bucket*"),
                ("DeleteBucketPolicy", "Bucket*"),
                ("ListBuckets", ""),
                ("ListObjectsV2", "Bucket* Prefix"),
                ("PutObject", "Bucket* Key* StorageClass"),
            ],
        ),
    ])
}

fn names(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| format!("{}:{}", hit.service, hit.operation)).collect()
}

#[test]
fn the_best_answer_comes_first() {
    let index = small();
    let searcher = Searcher::new(&index);
    let cases = [
        ("delete bucket", None, "s3:DeleteBucket"),
        ("remove the buckets", None, "s3:DeleteBucket"),
        ("delete bucket policy", None, "s3:DeleteBucketPolicy"),
        ("restart a server", None, "ec2:RebootInstances"),
        ("describe instances", None, "ec2:DescribeInstances"),
        ("describe instances", Some("gamelift"), "gamelift:DescribeInstances"),
        ("describe instances", Some("Amazon Game-Lift"), "gamelift:DescribeInstances"),
        ("snapshot of a volume", None, "ec2:CreateSnapshot"),
        ("change storage class", None, "s3:PutObject"),
        ("s3:ListBucket", None, "s3:ListBuckets"),
        ("aws s3api list-objects-v2", None, "s3:ListObjectsV2"),
        ("list_objects_v2", None, "s3:ListObjectsV2"),
        ("client.listObjectsV2()", None, "s3:ListObjectsV2"),
        ("delet buket", None, "s3:DeleteBucket"),
        ("deletebucket", None, "s3:DeleteBucket"),
        ("rebooting instances", None, "ec2:RebootInstances"),
    ];
    for (query, hint, expected) in cases {
        let hits = searcher.search(query, hint, 3);
        assert_eq!(names(&hits).first().map(String::as_str), Some(expected), "{query}: {hits:?}");
    }
}

#[test]
fn hits_are_bounded_ordered_and_finite() {
    let searcher = Searcher::new(&small());
    for query in ["instances volume bucket", "ec2", "list", "s3 everything", "create delete run"] {
        let hits = searcher.search(query, None, 4);
        assert!(!hits.is_empty() && hits.len() <= 4, "{query}");
        assert!(hits.iter().all(|hit| hit.score.is_finite() && hit.score > 0.0), "{query}: {hits:?}");
        assert!(hits.windows(2).all(|pair| pair[0].score >= pair[1].score), "{query}: {hits:?}");
    }
    assert_eq!(searcher.search("bucket", None, 0), []);
}

#[test]
fn hostile_queries_and_hints_end_quickly_and_may_find_nothing() {
    let searcher = Searcher::new(&small());
    let long = "bukcet zzzzqqqq \u{202e}\u{0}😀 ".repeat(2000);
    for query in ["", " ", "\n\t", "???", "the of a", "xqzw", "😀", "ünïcödé", &long] {
        let hits = searcher.search(query, Some(query), 50);
        assert!(hits.len() <= 50);
    }
    assert_eq!(searcher.search("xqzwv", None, 10), []);
    assert_eq!(searcher.search("", None, 10), []);
}

#[test]
fn an_empty_index_answers_nothing() {
    assert_eq!(Searcher::new(&index(&[])).search("delete bucket", None, 10), []);
}

#[test]
fn words_are_read_as_they_are_meant() {
    let words = parse_words(
        "# note\n[stop]\na the\n[verbs]\nget rid = delete remove*0.5 start+tail @s3*0.2\n[nouns]\nbox = @ec2\n",
    );
    assert_eq!(words.stop, ["a", "the"]);
    let entry = words.entries.get("get rid").unwrap();
    assert_eq!((entry.verb, entry.noun), (true, false));
    let word =
        |words: &[&str], weight| Alternative::Words(words.iter().map(|word| (*word).to_owned()).collect(), weight);
    assert_eq!(
        entry.alternatives,
        [
            word(&["delete"], 0.9),
            word(&["remove"], 0.5),
            word(&["start", "tail"], 0.9),
            Alternative::Service("s3", 0.2)
        ]
    );
    assert_eq!(words.entries.get("box").unwrap().alternatives, [Alternative::Service("ec2", 0.3)]);
}

#[test]
fn every_line_of_the_assets_is_understood() {
    let count = |text: &'static str| lines(text).count();
    let services: Vec<ServiceLine<'_>> = lexicon::services().collect();
    assert_eq!(services.len(), count(include_str!("../../../assets/search/services.txt")));
    let phrases: Vec<PhraseLine<'_>> = lexicon::phrases().collect();
    assert_eq!(phrases.len(), count(include_str!("../../../assets/search/phrases.txt")));
    assert!(phrases.iter().all(|line| line.phrases.iter().all(|phrase| !phrase.is_empty())));
    for line in lines(include_str!("../../../assets/search/words.txt")) {
        assert!(!line.contains('=') || line.split_once(" = ").is_some(), "{line}");
        for word in line.split_once(" = ").map(|(_, meant)| meant).into_iter().flat_map(str::split_whitespace) {
            let weight = word.split_once('*').map(|(_, weight)| weight.parse::<f32>());
            assert!(weight.is_none_or(|weight| weight.is_ok_and(|weight| weight > 0.0 && weight <= 1.0)), "{line}");
        }
    }
    let mut seen = HashSet::new();
    assert!(services.iter().all(|line| seen.insert(line.name) && (0.0..=10.0).contains(&line.figure)));
    let mut seen = HashSet::new();
    assert!(phrases.iter().all(|line| seen.insert((line.service, line.operation))));
}
