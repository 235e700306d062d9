//! Where a result is saved, and what of it: a body as it came, or the result as JSON.

use super::blobs::{body_of, refused};
use super::{CallError, Options};
use crate::smithy::{Model, Operation, Slot};
use crate::uploads::Place;

/// A result that is to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Where to.
    pub place: Place,
    /// Whether a file that is there may be replaced.
    pub overwrite: bool,
    /// The member of the answer that is a message's whole body: it is saved as it comes, whatever its size.
    pub body: Option<String>,
    /// Whether the model calls that member sensitive.
    pub sensitive: bool,
}

impl Output {
    /// What the options wish.
    ///
    /// # Errors
    /// `FileRefused` for what cannot be a path.
    pub fn of(model: &Model, operation: &Operation, options: &Options) -> Result<Option<Self>, CallError> {
        let Some(path) = &options.output_path else { return Ok(None) };
        let place = Place::read(path).map_err(|refusal| refused(&refusal))?;
        let body = body_of(model, operation.output.as_deref()).filter(|_| options.query.is_none());
        let sensitive = body.is_some_and(|body| {
            let output = Slot::of_shape(model, operation.output.as_deref().unwrap_or_default());
            output.member(body).is_some_and(|member| Slot::of_member(model, member).is_sensitive())
        });
        Ok(Some(Self { place, overwrite: options.overwrite, body: body.map(str::to_owned), sensitive }))
    }

    /// For the human, and for what an approval is bound to.
    pub fn told(&self) -> String {
        let over = if self.overwrite { ", in place of what is there" } else { "" };
        format!("{}{over}", self.place.text)
    }
}
