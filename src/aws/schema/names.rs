//! Text that lives as long as the process: schemas hold `&'static str`, and one model generation needs
//! each name once.

use std::collections::HashSet;

/// Names leaked once each. What is leaked is bounded by the shapes that calls have used.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: HashSet<&'static str>,
}

impl Names {
    /// The lasting form of a name.
    pub(super) fn intern(&mut self, name: &str) -> &'static str {
        if let Some(known) = self.known.get(name) {
            return known;
        }
        let lasting: &'static str = Box::leak(name.to_owned().into_boxed_str());
        self.known.insert(lasting);
        lasting
    }
}

/// Makes a value last as long as the process; see [`Names`] for what bounds this.
pub(super) fn lasting<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
