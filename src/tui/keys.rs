//! The keys: one table from which the bindings, the footer, the help and the README's list are made.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

mod table;

#[cfg(test)]
mod tests;

pub use table::TABLE;

/// Where a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The list of approvals.
    Approvals,
    /// An approval that is open.
    Review,
    /// The list of calls.
    Audit,
    /// A call that is open.
    Call,
    /// The help.
    Help,
    /// The question whether to leave.
    Leave,
    /// The question whether to let everything go on.
    Resume,
    /// The list of grants.
    Grants,
    /// The line that takes the reason of a denial.
    Deny,
    /// The line that takes the name of what is approved.
    Confirm,
    /// The line that takes a filter.
    Filter,
    /// The policy in force.
    Policy,
    /// A policy that waits to be accepted, open.
    Offer,
    /// What a call would meet, open.
    Explained,
    /// The line that takes an operation.
    Explain,
    /// The line that takes the word for a policy that lets more happen.
    Widen,
}

impl Place {
    /// All places.
    pub const ALL: [Self; 16] = [
        Self::Approvals,
        Self::Review,
        Self::Audit,
        Self::Call,
        Self::Help,
        Self::Leave,
        Self::Resume,
        Self::Grants,
        Self::Deny,
        Self::Confirm,
        Self::Filter,
        Self::Policy,
        Self::Offer,
        Self::Explained,
        Self::Explain,
        Self::Widen,
    ];
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// One down.
    Down,
    /// One up.
    Up,
    /// To the first.
    Top,
    /// To the last.
    Bottom,
    /// Half a page down.
    HalfDown,
    /// Half a page up.
    HalfUp,
    /// A page down; in a review never past what has not been on the screen.
    PageDown,
    /// A page up.
    PageUp,
    /// Open what is under the cursor. Never approves.
    Open,
    /// Back to where one came from.
    Back,
    /// Back, or leave from the root.
    BackOrLeave,
    /// Approve what is open.
    Approve,
    /// Deny, with a reason.
    Deny,
    /// Accept the policy that is open.
    Accept,
    /// Reject the edit of the policy that is open.
    Reject,
    /// Ask what a call would meet.
    Explain,
    /// Send the line.
    Send,
    /// Copy the id.
    CopyId,
    /// Copy everything as JSON.
    CopyJson,
    /// Follow what comes in.
    Follow,
    /// Show some calls only.
    Filter,
    /// Mouse capture on or off.
    Mouse,
    /// Help.
    Help,
    /// The tab of this number, from 1.
    Tab(u8),
    /// The next tab.
    NextTab,
    /// The tab before.
    PreviousTab,
    /// Leave; what is pending stays pending.
    Leave,
    /// Approve, and allow the same for a while.
    Grant,
    /// The grants in force.
    Grants,
    /// Take a grant back.
    Revoke,
    /// Freeze everything; asked again, let it go on.
    Pause,
    /// Yes to what is asked.
    Yes,
    /// To the shell for a while.
    Suspend,
    /// Draw everything anew.
    Redraw,
}

/// A key, with or without Ctrl.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chord {
    /// A character.
    Char(char),
    /// Ctrl and a letter.
    Ctrl(char),
    /// Any other key.
    Key(KeyCode),
}

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// Where it counts.
    pub places: &'static [Place],
    /// The keys and what each does.
    pub keys: &'static [(Chord, Action)],
    /// How the footer names the keys; empty where the footer leaves them out.
    pub foot: &'static str,
    /// What they do, in a word or two, for the footer.
    pub short: &'static str,
    /// What they do, for help and README.
    pub long: &'static str,
}

/// What a key does at a place.
pub fn action(place: Place, key: &KeyEvent) -> Option<Action> {
    let bindings = TABLE.iter().filter(|binding| binding.places.contains(&place));
    bindings.flat_map(|binding| binding.keys).find(|(chord, _)| chord.matches(key)).map(|(_, action)| *action)
}

/// The footer's entries at a place: names of keys, and what they do.
pub fn footer(place: Place) -> impl Iterator<Item = &'static Binding> {
    TABLE.iter().filter(move |binding| binding.places.contains(&place) && !binding.foot.is_empty())
}

/// The table as the README prints it.
pub fn markdown() -> String {
    let mut out = String::from("| key | |\n| --- | --- |\n");
    for binding in TABLE {
        let keys: Vec<_> = binding.keys.iter().map(|(chord, _)| format!("`{}`", chord.name())).collect();
        out.push_str(&format!("| {} | {} |\n", keys.join(" "), binding.long));
    }
    out
}

impl Binding {
    /// The names of its keys.
    pub fn names(&self) -> String {
        self.keys.iter().map(|(chord, _)| chord.name()).collect::<Vec<_>>().join(" ")
    }
}

impl Chord {
    fn matches(self, key: &KeyEvent) -> bool {
        let without_shift = key.modifiers.difference(KeyModifiers::SHIFT);
        match self {
            Self::Char(wanted) => key.code == KeyCode::Char(wanted) && without_shift.is_empty(),
            Self::Ctrl(wanted) => key.code == KeyCode::Char(wanted) && key.modifiers == KeyModifiers::CONTROL,
            Self::Key(wanted) => key.code == wanted && without_shift.is_empty(),
        }
    }

    /// Its name, in ASCII: every terminal can print it.
    pub fn name(self) -> String {
        match self {
            Self::Char(' ') => "Space".to_owned(),
            Self::Char(ch) => ch.to_string(),
            Self::Ctrl(ch) => format!("Ctrl-{ch}"),
            Self::Key(code) => match code {
                KeyCode::PageDown => "PgDn".to_owned(),
                KeyCode::PageUp => "PgUp".to_owned(),
                KeyCode::BackTab => "Shift-Tab".to_owned(),
                KeyCode::Up => "Up".to_owned(),
                KeyCode::Down => "Down".to_owned(),
                KeyCode::Left => "Left".to_owned(),
                KeyCode::Right => "Right".to_owned(),
                other => other.to_string(),
            },
        }
    }
}
