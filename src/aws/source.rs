//! The source of the credentials in use. It is looked for anew when the profile files have changed or AWS does not take
//! what it gave; until when its credentials are good is known here.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::provider::future::ProvideCredentials as Providing;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;

use super::config::{AwsConfig, open};
use super::facts::Facts;
use super::transport::Transport;

/// Where credentials come from, as of one look.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) provider: Option<SharedCredentialsProvider>,
    /// The same for the orchestrator, which keeps what it gives for as long as it is good.
    pub(super) credentials: Option<SharedIdentityResolver>,
    pub(super) tokens: Option<SharedIdentityResolver>,
    pub(super) facts: Facts,
    /// Counts the looks.
    pub(super) generation: u64,
    until: Arc<Mutex<Option<SystemTime>>>,
    stamp: Option<Stamp>,
}

impl Current {
    fn new(sdk: &SdkConfig, facts: Facts, stamp: Option<Stamp>, generation: u64) -> Self {
        let until = Arc::new(Mutex::new(None));
        let provider = sdk
            .credentials_provider()
            .map(|inner| SharedCredentialsProvider::new(Watched { inner, until: Arc::clone(&until) }));
        let credentials = provider.clone().map(SharedIdentityResolver::new);
        let tokens = sdk.token_provider().map(SharedIdentityResolver::new);
        Self { provider, credentials, tokens, facts, generation, until, stamp }
    }

    /// Until when the credentials that were given last are good, if they end.
    pub(super) fn until(&self) -> Option<SystemTime> {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives what another gives, and notes until when that is good.
#[derive(Debug)]
struct Watched {
    inner: SharedCredentialsProvider,
    until: Arc<Mutex<Option<SystemTime>>>,
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> Providing<'a>
    where
        Self: 'a,
    {
        Providing::new(async {
            let given = self.inner.provide_credentials().await?;
            *self.until.lock().unwrap_or_else(PoisonError::into_inner) = given.expiry();
            Ok(given)
        })
    }
}

/// What the profile files looked like: when they were written, and how long they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp([Option<(SystemTime, u64)>; 2]);

impl Stamp {
    fn of(files: &[PathBuf; 2]) -> Self {
        let look = |path: &Path| {
            let data = std::fs::metadata(path).ok()?;
            Some((data.modified().ok()?, data.len()))
        };
        let [config, credentials] = files;
        Self([look(config), look(credentials)])
    }
}

/// The source, looked for anew when need be.
#[derive(Debug)]
pub(super) struct Source {
    current: RwLock<Arc<Current>>,
    generation: AtomicU64,
    /// The profile's files; none where they are not looked at.
    files: Option<[PathBuf; 2]>,
}

impl Source {
    /// The source of a configuration that was just read.
    pub(super) async fn new(config: &AwsConfig, sdk: &SdkConfig) -> Self {
        let files = config.credentials.is_none().then(Facts::files);
        let stamp = files.as_ref().map(Stamp::of);
        let current = Current::new(sdk, Facts::find(config).await, stamp, 0);
        Self { current: RwLock::new(Arc::new(current)), generation: AtomicU64::new(0), files }
    }

    /// The source as it was found last.
    pub(super) fn known(&self) -> Arc<Current> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The source as it is now; found anew if the files have changed.
    pub(super) async fn current(&self, config: &AwsConfig, transport: &Transport) -> Arc<Current> {
        let known = self.known();
        let Some(files) = &self.files else { return known };
        let stamp = Stamp::of(files);
        if known.stamp.as_ref() == Some(&stamp) {
            return known;
        }
        let sdk = open(config, transport).await;
        let generation = self.generation.fetch_add(1, Ordering::SeqCst) + 1;
        let fresh = Arc::new(Current::new(&sdk, Facts::find(config).await, Some(stamp), generation));
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&fresh);
        fresh
    }

    /// Makes the next call look anew, because AWS does not take what this one gave.
    pub(super) fn forget(&self, refused: &Current) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.generation == refused.generation && self.files.is_some() {
            let Current { provider, credentials, tokens, facts, generation, until, .. } = &**current;
            *current = Arc::new(Current {
                provider: provider.clone(),
                credentials: credentials.clone(),
                tokens: tokens.clone(),
                facts: facts.clone(),
                generation: *generation,
                until: Arc::clone(until),
                stamp: None,
            });
        }
    }
}
