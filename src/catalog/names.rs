//! Every spelling a service is known by: botocore's name, sdkId, title, endpoint prefix, signing name,
//! ARN namespace, CloudFormation name, the AWS CLI's name, and what people call it.

use std::collections::BTreeMap;

use super::ServiceEntry;

/// What people, the AWS CLI and CloudFormation call a service, beyond what its model says:
/// normalized alias and canonical names. An alias with several names is ambiguous.
const NICKNAMES: &[(&str, &[&str])] = &[
    ("airflow", &["mwaa"]),
    ("alb", &["elbv2"]),
    ("amazonmq", &["mq"]),
    ("awsgroundstation", &["groundstation"]),
    ("catalog", &["servicecatalog"]),
    ("certificatemanager", &["acm"]),
    ("cfn", &["cloudformation"]),
    ("cloudwatchevents", &["events"]),
    ("cloudwatchlogs", &["logs"]),
    ("cognito", &["cognito-identity", "cognito-idp"]),
    ("configservice", &["config"]),
    ("costexplorer", &["ce"]),
    ("cw", &["cloudwatch"]),
    ("datafirehose", &["firehose"]),
    ("ddb", &["dynamodb"]),
    ("deploy", &["codedeploy"]),
    ("documentdb", &["docdb"]),
    ("elasticcomputecloud", &["ec2"]),
    ("elasticcontainerregistry", &["ecr"]),
    ("elasticcontainerservice", &["ecs"]),
    ("elasticfilesystem", &["efs"]),
    ("elastickubernetesservice", &["eks"]),
    ("elasticsearch", &["es"]),
    ("elb2", &["elbv2"]),
    ("eventschemas", &["schemas"]),
    ("identitycenter", &["sso-admin"]),
    ("inspectorv2", &["inspector2"]),
    ("keymanagementservice", &["kms"]),
    ("keyvaluestore", &["cloudfront-keyvaluestore"]),
    ("kinesisdatastreams", &["kinesis"]),
    ("kinesisfirehose", &["firehose"]),
    ("lex", &["lex-models", "lex-runtime", "lexv2-models", "lexv2-runtime"]),
    ("msk", &["kafka"]),
    ("nlb", &["elbv2"]),
    ("opensearchservice", &["opensearch"]),
    ("parameterstore", &["ssm"]),
    ("r53", &["route53"]),
    ("refactorspaces", &["migration-hub-refactor-spaces"]),
    ("route53recoverycontrol", &["route53-recovery-control-config"]),
    ("s3api", &["s3"]),
    ("s3express", &["s3"]),
    ("s3objectlambda", &["s3control"]),
    ("secretmanager", &["secretsmanager"]),
    ("securitytokenservice", &["sts"]),
    ("simpleemailservice", &["ses", "sesv2"]),
    ("simplenotificationservice", &["sns"]),
    ("simplequeueservice", &["sqs"]),
    ("simplestorageservice", &["s3"]),
    ("stepfunction", &["stepfunctions"]),
    ("systemsmanager", &["ssm"]),
    ("systemsmanagersap", &["ssm-sap"]),
    ("tag", &["resourcegroupstaggingapi"]),
    ("tagging", &["resourcegroupstaggingapi"]),
    ("timestream", &["timestream-influxdb", "timestream-query", "timestream-write"]),
    ("vpc", &["ec2"]),
];

/// A spelling without case and separators: `Delete-Bucket`, `delete_bucket` and `DeleteBucket` are one.
pub fn normalize(spelling: &str) -> String {
    significant(spelling).collect()
}

/// Whether two spellings are one after [`normalize`].
pub fn same(a: &str, b: &str) -> bool {
    significant(a).eq(significant(b))
}

/// A normalized name without the maker's name before it.
fn without_maker(normalized: &str) -> Option<&str> {
    ["amazon", "aws"].iter().find_map(|maker| normalized.strip_prefix(maker)).filter(|bare| !bare.is_empty())
}

fn significant(spelling: &str) -> impl Iterator<Item = char> {
    spelling.chars().filter(|ch| !matches!(ch, '-' | '_' | ' ' | '.' | '\t')).flat_map(char::to_lowercase)
}

/// Positions of services by normalized spelling.
#[derive(Debug, Default)]
pub(super) struct Names {
    canonical: BTreeMap<String, usize>,
    aliases: BTreeMap<String, Vec<usize>>,
}

impl Names {
    pub(super) fn of(services: &[ServiceEntry]) -> Self {
        let mut names = Self::default();
        for (at, service) in services.iter().enumerate() {
            names.canonical.insert(normalize(&service.name), at);
            let title = normalize(&service.title);
            names.add(without_maker(&title).unwrap_or(&title).to_owned(), at);
            let stated = [
                Some(&service.sdk_id),
                Some(&service.endpoint_prefix),
                Some(&service.signing_name),
                service.arn_namespace.as_ref(),
                service.cloudformation_name.as_ref(),
            ];
            for alias in stated.into_iter().flatten() {
                names.add(normalize(alias), at);
            }
        }
        for (alias, canonical) in NICKNAMES {
            for name in *canonical {
                if let Some(at) = names.canonical.get(&normalize(name)).copied() {
                    names.add((*alias).to_owned(), at);
                }
            }
        }
        names
    }

    fn add(&mut self, alias: String, at: usize) {
        let services = self.aliases.entry(alias).or_default();
        if !services.contains(&at) {
            services.push(at);
        }
    }

    /// Positions of the services a spelling stands for: one when it is a canonical name, else all of
    /// which it is an alias. A leading `AWS` or `Amazon` may be there or not; `AWS::S3` and `s3.amazonaws.com` are S3.
    pub(super) fn find(&self, spelling: &str) -> Vec<usize> {
        // CloudFormation writes `AWS::S3::Bucket`, IAM's principals are `s3.amazonaws.com`.
        let spelling = spelling.strip_prefix("AWS::").and_then(|rest| rest.split("::").next()).unwrap_or(spelling);
        let spelling = spelling.strip_suffix(".amazonaws.com").unwrap_or(spelling);
        let normalized = normalize(spelling);
        let found = self.find_normalized(&normalized);
        if !found.is_empty() {
            return found;
        }
        without_maker(&normalized).map(|bare| self.find_normalized(bare)).unwrap_or_default()
    }

    fn find_normalized(&self, normalized: &str) -> Vec<usize> {
        match self.canonical.get(normalized) {
            Some(at) => vec![*at],
            None => self.aliases.get(normalized).cloned().unwrap_or_default(),
        }
    }

    /// Every normalized spelling with the services it stands for.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &[usize])> {
        let canonical = self.canonical.iter().map(|(name, at)| (name.as_str(), std::slice::from_ref(at)));
        canonical.chain(self.aliases.iter().map(|(name, at)| (name.as_str(), at.as_slice())))
    }
}
