//! The names nearest to one that is not there.

use std::collections::BTreeMap;

use super::names::normalize;

/// How many nearest names an answer carries.
pub const MOST: usize = 5;

/// Below this similarity (0 to 1) a name is no help.
const SIMILAR: f64 = 0.6;

/// Longer spellings are no misspelt names, and comparing them would cost time.
const LONGEST: usize = 128;

/// The names most similar to a spelling, best first, at most [`MOST`].
///
/// Each candidate is a spelling to compare with and the name it stands for; a name counts once.
pub fn nearest<'a>(spelling: &str, candidates: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    if spelling.len() > LONGEST {
        return Vec::new();
    }
    let wanted = normalize(spelling);
    let mut best: BTreeMap<&str, f64> = BTreeMap::new();
    for (candidate, name) in candidates {
        let score = similarity(&wanted, &normalize(candidate));
        if score >= SIMILAR && best.get(name).is_none_or(|known| *known < score) {
            best.insert(name, score);
        }
    }
    let mut best: Vec<(&str, f64)> = best.into_iter().collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    best.into_iter().take(MOST).map(|(name, _)| name.to_owned()).collect()
}

/// Edits decide; a name that starts with the other is near however much follows.
fn similarity(wanted: &str, candidate: &str) -> f64 {
    let edits = strsim::normalized_damerau_levenshtein(wanted, candidate);
    let shorter = wanted.len().min(candidate.len());
    let is_start = shorter >= 3 && (candidate.starts_with(wanted) || wanted.starts_with(candidate));
    if is_start { edits.max(0.75 + edits / 4.0) } else { edits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_names() {
        let names = ["DeleteBucket", "DeleteBuckets", "DeleteObject", "ListBuckets", "GetObject", "GetObjectAcl"];
        let table: [(&str, &[&str]); 6] = [
            ("DeletBucket", &["DeleteBucket", "DeleteBuckets"]),
            ("delete-buckte", &["DeleteBucket", "DeleteBuckets"]),
            ("getobj", &["GetObject", "GetObjectAcl"]),
            ("GetObjectAclX", &["GetObjectAcl", "GetObject"]),
            ("zzz", &[]),
            ("", &[]),
        ];
        for (spelling, expected) in table {
            assert_eq!(nearest(spelling, names.map(|name| (name, name))), expected, "{spelling}");
        }
        assert_eq!(nearest(&"DeleteBucket".repeat(20), names.map(|name| (name, name))), Vec::<String>::new());
        assert_eq!(nearest("states", [("states", "sfn"), ("state", "sfn")]), ["sfn"]);
    }
}
