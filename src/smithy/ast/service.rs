//! The service shape, and the model that grows from it.

use serde_json::{Map, Value};

use super::{
    Reader, UNIT,
    document::{Raw, targets},
    local,
};
use crate::smithy::{
    Http, Model, Protocol, Service, Traits,
    read::{Problem, Reading, Under, flag, object, text, text_at, text_if, texts},
};

/// Protocol traits in the order in which clients prefer them.
const PROTOCOLS: [(&str, Protocol); 8] = [
    ("smithy.protocols#rpcv2Cbor", Protocol::RpcV2Cbor),
    ("smithy.protocols#rpcv2Json", Protocol::RpcV2Json),
    ("aws.protocols#awsJson1_0", Protocol::AwsJson1_0),
    ("aws.protocols#awsJson1_1", Protocol::AwsJson1_1),
    ("aws.protocols#restJson1", Protocol::RestJson1),
    ("aws.protocols#restXml", Protocol::RestXml),
    ("aws.protocols#awsQuery", Protocol::AwsQuery),
    ("aws.protocols#ec2Query", Protocol::Ec2Query),
];

impl Reader<'_> {
    pub(super) fn service(mut self, id: &str) -> Result<Reading, Problem> {
        let raw = self.document.get(id).ok_or_else(|| Problem::new(format!("the service {id} is not there")))?;
        let model = self.model(id, raw).under(id)?;
        Ok(Reading { model, notes: self.notes })
    }

    fn model(&mut self, id: &str, raw: &Raw) -> Result<Model, Problem> {
        if let Some(renamed) = raw.rest.get("rename") {
            self.renamed = object(renamed).under("rename")?.clone();
        }
        for key in raw.rest.keys() {
            if !matches!(key.as_str(), "version" | "operations" | "resources" | "errors" | "rename") {
                self.notes.unknown.add("service", key, "");
            }
        }
        let mut model = Model { service: self.service_facts(id, raw)?, ..Model::default() };
        if let Some(rules) = raw.traits.get("smithy.rules#endpointRuleSet") {
            model.endpoint_rules = Some(self.without_prose(rules, Some("parameters")));
        }
        let common = targets(&raw.rest, "errors")?;
        let paginated = raw.traits.get("smithy.api#paginated");
        let mut reached = common.clone();
        for (id, place) in self.operations_of(raw)? {
            let document = self.document;
            let Some(operation) = document.get(&id) else {
                return Err(Problem::new(format!("the operation {id} is not there")));
            };
            let read = self.operation(&id, operation, &place, paginated, &common).under(&id)?;
            let structures =
                ["input", "output"].iter().filter_map(|key| operation.rest.get(*key)?.get("target")?.as_str());
            reached.extend(structures.filter(|id| *id != UNIT).map(str::to_owned));
            reached.extend(targets(&operation.rest, "errors")?);
            if let Some(waitable) = operation.traits.get("smithy.waiters#waitable") {
                let waiters = self.waiters(&read.name, waitable).under("smithy.waiters#waitable").under(&id)?;
                model.waiters.extend(waiters);
            }
            model.operations.insert(read.name.clone(), read);
        }
        self.reach(reached, &mut model)?;
        name_roots(&mut model);
        let is_rest = |protocol| matches!(protocol, &Protocol::RestJson1 | &Protocol::RestXml);
        if !model.service.protocols.is_empty() && !model.service.protocols.iter().any(is_rest) {
            unbind(&mut model);
        }
        Ok(model)
    }

    fn service_facts(&mut self, id: &str, raw: &Raw) -> Result<Service, Problem> {
        let shape_name = local(id);
        let mut service = Service { shape_name: shape_name.to_owned(), ..Service::default() };
        service.version = text_if(&raw.rest, "version")?.unwrap_or_default();
        let protocols = PROTOCOLS.iter().filter(|(trait_id, _)| raw.traits.contains_key(*trait_id));
        service.protocols = protocols.map(|(_, protocol)| *protocol).collect();
        let mut auth: Vec<String> = Vec::new();
        for (id, value) in &raw.traits {
            self.service_trait(id, value, &mut service, &mut auth).under(id).under("traits")?;
        }
        // Without an `auth` trait, Smithy orders schemes by their ids.
        auth.sort();
        if !raw.traits.contains_key("smithy.api#auth") {
            service.auth = auth;
        }
        if service.sdk_id.is_empty() {
            shape_name.clone_into(&mut service.sdk_id);
        }
        service.name = kebab(&service.sdk_id);
        if service.title.is_empty() {
            service.title.clone_from(&service.sdk_id);
        }
        // Smithy's defaults: the ARN namespace is the shape's name in lower case, the endpoint prefix is that.
        let arn = service.arn_namespace.clone().unwrap_or_else(|| shape_name.to_lowercase());
        if service.endpoint_prefix.is_empty() {
            service.endpoint_prefix = arn;
        }
        if service.signing_name.is_empty() {
            service.signing_name.clone_from(&service.endpoint_prefix);
        }
        Ok(service)
    }

    fn service_trait(
        &mut self,
        id: &str,
        value: &Value,
        service: &mut Service,
        auth: &mut Vec<String>,
    ) -> Result<(), Problem> {
        match id {
            "aws.api#service" => {
                let facts = object(value)?;
                service.sdk_id = text_at(facts, "sdkId")?;
                service.arn_namespace = text_if(facts, "arnNamespace")?;
                service.cloudformation_name = text_if(facts, "cloudFormationName")?;
                service.endpoint_prefix = text_if(facts, "endpointPrefix")?.unwrap_or_default();
            }
            "smithy.api#title" => service.title = text(value)?,
            "smithy.api#documentation" => service.documentation = self.documentation(value),
            "smithy.api#xmlNamespace" => service.xml_namespace = Some(text_at(object(value)?, "uri")?),
            "smithy.api#auth" => service.auth = texts(value)?,
            "smithy.rules#clientContextParams" => {
                if let Value::Object(parameters) = self.without_prose(value, None) {
                    service.client_context_params = parameters;
                }
            }
            "aws.protocols#awsQueryCompatible" => service.query_compatible = true,
            "smithy.rules#endpointRuleSet" | "smithy.api#paginated" => {}
            "smithy.api#deprecated" => self.notes.left_out.add("trait", id, ""),
            _ if PROTOCOLS.iter().any(|(protocol, _)| *protocol == id) => {
                let wrapping = value.get("noErrorWrapping").map(flag).transpose().under("noErrorWrapping")?;
                service.no_error_wrapping |= wrapping.unwrap_or_default();
            }
            _ if is_auth_scheme(id) => {
                if id == "aws.auth#sigv4" {
                    service.signing_name = text_if(object(value)?, "name")?.unwrap_or_default();
                }
                auth.push(id.to_owned());
            }
            _ => self.other_trait(id, ""),
        }
        Ok(())
    }

    /// A value whose objects (those beneath `key`, or its own) have no `documentation`, unless it is kept.
    fn without_prose(&self, value: &Value, key: Option<&str>) -> Value {
        let mut value = value.clone();
        if !self.documentation {
            let objects = match key {
                Some(key) => value.get_mut(key),
                None => Some(&mut value),
            };
            let objects: Option<&mut Map<String, Value>> = objects.and_then(Value::as_object_mut);
            for object in objects.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
                object.shift_remove("documentation");
            }
        }
        value
    }
}

fn is_auth_scheme(id: &str) -> bool {
    id.starts_with("aws.auth#sigv4") || (id.starts_with("smithy.api#http") && id.ends_with("Auth"))
}

/// `Elastic Load Balancing v2` → `elastic-load-balancing-v2`
fn kebab(sdk_id: &str) -> String {
    let words = sdk_id.split(|ch: char| !ch.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// The root element of a body is told by the operation, as in models read from botocore.
fn name_roots(model: &mut Model) {
    let Model { operations, shapes, .. } = model;
    for operation in operations.values_mut() {
        let Some(input) = &operation.input else { continue };
        let root = shapes.get(input).and_then(|shape| shape.traits().xml_name.clone());
        operation.input_xml_name = root.filter(|root| root != input);
    }
}

/// RPC protocols ignore HTTP bindings, which some of their services carry all the same.
fn unbind(model: &mut Model) {
    for operation in model.operations.values_mut() {
        operation.http = Http { method: "POST".to_owned(), uri: "/".to_owned(), code: 200 };
    }
    for member in model.shapes.values_mut().flat_map(|shape| &mut shape.members) {
        member.traits = member.traits.take().and_then(|mut traits| {
            traits.location = None;
            (*traits != Traits::default()).then_some(traits)
        });
    }
}
