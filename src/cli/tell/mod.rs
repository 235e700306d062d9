//! What `search`, `schema` and `validate` print for people, from the same answers that agents get. All text that
//! others wrote is shown as [`Shown`](crate::base::Shown).

mod answer;
mod schema;

#[cfg(test)]
mod tests;

pub(super) use answer::{refused, search, valid};
pub(super) use schema::schema;
