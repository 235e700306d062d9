//! The request for an archive, and what its answer means.

use super::{
    SyncError,
    fetch::{Fetch, Request, Response},
    place::follow,
};

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;

/// What a server has.
#[derive(Debug)]
pub(super) enum Answer {
    /// What is there already.
    NotModified,
    /// An archive, from this address in the end.
    Archive(String, Response),
}

/// Asks for an archive, following redirects.
pub(super) fn ask(fetch: &dyn Fetch, url: &str, etag: Option<&str>) -> Result<Answer, SyncError> {
    let mut at = url.to_owned();
    for _ in 0..=MOST_REDIRECTS {
        let response =
            fetch.get(Request { url: &at, etag }).map_err(|reason| SyncError::Fetch { url: at.clone(), reason })?;
        match (response.status, &response.location) {
            (301 | 302 | 303 | 307 | 308, Some(location)) => at = follow(&at, location)?,
            (304, _) if etag.is_some() => return Ok(Answer::NotModified),
            (200, _) if is_page(&response) => return Err(answer(&at, "a web page came in place of an archive")),
            (200, _) => return Ok(Answer::Archive(at, response)),
            (404 | 410, _) => return Err(missing(fetch, url, &at)),
            (401 | 403, _) => return Err(answer(&at, "the server does not let us have it")),
            (429 | 500..=599, _) => {
                let problem = format!("the server is not able to answer now (status {})", response.status);
                return Err(answer(&at, &problem));
            }
            (status, _) => return Err(answer(&at, &format!("the server answered with status {status}"))),
        }
    }
    Err(answer(url, &format!("the server redirects more than {MOST_REDIRECTS} times")))
}

/// Tells a repository that serves no archives from an address at which there is nothing.
fn missing(fetch: &dyn Fetch, url: &str, at: &str) -> SyncError {
    let repository = url.split_once("/archive/").map(|(repository, _)| repository);
    let is_git = repository.is_some_and(|repository| {
        let refs = format!("{repository}/info/refs?service=git-upload-pack");
        let response = fetch.get(Request { url: &refs, etag: None });
        response.is_ok_and(|response| {
            response.status == 200
                && response
                    .content_type
                    .is_some_and(|kind| kind.starts_with("application/x-git-upload-pack-advertisement"))
        })
    });
    let problem = if is_git {
        "this is a git repository that serves no archives, and either has no such reference or needs another address; \
         name an archive of it (….tar.gz), or clone it and run `countersign models import FOLDER`"
    } else {
        "there is nothing at this address (404)"
    };
    answer(at, problem)
}

fn is_page(response: &Response) -> bool {
    response.content_type.as_ref().is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

fn answer(url: &str, problem: &str) -> SyncError {
    SyncError::Answer { url: url.to_owned(), problem: problem.to_owned() }
}
