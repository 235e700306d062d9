//! Floor 2: all services: names, search, JSON Schema, nearest names.

pub mod schema;
