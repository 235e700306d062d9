//! The three tools as agents see them: names, titles, descriptions, annotations, and the instructions that
//! teach the way of working.

use std::sync::Arc;

use rmcp::model::{Tool as Listed, ToolAnnotations};
use serde_json::{Map, Value};

use super::schemas;
use crate::engine::Tool;

/// How the tools are named in the list. Calls are answered under every spelling, whatever is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ToolNames {
    /// `aws_search_operations`: accepted by every client.
    #[default]
    Underscore,
    /// `aws.searchOperations`: several clients refuse the whole server over the dot.
    Dotted,
}

/// The tools, in the order of their list.
pub const ALL: [Tool; 3] = [Tool::Search, Tool::Schema, Tool::Execute];

/// The name a tool is listed under.
pub const fn name_of(tool: Tool, names: ToolNames) -> &'static str {
    match (names, tool) {
        (ToolNames::Dotted, _) => title_of(tool),
        (ToolNames::Underscore, Tool::Search) => "aws_search_operations",
        (ToolNames::Underscore, Tool::Schema) => "aws_get_operation_schema",
        (ToolNames::Underscore, Tool::Execute) => "aws_execute",
    }
}

/// A tool's title, which is also its dotted name.
pub const fn title_of(tool: Tool) -> &'static str {
    match tool {
        Tool::Search => "aws.searchOperations",
        Tool::Schema => "aws.getOperationSchema",
        Tool::Execute => "aws.execute",
    }
}

/// The tool that is meant by a name in any spelling: dots, underscores, dashes, camel or snake case, with or
/// without the `aws` prefix.
pub fn tool_from_name(name: &str) -> Option<Tool> {
    if name.len() > 64 {
        return None;
    }
    let plain: String = name.chars().filter(|ch| !matches!(ch, '.' | '_' | '-' | '/')).collect();
    let plain = plain.to_ascii_lowercase();
    match plain.strip_prefix("aws").unwrap_or(&plain) {
        "searchoperations" => Some(Tool::Search),
        "getoperationschema" => Some(Tool::Schema),
        "execute" => Some(Tool::Execute),
        _ => None,
    }
}

/// The tools as `tools/list` answers them.
pub fn listed(names: ToolNames) -> Vec<Listed> {
    ALL.into_iter().map(|tool| list_entry(tool, names)).collect()
}

fn list_entry(tool: Tool, names: ToolNames) -> Listed {
    let (input, output) = schemas::of(tool);
    let title = title_of(tool);
    let hints = ToolAnnotations::with_title(title);
    let hints = match tool {
        Tool::Search | Tool::Schema => hints.read_only(true).destructive(false).idempotent(true).open_world(false),
        Tool::Execute => hints.read_only(false).destructive(true).idempotent(false).open_world(true),
    };
    Listed::new(name_of(tool, names), description_of(tool), Arc::new(object(input)))
        .with_title(title)
        .with_raw_output_schema(Arc::new(object(output)))
        .with_annotations(hints)
}

fn object(schema: Value) -> Map<String, Value> {
    match schema {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

const fn description_of(tool: Tool) -> &'static str {
    match tool {
        Tool::Search => {
            "Find AWS operations by what they do, over all services, offline. Each result names the service and the \
             operation, says in one sentence what it does, how risky it is, and what the policy in force would say \
             to it: allow (runs at once), ask (a human decides), or deny. Start here."
        }
        Tool::Schema => {
            "The payload of one AWS operation as JSON Schema 2020-12, true to AWS's own model: members, types, \
             required members, enums, ranges, patterns. Read it before building a payload. The compact form cuts \
             what lies deep and marks the path to ask for."
        }
        Tool::Execute => {
            "Validate or invoke one AWS operation. validate sends nothing: it reports every problem of the payload \
             at once, or what an invoke of exactly this payload would meet. invoke runs it. What is destructive, \
             widens access, reveals secrets or runs code waits for a human, who sees the call and options.reason \
             and approves or denies it; if no decision comes while the call waits, it ends with \
             ConfirmationRequired, and the same call is sent again with options.confirmationToken."
        }
    }
}

/// What a client shows its model about the server; at most 2,048 characters.
pub fn instructions(names: ToolNames) -> String {
    let [search, schema, execute] = ALL.map(|tool| name_of(tool, names));
    format!(
        "All of AWS through three tools. A human watches, and countersigns what is dangerous.\n\
         \n\
         1. {search}: find the operation. Each result tells its risk and the verdict of the policy in force: allow, \
         ask (a human decides) or deny.\n\
         2. {schema}: the exact shape of its payload. Do not guess members.\n\
         3. {execute} with action \"validate\": sends nothing, names all problems at once, and tells what an invoke \
         would meet.\n\
         4. {execute} with action \"invoke\": does it.\n\
         \n\
         When a human must decide: say in options.reason, in one sentence, why the call is needed. The call waits up \
         to options.hold seconds (default 45).\n\
         - ConfirmationRequired: nobody has decided yet and nothing was sent. Tell the user that the Countersign \
         console waits for them, then send exactly the same call again with options.confirmationToken. The token \
         stands for that very request, once; a changed request needs a new approval. The token is no permission by \
         itself: only the human's decision is, and no tool gives it.\n\
         - ConfirmationDenied: a person said no, in their own words. Do not reword or split the call to get around \
         it.\n\
         - PolicyDenied: a rule forbids it. Trying again changes nothing; tell the user which rule.\n\
         \n\
         Every error carries type, message, often a hint, and retryable. ValidationError lists everything missing and \
         invalid: mend it all, then try again. ServiceError is AWS's own answer. When outcome is \"unknown\", look \
         whether the change took effect before you repeat it.\n\
         Results are capped; metadata.truncated tells what was cut: pick with options.query (JMESPath), bound \
         options.paginate. options.waitFor polls until a state is reached.\n\
         Set region where it matters; without it the configured default applies."
    )
}

#[cfg(test)]
mod tests;
