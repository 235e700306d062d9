//! Opening what an engine is made of, as the settings say.

use std::sync::Arc;

use crate::aws::{Aws, AwsConfig};
use crate::endpoint::Partitions;
use crate::engine::{Engine, Limits, Parts, PinSource};
use crate::files::Files;
use crate::ledger::Ledger;
use crate::models::{Home, Models, Store};
use crate::settings::{ApproverKey, Pins, PolicyFile, Settings, SystemClock, SystemEntropy};

/// A running engine on the ledger, the models and the policy that the settings name.
pub(super) async fn engine(settings: &Settings) -> anyhow::Result<Engine> {
    let models = models(settings)?;
    let mut config = aws_config(&models.store())?;
    config.profile.clone_from(&settings.profile);
    config.region.clone_from(&settings.region);
    config.timeouts.read = settings.sdk_timeout;
    config.max_retries = settings.max_retries;
    let policy = PolicyFile::at(&settings.policy_path);
    start(settings, models, Aws::new(config).await?, policy, pins(settings)).await
}

/// The models in use: the current generation's, or the snapshot's.
pub(super) fn models(settings: &Settings) -> anyhow::Result<Models> {
    Ok(Models::open(Home::new(settings.paths.models()))?)
}

/// The keys whose decisions count, read when they are first needed.
fn pins(settings: &Settings) -> PinSource {
    let path = settings.paths.approvers();
    Box::new(move || Pins::read(&path).map(|pins| pins.keys()).map_err(|error| error.to_string()))
}

/// The approver's key for a console; made, and pinned, by the first one there is.
pub(super) fn key(settings: &Settings) -> anyhow::Result<Arc<ApproverKey>> {
    let key = ApproverKey::open_or_make(&settings.key_path, &SystemEntropy)?;
    Pins::read_or_make(&settings.paths.approvers(), key.public())?;
    Ok(Arc::new(key))
}

/// The defaults of the AWS edge, with the facts that the models hold for it.
pub fn aws_config(store: &Store) -> anyhow::Result<AwsConfig> {
    let partitions = Partitions::parse(&*store.partitions()?)?;
    Ok(AwsConfig::new(Arc::new(partitions), store.model("sts")?, Arc::new(SystemEntropy)))
}

/// An engine with the given models, AWS edge and policy.
pub(super) async fn start(
    settings: &Settings,
    models: Models,
    aws: Aws,
    policy: PolicyFile,
    pins: PinSource,
) -> anyhow::Result<Engine> {
    let ledger = Ledger::open(&settings.paths.ledger()).await?;
    let parts = Parts {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        ledger,
        models,
        aws,
        files: files(settings),
        limits: Limits {
            hold: settings.hold,
            max_output_characters: settings.max_output_characters,
            auto_approve: settings.auto_approve,
        },
        policy,
        pins,
    };
    Ok(Engine::start(parts).await?)
}

/// The files around the folder that this was started in. What Countersign itself reads is never written.
fn files(settings: &Settings) -> Files {
    let folder = std::env::current_dir().unwrap_or_else(|_| "/".into());
    Files::new(&folder, vec![settings.policy_path.clone(), settings.paths.home.clone()])
}
