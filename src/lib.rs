//! **Countersign**: a human watches AI agents work on AWS and countersigns every dangerous call before it runs.
//!
//! This is the architecture, told once. A test (`tests/floors.rs`) reads the table below, so it cannot rot.
//!
//! # Floors
//!
//! One crate, nine floors. **A module imports only from floors below its own.** Modules of one floor do not
//! know each other; what they share lives below them.
//!
//! | floor | module | what it is | crates only it may use |
//! | --- | --- | --- | --- |
//! | 8 | `cli` | arguments, one file per command, logging, the demo | clap, anyhow, s3s |
//! | 7 | `mcp` | the agent's face: tools, server, transports, the relay behind `countersign stdio` | rmcp |
//! | 7 | `tui` | the human's face: run loop, model, update, effects, guard, screens, keys, theme | ratatui, crossterm, tui_textarea |
//! | 6 | `engine` | the only place where core and edges meet: handles, the life of a call | |
//! | 5 | `aws` | credentials, identity, the smithy runtime over hyper, customizations | aws_, hyper_rustls, rustls, http |
//! | 5 | `files` | files beneath roots: open, list, hash, pack, save | cap_std |
//! | 5 | `models` | the embedded snapshot, generations over it: sync, import | tar, flate2 |
//! | 5 | `ledger` | SQLite: schema, write, read, verify | sqlx |
//! | 5 | `settings` | `.env`, environment, paths, the approver's key, the system's clock and randomness | dotenvy, getrandom, argon2, chacha20poly1305 |
//! | 4 | `call` | one agent call as a pure plan: intake, plan, answers, shaping of results | |
//! | 3 | `approval` | facts for the human, binding, state machine, signatures | ed25519_dalek |
//! | 2 | `audit` | the vocabulary of the ledger, its hash chain, the filter language | |
//! | 2 | `catalog` | all services: names, search, JSON Schema, sentences, targets | |
//! | 2 | `endpoint` | the endpoint rule interpreter, partitions | |
//! | 2 | `policy` | file, parse, rules, decide | serde_yaml |
//! | 2 | `risk` | the class of a call, payload included | sqlparser |
//! | 2 | `uploads` | the `$path` grammar, refused names, keys, parts, limits | |
//! | 2 | `validate` | payload against shapes | |
//! | 1 | `smithy` | one service: shapes, traits, operations; readers of Smithy JSON AST and of botocore's JSON | |
//! | 0 | `base` | ids, token, digest, clock, untrusted text made visible, redaction | |
//!
//! Floors 0–4 are pure: no runtime, no files, no environment, no network, no clock, no randomness; time and
//! randomness come in as values. They are the product; everything else is plumbing.
//!
//! # Invariants
//!
//! - **An agent cannot approve, by type.** `decide` exists only on [`engine::Approver`], which only `tui` is
//!   given. `mcp` is given an [`engine::Door`], which makes an [`engine::Agent`] for each connection.
//! - **The ledger is the truth, channels are hints.** Whatever a screen shows can be read again; a lost hint
//!   loses nothing. A state-changing call's intent is durable before a byte leaves the machine.
//! - **One approval, at most one send.** An approval is redeemed in one transaction of the ledger, over the
//!   digest of the request computed anew.
//! - **Untrusted text** (from an agent, from AWS, from a file's name) reaches a screen or a log line only as
//!   [`base::Shown`].
//! - **No state but the ledger's and the engine's**: no statics, no thread-locals.
//!
//! # Way 1: a destructive call
//!
//! ```text
//! agent ─ mcp::server ── Agent::call ─► engine::execute ── ledger: Received
//!    catalog.resolve → risk.classify → policy.decide → validate.bind → risk with payload
//!    files: opened beneath their roots, folders listed, every key judged → Verdict::Ask → hashed
//!    approval opened or joined in the ledger: Asked; the call is held, with progress
//! human ─ tui: hint → the row is read from the ledger → review; the guard arms when everything was on screen
//!    Approver::decide(id, digest that was shown) → ledger: Approved
//! engine: the held call (or the same call with its token) → binding computed anew → ledger: Consumed
//!    → ledger: Intent (fsync) → aws.invoke → ledger: Outcome → answer → agent
//! ```
//!
//! # Way 2: an event to the screen
//!
//! The engine appends to the ledger (durable before visible) → a hint with a sequence number → `tui` reads the
//! rows it shows. Rows of other processes arrive the same way: the ledger notices their commits.

pub mod approval;
pub mod audit;
pub mod aws;
pub mod base;
pub mod call;
pub mod catalog;
pub mod cli;
pub mod endpoint;
pub mod engine;
pub mod files;
pub mod ledger;
pub mod mcp;
pub mod models;
pub mod policy;
pub mod risk;
pub mod settings;
pub mod smithy;
pub mod tui;
pub mod uploads;
pub mod validate;
