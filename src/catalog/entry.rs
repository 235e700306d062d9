//! A service and an operation as the index knows them, and the lines of text that stand for them.
//!
//! Fields are separated by tabs: a text that packs well, reads fast, and can be read by people.

use std::ops::Range;

use crate::smithy::{Lifecycle, Model, Operation};

/// First field of a line that is a service; every other line is an operation of the service above it.
pub(super) const SERVICE: &str = "#";

/// The light facts of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceEntry {
    /// Canonical name: botocore's (`elbv2`).
    pub name: String,
    /// Short digest of the packed model's bytes, in hex.
    pub model_version: String,
    /// Size of the unpacked model in bytes.
    pub model_bytes: usize,
    /// `Elastic Load Balancing v2`
    pub sdk_id: String,
    /// `Elastic Load Balancing`
    pub title: String,
    /// `2015-12-01`
    pub api_version: String,
    /// `elasticloadbalancing`
    pub endpoint_prefix: String,
    /// The service in IAM actions and signatures (`elasticloadbalancing`).
    pub signing_name: String,
    /// ARN namespace, where the model says one.
    pub arn_namespace: Option<String>,
    /// CloudFormation name, where the model says one.
    pub cloudformation_name: Option<String>,
    pub(super) operations: Range<usize>,
}

impl ServiceEntry {
    /// How many operations it has.
    pub fn operation_count(&self) -> usize {
        self.operations.len()
    }
}

/// The light facts of an operation; a view into the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationEntry<'a> {
    /// Exact name (`DeleteBucket`).
    pub name: &'a str,
    /// HTTP method; `POST` in RPC protocols.
    pub method: &'a str,
    /// `smithy.api#readonly`
    pub readonly: bool,
    /// `smithy.api#idempotent`
    pub idempotent: bool,
    /// `smithy.api#deprecated`
    pub deprecated: bool,
    /// It has a paginator.
    pub paginated: bool,
    /// What it does to its resource, where modelled.
    pub lifecycle: Option<Lifecycle>,
    /// First sentence of its documentation, where the models were imported with it.
    pub summary: Option<&'a str>,
    members: &'a str,
}

/// A top-level member of an operation's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputMember<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether a call without it is refused.
    pub required: bool,
}

impl<'a> OperationEntry<'a> {
    /// The top-level members of its input, in model order.
    pub fn members(&self) -> impl Iterator<Item = InputMember<'a>> + use<'a> {
        self.members.split_ascii_whitespace().map(|word| match word.strip_suffix('*') {
            Some(name) => InputMember { name, required: true },
            None => InputMember { name: word, required: false },
        })
    }

    /// Reads a line. Of a line that is none, as much as there is.
    pub(super) fn parse(line: &'a str) -> Self {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let (name, method, facts, members, summary) = (next(), next(), next(), next(), next());
        let (flags, lifecycle) = facts.split_once('/').unwrap_or((facts, ""));
        Self {
            name,
            method,
            readonly: flags.contains('r'),
            idempotent: flags.contains('i'),
            deprecated: flags.contains('d'),
            paginated: flags.contains('p'),
            lifecycle: LIFECYCLES.iter().find(|(_, name)| *name == lifecycle).map(|(lifecycle, _)| *lifecycle),
            summary: (!summary.is_empty()).then_some(summary),
            members,
        }
    }
}

const LIFECYCLES: [(Lifecycle, &str); 6] = [
    (Lifecycle::Create, "create"),
    (Lifecycle::Put, "put"),
    (Lifecycle::Read, "read"),
    (Lifecycle::Update, "update"),
    (Lifecycle::Delete, "delete"),
    (Lifecycle::List, "list"),
];

/// Fields of a service's line after the first.
pub(super) const SERVICE_FIELDS: usize = 10;

impl ServiceEntry {
    pub(super) fn parse(fields: &[&str]) -> Option<Self> {
        let [_, name, model_version, model_bytes, sdk_id, title, api_version, prefix, signing, arn, cloudformation] =
            fields
        else {
            return None;
        };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(Self {
            name: (*name).to_owned(),
            model_version: (*model_version).to_owned(),
            model_bytes: model_bytes.parse().ok()?,
            sdk_id: (*sdk_id).to_owned(),
            title: (*title).to_owned(),
            api_version: (*api_version).to_owned(),
            endpoint_prefix: (*prefix).to_owned(),
            signing_name: (*signing).to_owned(),
            arn_namespace: some(arn),
            cloudformation_name: some(cloudformation),
            operations: 0..0,
        })
    }
}

/// Writes a model's lines: its service, then its operations.
pub fn write_lines(model: &Model, model_version: &str, model_bytes: usize, out: &mut String) {
    let service = &model.service;
    let bytes = model_bytes.to_string();
    let fields: [&str; SERVICE_FIELDS] = [
        &service.name,
        model_version,
        &bytes,
        &service.sdk_id,
        &service.title,
        &service.version,
        &service.endpoint_prefix,
        &service.signing_name,
        service.arn_namespace.as_deref().unwrap_or_default(),
        service.cloudformation_name.as_deref().unwrap_or_default(),
    ];
    out.push_str(SERVICE);
    for field in fields {
        push_field(out, field);
    }
    out.push('\n');
    for operation in model.operations.values() {
        write_operation(model, operation, out);
    }
}

fn write_operation(model: &Model, operation: &Operation, out: &mut String) {
    let facts = [
        (operation.readonly, 'r'),
        (operation.idempotent, 'i'),
        (operation.deprecated, 'd'),
        (operation.paginator.is_some(), 'p'),
    ];
    let mut flags: String = facts.iter().filter(|(is, _)| *is).map(|(_, flag)| *flag).collect();
    if let Some(name) = operation.lifecycle.and_then(|wanted| LIFECYCLES.iter().find(|(known, _)| *known == wanted)) {
        flags.push('/');
        flags.push_str(name.1);
    }
    let members = model.input(operation).map(|input| input.members.as_slice()).unwrap_or_default();
    let members: Vec<String> =
        members.iter().map(|member| format!("{}{}", member.name, if member.required { "*" } else { "" })).collect();
    out.push_str(&operation.name);
    for field in
        [&operation.http.method, &flags, &members.join(" "), operation.documentation.as_deref().unwrap_or_default()]
    {
        push_field(out, field);
    }
    out.push('\n');
}

fn push_field(out: &mut String, field: &str) {
    out.push('\t');
    out.extend(field.chars().map(|ch| if ch.is_control() { ' ' } else { ch }));
}
