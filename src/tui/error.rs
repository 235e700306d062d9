//! Why there is no console.

/// Why the console could not be shown, or not any longer.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// Standard input or output is not a terminal.
    #[error(
        "the console needs a terminal, and {end} is not one; run it in a terminal, or run `countersign serve`, which needs none"
    )]
    NotATerminal {
        /// Which end.
        end: &'static str,
    },
    /// The terminal did not do what it was asked.
    #[error("the terminal failed ({0}); run the console again")]
    Terminal(#[from] std::io::Error),
    /// Our fault. The terminal has been restored, what was pending is still pending.
    #[error("the console failed inside: {message}; what was pending is still pending, run it again")]
    Failed {
        /// The panic's message and place.
        message: String,
    },
}
