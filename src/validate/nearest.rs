//! The name that was probably meant.

use super::path::cut;

/// Characters that are compared; whatever is longer is no misspelling.
const MAX: usize = 64;

/// The candidate nearest to `wanted`: equal but for case and separators, else the one with the fewest changes
/// if those are few. Of equals, the first.
pub(super) fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    if wanted.is_empty() || wanted.len() > MAX {
        return None;
    }
    let plain = fold(wanted);
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let other = fold(candidate);
        if other == plain {
            return Some(candidate.to_owned());
        }
        let score = similarity(&plain, &other);
        if score >= 0.6 && best.is_none_or(|(top, _)| score > top) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, name)| cut(name, 2 * MAX))
}

/// 1 for equal texts; below 0.6 nobody would see a resemblance. `bucket` and `BucketName` are near.
fn similarity(a: &str, b: &str) -> f64 {
    let edits = strsim::normalized_damerau_levenshtein(a, b);
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.len() >= 4 && (long.starts_with(short) || long.ends_with(short)) { edits.max(0.7) } else { edits }
}

fn fold(name: &str) -> String {
    name.chars().filter(|ch| !matches!(ch, '-' | '_' | ' ' | '.')).flat_map(char::to_lowercase).take(MAX).collect()
}
