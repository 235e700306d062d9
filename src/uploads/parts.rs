//! In which parts a large file goes up.

/// Files above this many bytes go up in parts.
pub const WHOLE: u64 = 16 << 20;
/// Bytes of a part, as long as no file needs larger ones.
const PART: u64 = 8 << 20;
/// Parts that S3 takes at most.
const MAX_PARTS: u64 = 10_000;

/// One part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 1.
    pub number: u64,
    /// Where it begins.
    pub offset: u64,
    /// Its length in bytes.
    pub len: u64,
}

/// The parts of a file of so many bytes; none when it goes up whole.
pub fn parts(size: u64) -> Vec<Part> {
    if size <= WHOLE {
        return Vec::new();
    }
    let step = size_of_part(size);
    let count = size.div_ceil(step);
    (0..count)
        .map(|index| {
            let offset = index * step;
            Part { number: index + 1, offset, len: step.min(size - offset) }
        })
        .collect()
}

/// Bytes of a part of a file of so many bytes: a whole number of mebibytes.
pub fn size_of_part(size: u64) -> u64 {
    const MEBI: u64 = 1 << 20;
    PART.max(size.div_ceil(MAX_PARTS).div_ceil(MEBI) * MEBI)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_files_go_up_whole() {
        assert_eq!(parts(0), []);
        assert_eq!(parts(WHOLE), []);
        let two = parts(WHOLE + 1);
        let last = Part { number: 3, offset: 16 << 20, len: 1 };
        assert_eq!((two.len(), two.last()), (3, Some(&last)));
    }

    proptest! {
        #[test]
        fn parts_are_gapless_and_within_what_s3_takes(size in (WHOLE + 1)..(5_u64 << 40)) {
            let parts = parts(size);
            prop_assert!(parts.len() <= 10_000);
            let mut end = 0;
            for (index, part) in parts.iter().enumerate() {
                prop_assert_eq!((part.number, part.offset), (index as u64 + 1, end));
                prop_assert!(part.len >= 5 << 20 || index + 1 == parts.len());
                end += part.len;
            }
            prop_assert_eq!(end, size);
        }
    }
}
