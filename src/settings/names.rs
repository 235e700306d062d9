//! Names of variables: those of AWS's own tools, which `.env` may hold like the environment, and ours, where a name that
//! is not known is a mistake.

/// What the AWS SDK for Rust (aws-config 1.13, aws-runtime 1.10) and botocore 1.44 read, and what the AWS CLI 2 user
/// guide lists ("Environment variables to configure the AWS CLI"). A name with `*` at its end stands for all that
/// begin so.
const STANDARD: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCOUNT_ID",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    "AWS_AUTH_SCHEME_PREFERENCE",
    "AWS_BEARER_TOKEN_*",
    "AWS_CA_BUNDLE",
    "AWS_CLI_*",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_CSM_*",
    "AWS_DATA_PATH",
    "AWS_DEFAULTS_MODE",
    "AWS_DEFAULT_OUTPUT",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_DISABLE_CLOCK_SKEW_CORRECTION",
    "AWS_DISABLE_HOST_PREFIX_INJECTION",
    "AWS_DISABLE_REQUEST_COMPRESSION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_EC2_METADATA_V1_DISABLED",
    "AWS_ENDPOINT_DISCOVERY_ENABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_*",
    "AWS_EXECUTION_ENV",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_IMDS_USE_IPV6",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LOGIN_CACHE_DIRECTORY",
    "AWS_MAX_ATTEMPTS",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
    "AWS_METADATA_SERVICE_TIMEOUT",
    "AWS_PAGER",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
    "AWS_RESPONSE_CHECKSUM_VALIDATION",
    "AWS_RETRY_MODE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_S3_*",
    "AWS_SDK_LOAD_CONFIG",
    "AWS_SDK_UA_APP_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_SIGV4A_SIGNING_REGION_SET",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// Ours that begin as only ours do.
const OURS: &[&str] = &[
    "AWS_MCP_AUTO_APPROVE_DESTRUCTIVE",
    "AWS_MCP_MAX_RETRIES",
    "COUNTERSIGN_ENV",
    "COUNTERSIGN_HOME",
    "SMITHY_AUTO_SYNC",
    "SMITHY_SYNC_REF",
    "SMITHY_SYNC_URL",
];

/// How names begin that only we use.
const OUR_BEGINNINGS: [&str; 3] = ["AWS_MCP_", "COUNTERSIGN_", "SMITHY_"];

/// The suite's own: where it finds official tests.
const OF_TESTS: &str = "_TESTS";

/// Whether a name is one for AWS's tools, ours apart.
pub(super) fn is_aws(name: &str) -> bool {
    name.starts_with("AWS_") && !name.starts_with("AWS_MCP_")
}

/// Whether AWS's own tools know a name.
pub(super) fn is_standard(name: &str) -> bool {
    STANDARD.iter().any(|standard| match standard.strip_suffix('*') {
        Some(beginning) => name.len() > beginning.len() && name.starts_with(beginning),
        None => name == *standard,
    })
}

/// The one of our names that a name which looks like one of ours, and is none, comes nearest to.
pub(super) fn mistaken(name: &str) -> Option<&'static str> {
    let looks = OUR_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    if !looks || OURS.contains(&name) || name.ends_with(OF_TESTS) {
        return None;
    }
    let score = |ours: &&&str| (strsim::normalized_damerau_levenshtein(name, ours) * 1000.0) as u32;
    OURS.iter().max_by_key(score).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_awss_tools_are_known() {
        for name in
            ["AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_BEARER_TOKEN_BEDROCK", "AWS_CA_BUNDLE"]
        {
            assert!(is_aws(name) && is_standard(name), "{name}");
        }
        for name in ["AWS_PROFILES", "AWS_ENDPOINT_URL_", "AWS_VAULT", "aws_profile", "AWS_MCP_MAX_RETRIES"] {
            assert!(!is_standard(name), "{name}");
        }
        assert!(!is_aws("AWS_MCP_MAX_RETRIES") && !is_aws("AWSOME"));
        assert!(STANDARD.is_sorted());
    }

    #[test]
    fn a_mistake_in_our_own_names_is_seen() {
        let cases = [
            ("AWS_MCP_AUTO_APROVE_DESTRUCTIVE", Some("AWS_MCP_AUTO_APPROVE_DESTRUCTIVE")),
            ("AWS_MCP_RETRIES", Some("AWS_MCP_MAX_RETRIES")),
            ("COUNTERSIGN_HOMES", Some("COUNTERSIGN_HOME")),
            ("SMITHY_SYNC", Some("SMITHY_SYNC_URL")),
            ("SMITHY_AUTO_SYNC", None),
            ("COUNTERSIGN_ENDPOINT_TESTS", None),
            ("AWS_VAULT", None),
            ("MCP_SERVER", None),
        ];
        for (name, nearest) in cases {
            assert_eq!(mistaken(name), nearest, "{name}");
        }
    }
}
