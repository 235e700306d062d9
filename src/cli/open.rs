//! Opening what an engine is made of, as the settings say.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::aws::{Aws, AwsConfig, StaticCredentials};
use crate::endpoint::Partitions;
use crate::engine::{Engine, Limits, Parts};
use crate::ledger::Ledger;
use crate::models::{Home, Models, Store};
use crate::policy::Policy;
use crate::settings::{Settings, SystemClock, SystemEntropy};

/// A running engine on the ledger, the models and the policy that the settings name.
pub(super) async fn engine(settings: &Settings) -> anyhow::Result<Engine> {
    let (policy, policy_problem) = policy(&settings.policy_path);
    let models = Models::open(Home::new(settings.paths.models()))?;
    let mut config = aws_config(&models.store())?;
    config.profile.clone_from(&settings.profile);
    config.region.clone_from(&settings.region);
    config.timeouts.read = settings.sdk_timeout;
    config.max_retries = settings.max_retries;
    env_file(&mut config, &settings.env_file_aws);
    start(settings, models, Aws::new(config).await?, policy, policy_problem).await
}

/// What stands in `.env` only, in the places where the environment's would be found.
fn env_file(config: &mut AwsConfig, found: &BTreeMap<String, String>) {
    let value = |name: &str| found.get(name).cloned();
    config.endpoint_url = value("AWS_ENDPOINT_URL");
    config.env_file_credentials =
        value("AWS_ACCESS_KEY_ID").zip(value("AWS_SECRET_ACCESS_KEY")).map(|(access_key_id, secret_access_key)| {
            StaticCredentials { access_key_id, secret_access_key, session_token: value("AWS_SESSION_TOKEN") }
        });
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
    policy: Policy,
    policy_problem: Option<String>,
) -> anyhow::Result<Engine> {
    let ledger = Ledger::open(&settings.paths.ledger()).await?;
    let parts = Parts {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        ledger,
        models,
        aws,
        limits: Limits {
            hold: settings.hold,
            max_output_characters: settings.max_output_characters,
            auto_approve: settings.auto_approve,
        },
        policy,
        policy_path: settings.policy_path.clone(),
        policy_problem,
    };
    Ok(Engine::start(parts).await?)
}

/// The policy in force and, if it is not the file's, why: without a sound file everything is denied.
fn policy(path: &Path) -> (Policy, Option<String>) {
    let closed = |problem: String| (Policy::closed(), Some(problem));
    let length = std::fs::metadata(path).map(|data| data.len());
    let too_long = matches!(length, Ok(length) if length > Policy::MAX_BYTES as u64);
    if too_long {
        return closed(format!("{} is larger than {} bytes; every call is denied", path.display(), Policy::MAX_BYTES));
    }
    match std::fs::read_to_string(path) {
        Ok(text) => match Policy::parse(&text, &path.display().to_string()) {
            Ok(policy) => (policy, None),
            Err(error) => {
                closed(format!("{error}\nUntil it is mended and Countersign restarted, every call is denied."))
            }
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => closed(format!(
            "there is no policy at {}, so every call is denied: write one with `countersign init`, or name one with POLICY_PATH",
            path.display()
        )),
        Err(error) => closed(format!("{} cannot be read ({error}), so every call is denied", path.display())),
    }
}
