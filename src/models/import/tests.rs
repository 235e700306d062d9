//! Tests of import: every kind of source, determinism, broken input.
