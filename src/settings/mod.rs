//! Floor 5: settings from flags, environment and `.env`; where things lie; the system's clock and randomness.

mod names;
pub mod paths;
pub mod read;
pub mod system;

pub use paths::Paths;
pub use read::{LogLevel, Settings, SettingsError};
pub use system::{SystemClock, SystemEntropy};
