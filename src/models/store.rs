//! Where models come from at run time: the snapshot in the binary, a folder that an import wrote, or a generation,
//! which is laid over the snapshot. Nothing is read before it is needed.

use std::{
    borrow::Cow,
    fmt,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use serde_json::Value;

use super::{
    cache::Cache,
    embedded,
    packed::{INDEX, PARTITIONS, file_name, inflate, parse, stated_size, version},
};
use crate::{
    base::Shown,
    catalog::{Index, IndexError},
    smithy::Model,
};

/// Why a model, the index or the partitions cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The index cannot be read.
    #[error("{place}: {reason}")]
    Index {
        /// Which store.
        place: String,
        /// Why.
        reason: IndexError,
    },
    /// A file cannot be read or is damaged.
    #[error("{place}: {} cannot be used ({problem}); run {cure}", Shown::line(.file))]
    Damaged {
        /// Which store.
        place: String,
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
        /// The command that mends it.
        cure: &'static str,
    },
    /// The index has no service of that canonical name.
    #[error("there is no model of `{}`; `countersign models status` lists the services", Shown::line(.service))]
    Missing {
        /// As asked for.
        service: String,
    },
}

#[derive(Debug)]
enum Place {
    Embedded,
    Folder(PathBuf),
    /// What it does not hold is the snapshot's.
    Generation(PathBuf),
}

impl Place {
    const fn folder(&self) -> Option<&PathBuf> {
        match self {
            Self::Embedded => None,
            Self::Folder(folder) | Self::Generation(folder) => Some(folder),
        }
    }

    const fn cure(&self) -> &'static str {
        match self {
            Self::Embedded | Self::Folder(_) => "`countersign models import` again",
            Self::Generation(_) => "`countersign models sync`",
        }
    }
}

/// Models, loaded one by one when first needed and kept within bounds.
#[derive(Debug)]
pub struct Store {
    place: Place,
    index: OnceLock<Result<Arc<Index>, ModelError>>,
    partitions: OnceLock<Result<Arc<Value>, ModelError>>,
    cache: Cache,
}

impl Store {
    /// The snapshot in the binary.
    pub fn embedded() -> Self {
        Self::at(Place::Embedded)
    }

    /// A folder that [`super::import::run`] wrote. It is read when first needed.
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::Folder(path.into()))
    }

    /// A generation's folder, merged with this very snapshot.
    pub(super) fn generation(path: impl Into<PathBuf>) -> Self {
        Self::at(Place::Generation(path.into()))
    }

    /// Where the generation lies, if it is one.
    pub(super) const fn is_embedded(&self) -> bool {
        matches!(self.place, Place::Embedded)
    }

    fn at(place: Place) -> Self {
        Self { place, index: OnceLock::new(), partitions: OnceLock::new(), cache: Cache::default() }
    }

    /// The index of all services, read once.
    ///
    /// # Errors
    /// [`ModelError`] when it is not there or damaged.
    pub fn index(&self) -> Result<&Arc<Index>, ModelError> {
        self.index.get_or_init(|| self.read_index()).as_ref().map_err(Clone::clone)
    }

    /// The model of a service by its canonical name. Blocks while it is loaded: about 11 ms for ec2,
    /// 2 ms for s3, less for most.
    ///
    /// # Errors
    /// [`ModelError`] when there is none or it is damaged.
    pub fn model(&self, service: &str) -> Result<Arc<Model>, ModelError> {
        let missing = || ModelError::Missing { service: service.to_owned() };
        let entry = self.index()?.service(service).ok_or_else(missing)?;
        self.cache.get(service, entry.model_bytes, || {
            let file = file_name(service);
            let frame = self.file(&file)?;
            if !self.is_embedded() && version(&frame) != entry.model_version {
                return Err(self.damaged(&file, &"it is not the one the index was made of"));
            }
            let json = inflate(&frame, entry.model_bytes).map_err(|error| self.damaged(&file, &error))?;
            parse(&json).map_err(|error| self.damaged(&file, &error))
        })
    }

    /// The version of a service's model, by its canonical name: a short digest of its bytes.
    ///
    /// # Errors
    /// [`ModelError`] when there is no such service.
    pub fn version(&self, service: &str) -> Result<&str, ModelError> {
        let missing = || ModelError::Missing { service: service.to_owned() };
        self.index()?.service(service).map(|entry| entry.model_version.as_str()).ok_or_else(missing)
    }

    /// The partitions that endpoint rules refer to (botocore's `partitions.json`), read once. Smithy models bring
    /// none; then they are the snapshot's.
    ///
    /// # Errors
    /// [`ModelError`] when they are damaged.
    pub fn partitions(&self) -> Result<Arc<Value>, ModelError> {
        self.partitions.get_or_init(|| self.read_partitions()).clone()
    }

    /// The text of the index.
    pub(super) fn index_text(&self) -> Result<String, ModelError> {
        let frame = self.file(INDEX)?;
        let text =
            inflate(&frame, stated_size(&frame).unwrap_or_default()).map_err(|error| self.damaged(INDEX, &error))?;
        String::from_utf8(text).map_err(|error| self.damaged(INDEX, &error))
    }

    fn read_index(&self) -> Result<Arc<Index>, ModelError> {
        match Index::parse(self.index_text()?) {
            Ok(index) => Ok(Arc::new(index)),
            Err(reason) => Err(ModelError::Index { place: self.place.to_string(), reason }),
        }
    }

    fn read_partitions(&self) -> Result<Arc<Value>, ModelError> {
        let frame = match self.place.folder() {
            Some(folder) if !folder.join(PARTITIONS).exists() => return Self::embedded().partitions(),
            _ => self.file(PARTITIONS)?,
        };
        let json = inflate(&frame, stated_size(&frame).unwrap_or_default());
        let json = json.map_err(|error| self.damaged(PARTITIONS, &error))?;
        serde_json::from_slice(&json).map(Arc::new).map_err(|error| self.damaged(PARTITIONS, &error))
    }

    fn file(&self, name: &str) -> Result<Cow<'static, [u8]>, ModelError> {
        let embedded = || embedded::file(name).map(Cow::Borrowed);
        let Some(folder) = self.place.folder() else {
            return embedded().ok_or_else(|| self.damaged(name, &"it is missing"));
        };
        match std::fs::read(folder.join(name)) {
            Ok(bytes) => Ok(Cow::Owned(bytes)),
            Err(error) => {
                let laid_over = matches!(self.place, Place::Generation(_)) && name != INDEX;
                let below = if laid_over && error.kind() == ErrorKind::NotFound { embedded() } else { None };
                below.ok_or_else(|| self.damaged(name, &error))
            }
        }
    }

    fn damaged(&self, file: &str, problem: &dyn fmt::Display) -> ModelError {
        ModelError::Damaged {
            place: self.place.to_string(),
            file: file.to_owned(),
            problem: problem.to_string(),
            cure: self.place.cure(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("the embedded models"),
            Self::Folder(path) | Self::Generation(path) => write!(f, "the models in {}", shown(path)),
        }
    }
}

fn shown(path: &Path) -> Shown {
    Shown::line(&path.display().to_string())
}

#[cfg(test)]
mod tests;
