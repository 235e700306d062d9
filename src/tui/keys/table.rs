//! The table itself. The order is that of the footer and the help: what matters most comes first.

use crossterm::event::KeyCode;

use super::{Action, Binding, Chord, Place};

const LISTS: &[Place] = &[Place::Approvals, Place::Audit];
const TEXTS: &[Place] = &[Place::Review, Place::Call, Place::Policy, Place::Offer, Place::Explained, Place::Help];
const MOVES: &[Place] = &[
    Place::Approvals,
    Place::Audit,
    Place::Review,
    Place::Call,
    Place::Policy,
    Place::Offer,
    Place::Explained,
    Place::Help,
    Place::Grants,
];
const LINES: &[Place] = &[Place::Deny, Place::Confirm, Place::Filter, Place::Explain, Place::Widen];
const CALM: &[Place] =
    &[Place::Approvals, Place::Audit, Place::Review, Place::Call, Place::Policy, Place::Offer, Place::Explained];
const EVERYWHERE: &[Place] = &Place::ALL;

/// All keys.
pub const TABLE: &[Binding] = &[
    Binding {
        places: &[Place::Review],
        keys: &[(Chord::Char('a'), Action::Approve)],
        foot: "a",
        short: "approve",
        long: "in a review: approve what is open, once all of it has been on the screen and the keys were quiet; severe requests then ask for a name to be typed",
    },
    Binding {
        places: &[Place::Review],
        keys: &[(Chord::Char('t'), Action::Grant)],
        foot: "",
        short: "",
        long: "in a review: approve, and let this session make the same request again, ten times in 15 minutes (a grant); never for privilege, secret, execute",
    },
    Binding {
        places: &[Place::Approvals],
        keys: &[(Chord::Char('t'), Action::Grants)],
        foot: "",
        short: "",
        long: "in the list of approvals: the grants in force",
    },
    Binding {
        places: &[Place::Grants],
        keys: &[(Chord::Char('d'), Action::Revoke)],
        foot: "d",
        short: "take back",
        long: "in the list of grants: take the one under the cursor back",
    },
    Binding {
        places: &[Place::Offer],
        keys: &[(Chord::Char('a'), Action::Accept), (Chord::Char('d'), Action::Reject)],
        foot: "d",
        short: "reject",
        long: "over a policy that waits: accept it, once all it changes has been on the screen and the keys were quiet; reject it",
    },
    Binding {
        places: &[Place::Approvals, Place::Audit, Place::Policy],
        keys: &[
            (Chord::Key(KeyCode::Enter), Action::Open),
            (Chord::Char('l'), Action::Open),
            (Chord::Key(KeyCode::Right), Action::Open),
        ],
        foot: "Enter",
        short: "open",
        long: "in a list: open; on the policy: what waits to be accepted; it never approves",
    },
    Binding {
        places: &[Place::Approvals, Place::Review],
        keys: &[(Chord::Char('d'), Action::Deny)],
        foot: "d",
        short: "deny",
        long: "deny, with a reason for the agent",
    },
    Binding {
        places: LINES,
        keys: &[(Chord::Key(KeyCode::Enter), Action::Send)],
        foot: "Enter",
        short: "send",
        long: "in a line: send it; a reason may be empty, an empty filter shows everything",
    },
    Binding {
        places: TEXTS,
        keys: &[
            (Chord::Char(' '), Action::PageDown),
            (Chord::Key(KeyCode::PageDown), Action::PageDown),
            (Chord::Key(KeyCode::PageUp), Action::PageUp),
        ],
        foot: "Space",
        short: "read on",
        long: "in a text: a page down, up; in a review never past what has not been on the screen",
    },
    Binding {
        places: &[Place::Audit],
        keys: &[(Chord::Char('f'), Action::Follow)],
        foot: "f",
        short: "follow",
        long: "in the audit: follow the latest call",
    },
    Binding {
        places: &[Place::Audit],
        keys: &[(Chord::Char('/'), Action::Filter)],
        foot: "/",
        short: "filter",
        long: "in the audit: show some calls only, `service:s3 verdict:deny agent:claude since:1h words`",
    },
    Binding {
        places: &[Place::Policy, Place::Explained],
        keys: &[(Chord::Char('/'), Action::Explain)],
        foot: "/",
        short: "explain",
        long: "on the policy: what an operation would meet, and why",
    },
    Binding {
        places: LINES,
        keys: &[(Chord::Key(KeyCode::Esc), Action::Back)],
        foot: "Esc",
        short: "back",
        long: "in a line: leave it, send nothing",
    },
    Binding {
        places: &[Place::Leave],
        keys: &[(Chord::Char('y'), Action::Yes), (Chord::Key(KeyCode::Enter), Action::Yes)],
        foot: "y",
        short: "leave",
        long: "when asked whether to leave: yes; what is pending stays pending",
    },
    Binding {
        places: &[Place::Resume],
        keys: &[(Chord::Char('y'), Action::Yes), (Chord::Key(KeyCode::Enter), Action::Yes)],
        foot: "y",
        short: "resume",
        long: "when asked whether to resume: yes; what was held is sent then",
    },
    Binding {
        places: &[
            Place::Review,
            Place::Call,
            Place::Offer,
            Place::Explained,
            Place::Help,
            Place::Leave,
            Place::Resume,
            Place::Grants,
        ],
        keys: &[
            (Chord::Key(KeyCode::Esc), Action::Back),
            (Chord::Char('q'), Action::Back),
            (Chord::Char('h'), Action::Back),
            (Chord::Key(KeyCode::Left), Action::Back),
        ],
        foot: "Esc",
        short: "back",
        long: "back to where you came from",
    },
    Binding {
        places: MOVES,
        keys: &[
            (Chord::Char('j'), Action::Down),
            (Chord::Char('k'), Action::Up),
            (Chord::Key(KeyCode::Down), Action::Down),
            (Chord::Key(KeyCode::Up), Action::Up),
        ],
        foot: "j k",
        short: "move",
        long: "down, up",
    },
    Binding {
        places: MOVES,
        keys: &[
            (Chord::Char('g'), Action::Top),
            (Chord::Char('G'), Action::Bottom),
            (Chord::Key(KeyCode::Home), Action::Top),
            (Chord::Key(KeyCode::End), Action::Bottom),
        ],
        foot: "",
        short: "",
        long: "first, last",
    },
    Binding {
        places: MOVES,
        keys: &[(Chord::Ctrl('d'), Action::HalfDown), (Chord::Ctrl('u'), Action::HalfUp)],
        foot: "",
        short: "",
        long: "half a page down, up",
    },
    Binding {
        places: LISTS,
        keys: &[(Chord::Key(KeyCode::PageDown), Action::PageDown), (Chord::Key(KeyCode::PageUp), Action::PageUp)],
        foot: "",
        short: "",
        long: "in a list: a page down, up",
    },
    Binding {
        places: CALM,
        keys: &[
            (Chord::Char('1'), Action::Tab(1)),
            (Chord::Char('2'), Action::Tab(2)),
            (Chord::Char('3'), Action::Tab(3)),
        ],
        foot: "1 2 3",
        short: "tabs",
        long: "tabs: Approvals, Audit, Policy",
    },
    Binding {
        places: CALM,
        keys: &[(Chord::Key(KeyCode::Tab), Action::NextTab), (Chord::Key(KeyCode::BackTab), Action::PreviousTab)],
        foot: "",
        short: "",
        long: "next tab, tab before",
    },
    Binding {
        places: &[Place::Approvals, Place::Audit, Place::Policy],
        keys: &[
            (Chord::Char('q'), Action::BackOrLeave),
            (Chord::Key(KeyCode::Esc), Action::Back),
            (Chord::Char('h'), Action::Back),
            (Chord::Key(KeyCode::Left), Action::Back),
        ],
        foot: "q",
        short: "quit",
        long: "back; `q` at the root quits, asking only if something is pending",
    },
    Binding { places: CALM, keys: &[(Chord::Char('?'), Action::Help)], foot: "?", short: "help", long: "help" },
    Binding {
        places: CALM,
        keys: &[(Chord::Char('p'), Action::Pause)],
        foot: "p",
        short: "pause",
        long: "pause everything at once, in every engine (kill switch); again: resume, after a question",
    },
    Binding {
        places: CALM,
        keys: &[(Chord::Char('y'), Action::CopyId), (Chord::Char('Y'), Action::CopyJson)],
        foot: "",
        short: "",
        long: "copy the id, copy everything as JSON (through the terminal, OSC 52)",
    },
    Binding {
        places: CALM,
        keys: &[(Chord::Char('m'), Action::Mouse)],
        foot: "",
        short: "",
        long: "give the mouse back to the terminal, to select text, or take it; it scrolls and selects, it never decides",
    },
    Binding {
        places: EVERYWHERE,
        keys: &[
            (Chord::Ctrl('c'), Action::Leave),
            (Chord::Ctrl('z'), Action::Suspend),
            (Chord::Ctrl('l'), Action::Redraw),
        ],
        foot: "",
        short: "",
        long: "leave (pending stay pending), suspend, redraw",
    },
];
