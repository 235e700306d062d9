//! What can be said only when all shapes are read: that every name leads somewhere, and Smithy's place
//! for what botocore keeps elsewhere (`flattened`, element names, `streaming`, namespaces).

use std::collections::{BTreeMap, BTreeSet};

use crate::smithy::{
    Location, Member, Model, Protocol, Shape, ShapeType, Traits,
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
    let query = model.service.protocols.contains(&Protocol::AwsQuery);
    let targets: BTreeMap<String, Target> = targets(&model.shapes);
    for operation in model.operations.values_mut() {
        // A structure's own name wins over what the operation calls its input.
        let own = operation.input.as_ref().and_then(|input| model.shapes.get(input)?.traits().xml_name.as_ref());
        operation.input_xml_name.take_if(|_| own.is_some());
    }
    for shape in model.shapes.values_mut() {
        let is_aggregate = matches!(shape.kind, ShapeType::Structure | ShapeType::Union);
        for member in &mut shape.members {
            match targets.get(&member.target) {
                Some(target) => settle_member(member, target, is_aggregate, query),
                None => settle_query(member),
            }
        }
    }
    move_streaming(&mut model.shapes);
    if model.service.xml_namespace.is_none() {
        model.service.xml_namespace = common_namespace(model);
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

/// S3 says `streaming` on members. Where all members of a blob say so, it belongs to the blob.
fn move_streaming(shapes: &mut BTreeMap<String, Shape>) {
    let mut uses: BTreeMap<String, bool> = BTreeMap::new();
    for member in shapes.values().flat_map(|shape| &shape.members) {
        *uses.entry(member.target.clone()).or_insert(true) &= member.traits().streaming;
    }
    uses.retain(|target, streams| *streams && shapes.get(target).is_some_and(|shape| shape.kind == ShapeType::Blob));
    for shape in shapes.values_mut() {
        for member in shape.members.iter_mut().filter(|member| uses.contains_key(&member.target)) {
            member.traits = member.traits.take().and_then(|mut traits| {
                traits.streaming = false;
                (*traits != Traits::default()).then_some(traits)
            });
        }
    }
    for (name, shape) in shapes.iter_mut() {
        if uses.contains_key(name) {
            shape.traits.get_or_insert_default().streaming = true;
        }
    }
}

/// The namespace of a restXml service, which botocore repeats on every input and payload.
fn common_namespace(model: &Model) -> Option<String> {
    let inputs = model.operations.values().filter_map(|operation| operation.input_xml_namespace.as_ref());
    let payloads = model.shapes.values().flat_map(|shape| &shape.members).filter_map(|member| {
        member.traits().xml_namespace.as_ref().filter(|_| member.traits().location == Some(Location::Payload))
    });
    let stated = inputs.chain(payloads).filter(|namespace| namespace.prefix.is_none());
    let distinct: BTreeSet<&str> = stated.map(|namespace| namespace.uri.as_str()).collect();
    match Vec::from_iter(distinct).as_slice() {
        [uri] => Some((*uri).to_owned()),
        _ => None,
    }
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
        name: shape
            .traits()
            .xml_name
            .clone()
            .filter(|_| !matches!(shape.kind, ShapeType::Structure | ShapeType::Union)),
        element: shape.member("member").and_then(|member| member.traits().xml_name.clone()),
    };
    shapes.iter().filter(|(_, shape)| of_note(shape)).map(|(name, shape)| (name.clone(), target(shape))).collect()
}

/// A query member without a name of its own is all parameters when it is a map, else one of its own name.
fn settle_query(member: &mut Member) {
    if let Some(traits) = member.traits.as_mut()
        && traits.location == Some(Location::QueryParams)
    {
        traits.location = Some(Location::Query(member.name.clone()));
    }
}

fn settle_member(member: &mut Member, target: &Target, in_aggregate: bool, query: bool) {
    if target.kind != ShapeType::Map {
        settle_query(member);
    }
    let mut traits = member.traits.take().map(|traits| *traits).unwrap_or_default();
    let named = traits.xml_name.is_some();
    if traits.location.is_none() && traits.xml_name.is_none() {
        traits.xml_name.clone_from(&target.name);
    }
    traits.flattened = in_aggregate && (traits.flattened || target.flattened);
    // A flattened list repeats the member's element. In queries the name of the list's element stands in where the
    // member has none (SimpleDB's `Item`).
    if traits.flattened
        && query
        && !named
        && let Some(element) = &target.element
    {
        traits.xml_name = Some(element.clone());
    }
    if traits.location.is_none() {
        traits.xml_name.take_if(|name| *name == member.name);
    }
    member.traits = (traits != Traits::default()).then(|| Box::new(traits));
}
