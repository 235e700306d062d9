//! One operation.

use serde_json::{Map, Value};

use super::{
    Reader, UNIT,
    document::{Raw, target, targets},
    local,
    resources::Place,
};
use crate::smithy::{
    Http, HttpChecksum, Operation, Paginator,
    read::{Problem, Under, flag, object, status, text, text_at, text_if, texts},
};

impl Reader<'_> {
    /// Reads an operation. `paginated` are the service's own defaults of that trait, `common` the errors of all
    /// its operations.
    pub(super) fn operation(
        &mut self,
        id: &str,
        raw: &Raw,
        place: &Place,
        paginated: Option<&Value>,
        common: &[String],
    ) -> Result<Operation, Problem> {
        let mut operation = Operation { name: local(id).to_owned(), ..Operation::default() };
        operation.http = Http { method: "POST".to_owned(), uri: "/".to_owned(), code: 200 };
        operation.resource.clone_from(&place.resource);
        operation.lifecycle = place.lifecycle;
        operation.input = self.structure(raw, "input")?;
        operation.output = self.structure(raw, "output")?;
        for id in targets(&raw.rest, "errors")?.iter().chain(common) {
            let name = self.name(id);
            if !operation.errors.contains(&name) {
                operation.errors.push(name);
            }
        }
        for key in raw.rest.keys() {
            if !matches!(key.as_str(), "input" | "output" | "errors") {
                self.notes.unknown.add("operation", key, &operation.name);
            }
        }
        for (id, value) in &raw.traits {
            self.operation_trait(id, value, paginated, &mut operation).under(id).under("traits")?;
        }
        Ok(operation)
    }

    fn structure(&self, raw: &Raw, key: &str) -> Result<Option<String>, Problem> {
        let id = raw.rest.get(key).map(|value| target(value).under(key)).transpose()?;
        Ok(id.filter(|id| id != UNIT).map(|id| self.name(&id)))
    }

    fn operation_trait(
        &mut self,
        id: &str,
        value: &Value,
        paginated: Option<&Value>,
        operation: &mut Operation,
    ) -> Result<(), Problem> {
        match id {
            "smithy.api#http" => {
                let http = object(value)?;
                operation.http.method = text_at(http, "method")?.to_ascii_uppercase();
                operation.http.uri = text_at(http, "uri")?;
                operation.http.code = http.get("code").map(status).transpose().under("code")?.unwrap_or(200);
            }
            "smithy.api#readonly" => operation.readonly = true,
            "smithy.api#idempotent" => operation.idempotent = true,
            "smithy.api#deprecated" => operation.deprecated = true,
            "smithy.api#auth" => operation.auth = Some(texts(value)?),
            "smithy.api#optionalAuth" => operation.optional_auth = true,
            "aws.auth#unsignedPayload" => operation.unsigned_payload = true,
            "smithy.api#endpoint" => operation.host_prefix = text_if(object(value)?, "hostPrefix")?,
            "smithy.api#httpChecksumRequired" => operation.checksum_required = true,
            "aws.protocols#httpChecksum" => operation.checksum = Some(self.checksum(object(value)?, &operation.name)?),
            "smithy.api#requestCompression" => {
                let encodings = object(value)?.get("encodings");
                operation.compression = encodings.map(texts).transpose().under("encodings")?.unwrap_or_default();
            }
            "smithy.rules#staticContextParams" => {
                for (name, value) in object(value)? {
                    let value = value.get("value").ok_or_else(|| Problem::new("`value` is missing").at(name))?;
                    operation.static_context_params.insert(name.clone(), value.clone());
                }
            }
            "smithy.rules#operationContextParams" => {
                for (name, value) in object(value)? {
                    let path = object(value).and_then(|value| text_at(value, "path")).under(name)?;
                    operation.operation_context_params.insert(name.clone(), path);
                }
            }
            "aws.api#clientDiscoveredEndpoint" => {
                let required = object(value)?.get("required").map(flag).transpose().under("required")?;
                operation.endpoint_discovery = Some(required.unwrap_or_default());
            }
            "smithy.api#paginated" => operation.paginator = paginator(value, paginated)?,
            "smithy.api#documentation" => operation.documentation = self.documentation(value),
            "smithy.waiters#waitable" => {}
            _ => self.other_trait(id, &operation.name),
        }
        Ok(())
    }

    fn checksum(&mut self, value: &Map<String, Value>, place: &str) -> Result<HttpChecksum, Problem> {
        let mut checksum = HttpChecksum::default();
        for (key, value) in value {
            match key.as_str() {
                "requestChecksumRequired" => checksum.request_required = flag(value).under(key)?,
                "requestAlgorithmMember" => checksum.request_algorithm_member = Some(text(value).under(key)?),
                "requestValidationModeMember" => {
                    checksum.request_validation_mode_member = Some(text(value).under(key)?);
                }
                "responseAlgorithms" => checksum.response_algorithms = texts(value).under(key)?,
                _ => self.notes.unknown.add("httpChecksum", key, place),
            }
        }
        Ok(checksum)
    }
}

/// `paginated`, with the service's defaults; none when it names no tokens at all.
fn paginator(own: &Value, service: Option<&Value>) -> Result<Option<Paginator>, Problem> {
    let stated = |key: &str| {
        let value = own.get(key).or_else(|| service.and_then(|service| service.get(key)));
        value.map(|value| text(value).under(key)).transpose()
    };
    let (Some(input), Some(output)) = (stated("inputToken")?, stated("outputToken")?) else { return Ok(None) };
    Ok(Some(Paginator {
        input_token: vec![input],
        output_token: vec![output],
        result_key: stated("items")?.into_iter().collect(),
        more_results: None,
        limit_key: stated("pageSize")?,
    }))
}
