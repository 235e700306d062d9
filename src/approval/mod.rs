//! Floor 3: one approval. What the human is shown ([`Facts`]), what it is bound to ([`Binding`]),
//! the pure state machine of its life ([`book`]), what recorded events say of it ([`trail`]), and the signatures
//! that decisions carry ([`signature`]).

pub mod acceptance;
pub mod binding;
pub mod book;
pub mod decision;
pub mod facts;
pub mod grant;
pub mod signature;
pub mod trail;

#[cfg(test)]
pub(crate) mod tests;

pub use acceptance::{Acceptance, SignedAcceptance};
pub use binding::Binding;
pub use book::{Approval, Effect, Input, Refusal, State};
pub use decision::{Request, Says, Signed, Statement, Trust};
pub use facts::Facts;
pub use signature::{PublicKey, SecretKey, Signature, SignatureError};
pub use trail::Trail;
