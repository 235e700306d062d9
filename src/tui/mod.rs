//! Floor 7.
pub mod document;
pub mod drawn;
pub mod effect;
pub mod guard;
pub mod keys;
pub mod model;
pub mod msg;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod words;

#[cfg(test)]
mod tests;

// Until the run loop lands: replace from here on by `pub mod run; pub mod terminal; pub use run::{Options, run};`
/// Looks.
#[derive(Debug, Default)]
pub struct Options {
    /// Use colours.
    pub color: bool,
    /// ASCII only.
    pub ascii: bool,
    /// Lines of narration, for the demo.
    pub narration: Option<tokio::sync::mpsc::UnboundedReceiver<String>>,
}

/// Runs the console.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(
    _observer: crate::engine::Observer,
    _approver: crate::engine::Approver,
    _options: Options,
) -> Result<(), std::io::Error> {
    Ok(())
}

/// The terminal.
pub mod terminal {
    /// Whether both ends are terminals.
    ///
    /// # Errors
    /// When one is not.
    pub fn check() -> Result<(), std::io::Error> {
        Ok(())
    }
}
