//! A folder as a zip archive: the same bytes for the same tree, whenever and wherever it is made. What counts is the
//! sorted paths, the contents, and whether a file may be run; times and owners do not.

use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::open::{Folder, Opened, Stamp, changed, io_refusal};
use super::walk::Item;
use crate::uploads::Refusal;

/// Bytes copied at once.
const PIECE: usize = 256 * 1024;
/// Compression, pinned: another level would be another archive.
const LEVEL: i64 = 6;

/// Packs the files of a folder into a nameless file. `go_on` is told every number of further bytes, and ends it by saying
/// no; more than `limit` bytes are not packed.
///
/// # Errors
/// When a file changed, cannot be read, the archive grows too large, or it was ended.
pub fn zip(folder: &Folder, items: &[Item], limit: u64, go_on: &mut dyn FnMut(u64) -> bool) -> Result<Opened, Refusal> {
    let wrong = |error: &io::Error| {
        let cure = "make room in the folder for temporary files";
        Refusal::new(&folder.path, "path", format!("it cannot be packed: {error}"), cure)
    };
    let file = tempfile::tempfile().map_err(|error| wrong(&error))?;
    let mut writer = ZipWriter::new(BufWriter::with_capacity(PIECE, file));
    let mut piece = vec![0; PIECE];
    for item in items {
        let opened = folder.open(item)?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(DateTime::default())
            .unix_permissions(if item.executable { 0o755 } else { 0o644 })
            .large_file(item.stamp.len >= u64::from(u32::MAX));
        writer.start_file(item.path.as_str(), options).map_err(|error| wrong(&error.into()))?;
        let mut at = 0;
        while at < item.stamp.len {
            let want = usize::try_from(item.stamp.len - at).unwrap_or(PIECE).min(PIECE);
            let buffer = piece.get_mut(..want).unwrap_or_default();
            std::os::unix::fs::FileExt::read_exact_at(&*opened.file, buffer, at).map_err(|error| {
                match error.kind() {
                    io::ErrorKind::UnexpectedEof => changed(&opened.path),
                    _ => io_refusal(&opened.path, &error),
                }
            })?;
            writer.write_all(buffer).map_err(|error| wrong(&error))?;
            at += want as u64;
            if !go_on(want as u64) {
                return Err(Refusal::new(&folder.path, "cancelled", "the caller went away", "call again"));
            }
        }
        if !opened.is_unchanged() {
            return Err(changed(&opened.path));
        }
    }
    let buffered = writer.finish().map_err(|error| wrong(&error.into()))?;
    let file = buffered.into_inner().map_err(|error| wrong(&error.into_error()))?;
    let stamp = Stamp::of(&file).map_err(|error| wrong(&error))?;
    if stamp.len > limit {
        let problem = format!("packed, it has {} bytes, more than {limit}", stamp.len);
        return Err(Refusal::new(&folder.path, "size", problem, "leave out with exclude what is not needed"));
    }
    Ok(Opened { path: folder.path.clone(), file: Arc::new(file), stamp, executable: false })
}
