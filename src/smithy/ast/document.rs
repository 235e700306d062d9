//! The shapes of a document as they are after mixins and `apply` statements are worked in.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::smithy::read::{Problem, Under, array, object, text_at};

/// A shape as it stands in the document, mixins worked in.
#[derive(Debug, Clone, Default)]
pub(super) struct Raw {
    /// `structure`, `operation`, `service`, …
    pub(super) kind: String,
    /// Members in order: of a list `member`, of a map `key` and `value`.
    pub(super) members: Vec<RawMember>,
    /// Traits by absolute id.
    pub(super) traits: Map<String, Value>,
    /// Everything else (`operations`, `input`, `identifiers`, …).
    pub(super) rest: Map<String, Value>,
}

#[derive(Debug, Clone)]
pub(super) struct RawMember {
    pub(super) name: String,
    /// Absolute id of the target.
    pub(super) target: String,
    pub(super) traits: Map<String, Value>,
}

/// All shapes of a document by absolute id.
#[derive(Debug)]
pub(super) struct Document {
    shapes: BTreeMap<String, Raw>,
}

const MIXIN: &str = "smithy.api#mixin";

impl Document {
    pub(super) fn read(json: &Map<String, Value>) -> Result<Self, Problem> {
        let version = text_at(json, "smithy")?;
        if !matches!(version.as_str(), "1" | "1.0" | "2" | "2.0") {
            return Err(Problem::new(format!("version {version} of Smithy is not known here")).at("smithy"));
        }
        let Some(shapes) = json.get("shapes") else { return Ok(Self { shapes: BTreeMap::new() }) };
        let shapes = object(shapes).under("shapes")?;
        let mut own: BTreeMap<&str, &Map<String, Value>> = BTreeMap::new();
        let mut applied: BTreeMap<&str, &Map<String, Value>> = BTreeMap::new();
        for (id, shape) in shapes {
            let shape = object(shape).under(id).under("shapes")?;
            if shape.get("type").and_then(Value::as_str) != Some("apply") {
                own.insert(id, shape);
            } else if let Some(traits) = shape.get("traits") {
                applied.insert(id, object(traits).under("traits").under(id).under("shapes")?);
            }
        }
        let mut maker = Maker { own: &own, applied: &applied, made: BTreeMap::new() };
        for id in own.keys() {
            maker.make(id, &mut Vec::new()).under("shapes")?;
        }
        Ok(Self { shapes: maker.made })
    }

    pub(super) fn get(&self, id: &str) -> Option<&Raw> {
        self.shapes.get(id)
    }

    /// Ids of all services.
    pub(super) fn services(&self) -> impl Iterator<Item = &str> {
        self.shapes.iter().filter(|(_, shape)| shape.kind == "service").map(|(id, _)| id.as_str())
    }
}

struct Maker<'d> {
    own: &'d BTreeMap<&'d str, &'d Map<String, Value>>,
    applied: &'d BTreeMap<&'d str, &'d Map<String, Value>>,
    made: BTreeMap<String, Raw>,
}

impl Maker<'_> {
    /// Makes a shape, its mixins first. `above` are the shapes that are being made.
    fn make(&mut self, id: &str, above: &mut Vec<String>) -> Result<(), Problem> {
        if self.made.contains_key(id) {
            return Ok(());
        }
        let Some(own) = self.own.get(id).copied() else {
            return Err(Problem::new(format!("the mixin {id} is not there")));
        };
        if above.iter().any(|other| other == id) {
            return Err(Problem::new("it is a mixin of itself").at(id));
        }
        let mut raw = Raw { kind: text_at(own, "type").under(id)?, ..Raw::default() };
        above.push(id.to_owned());
        for mixin in targets(own, "mixins").under(id)? {
            self.make(&mixin, above).under(id)?;
            if let Some(mixin) = self.made.get(&mixin) {
                raw.mix_in(mixin);
            }
        }
        above.pop();
        raw.add_own(own).under(id)?;
        raw.apply(id, self.applied);
        self.made.insert(id.to_owned(), raw);
        Ok(())
    }
}

impl Raw {
    fn mix_in(&mut self, mixin: &Self) {
        for member in &mixin.members {
            self.member(&member.name, &member.target).traits.extend(member.traits.clone());
        }
        let stated = mixin.traits.get(MIXIN);
        let local = stated.and_then(|mixin| mixin.get("localTraits")).and_then(Value::as_array);
        let is_local = |id: &String| local.is_some_and(|local| local.iter().any(|trait_id| trait_id == id));
        let inherited = mixin.traits.iter().filter(|(id, _)| *id != MIXIN && !is_local(id));
        self.traits.extend(inherited.map(|(id, value)| (id.clone(), value.clone())));
        merge(&mut self.rest, &mixin.rest);
    }

    fn add_own(&mut self, own: &Map<String, Value>) -> Result<(), Problem> {
        for (key, value) in own {
            match key.as_str() {
                "type" | "mixins" => {}
                "traits" => self.traits.extend(object(value).under(key)?.clone()),
                "members" => {
                    for (name, member) in object(value).under(key)? {
                        self.own_member(name, member).under(name).under(key)?;
                    }
                }
                "member" | "key" | "value" => self.own_member(key, value).under(key)?,
                _ => merge(&mut self.rest, &Map::from_iter([(key.clone(), value.clone())])),
            }
        }
        Ok(())
    }

    fn own_member(&mut self, name: &str, value: &Value) -> Result<(), Problem> {
        let value = object(value)?;
        let target = text_at(value, "target")?;
        let member = self.member(name, &target);
        if let Some(traits) = value.get("traits") {
            member.traits.extend(object(traits).under("traits")?.clone());
        }
        Ok(())
    }

    /// The member of that name, which a mixin may have brought, or a new last one.
    fn member(&mut self, name: &str, target: &str) -> &mut RawMember {
        let at = self.members.iter().position(|member| member.name == name).unwrap_or(self.members.len());
        if at == self.members.len() {
            self.members.push(RawMember { name: name.to_owned(), target: String::new(), traits: Map::new() });
        }
        #[expect(clippy::indexing_slicing, reason = "the position was found or made above")]
        let member = &mut self.members[at];
        target.clone_into(&mut member.target);
        member
    }

    fn apply(&mut self, id: &str, applied: &BTreeMap<&str, &Map<String, Value>>) {
        if let Some(traits) = applied.get(id) {
            self.traits.extend((*traits).clone());
        }
        for member in &mut self.members {
            if let Some(traits) = applied.get(format!("{id}${}", member.name).as_str()) {
                member.traits.extend((*traits).clone());
            }
        }
    }
}

/// What a mixin brings comes first in lists and maps; of anything else the later wins.
fn merge(into: &mut Map<String, Value>, other: &Map<String, Value>) {
    for (key, value) in other {
        match (into.get_mut(key), value) {
            (Some(Value::Array(items)), Value::Array(more)) => items.extend(more.iter().cloned()),
            (Some(Value::Object(items)), Value::Object(more)) if key != "input" && key != "output" => {
                items.extend(more.clone());
            }
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// The ids in a list of `{ "target": id }`.
pub(super) fn targets(object: &Map<String, Value>, key: &str) -> Result<Vec<String>, Problem> {
    let Some(list) = object.get(key) else { return Ok(Vec::new()) };
    array(list).under(key)?.iter().map(|item| target(item).under(key)).collect()
}

/// The id in `{ "target": id }`.
pub(super) fn target(value: &Value) -> Result<String, Problem> {
    text_at(object(value)?, "target")
}
