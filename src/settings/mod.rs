//! Floor 5: settings from flags, environment and `.env`; where things lie; the system's clock and randomness.

pub mod paths;
pub mod policy_file;
pub mod read;
pub mod system;

pub use paths::Paths;
pub use policy_file::{Look, PolicyFile};
pub use read::{LogLevel, Settings, SettingsError};
pub use system::{SystemClock, SystemEntropy};
