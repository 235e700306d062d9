//! Floor 3: one approval. What the human is shown ([`Facts`]), what it is bound to ([`Binding`]),
//! the pure state machine of its life ([`book`]) and what recorded events say of it ([`trail`]).

pub mod binding;
pub mod book;
pub mod facts;
pub mod trail;

#[cfg(test)]
pub(crate) mod tests;

pub use binding::Binding;
pub use book::{Approval, Input, Refusal, State};
pub use facts::Facts;
pub use trail::Trail;
