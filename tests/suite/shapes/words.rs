//! Texts that match a pattern, made from its syntax tree. They may still miss (what is anchored in the middle, for
//! one); whoever needs one that fits looks again.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::chance::Chance;

/// A text for a pattern; `None` when the pattern cannot be read.
pub(crate) fn word(pattern: &str, generous: bool, chance: &mut Chance) -> Option<String> {
    let translated = countersign::smithy::pattern::translate(pattern);
    let hir = regex_syntax::parse(&translated).ok()?;
    let mut out = String::new();
    write(&hir, generous, chance, &mut out);
    Some(out)
}

fn write(hir: &Hir, generous: bool, chance: &mut Chance, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            // Plain letters first: rare characters are right as well, and hide what goes wrong.
            let plain: Vec<_> =
                class.ranges().iter().filter(|range| range.start() <= 'z' && range.end() >= '!').collect();
            let range = if plain.is_empty() || chance.once_in(40) {
                match class.ranges() {
                    [] => return,
                    ranges => chance.pick(ranges),
                }
            } else {
                chance.pick(&plain)
            };
            let low = u32::from(range.start());
            let low = if range.end() >= '!' { low.max(u32::from('!')) } else { low };
            let high = u32::from(range.end()).min(low + 60);
            let code = low + chance.below((high - low + 1) as usize) as u32;
            out.push(char::from_u32(code).unwrap_or(range.start()));
        }
        HirKind::Class(Class::Bytes(_)) => {}
        HirKind::Repetition(repetition) => {
            let more = if generous { 12 } else { 3 };
            let most = repetition.max.unwrap_or(u32::MAX).min(repetition.min.saturating_add(more));
            let times = repetition.min + chance.below((most - repetition.min + 1) as usize) as u32;
            for _ in 0..times.min(3000) {
                write(&repetition.sub, generous, chance, out);
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, generous, chance, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, generous, chance, out)),
        HirKind::Alternation(parts) => write(chance.pick(parts), generous, chance, out),
    }
}
