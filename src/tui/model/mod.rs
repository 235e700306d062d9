//! What the console knows and where its user is, as plain values. Only [`update`](super::update) changes them.

mod approvals;
mod audit;
mod cursor;
mod policy;
mod review;
mod root;

#[cfg(test)]
mod tests;

pub use approvals::Approvals;
pub use audit::{Audit, CallKey, Opened, PAGE};
pub use cursor::{Cursor, window};
pub use policy::{Offer, OfferStep, Open, Page, PolicyTab, WIDEN};
pub use review::{Review, Step, phrase};
pub use root::{Ask, Loading, Model, Setup, Tab, Toast};
