//! Identifiers: a prefix that tells what it names, then a UUIDv7, so that they sort by time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// Where randomness comes from: the operating system at the edges, a seed in tests.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new one.
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                Self(format!(concat!($prefix, "_{}"), uuid_v7(now, entropy).simple()))
            }

            /// One that was written down before; `None` when it does not look like one.
            pub fn parse(text: &str) -> Option<Self> {
                let rest = text.strip_prefix(concat!($prefix, "_"))?;
                let simple = rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit());
                simple.then(|| Self(text.to_ascii_lowercase()))
            }

            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// One tool call of an agent.
    TxId,
    "tx"
);
id!(
    /// One operation sent to AWS within a transaction.
    OpId,
    "op"
);
id!(
    /// One approval.
    ApprovalId,
    "ap"
);
id!(
    /// One connection of an agent.
    AgentId,
    "ag"
);

fn uuid_v7(now: Timestamp, entropy: &dyn Entropy) -> uuid::Uuid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
