//! The cure that goes with each complaint of the credential providers.

use super::credentials;
use crate::aws::AwsError;

#[test]
fn each_complaint_has_its_cure() {
    let cases = [
        (
            "an error occurred while loading credentials: the SSO token has expired and cannot be refreshed",
            "the SSO session of profile `work` is not valid. Run `aws sso login --profile work`",
        ),
        (
            "UnauthorizedException: Session token not found or invalid",
            "the SSO session of profile `work` is not valid. Run `aws sso login --profile work`",
        ),
        (
            "No such file or directory (os error 2)",
            "the web identity token of profile `work` cannot be read: No such file or directory (os error 2). Check the \
             file that AWS_WEB_IDENTITY_TOKEN_FILE or the profile's web_identity_token_file names",
        ),
        (
            "could not find profile `work` in the profile file",
            "there is no profile `work`. Set AWS_PROFILE to one that ~/.aws/config has",
        ),
        (
            "the credential provider was not enabled: no providers in chain provided credentials",
            "there are no AWS credentials for profile `work`. Run `aws configure --profile work` or `aws sso login \
             --profile work`, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
        (
            "credentials provider timed out after 5 seconds",
            "loading the AWS credentials took too long. Check what profile `work` asks, and the network",
        ),
        (
            "something else",
            "the AWS credentials of profile `work` cannot be loaded: something else. Check the profile with \
             `aws sts get-caller-identity --profile work`",
        ),
    ];
    for (cause, expected) in cases {
        let error = credentials(cause, "work");
        assert!(matches!(error, AwsError::Credentials { .. }));
        assert_eq!(error.to_string(), expected);
    }
}
