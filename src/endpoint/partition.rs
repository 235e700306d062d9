//! `partitions.json`: which partition a region belongs to, and what that partition is called.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value};

use super::RuleSetError;

/// The partition to fall back to when nothing knows the region (as every SDK does).
const DEFAULT_PARTITION: &str = "aws";

/// All partitions of AWS.
#[derive(Debug, Clone)]
pub struct Partitions {
    partitions: Vec<Partition>,
}

#[derive(Debug, Clone)]
struct Partition {
    id: String,
    regex: Option<Regex>,
    outputs: Value,
    /// Regions named in the file; some have outputs of their own.
    regions: BTreeMap<String, Value>,
}

impl Partitions {
    /// Reads `partitions.json` in the form that botocore and the Smithy packages publish.
    ///
    /// # Errors
    /// When the value does not have that form.
    pub fn parse(value: &Value) -> Result<Self, RuleSetError> {
        let list = value
            .get("partitions")
            .and_then(Value::as_array)
            .ok_or_else(|| RuleSetError::new("partitions", "a list of partitions is missing"))?;
        let partitions = list.iter().map(Partition::parse).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { partitions })
    }

    /// `aws.partition`: the outputs of the partition that a region belongs to.
    pub(super) fn of_region(&self, region: &str) -> Option<&Value> {
        let named = self.partitions.iter().find_map(|partition| partition.regions.get(region));
        let matched = || {
            let found = self
                .partitions
                .iter()
                .find(|partition| partition.regex.as_ref().is_some_and(|regex| regex.is_match(region)));
            found.map(|partition| &partition.outputs)
        };
        let default = || {
            let found = self.partitions.iter().find(|partition| partition.id == DEFAULT_PARTITION);
            found.map(|partition| &partition.outputs)
        };
        named.or_else(matched).or_else(default)
    }
}

impl Partition {
    fn parse(value: &Value) -> Result<Self, RuleSetError> {
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let outputs = with_outputs(&id, value.get("outputs"), None);
        let regex = match value.get("regionRegex").and_then(Value::as_str) {
            Some(pattern) => Some(
                Regex::new(pattern)
                    .map_err(|_| RuleSetError::new("partitions", format!("the region pattern of {id} is not valid")))?,
            ),
            None => None,
        };
        let regions = value.get("regions").and_then(Value::as_object).into_iter().flatten();
        let regions =
            regions.map(|(name, own)| (name.clone(), with_outputs(&id, value.get("outputs"), Some(own)))).collect();
        Ok(Self { id, regex, outputs, regions })
    }
}

fn with_outputs(id: &str, shared: Option<&Value>, own: Option<&Value>) -> Value {
    let mut outputs = Map::new();
    outputs.insert("name".into(), id.into());
    for layer in [shared, own].into_iter().flatten().filter_map(Value::as_object) {
        outputs.extend(layer.iter().filter(|(key, _)| *key != "description").map(|(k, v)| (k.clone(), v.clone())));
    }
    Value::Object(outputs)
}
