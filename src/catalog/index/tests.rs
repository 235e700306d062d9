//! Tests of the index: form, faults, what it says of the embedded models.
