//! Why a sync failed, and what to do about it.

use super::fetch::FetchError;
use crate::{
    base::Shown,
    models::{AssembleError, HomeError, ModelError, VerifyError, import::ImportError},
};

/// Why nothing was taken over; what was in use stays in use.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The address cannot be used.
    #[error("{}: {problem}; set SMITHY_SYNC_URL and SMITHY_SYNC_REF", Shown::line(.url))]
    Address {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no answer.
    #[error("{}: {reason}; the models in use stay; try again later, or set SMITHY_SYNC_URL", Shown::line(.url))]
    Fetch {
        /// Where it was asked.
        url: String,
        /// Why.
        reason: FetchError,
    },
    /// The answer is none.
    #[error("{}: {problem}; check SMITHY_SYNC_URL and SMITHY_SYNC_REF", Shown::line(.url))]
    Answer {
        /// Where it was asked.
        url: String,
        /// What came.
        problem: String,
    },
    /// The archive is damaged, broke off, or is made to do harm.
    #[error("the archive of {}: {problem}; nothing of it is used, the models in use stay", Shown::line(.url))]
    Archive {
        /// Where it came from.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A model in it is not understood.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The snapshot cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The folder of generations.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The new generation could not be made.
    #[error(transparent)]
    Assemble(#[from] AssembleError),
    /// The new generation is not sound.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A thread ended before its work.
    #[error("the sync broke off within itself; run it again with LOG_LEVEL=DEBUG and report it")]
    Interrupted,
}

impl SyncError {
    /// Whether the other side was just not reached.
    pub const fn is_offline(&self) -> bool {
        matches!(self, Self::Fetch { reason, .. } if reason.offline)
    }
}
