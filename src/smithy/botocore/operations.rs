//! One operation of `service-2`.

use serde_json::Value;

use super::{Reader, shapes::xml_namespace};
use crate::smithy::{
    Http, HttpChecksum, Operation,
    read::{Problem, Under, array, flag, object, status, text, text_at, text_if, texts},
};

impl Reader {
    pub(super) fn operation(&mut self, name: &str, value: &Value) -> Result<Operation, Problem> {
        let mut operation = Operation { name: name.to_owned(), ..Operation::default() };
        let mut auth_type = None;
        for (key, value) in object(value)? {
            match key.as_str() {
                // The name on the wire. CloudFront's are dated, and no REST protocol sends them.
                "name" if text(value).under(key)? == name => {}
                "name" => self.left_out("operation", "name other than its key", name),
                "http" => operation.http = self.http(name, value).under(key)?,
                "input" => self.input(value, &mut operation).under(key)?,
                "output" => self.output(value, &mut operation).under(key)?,
                "errors" => operation.errors = errors(value).under(key)?,
                "readonly" => operation.readonly = flag(value).under(key)?,
                "idempotent" => operation.idempotent = flag(value).under(key)?,
                "deprecated" => operation.deprecated = flag(value).under(key)?,
                "auth" => operation.auth = Some(texts(value).under(key)?),
                "authtype" => auth_type = Some(text(value).under(key)?),
                "unsignedPayload" => operation.unsigned_payload |= flag(value).under(key)?,
                "endpoint" => operation.host_prefix = text_if(object(value).under(key)?, "hostPrefix").under(key)?,
                "httpChecksumRequired" => operation.checksum_required = flag(value).under(key)?,
                "httpChecksum" => operation.checksum = Some(self.checksum(name, value).under(key)?),
                "requestcompression" => {
                    let encodings = object(value).under(key)?.get("encodings");
                    operation.compression =
                        encodings.map(texts).transpose().under("encodings").under(key)?.unwrap_or_default();
                }
                "staticContextParams" => {
                    for (parameter, value) in object(value).under(key)? {
                        let value = value.get("value").ok_or_else(|| Problem::new("`value` is missing"));
                        let value = value.under(parameter).under(key)?;
                        operation.static_context_params.insert(parameter.clone(), value.clone());
                    }
                }
                "operationContextParams" => {
                    for (parameter, value) in object(value).under(key)? {
                        let path =
                            object(value).and_then(|value| text_at(value, "path")).under(parameter).under(key)?;
                        operation.operation_context_params.insert(parameter.clone(), path);
                    }
                }
                "endpointdiscovery" => {
                    let required = object(value).under(key)?.get("required");
                    let required = required.map(flag).transpose().under("required").under(key)?;
                    operation.endpoint_discovery = Some(required.unwrap_or_default());
                }
                "documentation" => operation.documentation = self.documentation(value),
                "endpointoperation" | "deprecatedMessage" | "deprecatedSince" | "documentationUrl" | "examples" => {
                    self.left_out("operation", key, name);
                }
                _ => self.unknown("operation", key, name),
            }
        }
        match auth_type.as_deref() {
            None => {}
            Some("v4-unsigned-body") => operation.unsigned_payload = true,
            Some("none") => {
                operation.auth.get_or_insert_with(|| vec!["smithy.api#noAuth".to_owned()]);
            }
            Some(other) => self.unknown("operation", &format!("authtype={other}"), name),
        }
        if operation.http.method.is_empty() {
            return Err(Problem::new("`http.method` is missing"));
        }
        Ok(operation)
    }

    fn http(&mut self, name: &str, value: &Value) -> Result<Http, Problem> {
        let mut http = Http { code: 200, ..Http::default() };
        for (key, value) in object(value)? {
            match key.as_str() {
                "method" => http.method = text(value).under(key)?.to_ascii_uppercase(),
                "requestUri" => http.uri = text(value).under(key)?,
                "responseCode" => http.code = status(value).under(key)?,
                _ => self.unknown("http", key, name),
            }
        }
        Ok(http)
    }

    fn input(&mut self, value: &Value, operation: &mut Operation) -> Result<(), Problem> {
        for (key, value) in object(value)? {
            match key.as_str() {
                "shape" => operation.input = Some(text(value).under(key)?),
                "locationName" => operation.input_xml_name = Some(text(value).under(key)?),
                "xmlNamespace" => operation.input_xml_namespace = Some(xml_namespace(value).under(key)?),
                "documentation" => {}
                _ => self.unknown("input", key, &operation.name),
            }
        }
        // Said only where it differs from the structure's name.
        operation.input_xml_name.take_if(|root| operation.input.as_ref() == Some(root));
        Ok(())
    }

    fn output(&mut self, value: &Value, operation: &mut Operation) -> Result<(), Problem> {
        for (key, value) in object(value)? {
            match key.as_str() {
                "shape" => operation.output = Some(text(value).under(key)?),
                "resultWrapper" => {
                    let wrapper = text(value).under(key)?;
                    operation.result_wrapper =
                        (wrapper.strip_suffix("Result") != Some(&operation.name)).then_some(wrapper);
                }
                "documentation" => {}
                _ => self.unknown("output", key, &operation.name),
            }
        }
        Ok(())
    }

    fn checksum(&mut self, name: &str, value: &Value) -> Result<HttpChecksum, Problem> {
        let mut checksum = HttpChecksum::default();
        for (key, value) in object(value)? {
            match key.as_str() {
                "requestChecksumRequired" => checksum.request_required = flag(value).under(key)?,
                "requestAlgorithmMember" => checksum.request_algorithm_member = Some(text(value).under(key)?),
                "requestValidationModeMember" => {
                    checksum.request_validation_mode_member = Some(text(value).under(key)?);
                }
                "responseAlgorithms" => checksum.response_algorithms = texts(value).under(key)?,
                _ => self.unknown("httpChecksum", key, name),
            }
        }
        Ok(checksum)
    }
}

/// Names of the error structures, each once. Old models repeat the structure's own facts here.
fn errors(value: &Value) -> Result<Vec<String>, Problem> {
    let mut names = Vec::new();
    for error in array(value)? {
        let name = text_at(object(error)?, "shape")?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}
