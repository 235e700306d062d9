//! Floor 0: values that everything else is made of. Ids, tokens, digests, time as a value,
//! untrusted text made visible, secrets made unreadable.

pub mod class;
pub mod clock;
pub mod digest;
pub mod ids;
pub mod keys;
pub mod redact;
pub mod shown;
pub mod token;

pub use class::{RiskClass, Verdict};
pub use clock::{Clock, Timestamp};
pub use digest::{Digest, canonical_json};
pub use ids::{AgentId, ApprovalId, Entropy, OpId, TxId};
pub use keys::no_key_twice;
pub use shown::{Part, Shown};
pub use token::Token;
