//! botocore's own validator as a second opinion: what it takes and we refuse, we refuse for a reason on a list.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use countersign::smithy::{Model, Operation, Slot};
use countersign::validate::{Code, Invalid, Problem, Validator};
use serde_json::{Value, json};

use super::shapes::{Amount, Chance, KINDS, Writer, over_operations, spoil};
use super::support::moto;

/// What is refused although botocore takes it, and why. botocore checks types, names, required members and lower
/// bounds; the rest it leaves to the service.
const REASONS: &[(Code, &str)] = &[
    (Code::Enum, "the model lists the values"),
    (Code::Pattern, "the model has a pattern"),
    (Code::Length, "the model has an upper bound"),
    (Code::Range, "the model has an upper bound, or the type holds no such number"),
    (Code::Unique, "the model wants each item once"),
    (Code::Empty, "it becomes a part of the URL, and an empty one names another resource"),
    (Code::HostLabel, "it becomes a part of the host's name"),
    (Code::Base64, "bytes come as base64, which botocore makes itself"),
    (Code::Path, "$path is our own"),
    (Code::Timestamp, "nobody can tell which instant it is, or it has no form on the wire"),
    (Code::Depth, "deeper than JSON readers go"),
    (Code::Unsupported, "event streams cannot be sent"),
];

/// Reads lines of `service, operation, payload`; prints for each what botocore says, or nothing.
const REFEREE: &str = "
import json, sys
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
loader, validator, name, model = Loader(), ParamValidator(), None, None
for line in sys.stdin:
    service, operation, payload = json.loads(line)
    if service != name:
        try:
            name, model = service, ServiceModel(loader.load_service_model(service, 'service-2'), service)
        except Exception:
            name, model = service, None
    if model is None or operation not in model.operation_names:
        print('?')
        continue
    shape = model.operation_model(operation).input_shape
    if shape is None:
        print('' if not payload else 'no input')
        continue
    try:
        print(validator.validate(payload, shape).generate_report().replace(chr(10), '; '))
    except Exception as error:
        print('raised', type(error).__name__)
";

/// One payload, and what we say of it.
struct Trial {
    service: String,
    operation: String,
    payload: Value,
    ours: Result<(), Invalid>,
}

fn trials(model: &Model, operation: &Operation, validator: &Validator) -> Vec<Trial> {
    let mut chance = Chance::of(11, &format!("{}:{}", model.service.name, operation.name));
    let input = Slot::of_shape(model, operation.input.as_deref().unwrap_or("smithy.api#Unit"));
    let mut payloads = Vec::new();
    for amount in [Amount::Some, Amount::Much] {
        let mut writer = Writer::new(model, &mut chance, amount);
        writer.plain = true;
        let payload = writer.value(input, 0);
        for _ in 0..4 {
            let mut broken = payload.clone();
            let kind = *chance.pick(&KINDS);
            if spoil(model, input, &mut broken, kind, &mut chance) {
                payloads.push(broken);
            }
        }
        payloads.push(payload);
    }
    let trial = |payload: Value| Trial {
        service: model.service.name.clone(),
        operation: operation.name.clone(),
        ours: validator.bind(model, operation, &payload).map(drop),
        payload,
    };
    payloads.into_iter().map(trial).collect()
}

/// Why a problem that botocore does not see is one.
fn reason(problem: &Problem) -> Option<&'static str> {
    // Python counts True among the numbers, and takes text as bytes.
    if problem.code == Code::Type && matches!(problem.got.as_str(), "true" | "false" | "a boolean") {
        return Some("true is no number");
    }
    REASONS.iter().find(|(code, _)| *code == problem.code).map(|(_, reason)| *reason)
}

#[test]
fn what_botocore_takes_is_refused_only_for_a_reason() {
    let python = match moto::environment() {
        Ok(python) => python,
        Err(reason) => {
            println!("left out: botocore as the referee ({reason})");
            return;
        }
    };
    let validator = Validator::new();
    let trials: Vec<Trial> =
        over_operations(12, |model, operation| trials(model, operation, &validator)).into_iter().flatten().collect();
    let mut lines = tempfile::tempfile().unwrap();
    for trial in &trials {
        writeln!(lines, "{}", json!([trial.service, trial.operation, trial.payload])).unwrap();
    }
    std::io::Seek::rewind(&mut lines).unwrap();
    let output = Command::new(python).args(["-c", REFEREE]).stdin(Stdio::from(lines)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), trials.len());

    let (mut both, mut neither, mut only_we, mut wrong) = (0, 0, 0, Vec::new());
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for (trial, theirs) in trials.iter().zip(&answers) {
        match (&trial.ours, theirs.as_str()) {
            (_, "?") => {}
            (Ok(()), "") => both += 1,
            (Err(_), theirs) if !theirs.is_empty() => neither += 1,
            (Ok(()), _) => only_we += 1,
            (Err(invalid), _) => {
                let found: Vec<Option<&str>> = invalid.invalid.iter().map(reason).collect();
                if invalid.missing.is_empty() && found.iter().all(Option::is_some) {
                    found.into_iter().flatten().for_each(|reason| *reasons.entry(reason).or_default() += 1);
                } else {
                    let payload: String = trial.payload.to_string().chars().take(400).collect();
                    wrong.push(format!("{}:{} {invalid:?}: {payload}", trial.service, trial.operation));
                }
            }
        }
    }
    println!(
        "{} payloads: {both} taken by both, {neither} refused by both, {only_we} taken by us alone; refused by us \
         alone: {reasons:#?}",
        trials.len()
    );
    assert!(wrong.is_empty(), "{} without a reason:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert!(both > 2000 && neither > 2000, "{both} {neither}");
}
