//! JSON Schemas of the three tools, written by hand: no `$ref`, no lists of types, no bare `true`, which
//! several clients stumble over. What they promise is what [`crate::call`] reads.

use serde_json::{Value, json};

use crate::engine::Tool;

/// Input and output schema of a tool.
pub(super) fn of(tool: Tool) -> (Value, Value) {
    match tool {
        Tool::Search => (search_input(), search_output()),
        Tool::Schema => (schema_input(), schema_output()),
        Tool::Execute => (execute_input(), execute_output()),
    }
}

fn search_input() -> Value {
    json!({
        "type": "object",
        "properties": {
            "query": {
                "type": "string",
                "minLength": 1,
                "maxLength": 256,
                "description": "What the operation should do, in a few words, or (part of) its name: \"delete bucket\", \"RunInstances\"."
            },
            "serviceHint": {
                "type": "string",
                "description": "A service to prefer, in any spelling: s3, dynamodb, elbv2, stepfunctions."
            },
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": 50,
                "default": 10,
                "description": "How many results at most."
            }
        },
        "required": ["query"],
        "additionalProperties": false
    })
}

fn search_output() -> Value {
    json!({
        "type": "object",
        "properties": {
            "count": {"type": "integer", "description": "Number of results."},
            "results": {
                "type": "array",
                "description": "Best first.",
                "items": {
                    "type": "object",
                    "properties": {
                        "service": {"type": "string"},
                        "operation": {"type": "string"},
                        "summary": {"type": "string", "description": "What it does, in one sentence."},
                        "risk": risk(),
                        "verdict": verdict(),
                        "score": {"type": "number"}
                    },
                    "required": ["service", "operation"]
                }
            },
            "hint": {"type": "string", "description": "Why there is nothing, or how to search better."}
        },
        "required": ["count", "results"]
    })
}

fn schema_input() -> Value {
    json!({
        "type": "object",
        "properties": {
            "service": service(),
            "operation": operation(),
            "detail": {
                "type": "string",
                "enum": ["compact", "full"],
                "default": "compact",
                "description": "compact cuts what lies deep and marks the path to ask for; full is complete and may be long."
            },
            "path": {
                "type": "string",
                "description": "Show only what lies below this member, as named by a marker of the compact form."
            }
        },
        "required": ["service", "operation"],
        "additionalProperties": false
    })
}

fn schema_output() -> Value {
    json!({
        "type": "object",
        "properties": {
            "service": {"type": "string"},
            "operation": {"type": "string"},
            "schema": {"type": "object", "description": "JSON Schema 2020-12 of the payload."},
            "description": {"type": "string"},
            "risk": risk(),
            "verdict": verdict(),
            "paginated": {"type": "boolean", "description": "Whether answers come in pages."},
            "waiters": {"type": "array", "items": {"type": "string"}},
            "example": {"type": "object", "description": "A payload with what is required."}
        },
        "required": ["service", "operation", "schema"]
    })
}

fn execute_input() -> Value {
    json!({
        "type": "object",
        "properties": {
            "action": {
                "type": "string",
                "enum": ["validate", "invoke"],
                "description": "validate checks and sends nothing; invoke runs the operation."
            },
            "service": service(),
            "operation": operation(),
            "payload": {
                "type": "object",
                "description": "The operation's input by AWS's member names, as aws_get_operation_schema shows it. Blobs are base64, or {\"$path\": \"a file\"} on this machine. Leave it out where nothing is needed."
            },
            "region": {
                "type": "string",
                "description": "AWS region, such as eu-central-1. Without it the configured default applies."
            },
            "options": {
                "type": "object",
                "properties": {
                    "reason": {
                        "type": "string",
                        "maxLength": 2000,
                        "description": "Why the call is needed, in one sentence, for the human who decides."
                    },
                    "hold": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 3600,
                        "default": 45,
                        "description": "Seconds to wait for the human's decision; 0 answers at once. With waitFor also the longest wait for the state, then 900 by default and at most."
                    },
                    "confirmationToken": {
                        "type": "string",
                        "description": "The token of an earlier ConfirmationRequired, sent with exactly the same call."
                    },
                    "query": {
                        "type": "string",
                        "description": "A JMESPath expression over the result, to get only what is needed."
                    },
                    "paginate": {
                        "type": "object",
                        "properties": {
                            "maxItems": {"type": "integer", "minimum": 1, "maximum": 10000, "description": "Items at most."},
                            "skip": {"type": "integer", "minimum": 0, "default": 0, "description": "The skip of metadata.next."}
                        },
                        "required": ["maxItems"],
                        "additionalProperties": false,
                        "description": "Gathers the pages of a read into one result. metadata.next, if there is more: call again with the members of its payload, and with its skip, if it has one."
                    },
                    "waitFor": {
                        "type": "string",
                        "description": "A waiter of this operation, as aws_get_operation_schema lists them: polls until it is satisfied."
                    },
                    "idempotencyKey": {
                        "type": "string",
                        "description": "Fills the operation's idempotency token (ClientToken, …), so that the call may be sent again without doing it twice."
                    },
                    "outputPath": {
                        "type": "string",
                        "description": "A file beneath files.roots to save the result to: a body as it comes and of any size, anything else as JSON. The answer then tells path, bytes and sha256."
                    },
                    "overwrite": {
                        "type": "boolean",
                        "default": false,
                        "description": "Whether outputPath may replace a file."
                    },
                    "profile": {
                        "type": "string",
                        "description": "The AWS profile; only the one the server runs with is accepted."
                    }
                },
                "additionalProperties": false
            }
        },
        "required": ["action", "service", "operation"],
        "additionalProperties": false
    })
}

fn execute_output() -> Value {
    json!({
        "type": "object",
        // `result` has no schema of its own: it can be anything, and a schema that accepts anything is one of the
        // things that clients stumble over.
        "description": "result is what AWS answered, by its member names, or what options.query picked from it.",
        "properties": {
            "status": {"type": "string", "enum": ["ok", "valid"]},
            "service": {"type": "string"},
            "operation": {"type": "string"},
            "region": {"type": "string"},
            "account": {"type": "string", "description": "AWS account id the call ran in, where it is known."},
            "metadata": {
                "type": "object",
                "description": "txId, opId, requestId, attempts, durationMs; truncated tells what was cut from the result, masked how many secrets were hidden, queryProblem why options.query does not fit it; pages, items and next belong to options.paginate, waiter to options.waitFor."
            },
            "risk": risk(),
            "riskReasons": {"type": "array", "items": {"type": "string"}},
            "verdict": verdict(),
            "rule": {"type": "string", "description": "The rule of the policy that decided."}
        },
        "required": ["status", "service", "operation"]
    })
}

fn service() -> Value {
    json!({"type": "string", "description": "AWS service in any usual spelling: s3, dynamodb, elbv2, stepfunctions."})
}

fn operation() -> Value {
    json!({"type": "string", "description": "Operation in any spelling: DeleteBucket, delete-bucket, delete_bucket."})
}

fn risk() -> Value {
    json!({
        "type": "string",
        "enum": ["read", "write", "destructive", "secret", "privilege", "execute"],
        "description": "What the call can do."
    })
}

fn verdict() -> Value {
    json!({
        "type": "string",
        "enum": ["allow", "ask", "deny"],
        "description": "What the policy in force says to it; ask means that a human decides."
    })
}
