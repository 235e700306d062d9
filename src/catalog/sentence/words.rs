//! The words in a name: `ListObjectsV2` is `List Objects V2`, `DescribeDBInstances` is `Describe DB Instances`.

/// Splits a name at its humps, and at everything that is neither letter nor digit.
pub(in crate::catalog) fn words(name: &str) -> Vec<&str> {
    let mut out = Vec::with_capacity(4);
    let mut start = None;
    let mut before = Class::Other;
    let mut rest = name.char_indices();
    while let Some((offset, ch)) = rest.next() {
        let class = Class::of(ch);
        let breaks = match (before, class) {
            (_, Class::Other) => true,
            (Class::Lower | Class::Digit, Class::Upper) => true,
            // The last capital of a run starts the next word, unless the run is a plural (`VPCs`).
            (Class::Upper, Class::Upper) => {
                let mut ahead = rest.clone().map(|(_, ch)| ch);
                let next = ahead.next();
                let plural = next == Some('s') && ahead.next().is_none_or(|ch| Class::of(ch) != Class::Lower);
                next.is_some_and(|ch| Class::of(ch) == Class::Lower) && !plural
            }
            // `V2`, `S3`, `Route53` and `2fa` stay whole.
            _ => false,
        };
        if breaks {
            push(name, &mut start, offset, &mut out);
        }
        if class != Class::Other && start.is_none() {
            start = Some(offset);
        }
        before = class;
    }
    push(name, &mut start, name.len(), &mut out);
    out
}

fn push<'n>(name: &'n str, start: &mut Option<usize>, end: usize, out: &mut Vec<&'n str>) {
    if let Some(word) = start.take().and_then(|start| name.get(start..end)).filter(|word| !word.is_empty()) {
        out.push(word);
    }
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
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            '0'..='9' => Self::Digit,
            ch if ch.is_ascii() => Self::Other,
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
