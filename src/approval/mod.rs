//! Floor 3: one approval. What the human is shown ([`Facts`]), what it is bound to ([`Binding`]),
//! and the pure state machine of its life ([`book`]).

pub mod binding;
pub mod book;
pub mod facts;

pub use binding::Binding;
pub use book::{Approval, Input, Refusal, State};
pub use facts::Facts;
