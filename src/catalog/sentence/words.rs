//! The words in a name: `ListObjectsV2` is `List Objects V2`, `DescribeDBInstances` is `Describe DB Instances`.

/// Splits a name at its humps, and at everything that is neither letter nor digit.
pub(in crate::catalog) fn words(name: &str) -> Vec<&str> {
    let chars: Vec<(usize, char)> = name.char_indices().collect();
    let class = |at: usize| chars.get(at).map_or(Class::Other, |(_, ch)| Class::of(*ch));
    let mut out = Vec::new();
    let mut start = None;
    for (at, (offset, _)) in chars.iter().enumerate() {
        let breaks = match (class(at.wrapping_sub(1)), class(at)) {
            (_, Class::Other) => true,
            _ if start.is_none() => false,
            (Class::Lower | Class::Digit, Class::Upper) => true,
            // The last capital of a run starts the next word, unless the run is a plural (`VPCs`).
            (Class::Upper, Class::Upper) => {
                class(at + 1) == Class::Lower && !(is_s(&chars, at + 1) && class(at + 2) != Class::Lower)
            }
            // `V2` and `S3` are words; `Route53` and `2fa` stay whole too.
            _ => false,
        };
        if breaks {
            push(name, &mut start, *offset, &mut out);
        }
        if class(at) != Class::Other && start.is_none() {
            start = Some(*offset);
        }
    }
    push(name, &mut start, name.len(), &mut out);
    out
}

fn push<'n>(name: &'n str, start: &mut Option<usize>, end: usize, out: &mut Vec<&'n str>) {
    if let Some(word) = start.take().and_then(|start| name.get(start..end)).filter(|word| !word.is_empty()) {
        out.push(word);
    }
}

fn is_s(chars: &[(usize, char)], at: usize) -> bool {
    chars.get(at).is_some_and(|(_, ch)| *ch == 's')
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Upper,
    Lower,
    Digit,
    Other,
}

impl Class {
    fn of(ch: char) -> Self {
        match ch {
            ch if ch.is_uppercase() => Self::Upper,
            ch if ch.is_numeric() => Self::Digit,
            ch if ch.is_alphabetic() => Self::Lower,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn humps_acronyms_and_separators() {
        let cases = [
            ("ListObjectsV2", "List Objects V2"),
            ("DescribeDBInstances", "Describe DB Instances"),
            ("GetACL", "Get ACL"),
            ("listVPCs", "list VPCs"),
            ("ListVPCsForPeering", "List VPCs For Peering"),
            ("PutObjectACLs", "Put Object ACLs"),
            ("list-objects-v2", "list objects v2"),
            ("Route53", "Route53"),
            ("S3Bucket", "S3 Bucket"),
            ("AssumeRoleWithSAML", "Assume Role With SAML"),
            ("ListOpenIDConnectProviders", "List Open ID Connect Providers"),
            ("Amazon Simple Storage Service", "Amazon Simple Storage Service"),
            ("_a__b_", "a b"),
            ("Ümlaut", "Ümlaut"),
            ("", ""),
        ];
        for (name, expected) in cases {
            assert_eq!(words(name).join(" "), expected, "{name}");
        }
    }
}
