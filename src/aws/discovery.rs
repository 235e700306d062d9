//! Endpoints that a service tells itself (`DescribeEndpoints`), where it cannot be called without (Timestream).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::client::{Aws, AwsRequest};
use super::invoke::Plan;
use super::{AwsError, Outcome};

/// What services have told, by service and region; believed for as long as they say.
#[derive(Debug, Default)]
pub(super) struct Discovered(Mutex<HashMap<(String, String), (String, Instant)>>);

impl Discovered {
    fn get(&self, key: &(String, String)) -> Option<String> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(key).filter(|(_, until)| *until > Instant::now()).map(|(url, _)| url.clone())
    }

    fn put(&self, key: (String, String), url: String, period: Duration) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, (url, Instant::now() + period));
    }

    /// Forgets what a service told, because it does not serve there any more.
    pub(super) fn forget(&self, service: &str, region: &str) {
        let key = (service.to_owned(), region.to_owned());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

impl Aws {
    /// Puts the endpoint that the service tells into a plan, where its operation needs one.
    ///
    /// # Errors
    /// When the service does not tell, or tells a place outside its own domain.
    pub(super) async fn discover(&self, plan: &mut Plan, cancel: &CancellationToken) -> Result<(), AwsError> {
        let model = &plan.prepared.model;
        let overridden = self.endpoint_override(&model.service).is_some();
        // An emulator is where somebody says; whoever wants it asked says that too.
        let wanted = self.inner.loaded.config.endpoint_discovery.unwrap_or(!overridden);
        if plan.prepared.operation.endpoint_discovery != Some(true) || !wanted {
            return Ok(());
        }
        let key = (model.service.name.clone(), plan.region.clone());
        if let Some(url) = self.inner.discovered.get(&key) {
            plan.endpoint.url = url;
            return Ok(());
        }
        let request = AwsRequest {
            model: model.clone(),
            operation: "DescribeEndpoints".into(),
            payload: json!({}).into(),
            region: Some(plan.region.clone()),
        };
        let reply = self.invoke_boxed(request, cancel.clone()).await?;
        let (address, period) = told(&reply.output).ok_or_else(|| AwsError::Transport {
            message: format!("{} names no endpoint to call", model.service.sdk_id),
            outcome: Outcome::NotSent,
            attempts: reply.attempts,
        })?;
        let url = beside(&plan.endpoint.url, &address).ok_or_else(|| {
            AwsError::Endpoint(format!("{} names a place outside its own domain", model.service.sdk_id))
        })?;
        self.inner.discovered.put(key, url.clone(), period);
        plan.endpoint.url = url;
        Ok(())
    }
}

/// The first endpoint of an answer, and how long it is good.
fn told(output: &Value) -> Option<(String, Duration)> {
    let endpoint = output.get("Endpoints")?.as_array()?.first()?;
    let minutes = endpoint.get("CachePeriodInMinutes").and_then(Value::as_u64).unwrap_or(1);
    Some((endpoint.get("Address")?.as_str()?.to_owned(), Duration::from_secs(minutes.clamp(1, 24 * 60) * 60)))
}

/// The URL of an address, if that is in the domain of the endpoint that was asked.
fn beside(asked: &str, address: &str) -> Option<String> {
    let (scheme, _) = asked.split_once("://")?;
    let url = format!("{scheme}://{address}");
    let host = |url: &str| url.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
    let (old, new) = (host(asked)?, host(&url)?);
    // `query.timestream.eu-west-1.amazonaws.com` tells `query-cell1.timestream.eu-west-1.amazonaws.com`.
    let domain = old.split_once('.').map_or(old.as_str(), |(_, domain)| domain);
    let inside = new == old || new.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'));
    (inside && !address.contains(['/', '?', '#', '@'])).then_some(url)
}

#[cfg(test)]
mod tests;
