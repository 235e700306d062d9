//! Packs the model snapshot into the binary.

fn main() {}
