//! Tests of resolution, by a table of spellings.
