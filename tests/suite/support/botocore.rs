//! botocore's source package, which carries its own test suites: fetched once beneath `target/` the way pip does it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use flate2::read::GzDecoder;

use super::moto;
use super::suites::say;

/// The version that the embedded models come from.
pub(crate) const CURRENT: &str = "1.44.5";

/// The version that the endpoint cases of the shared data come from.
pub(crate) const EARLIER: &str = "1.43.67";

static FETCHED: [OnceLock<Result<PathBuf, String>>; 2] = [const { OnceLock::new() }; 2];

/// The files of a version's package that are wanted, by their path in it; `None`, after saying what is left out,
/// when it cannot be had.
pub(crate) fn files(suite: &str, version: &str, wanted: impl Fn(&str) -> bool) -> Option<BTreeMap<String, Vec<u8>>> {
    let [current, earlier] = &FETCHED;
    let cell = if version == CURRENT { current } else { earlier };
    match cell.get_or_init(|| fetch(version)) {
        Ok(package) => Some(read(package, &wanted)),
        Err(reason) => {
            say(&format!("left out: {suite} ({reason})"));
            None
        }
    }
}

fn fetch(version: &str) -> Result<PathBuf, String> {
    let folder = moto::target().join("botocore");
    let name = format!("botocore-{version}.tar.gz");
    let package = folder.join(&name);
    if !package.exists() {
        let python = moto::environment()?;
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let fresh = tempfile::tempdir_in(&folder).map_err(|error| error.to_string())?;
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]);
        pip.args(["--no-binary", ":all:", &format!("botocore=={version}"), "--dest"]).arg(fresh.path());
        moto::run(&mut pip).map_err(|problem| format!("botocore {version} cannot be fetched: {problem}"))?;
        std::fs::rename(fresh.path().join(&name), &package).map_err(|error| error.to_string())?;
    }
    Ok(package)
}

fn read(package: &Path, wanted: &impl Fn(&str) -> bool) -> BTreeMap<String, Vec<u8>> {
    let file = std::fs::File::open(package).expect("the package was fetched");
    let mut archive = tar::Archive::new(GzDecoder::new(std::io::BufReader::new(file)));
    let mut files = BTreeMap::new();
    for entry in archive.entries().expect("the package is a tar file") {
        let mut entry = entry.expect("the package is whole");
        let path = entry.path().expect("paths are text").to_string_lossy().into_owned();
        let path = path.split_once('/').map(|(_, path)| path.to_owned()).unwrap_or_default();
        if entry.header().entry_type().is_file() && wanted(&path) {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("the package is whole");
            files.insert(path, bytes);
        }
    }
    files
}
