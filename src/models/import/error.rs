//! Why an import failed, and what to do about it.

use std::{
    fmt::Display,
    io,
    path::{Path, PathBuf},
};

use crate::{base::Shown, smithy::ReadError};

/// Why nothing was imported. Messages show file names only as [`Shown`].
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source cannot be read at all.
    #[error("{} cannot be read ({reason}); name a botocore wheel, sdist or folder, or Smithy models", shown(.path))]
    Read {
        /// The source.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// The source holds no models.
    #[error(
        "{} holds no AWS models: neither botocore's `data` nor Smithy JSON AST; `pip download --no-deps botocore` fetches them",
        shown(.path)
    )]
    NotASource {
        /// The source.
        path: PathBuf,
    },
    /// An archive or a file in it cannot be unpacked.
    #[error("{} is damaged ({problem}); download it again", Shown::line(.file))]
    Damaged {
        /// The file, inside an archive with its path there.
        file: String,
        /// What failed.
        problem: String,
    },
    /// A file is far larger than any model.
    #[error("{} is larger than {} MB, which no model is; check the source", Shown::line(.file), .limit >> 20)]
    TooLarge {
        /// The file.
        file: String,
        /// Most bytes allowed.
        limit: u64,
    },
    /// A file is no model of the form its name promises.
    #[error("{}: {reason}", Shown::line(.file))]
    Model {
        /// The file, or the folder whose documents make up the service.
        file: String,
        /// Where and what.
        reason: ReadError,
    },
    /// A service's name could not be a file's name.
    #[error("{}: the service's name `{}` is not one that can be stored (a-z, 0-9, `-`, `.`); check the source", Shown::line(.file), Shown::line(.name))]
    Name {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// The folder to write to holds something else.
    #[error("{} holds files that no import wrote; name a new or an empty folder", shown(.path))]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The models cannot be written.
    #[error("the models cannot be written to {} ({reason}); check that it can be written to and that there is space", shown(.path))]
    Write {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// A worker thread ended before its work.
    #[error("the import broke off within itself; run it again with LOG_LEVEL=DEBUG and report it")]
    Interrupted,
}

impl ImportError {
    pub(in crate::models) fn read(path: &Path, reason: io::Error) -> Self {
        Self::Read { path: path.to_path_buf(), reason }
    }

    pub(super) fn write(path: &Path, reason: io::Error) -> Self {
        Self::Write { path: path.to_path_buf(), reason }
    }

    pub(super) fn damaged(file: &str, problem: &dyn Display) -> Self {
        Self::Damaged { file: file.to_owned(), problem: problem.to_string() }
    }
}

fn shown(path: &Path) -> Shown {
    Shown::line(&path.display().to_string())
}
