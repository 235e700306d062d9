//! A source's files, whatever it is packed in: a file, a folder, a zip, a tar, plain or in gzip or zstd.

use std::{
    fs::{self, File},
    io::{self, BufReader, Cursor, Read},
    path::Path,
};

use super::ImportError;

/// No file of a source is larger, inflated; guards against archives made to fill memory.
pub(super) const LARGEST: u64 = 256 << 20;

/// Is given each file: its path within the source, with `/` between folders, and its bytes.
pub(super) type Visit<'a> = dyn FnMut(&str, &mut dyn Read) -> Result<(), ImportError> + 'a;

/// Shows every file of the source to `visit`; of a folder those beneath the one that holds botocore's data, if
/// there is one.
pub(super) fn walk(path: &Path, visit: &mut Visit<'_>) -> Result<(), ImportError> {
    let metadata = fs::metadata(path).map_err(|error| ImportError::read(path, error))?;
    if metadata.is_dir() {
        return match botocore_root(path) {
            Some(package) => folder(&package, "botocore/", visit),
            None => folder(path, "", visit),
        };
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = File::open(path).map_err(|error| ImportError::read(path, error))?;
    stream(path, &name, Box::new(BufReader::new(file)), visit)
}

/// The package folder (it holds `data`) in a folder that is it, holds it, or is its `data`.
fn botocore_root(path: &Path) -> Option<std::path::PathBuf> {
    let beneath = ["", "botocore", "awscli/botocore", "dist/awscli/botocore"].map(|inner| path.join(inner));
    let parent = path.file_name().filter(|name| *name == "data").and_then(|_| path.parent()).map(Path::to_path_buf);
    parent.into_iter().chain(beneath).find(|package| holds_services(&package.join("data")))
}

fn holds_services(data: &Path) -> bool {
    let services = fs::read_dir(data).into_iter().flatten().flatten();
    services.flat_map(|service| fs::read_dir(service.path()).into_iter().flatten().flatten()).any(|version| {
        ["service-2.json", "service-2.json.gz"].iter().any(|document| version.path().join(document).is_file())
    })
}

fn folder(path: &Path, prefix: &str, visit: &mut Visit<'_>) -> Result<(), ImportError> {
    let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = entries.map_err(|error| ImportError::read(path, error))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().map_err(|error| ImportError::read(&path, error))?;
        // A link to a file is read; a link to a folder could lead round in a circle.
        if kind.is_dir() {
            folder(&path, &format!("{name}/"), visit)?;
        } else if path.is_file() {
            let mut file = BufReader::new(File::open(&path).map_err(|error| ImportError::read(&path, error))?);
            visit(&name, &mut file)?;
        }
    }
    Ok(())
}

/// Tells by its first bytes what a file is.
fn stream(path: &Path, name: &str, mut reader: Box<dyn Read>, visit: &mut Visit<'_>) -> Result<(), ImportError> {
    let mut head = Vec::with_capacity(512);
    reader.by_ref().take(512).read_to_end(&mut head).map_err(|error| ImportError::damaged(name, &error))?;
    let is_tar = head.get(257..262) == Some(b"ustar");
    let magic = head.get(..4).unwrap_or_default().to_vec();
    let whole: Box<dyn Read> = Box::new(Cursor::new(head).chain(reader));
    match magic.as_slice() {
        b"PK\x03\x04" => zip(path, name, visit),
        [0x1f, 0x8b, ..] => stream(path, name, Box::new(flate2::read::MultiGzDecoder::new(whole)), visit),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            let decoder = zstd::Decoder::new(whole).map_err(|error| ImportError::damaged(name, &error))?;
            stream(path, name, Box::new(decoder), visit)
        }
        _ if is_tar => tar(name, whole, visit),
        _ => {
            let mut whole = whole;
            let plain = name.trim_end_matches(".gz").trim_end_matches(".zst");
            visit(plain, &mut whole)
        }
    }
}

fn zip(path: &Path, name: &str, visit: &mut Visit<'_>) -> Result<(), ImportError> {
    let file = File::open(path).map_err(|error| ImportError::read(path, error))?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| ImportError::damaged(name, &error))?;
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(|error| ImportError::damaged(name, &error))?;
        let inner = entry.name().map_err(|error| ImportError::damaged(name, &error))?.into_owned();
        if !inner.ends_with('/') {
            visit(&inner, &mut entry)?;
        }
    }
    Ok(())
}

fn tar(name: &str, reader: Box<dyn Read>, visit: &mut Visit<'_>) -> Result<(), ImportError> {
    let mut archive = tar::Archive::new(reader);
    for entry in archive.entries().map_err(|error| ImportError::damaged(name, &error))? {
        let mut entry = entry.map_err(|error| ImportError::damaged(name, &error))?;
        if entry.header().entry_type().is_file() {
            let inner =
                entry.path().map_err(|error| ImportError::damaged(name, &error))?.to_string_lossy().into_owned();
            visit(&inner, &mut entry)?;
        }
    }
    Ok(())
}

/// All bytes of a file, inflated when its name ends in `.gz`.
pub(in crate::models) fn read(name: &str, reader: &mut dyn Read) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    let result = if name.ends_with(".gz") {
        flate2::read::MultiGzDecoder::new(reader).take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        reader.take(LARGEST + 1).read_to_end(&mut bytes)
    };
    result.map_err(|error| ImportError::damaged(name, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(ImportError::TooLarge { file: name.to_owned(), limit: LARGEST });
    }
    Ok(bytes)
}
