//! The keys under which the files of a folder go up, and what of the payload belongs to a single object only.

use serde_json::{Map, Value};

/// Longest key of S3, in bytes.
pub const MAX_KEY: usize = 1_024;

/// Members of `PutObject` that say something of one content, and so nothing of a folder.
const OF_ONE: &[&str] = &[
    "ContentMD5",
    "ContentLength",
    "WriteOffsetBytes",
    "ChecksumCRC32",
    "ChecksumCRC32C",
    "ChecksumCRC64NVME",
    "ChecksumSHA1",
    "ChecksumSHA256",
    "ChecksumSHA512",
    "ChecksumMD5",
    "ChecksumXXHASH64",
    "ChecksumXXHASH3",
    "ChecksumXXHASH128",
];

/// The key of a file: the prefix and the path beneath the folder, with one slash between them.
pub fn key(prefix: &str, path: &str) -> String {
    if prefix.is_empty() || prefix.ends_with('/') { format!("{prefix}{path}") } else { format!("{prefix}/{path}") }
}

/// The content type that a file's name suggests.
pub fn content_type(path: &str) -> &'static str {
    mime_guess::from_path(path).first_raw().unwrap_or("binary/octet-stream")
}

/// The members of a payload that cannot be kept on each object.
pub fn of_one(payload: &Map<String, Value>) -> Vec<&'static str> {
    OF_ONE.iter().filter(|name| payload.get(**name).is_some_and(|value| !value.is_null())).copied().collect()
}

/// The same members for another operation: those of them that it has.
pub fn kept(payload: &Map<String, Value>, has: impl Fn(&str) -> bool) -> Map<String, Value> {
    payload.iter().filter(|(name, _)| has(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_joined_with_one_slash() {
        for (prefix, path, want) in [
            ("", "a/b", "a/b"),
            ("site", "a", "site/a"),
            ("site/", "a", "site/a"),
            ("2026/11", "x y.txt", "2026/11/x y.txt"),
        ] {
            assert_eq!(key(prefix, path), want);
        }
    }

    #[test]
    fn names_suggest_types() {
        let of = ["index.html", "a/b.CSS", "logo.svg", "data.json", "LICENSE", "x.unheard-of"].map(content_type);
        let octets = "binary/octet-stream";
        assert_eq!(of, ["text/html", "text/css", "image/svg+xml", "application/json", octets, octets]);
    }

    #[test]
    fn what_belongs_to_one_content_is_found() {
        let payload = json!({"Bucket": "b", "ContentMD5": "x", "ContentLength": null, "CacheControl": "no-store"});
        let payload = payload.as_object().unwrap();
        assert_eq!(of_one(payload), ["ContentMD5"]);
        let kept = kept(payload, |name| name == "CacheControl");
        assert_eq!(Value::Object(kept), json!({"CacheControl": "no-store"}));
    }
}
