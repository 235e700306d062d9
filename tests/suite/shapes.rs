//! What is computed from shapes: that schema and validation agree, and that both hold for every operation of
//! every service.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use countersign::catalog::schema::{COMPACT_BYTES, Detail, input_schema};
use countersign::models::Store;
use countersign::smithy::{Model, Operation, Slot};
use countersign::validate::{Validator, bind};
use serde_json::{Value, json};

use super::support::models;

mod agree;
mod chance;
mod spoil;
mod words;
mod writer;

use agree::{BEYOND, Beyond, Judged, judge};
pub(crate) use chance::Chance;
use spoil::Kind;
pub(crate) use spoil::{KINDS, spoil};
pub(crate) use writer::{Amount, Writer};

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
                {"n": "Least", "t": "smithy.api#Double", "x": {"min": 0.5}},
                {"n": "Exact", "t": "smithy.api#BigDecimal"},
                {"n": "Host", "t": "smithy.api#String", "x": {"host_label": true}},
                {"n": "Odd", "t": "Odd"},
                {"n": "Print", "t": "Print"},
                {"n": "Wide", "t": "Wide"},
                {"n": "One", "t": "smithy.api#Blob", "x": {"min": 1, "max": 1}},
                {"n": "Two", "t": "smithy.api#Blob", "x": {"min": 2, "max": 2}},
                {"n": "Three", "t": "smithy.api#Blob", "x": {"min": 3, "max": 6}},
                {"n": "Ratio", "t": "smithy.api#Float", "x": {"min": 0, "max": 1.5}},
                {"n": "Kind", "t": "Kind"},
                {"n": "At", "t": "smithy.api#Timestamp"},
                {"n": "Body", "t": "smithy.api#Blob"},
                {"n": "Doc", "t": "smithy.api#Document"},
                {"n": "Json", "t": "smithy.api#String", "x": {"media_type": "application/json", "max": 20}},
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
            "Odd": {"t": "string", "x": {"pattern": "^(?!aws:).*$"}},
            "Print": {"t": "string", "x": {"pattern": "^\\p{Print}+$", "min": 2, "max": 4}},
            "Wide": {"t": "string", "x": {"pattern": "^x.{0,65535}$"}},
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

/// Payloads of one operation: written, spoilt, judged.
struct Trial<'m> {
    model: &'m Model,
    operation: &'m Operation,
    text: Value,
    schema: jsonschema::Validator,
    compact: jsonschema::Validator,
    validator: &'m Validator,
    tally: Tally,
}

/// What came out of trials.
#[derive(Default)]
struct Tally {
    payloads: usize,
    /// Payloads that were meant to be valid, and those of them that are.
    whole: (usize, usize),
    /// For each kind of damage, how many payloads have it and how many of them are refused.
    spoilt: BTreeMap<Kind, (usize, usize)>,
    beyond: BTreeMap<Beyond, usize>,
    differ: Vec<String>,
    operations: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.payloads += other.payloads;
        self.operations += other.operations;
        self.whole = (self.whole.0 + other.whole.0, self.whole.1 + other.whole.1);
        for (kind, (all, refused)) in other.spoilt {
            let entry = self.spoilt.entry(kind).or_default();
            *entry = (entry.0 + all, entry.1 + refused);
        }
        for (beyond, count) in other.beyond {
            *self.beyond.entry(beyond).or_default() += count;
        }
        self.differ.extend(other.differ);
    }
}

fn compile(schema: &Value) -> jsonschema::Validator {
    jsonschema::draft202012::new(schema).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

impl<'m> Trial<'m> {
    fn new(model: &'m Model, operation: &'m Operation, validator: &'m Validator) -> Self {
        let schema = |detail| input_schema(model, operation, detail, None).unwrap();
        let (text, compact) = (schema(Detail::Full), compile(&schema(Detail::Compact)));
        let schema = compile(&text);
        Self { model, operation, text, schema, compact, validator, tally: Tally { operations: 1, ..Tally::default() } }
    }

    /// Judges one payload; whether validation accepts it.
    fn judge(&mut self, payload: &Value, what: &str) -> bool {
        self.tally.payloads += 1;
        let bound = self.validator.bind(self.model, self.operation, payload);
        match judge(&self.text, self.schema.is_valid(payload), &bound, payload) {
            Judged::Accepted | Judged::Refused => {}
            Judged::Beyond(reasons) => {
                for reason in reasons {
                    *self.tally.beyond.entry(reason).or_default() += 1;
                }
            }
            Judged::Differ(how) => self.differ(what, &how, payload),
        }
        let Ok(bound) = bound else { return false };
        // The canonical form binds to itself and fits the whole schema and the compact one.
        if self.validator.bind(self.model, self.operation, &bound.payload).as_ref().map(|again| &again.payload)
            != Ok(&bound.payload)
        {
            self.differ(what, "the canonical form does not bind to itself", &bound.payload);
        }
        for (schema, which) in [(&self.schema, "whole"), (&self.compact, "compact")] {
            if let Err(error) = schema.validate(&bound.payload) {
                let how =
                    format!("the canonical form does not fit the {which} schema: {error} at {}", error.instance_path());
                self.tally.differ.push(format!("{}:{} {what}: {how}", self.model.service.name, self.operation.name));
            }
        }
        true
    }

    fn differ(&mut self, what: &str, how: &str, payload: &Value) {
        let (service, operation) = (&self.model.service.name, &self.operation.name);
        let errors: Vec<_> =
            self.schema.iter_errors(payload).map(|error| format!("{error} at {}", error.instance_path())).collect();
        let payload: String = payload.to_string().chars().take(600).collect();
        let errors: String = errors.join("; ").chars().take(600).collect();
        self.tally.differ.push(format!("{service}:{operation} {what}: {how}; {errors}: {payload}"));
    }

    /// Writes and spoils so many payloads.
    fn run(mut self, seed: u64, rounds: usize) -> Tally {
        let name = format!("{}:{}", self.model.service.name, self.operation.name);
        let mut chance = Chance::of(seed, &name);
        let input = Slot::of_shape(self.model, self.operation.input.as_deref().unwrap_or("smithy.api#Unit"));
        for round in 0..rounds {
            let amount = if round % 2 == 0 { Amount::Some } else { Amount::Much };
            let payload = Writer::new(self.model, &mut chance, amount).value(input, 0);
            self.tally.whole.0 += 1;
            self.tally.whole.1 += usize::from(self.judge(&payload, "whole"));
            let start = chance.below(KINDS.len());
            let mut spoilt = 0;
            for at in 0..KINDS.len() {
                let kind = KINDS[(start + at) % KINDS.len()];
                let mut broken = payload.clone();
                if !spoil(self.model, input, &mut broken, kind, &mut chance) {
                    continue;
                }
                let accepted = self.judge(&broken, &format!("{kind:?}"));
                let entry = self.tally.spoilt.entry(kind).or_default();
                *entry = (entry.0 + 1, entry.1 + usize::from(!accepted));
                spoilt += 1;
                if spoilt == 8 {
                    break;
                }
            }
        }
        self.tally
    }
}

#[test]
fn schema_and_validation_agree_on_every_kind_of_shape() {
    let model = model();
    let validator = Validator::new();
    let mut tally = Tally::default();
    for seed in 0..40 {
        tally.add(Trial::new(&model, model.operation("Put").unwrap(), &validator).run(seed, 20));
    }
    assert_eq!(tally.differ, Vec::<String>::new());
    assert!(tally.whole.1 * 2 > tally.whole.0, "{:?}", tally.whole);
    assert_eq!(tally.spoilt.len(), KINDS.len(), "{:?}", tally.spoilt);
    let all =
        BTreeSet::from([Beyond::NumberText, Beyond::Calendar, Beyond::Spelling, Beyond::JsonText, Beyond::Digits]);
    assert_eq!(tally.beyond.into_keys().collect::<BTreeSet<_>>(), all, "what is excused is met");
}

/// Runs over the operations of all services on all cores: one of each service's operations in so many.
pub(crate) fn over_operations<T: Send>(one_in: usize, run: impl Fn(&Arc<Model>, &Operation) -> T + Sync) -> Vec<T> {
    let store = models::store();
    let names: Vec<String> = store.index().unwrap().services().iter().map(|service| service.name.clone()).collect();
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    let mut all = Vec::new();
    std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                let model = store.model(name).unwrap();
                let chosen = model.operations.values().enumerate().filter(|(at, _)| at % one_in == 0);
                done.extend(chosen.map(|(_, operation)| run(&model, operation)));
            }
            done
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            all.extend(worker.join().expect("no worker panics"));
        }
    });
    all
}

/// `COUNTERSIGN_SHAPES=all` tries every operation, with more payloads each.
#[test]
fn schemas_accept_exactly_what_validation_accepts() {
    let thorough = std::env::var("COUNTERSIGN_SHAPES").is_ok_and(|value| value == "all");
    let (one_in, rounds) = if thorough { (1, 8) } else { (4, 3) };
    let validator = Validator::new();
    let mut tally = Tally::default();
    for one in over_operations(one_in, |model, operation| Trial::new(model, operation, &validator).run(7, rounds)) {
        tally.add(one);
    }
    println!(
        "{} payloads for {} operations; {} of {} meant to be valid are; refused of each kind of damage: {:?}; beyond \
         JSON Schema: {:?}",
        tally.payloads, tally.operations, tally.whole.1, tally.whole.0, tally.spoilt, tally.beyond
    );
    assert!(
        tally.differ.is_empty(),
        "{} differ:\n{}",
        tally.differ.len(),
        tally.differ[..tally.differ.len().min(30)].join("\n")
    );
    assert!(tally.operations > 1500 && tally.whole.1 * 10 > tally.whole.0 * 7, "{:?}", tally.whole);
}

/// What a schema does not show, and says so: the text, and where to ask for it.
fn cuts(schema: &Value, found: &mut Vec<Cut>) {
    match schema {
        Value::Object(members) => {
            found.extend(members.get("description").and_then(Value::as_str).and_then(Cut::read));
            members.values().for_each(|member| cuts(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| cuts(item, found)),
        _ => {}
    }
}

#[derive(Debug, PartialEq)]
enum Cut {
    /// A structure or union that is shown at this path.
    Part(String),
    /// So many values, shown in full at this path.
    Values(usize, String),
    /// So many members, shown in full at the same place.
    Members(usize),
}

impl Cut {
    fn read(text: &str) -> Option<Self> {
        if let Some(path) = text.split("Cut: ask with path ").nth(1) {
            return Some(Self::Part(path.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("One of ") {
            let (count, path) = rest.split_once(" values: ask with path ")?;
            return Some(Self::Values(count.parse().ok()?, path.strip_suffix(" and detail full")?.to_owned()));
        }
        let count = text.strip_prefix("Cut: ")?.strip_suffix(" more optional members; ask with detail full")?;
        Some(Self::Members(count.parse().ok()?))
    }
}

/// The schema that stands in all lists, maps and choices of a schema.
fn inside<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let target = schema["$ref"].as_str().and_then(|target| root.pointer(target.strip_prefix('#').unwrap()));
    let inner = target.or_else(|| schema.get("items")).or_else(|| {
        let values = schema.get("additionalProperties").filter(|values| values.is_object());
        values.or_else(|| schema.get("anyOf").and_then(|choices| choices.get(0)))
    });
    inner.map_or(schema, |inner| inside(root, inner))
}

/// What is wrong with the schemas of one operation.
fn schema_faults(model: &Model, operation: &Operation, validator: &Validator) -> (usize, Vec<String>) {
    let name = format!("{}:{}", model.service.name, operation.name);
    let mut faults = Vec::new();
    let mut check = |what: &str, right: bool| {
        if !right {
            faults.push(format!("{name}: {what}"));
        }
    };
    let of = |detail, path: Option<&str>| input_schema(model, operation, detail, path);
    let (full, compact) = (of(Detail::Full, None).unwrap(), of(Detail::Compact, None).unwrap());
    // Compiling holds it against the dialect's own schema and looks up every `$ref`.
    for (schema, which) in [(&full, "whole"), (&compact, "compact")] {
        let compiled = jsonschema::draft202012::new(schema);
        check(&format!("the {which} schema: {:?}", compiled.as_ref().err()), compiled.is_ok());
    }
    check("larger than 12 KB", compact.to_string().len() <= COMPACT_BYTES);
    let mut whole = Vec::new();
    cuts(&full, &mut whole);
    check("the whole schema is cut", whole.is_empty());
    let mut found = Vec::new();
    cuts(&compact, &mut found);
    for cut in &found {
        let works = match cut {
            Cut::Part(path) => of(Detail::Compact, Some(path)).is_ok_and(|part| {
                let shown = inside(&part, &part);
                part.to_string().len() <= COMPACT_BYTES && shown.get("properties").is_some()
            }),
            Cut::Values(count, path) => of(Detail::Full, Some(path)).is_ok_and(|part| {
                let shown = inside(&part, &part);
                let lists = [shown, &part["propertyNames"], &shown["anyOf"][0]];
                lists.iter().any(|list| list["enum"].as_array().is_some_and(|values| values.len() == *count))
            }),
            Cut::Members(count) => {
                let shown = compact["properties"].as_object().unwrap().len();
                full["properties"].as_object().is_some_and(|members| members.len() == shown + count)
            }
        };
        check(&format!("{cut:?} is not found where it says"), works);
    }
    let required = full.get("required").cloned().unwrap_or_else(|| json!([]));
    check("both schemas require the same", compact.get("required").cloned().unwrap_or_else(|| json!([])) == required);
    let missing = match validator.bind(model, operation, &json!({})) {
        Ok(bound) => json!(Vec::<&str>::new()) == required && bound.payload == json!({}),
        Err(invalid) => json!(invalid.missing) == required && invalid.invalid.is_empty() && invalid.more == 0,
    };
    check("an empty payload misses something else", missing);
    (found.len(), faults)
}

#[test]
fn every_operation_has_schemas_that_are_valid_small_and_lead_on() {
    let validator = Validator::new();
    let all = over_operations(1, |model, operation| schema_faults(model, operation, &validator));
    assert_eq!(all.len(), models::store().index().unwrap().operation_count());
    let (marks, faults) = all.into_iter().fold((0, Vec::new()), |(marks, mut faults), (found, more)| {
        faults.extend(more);
        (marks + found, faults)
    });
    println!("{marks} marks of what is cut");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(30)].join("\n"));
    assert!(marks > 1000, "{marks}");
}

#[test]
fn what_json_schema_cannot_say_is_said_in_words() {
    let model = model();
    let schema = input_schema(&model, model.operation("Put").unwrap(), Detail::Full, None).unwrap();
    for (beyond, words) in BEYOND {
        assert!(schema["$comment"].as_str().unwrap().contains(words), "{beyond:?}");
    }
    let told = |name: &str| schema["properties"][name]["description"].as_str().unwrap_or_default().to_owned();
    assert_eq!(told("Odd"), "Not checked here: the pattern ^(?!aws:).*$");
    assert_eq!(told("Wide"), "Not checked here: the upper bounds in the pattern ^x.{0,65535}$");
    assert_eq!(told("Print"), "");
}

#[test]
fn everything_below_a_cut_is_reached() {
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
            let mut found = Vec::new();
            cuts(&schema, &mut found);
            waiting.extend(found.into_iter().filter_map(|cut| match cut {
                Cut::Part(path) => Some(path),
                _ => None,
            }));
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
