//! Verbs as operations' names begin with them.

/// First words that are no verbs: such an operation is called by its name.
const NO_VERBS: [&str; 14] = [
    "Agentic", "Bulk", "Carrier", "Channel", "Contains", "Domain", "Forgot", "Global", "Insight", "Is", "Logout",
    "Phone", "Re", "Setup",
];

/// What a verb is called in a sentence where its third person is not what people say, or is irregular.
const THIRD_PERSON: [(&str, &str); 6] = [
    ("Head", "Checks"),
    ("Run", "Runs"),
    ("Opt", "Opts"),
    ("Rollback", "Rolls back"),
    ("Switchover", "Switches over"),
    ("Failover", "Fails over"),
];

/// The third person of a verb, capitalized (`Deletes`); `None` for a word that is no verb.
pub(super) fn third_person(verb: &str) -> Option<String> {
    if NO_VERBS.contains(&verb) {
        return None;
    }
    if let Some((_, said)) = THIRD_PERSON.iter().find(|(known, _)| *known == verb) {
        return Some((*said).to_owned());
    }
    let last = |ending: &str| verb.ends_with(ending);
    let vowel_y = ["ay", "ey", "oy", "uy"].iter().any(|ending| last(ending));
    if last("y") && !vowel_y {
        return Some(format!("{}ies", verb.strip_suffix('y').unwrap_or(verb)));
    }
    let hissing = ["s", "x", "z", "ch", "sh", "o"].iter().any(|ending| last(ending));
    Some(format!("{verb}{}", if hissing { "es" } else { "s" }))
}
