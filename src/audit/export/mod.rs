//! Calls as they leave the ledger: a line for people ([`mod@line`]), rows for a spreadsheet ([`csv`]), events for a
//! security lake ([`ocsf`]), and JSON that a terminal cannot be steered by ([`json`]).

pub mod csv;
pub mod json;
pub mod line;
pub mod ocsf;

#[cfg(test)]
mod tests;

pub use json::visible;
pub use line::Widths;
pub use ocsf::Told;
