//! Schemas out of a small model: names per dialect, recursion, and what is refused.

use std::sync::Arc;

use aws_smithy_schema::traits::{HttpTrait, XmlNameTrait};
use serde_json::{Value, json};

use super::{Graph, Node, Shaping, Structure};
use crate::smithy::{Model, Protocol};

fn model(shapes: &Value) -> Arc<Model> {
    let model = json!({
        "service": {"name": "toy"},
        "operations": {"Do": {
            "name": "Do", "http": {"method": "POST", "uri": "/things/{the-id}/{rest+}?x"},
            "input": "In", "errors": ["Gone"]
        }},
        "shapes": shapes,
    });
    Arc::new(serde_json::from_value(model).unwrap())
}

fn toy() -> Arc<Model> {
    model(&json!({
        "In": {"t": "structure", "m": [
            {"n": "id", "t": "smithy.api#String", "x": {"location": {"label": "the-id"}}},
            {"n": "path", "t": "smithy.api#String", "x": {"location": {"label": "rest"}}},
            {"n": "tree", "t": "Tree"},
            {"n": "names", "t": "Names", "x": {"xml_name": "nameSet", "ec2_query_name": "Name"}},
        ]},
        "Tree": {"t": "structure", "m": [{"n": "left", "t": "Tree"}, {"n": "all", "t": "Trees"}]},
        "Trees": {"t": "list", "m": [{"n": "member", "t": "Tree", "x": {"xml_name": "item"}}]},
        "Names": {"t": "list", "m": [{"n": "member", "t": "smithy.api#String"}]},
        "Gone": {"t": "structure", "x": {"error": {"fault": "client", "code": "Toy.Gone"}}},
        "Forgotten": {"t": "structure", "x": {"error": {"fault": "server", "code": "Toy.Lost"}}},
        "Clash": {"t": "structure", "x": {"error": {"fault": "server", "code": "Gone"}}},
    }))
}

fn names(structure: &Structure) -> Vec<(&str, Option<&str>, bool)> {
    let wire = |member: &'_ super::MemberNode| member.schema.xml_name().map(XmlNameTrait::value);
    structure.members.iter().map(|member| (member.name, wire(member), member.schema.xml_flattened())).collect()
}

#[test]
fn a_request_of_ec2_has_names_of_its_own_and_flat_lists() {
    let model = toy();
    let operation = model.operation("Do").unwrap();
    let plain = Graph::new(Arc::clone(&model), Protocol::RestXml).operation(operation, &Shaping::default()).unwrap();
    assert_eq!(
        names(&plain.input),
        [("id", None, false), ("path", None, false), ("tree", None, false), ("names", Some("nameSet"), false)]
    );
    let ec2 = Graph::new(Arc::clone(&model), Protocol::Ec2Query).operation(operation, &Shaping::default()).unwrap();
    assert_eq!(
        names(&ec2.input),
        [
            ("id", Some("Id"), false),
            ("path", Some("Path"), false),
            ("tree", Some("Tree"), false),
            ("names", Some("Name"), true)
        ]
    );
}

#[test]
fn labels_in_the_uri_bear_the_members_names() {
    let model = toy();
    let operation = model.operation("Do").unwrap();
    let schemas =
        Graph::new(Arc::clone(&model), Protocol::RestJson1).operation(operation, &Shaping::default()).unwrap();
    assert_eq!(schemas.input.schema.http().map(HttpTrait::uri), Some("/things/{id}/{path+}?x"));
    let shaping = Shaping { uri: Some("/other".into()), ..Shaping::default() };
    let schemas = Graph::new(model.clone(), Protocol::RestJson1).operation(operation, &shaping).unwrap();
    assert_eq!(schemas.input.schema.http().map(HttpTrait::uri), Some("/other"));
}

#[test]
fn a_recursive_structure_leads_back_to_itself() {
    let model = toy();
    let graph = Graph::new(Arc::clone(&model), Protocol::AwsJson1_1);
    let schemas = graph.operation(model.operation("Do").unwrap(), &Shaping::default()).unwrap();
    let Node::Structure(tree) = schemas.input.members[2].node else { panic!("a tree is a structure") };
    let (left, all) = (&tree.get().unwrap().members[0], &tree.get().unwrap().members[1]);
    let Node::Structure(again) = left.node else { panic!("a branch is a structure") };
    assert!(std::ptr::eq(tree, again));
    let Node::List(trees) = all.node else { panic!("all are a list") };
    let Node::Structure(element) = trees.node else { panic!("of structures") };
    assert!(std::ptr::eq(tree, element));
    assert_eq!(trees.named.xml_name().map(XmlNameTrait::value), Some("item"));
    assert_eq!(trees.element.member_name(), None);
}

#[test]
fn an_error_is_found_by_its_code_and_by_its_shape() {
    let model = toy();
    let graph = Graph::new(Arc::clone(&model), Protocol::AwsQuery);
    let schemas = graph.operation(model.operation("Do").unwrap(), &Shaping::default()).unwrap();
    let found = |code: &str| schemas.error(code).map(|error| error.name.as_str());
    let cases = [
        ("Toy.Gone", Some("Gone")),
        // One of the operation's own comes first.
        ("Gone", Some("Gone")),
        // The model of the operation does not name it.
        ("Forgotten", Some("Forgotten")),
        ("Toy.Lost", Some("Forgotten")),
        ("Tree", None),
        ("Other", None),
    ];
    for (code, name) in cases {
        assert_eq!(found(code), name, "{code}");
        assert!(schemas.error(code).is_none_or(|error| error.structure().is_some()), "{code}");
    }
}

#[test]
fn a_model_with_holes_is_refused() {
    let model = model(&json!({
        "In": {"t": "structure", "m": [{"n": "x", "t": "Nowhere"}]},
        "Gone": {"t": "structure"},
    }));
    let graph = Graph::new(Arc::clone(&model), Protocol::AwsJson1_1);
    let error = graph.operation(model.operation("Do").unwrap(), &Shaping::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model of this service is incomplete: there is no shape `Nowhere`; refresh the models with \
         `countersign models sync`"
    );
}
