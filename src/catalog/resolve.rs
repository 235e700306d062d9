//! From a spelling to the one service and operation it means, or to an answer that helps on.

use super::{
    Index, OperationEntry, ServiceEntry,
    names::{normalize, same},
    nearest::nearest,
};
use crate::base::Shown;

/// A service and an operation that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved<'a> {
    /// The service.
    pub service: &'a ServiceEntry,
    /// The operation.
    pub operation: OperationEntry<'a>,
}

/// Why a spelling leads to no operation. Messages show foreign text only as [`Shown`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// No service is known by that name.
    #[error("there is no AWS service `{}`{}", brief(spelling), help(nearest, &[]))]
    UnknownService {
        /// As given.
        spelling: String,
        /// Canonical names, best first.
        nearest: Vec<String>,
    },
    /// An alias of several services.
    #[error("`{}` stands for several services: name one of {}", brief(spelling), list(choices))]
    AmbiguousService {
        /// As given.
        spelling: String,
        /// Canonical names; those that have the operation first.
        choices: Vec<String>,
    },
    /// The service has no such operation.
    #[error("{service} has no operation `{}`{}", brief(spelling), help(nearest, elsewhere))]
    UnknownOperation {
        /// Canonical name of the service.
        service: String,
        /// As given.
        spelling: String,
        /// Operations of that service, best first.
        nearest: Vec<String>,
        /// Operations of that very name in other services (`elbv2:DescribeTargetGroups`), at most five.
        elsewhere: Vec<String>,
    },
}

impl Index {
    /// The service and operation that are meant, by any spelling of their names.
    ///
    /// # Errors
    /// [`ResolveError`], with what is near.
    pub fn resolve(&self, service: &str, operation: &str) -> Result<Resolved<'_>, ResolveError> {
        match self.resolve_service(service) {
            Ok(service) => self.resolve_operation(service, operation),
            Err(ResolveError::AmbiguousService { spelling, mut choices }) => {
                let has =
                    |name: &String| self.service(name).is_some_and(|service| self.spelt(service, operation).is_some());
                choices.sort_by_key(|name| !has(name));
                Err(ResolveError::AmbiguousService { spelling, choices })
            }
            Err(error) => Err(error),
        }
    }

    /// The service that is meant: its canonical name in any spelling wins over every alias.
    ///
    /// # Errors
    /// [`ResolveError::UnknownService`] or [`ResolveError::AmbiguousService`].
    pub fn resolve_service(&self, spelling: &str) -> Result<&ServiceEntry, ResolveError> {
        if let Some(service) = self.service(spelling) {
            return Ok(service);
        }
        let found: Vec<&ServiceEntry> =
            self.names().find(spelling).iter().filter_map(|at| self.services().get(*at)).collect();
        match found.as_slice() {
            [service] => Ok(service),
            [] => Err(ResolveError::UnknownService {
                spelling: spelling.to_owned(),
                nearest: self.nearest_services(spelling),
            }),
            several => Err(ResolveError::AmbiguousService {
                spelling: spelling.to_owned(),
                choices: several.iter().map(|service| service.name.clone()).collect(),
            }),
        }
    }

    /// The operation of a service that is meant.
    ///
    /// # Errors
    /// [`ResolveError::UnknownOperation`].
    pub fn resolve_operation<'a>(
        &'a self,
        service: &'a ServiceEntry,
        spelling: &str,
    ) -> Result<Resolved<'a>, ResolveError> {
        let bare = self.without_service(service, spelling);
        let found = self
            .operation(service, bare)
            .or_else(|| self.spelt(service, bare))
            .or_else(|| self.operation(service, renamed(&service.name, bare)?));
        if let Some(operation) = found {
            return Ok(Resolved { service, operation });
        }
        let names: Vec<&str> = self.operations(service).map(|operation| operation.name).collect();
        Err(ResolveError::UnknownOperation {
            service: service.name.clone(),
            spelling: spelling.to_owned(),
            nearest: nearest(bare, names.into_iter().map(|name| (name, name))),
            elsewhere: self.elsewhere(bare),
        })
    }

    /// What stands behind `s3:` or `s3.`, as in IAM actions, where that names the service itself.
    fn without_service<'s>(&self, service: &ServiceEntry, spelling: &'s str) -> &'s str {
        let Some((before, after)) = spelling.trim().split_once([':', '.']) else { return spelling.trim() };
        let names_it = self.names().find(before).iter().any(|at| self.services().get(*at) == Some(service));
        if names_it { after } else { spelling.trim() }
    }

    /// No service has two operations whose names differ only in case and separators (a test sees to it).
    fn spelt(&self, service: &ServiceEntry, spelling: &str) -> Option<OperationEntry<'_>> {
        self.operations(service).find(|operation| same(operation.name, spelling))
    }

    fn elsewhere(&self, spelling: &str) -> Vec<String> {
        let named = self.all_operations().filter(|(_, operation)| same(operation.name, spelling));
        named
            .take(super::nearest::MOST)
            .map(|(service, operation)| format!("{}:{}", service.name, operation.name))
            .collect()
    }

    fn nearest_services(&self, spelling: &str) -> Vec<String> {
        let candidates = self.names().all().flat_map(|(alias, at)| {
            at.iter().filter_map(move |at| self.services().get(*at).map(|service| (alias, service.name.as_str())))
        });
        nearest(spelling, candidates)
    }
}

/// Operations that IAM or the AWS CLI call otherwise, where the two are one and the same: service, the other name
/// normalized, the operation. (IAM's reference of service authorization; the CLI's customizations.)
const RENAMED: &[(&str, &str, &str)] = &[
    ("emr", "addsteps", "AddJobFlowSteps"),
    ("emr", "createcluster", "RunJobFlow"),
    ("emr", "terminateclusters", "TerminateJobFlows"),
    ("lambda", "invokefunction", "Invoke"),
    ("rds", "addoptiontooptiongroup", "ModifyOptionGroup"),
    ("rds", "removeoptionfromoptiongroup", "ModifyOptionGroup"),
    ("s3", "getaccelerateconfiguration", "GetBucketAccelerateConfiguration"),
    ("s3", "getanalyticsconfiguration", "GetBucketAnalyticsConfiguration"),
    ("s3", "getbucketobjectlockconfiguration", "GetObjectLockConfiguration"),
    ("s3", "getbucketpublicaccessblock", "GetPublicAccessBlock"),
    ("s3", "getencryptionconfiguration", "GetBucketEncryption"),
    ("s3", "getintelligenttieringconfiguration", "GetBucketIntelligentTieringConfiguration"),
    ("s3", "getinventoryconfiguration", "GetBucketInventoryConfiguration"),
    ("s3", "getlifecycleconfiguration", "GetBucketLifecycleConfiguration"),
    ("s3", "getmetricsconfiguration", "GetBucketMetricsConfiguration"),
    ("s3", "getreplicationconfiguration", "GetBucketReplication"),
    ("s3", "listallmybuckets", "ListBuckets"),
    ("s3", "listbucketmultipartuploads", "ListMultipartUploads"),
    ("s3", "listbucketversions", "ListObjectVersions"),
    ("s3", "listmultipartuploadparts", "ListParts"),
    ("s3", "putaccelerateconfiguration", "PutBucketAccelerateConfiguration"),
    ("s3", "putanalyticsconfiguration", "PutBucketAnalyticsConfiguration"),
    ("s3", "putbucketobjectlockconfiguration", "PutObjectLockConfiguration"),
    ("s3", "putbucketpublicaccessblock", "PutPublicAccessBlock"),
    ("s3", "putencryptionconfiguration", "PutBucketEncryption"),
    ("s3", "putintelligenttieringconfiguration", "PutBucketIntelligentTieringConfiguration"),
    ("s3", "putinventoryconfiguration", "PutBucketInventoryConfiguration"),
    ("s3", "putlifecycleconfiguration", "PutBucketLifecycleConfiguration"),
    ("s3", "putmetricsconfiguration", "PutBucketMetricsConfiguration"),
    ("s3", "putreplicationconfiguration", "PutBucketReplication"),
];

fn renamed(service: &str, spelling: &str) -> Option<&'static str> {
    let spelling = normalize(spelling);
    RENAMED.iter().find(|(of, other, _)| *of == service && *other == spelling).map(|(_, _, name)| *name)
}

/// A spelling for a message: visible, and not longer than a name can be.
fn brief(spelling: &str) -> Shown {
    let short: String = spelling.chars().take(80).collect();
    Shown::line(&if short.len() < spelling.len() { short + "…" } else { short })
}

fn list(names: &[String]) -> String {
    names.join(", ")
}

fn help(nearest: &[String], elsewhere: &[String]) -> String {
    if nearest.is_empty() && elsewhere.is_empty() {
        return "; search for what it should do".to_owned();
    }
    let named = |what: &str, names: &[String]| {
        if names.is_empty() { String::new() } else { format!("; {what}: {}", list(names)) }
    };
    named("nearest", nearest) + &named("of that name elsewhere", elsewhere)
}

#[cfg(test)]
mod tests;
