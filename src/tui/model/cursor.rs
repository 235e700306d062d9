//! A place in a list: it holds on to an id and to a row of the screen, so that whatever comes and goes,
//! what is under the cursor stays there.

/// Where the cursor of a list is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<I> {
    /// What it is on.
    pub id: Option<I>,
    /// How many rows of the screen are above it.
    pub row: u16,
}

impl<I> Default for Cursor<I> {
    fn default() -> Self {
        Self { id: None, row: 0 }
    }
}

impl<I> Cursor<I> {
    /// Moves to another entry, `by` rows further down or up the screen; the next frame keeps it inside.
    pub fn go(&mut self, id: I, by: i64) {
        self.id = Some(id);
        let row = i64::from(self.row).saturating_add(by).clamp(0, i64::from(u16::MAX));
        self.row = u16::try_from(row).unwrap_or(0);
    }
}

/// Which entry is the first on a screen of `height` rows, and on which row the selected one is, when it should be
/// on `row`. Entries are `each(index)` rows high; no row stays empty while an entry could fill it.
pub fn window(len: usize, each: impl Fn(usize) -> u16, selected: usize, row: u16, height: u16) -> (usize, u16) {
    let row = row.min(height.saturating_sub(each(selected)));
    let mut first = selected.min(len.saturating_sub(1));
    let mut above = 0;
    while first > 0 && above + each(first - 1) <= row {
        first -= 1;
        above += each(first);
    }
    let mut used = 0_u16;
    for index in first..len {
        used = used.saturating_add(each(index));
        if used >= height {
            return (first, above);
        }
    }
    while first > 0 && used + each(first - 1) <= height {
        first -= 1;
        used += each(first);
        above += each(first);
    }
    (first, above)
}
