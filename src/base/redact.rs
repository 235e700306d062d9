//! Secrets.
/// What stands in place of a secret.
pub const MASK: &str = "••••••";
