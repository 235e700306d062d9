//! The flows that need more than one room of the house, in one test binary (linking is the slow part).

mod search;
mod shapes;
