//! How simple values may be spelled in a payload, as patterns: the one place that validation and the schemas
//! take them from. `regex` and ECMA 262 read them alike.

/// A whole number as text.
pub const INTEGER: &str = "^(?:0|-?[1-9][0-9]*)$";

/// A number as text, as JSON writes it.
pub const NUMBER: &str = r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$";

/// Characters of a number given as text, at most.
pub const NUMBER_LENGTH: usize = 1000;

/// A truth value as text.
pub const BOOLEAN: &str = "^(?:true|false)$";

/// Base64 (RFC 4648, the standard alphabet): padded or not padded at all, no stray bits.
pub const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw](?:==)?|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=?)?$";

/// A label of a host's name (RFC 1123).
pub const HOST_LABEL: &str = "^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$";

/// The first and the last second of the instants there are: those of the years 0 to 9999, in UTC.
pub const SECONDS: (i64, i64) = (-62_167_219_200, 253_402_207_200);

/// An instant as text: RFC 3339, with or without an offset, time and seconds; `20260131T120000Z`; an HTTP date;
/// seconds since 1970, though not eight digits, which may as well be a date.
pub const TIMESTAMP: &str = concat!(
    r"^(?:[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])",
    r"(?:[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:[.,][0-9]{1,9})?)?",
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?)?",
    r"|[0-9]{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]Z",
    r"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(?:0?[1-9]|[12][0-9]|3[01]) ",
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} ",
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])? (?:GMT|UT|[+-](?:[01][0-9]|2[0-3])[0-5][0-9])",
    r"|-?(?:[0-9]{1,7}|[0-9]{9,12})(?:\.[0-9]{1,9})?)$"
);
