//! Tests of one approval, and samples that the ledger's tests use too.

mod binding;
mod book;
mod grant;
pub(crate) mod samples;
mod signature;
