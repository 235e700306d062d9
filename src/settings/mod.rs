//! Floor 5: settings from flags, environment and `.env`; where things lie; the approver's key and whose keys count;
//! the system's clock and randomness.

pub mod key;
mod names;
mod passphrase;
pub mod paths;
pub mod pins;
pub mod policy_file;
mod private;
pub mod read;
pub mod system;

pub use key::{ApproverKey, KeyError};
pub use paths::Paths;
pub use pins::Pins;
pub use policy_file::{Look, PolicyFile};
pub use read::{LogLevel, Settings, SettingsError};
pub use system::{SystemClock, SystemEntropy};
