//! Names that say a secret follows, and names that only sound so.

/// Ends of names (lower case, letters and digits only) under which a secret stands.
const SECRET_ENDS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "secretstring",
    "secretbinary",
    "secretkey",
    "secretaccesskey",
    "accesskey",
    "privatekey",
    "apikey",
    "sharedkey",
    "authkey",
    "accountkey",
    "streamkey",
    "keymaterial",
    "plaintext",
    "token",
    "tokencode",
    "authenticationcode",
    "authorization",
    "connectionstring",
    "xamzsignature",
];

/// Tokens that page, number or de-duplicate; and things about secrets that are none.
const HARMLESS_ENDS: &[&str] = &[
    "pagetoken",
    "nexttoken",
    "nextforwardtoken",
    "nextbackwardtoken",
    "previoustoken",
    "continuationtoken",
    "paginationtoken",
    "startingtoken",
    "sequencetoken",
    "clienttoken",
    "requesttoken",
    "clientrequesttoken",
    "creationtoken",
    "idempotencytoken",
    "idempotenttoken",
    "deduplicationtoken",
    "changetoken",
    "locktoken",
    "synctoken",
    "updatetoken",
    "revisiontoken",
    "resumetoken",
    "markertoken",
    "hidepassword",
    "managemasteruserpassword",
];

/// Names of operations, not of members: `GetSessionToken: …` in a message.
const VERBS: &[&str] = &[
    "Admin",
    "Associate",
    "Change",
    "Create",
    "Decode",
    "Delete",
    "Describe",
    "Export",
    "Forgot",
    "Generate",
    "Get",
    "Import",
    "List",
    "Put",
    "Reset",
    "Revoke",
    "Rotate",
    "Update",
    "Validate",
    "Verify",
];

/// Whether a secret stands under this name.
pub(super) fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|ch| ch.to_ascii_lowercase()).collect();
    let plain = plain.trim_end_matches(|ch: char| ch.is_ascii_digit());
    SECRET_ENDS.iter().any(|end| plain.ends_with(end)) && !HARMLESS_ENDS.iter().any(|end| plain.ends_with(end))
}

/// Whether a number under this name is rather a count than the secret.
pub(super) fn may_be_number(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with("token")
}

/// Whether this is the name of an operation.
pub(super) fn is_operation(name: &str) -> bool {
    VERBS.iter().any(|verb| name.strip_prefix(verb).is_some_and(|rest| rest.starts_with(|ch: char| ch.is_uppercase())))
}
