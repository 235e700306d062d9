//! Where models are fetched from: a repository's address and a reference, or an archive's own address.

use super::SyncError;

/// `SMITHY_SYNC_URL` when it is not set.
pub const DEFAULT_URL: &str = "https://github.com/aws/api-models-aws";

/// `SMITHY_SYNC_REF` when it is not set.
pub const DEFAULT_REF: &str = "main";

/// Stands for the reference in an address.
const REF: &str = "{ref}";

/// Where models are fetched from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    url: String,
    reference: String,
}

impl Place {
    /// A place, if the address can be trusted and the reference can be one.
    ///
    /// `url` is a repository (`https://host/owner/name`, whose archives lie at `/archive/REF.tar.gz`, as GitHub, Gitea
    /// and Forgejo have them) or an archive (`….tar.gz`, `.tgz`, `.tar.zst`, `.tar`), in which `{ref}` stands for the
    /// reference.
    ///
    /// # Errors
    /// [`SyncError::Address`], which says what is wrong.
    pub fn new(url: &str, reference: &str) -> Result<Self, SyncError> {
        check(url)?;
        let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '.' | '_' | '-' | '/' | '+');
        let good = (1..=200).contains(&reference.len())
            && reference.chars().all(plain)
            && reference.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        if !good {
            return Err(address(reference, "SMITHY_SYNC_REF names a branch, a tag or a commit"));
        }
        Ok(Self { url: url.trim_end_matches('/').to_owned(), reference: reference.to_owned() })
    }

    /// The address of the archive.
    pub(super) fn archive(&self) -> String {
        if self.url.contains(REF) {
            return self.url.replace(REF, &self.reference);
        }
        let is_archive = [".tar.gz", ".tgz", ".tar.zst", ".tar"].iter().any(|end| self.url.ends_with(end));
        if is_archive {
            return self.url.clone();
        }
        format!("{}/archive/{}.tar.gz", self.url.trim_end_matches(".git"), self.reference)
    }

    /// For people.
    pub fn describe(&self) -> String {
        format!("{} @ {}", self.url, self.reference)
    }
}

/// Refuses an address over which models could be changed on the way.
pub(super) fn check(url: &str) -> Result<(), SyncError> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(address(url, "it is no URL; write https://host/owner/name"));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(address(url, "it holds credentials, which would be shown and logged"));
    }
    let host = match authority.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match scheme {
        _ if host.is_empty() => Err(address(url, "it names no host")),
        _ if url.chars().any(|ch| ch.is_whitespace() || ch.is_control()) => {
            Err(address(url, "it holds white space or control characters"))
        }
        "https" => Ok(()),
        "http" if loopback => Ok(()),
        "http" => Err(address(url, "models decide what is safe, so they are fetched over https only")),
        _ => Err(address(url, "only https is spoken")),
    }
}

/// Where a redirect leads, from the address that answered it.
pub(super) fn follow(from: &str, location: &str) -> Result<String, SyncError> {
    let to = match location.split_once("://") {
        Some(_) => location.to_owned(),
        None => {
            let (scheme, rest) = from.split_once("://").unwrap_or_default();
            let host = rest.split('/').next().unwrap_or_default();
            match location.strip_prefix("//") {
                Some(other) => format!("{scheme}://{other}"),
                None if location.starts_with('/') => format!("{scheme}://{host}{location}"),
                None => return Err(address(location, "the server redirects to no full address")),
            }
        }
    };
    check(&to)?;
    // What was asked for over https is not answered over anything less, be it on this machine.
    if from.starts_with("https://") && !to.starts_with("https://") {
        return Err(address(&to, "the server redirects from https to http"));
    }
    Ok(to)
}

fn address(url: &str, problem: &'static str) -> SyncError {
    SyncError::Address { url: url.to_owned(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_of_places() {
        for (url, reference, archive) in [
            (DEFAULT_URL, DEFAULT_REF, "https://github.com/aws/api-models-aws/archive/main.tar.gz"),
            ("https://git.example/aws/models.git/", "v1", "https://git.example/aws/models/archive/v1.tar.gz"),
            ("https://mirror.example/{ref}/models.tar.zst", "a/b", "https://mirror.example/a/b/models.tar.zst"),
            ("http://127.0.0.1:8080/models.tgz", "main", "http://127.0.0.1:8080/models.tgz"),
            ("http://[::1]:8080/models.tar", "main", "http://[::1]:8080/models.tar"),
            ("http://localhost/x", "main", "http://localhost/x/archive/main.tar.gz"),
        ] {
            assert_eq!(Place::new(url, reference).unwrap().archive(), archive);
        }
        assert_eq!(Place::new("https://h/x/", "main").unwrap().describe(), "https://h/x @ main");
    }

    #[test]
    fn addresses_that_cannot_be_trusted() {
        for (url, reference, problem) in [
            ("github.com/aws/api-models-aws", "main", "it is no URL"),
            ("http://example.com/models.tar.gz", "main", "https only"),
            ("http://localhost.example.com/x", "main", "https only"),
            ("http://127.0.0.1.example.com/x", "main", "https only"),
            ("https://me:secret@example.com/x", "main", "credentials"),
            ("https:///x", "main", "no host"),
            ("ftp://example.com/x", "main", "only https"),
            ("https://example.com/a b", "main", "white space"),
            (DEFAULT_URL, "", "SMITHY_SYNC_REF"),
            (DEFAULT_URL, "../../other", "SMITHY_SYNC_REF"),
            (DEFAULT_URL, "a b", "SMITHY_SYNC_REF"),
            (DEFAULT_URL, "main?x", "SMITHY_SYNC_REF"),
        ] {
            let error = Place::new(url, reference).unwrap_err().to_string();
            assert!(error.contains(problem), "{url} {reference}: {error}");
        }
    }

    #[test]
    fn redirects() {
        let https = "https://a.example/x/y";
        for (from, location, to) in [
            (https, "https://b.example/z", Some("https://b.example/z")),
            (https, "/z?q", Some("https://a.example/z?q")),
            (https, "//b.example/z", Some("https://b.example/z")),
            (https, "http://b.example/z", None),
            (https, "http://127.0.0.1/z", None),
            (https, "z", None),
            (https, "file:///etc/passwd", None),
            ("http://127.0.0.1:1/x", "/z", Some("http://127.0.0.1:1/z")),
            ("http://127.0.0.1:1/x", "http://example.com/", None),
        ] {
            assert_eq!(follow(from, location).ok().as_deref(), to, "{from} {location}");
        }
    }
}
