//! `countersign audit`: the ledger from a shell. Nothing here writes to it, makes one, or starts an engine.

pub mod args;
mod export;
mod pages;
mod query;
mod run;
mod show;
mod tail;
mod verify;

pub(super) use run::run;
