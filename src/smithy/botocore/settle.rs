//! What can be said only when all shapes are read: that every name leads somewhere, and Smithy's place
//! for what botocore keeps on the target (`flattened`, element names).

use std::collections::{BTreeMap, BTreeSet};

use crate::smithy::{
    Location, Member, Model, Shape, ShapeType, Traits,
    read::{Problem, Under},
};

/// Checks all references, and moves names to the members that use them.
pub(super) fn settle(model: &mut Model) -> Result<(), Problem> {
    for (name, operation) in &model.operations {
        let structures = operation.input.iter().chain(&operation.output).chain(&operation.errors);
        known(model, structures).under(name).under("operations")?;
    }
    for (name, shape) in &model.shapes {
        known(model, shape.members.iter().map(|member| &member.target)).under(name).under("shapes")?;
    }
    let targets: BTreeMap<String, Target> = targets(&model.shapes);
    for shape in model.shapes.values_mut() {
        let is_aggregate = matches!(shape.kind, ShapeType::Structure | ShapeType::Union);
        for member in &mut shape.members {
            if let Some(target) = targets.get(&member.target) {
                settle_member(member, target, is_aggregate);
            }
        }
    }
    for shape in model.shapes.values_mut() {
        if let Some(traits) = shape.traits.as_mut()
            && matches!(shape.kind, ShapeType::List | ShapeType::Map)
        {
            traits.flattened = false;
            traits.xml_name = None;
            if **traits == Traits::default() {
                shape.traits = None;
            }
        }
    }
    Ok(())
}

fn known<'a>(model: &Model, names: impl Iterator<Item = &'a String>) -> Result<(), Problem> {
    let missing: BTreeSet<&str> = names.filter(|name| !model.shapes.contains_key(*name)).map(String::as_str).collect();
    match missing.into_iter().next() {
        Some(name) => Err(Problem::new(format!("it names the shape `{name}`, which is not there"))),
        None => Ok(()),
    }
}

/// What a member takes over from the shape it targets.
struct Target {
    kind: ShapeType,
    flattened: bool,
    /// The shape's own `locationName`: the name of members that state none.
    name: Option<String>,
    /// `locationName` of a list's elements.
    element: Option<String>,
}

fn targets(shapes: &BTreeMap<String, Shape>) -> BTreeMap<String, Target> {
    let of_note =
        |shape: &Shape| matches!(shape.kind, ShapeType::List | ShapeType::Map) || shape.traits().xml_name.is_some();
    let target = |shape: &Shape| Target {
        kind: shape.kind,
        flattened: shape.traits().flattened,
        name: shape.traits().xml_name.clone(),
        element: shape.member("member").and_then(|member| member.traits().xml_name.clone()),
    };
    shapes.iter().filter(|(_, shape)| of_note(shape)).map(|(name, shape)| (name.clone(), target(shape))).collect()
}

fn settle_member(member: &mut Member, target: &Target, in_aggregate: bool) {
    let mut traits = member.traits.take().map(|traits| *traits).unwrap_or_default();
    if traits.location == Some(Location::QueryParams) && target.kind != ShapeType::Map {
        traits.location = Some(Location::Query(member.name.clone()));
    }
    if traits.location.is_none() && traits.xml_name.is_none() {
        traits.xml_name.clone_from(&target.name);
    }
    traits.flattened = in_aggregate && (traits.flattened || target.flattened);
    // A flattened list repeats the member's element; botocore lets the list's element name win.
    if traits.flattened
        && let Some(element) = &target.element
    {
        traits.xml_name = Some(element.clone());
    }
    if traits.location.is_none() {
        traits.xml_name.take_if(|name| *name == member.name);
    }
    member.traits = (traits != Traits::default()).then(|| Box::new(traits));
}
