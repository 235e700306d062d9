//! Why there are no credentials, in our own words, and the exact cure. It follows from the source that was asked and
//! from the words of the SDK's credential providers.

use super::AwsError;
use super::facts::Facts;
use crate::base::Shown;

/// The error for a complaint of the credential providers.
pub(super) fn credentials(cause: &str, facts: &Facts) -> AwsError {
    let cause = Shown::line(cause.trim());
    let (message, cure) = told(cause.as_str(), facts);
    AwsError::Credentials { message, cure }
}

/// A service wants a token, and nothing gives one.
pub(super) fn no_token(service: &str, facts: &Facts) -> AwsError {
    let profile = &facts.profile;
    AwsError::Credentials {
        message: format!("{service} takes a token of IAM Identity Center, and profile `{profile}` gives none"),
        cure: format!(
            "Give profile `{profile}` an sso_session in {}, then run `aws sso login --profile {profile}`",
            facts.config_file
        ),
    }
}

/// How credentials that AWS does not take any more are renewed.
pub(super) fn renewal(facts: &Facts) -> String {
    let Facts { profile, config_file, credentials_file, .. } = facts;
    match facts {
        Facts { environment: Some(Ok(())), .. } => {
            "Set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and restart Countersign".to_owned()
        }
        Facts { sso: true, .. } => login(profile),
        Facts { process: Some(program), .. } => {
            format!("Make `{program}` give fresh ones (credential_process of profile `{profile}` in {config_file})")
        }
        Facts { role: Some(role), source, .. } => format!(
            "Check the role {role} and the credentials it is assumed with ({})",
            source.as_deref().map_or_else(|| "its web identity".to_owned(), |source| format!("profile `{source}`"))
        ),
        Facts { keys: true, .. } => {
            format!("Replace the keys of profile `{profile}` in {credentials_file}; no restart is needed")
        }
        _ => format!("Renew them (`aws sso login --profile {profile}`, or new keys), then try again"),
    }
}

fn login(profile: &str) -> String {
    format!("Run `aws sso login --profile {profile}`")
}

fn told(cause: &str, facts: &Facts) -> (String, String) {
    let Facts { profile, config_file, credentials_file, .. } = facts;
    let words = cause.to_ascii_lowercase();
    let says = |any: &[&str]| any.iter().any(|word| words.contains(word));
    // The portal's words for a session that was ended somewhere else; there never was one.
    let ended = says(&["session token not found or invalid", "sso/cache/", "cached sso token"]);
    if ended || (says(&["sso"]) && says(&["expired", "refresh", "no token"])) {
        return (format!("the SSO session of profile `{profile}` is not valid"), login(profile));
    }
    if says(&["could not find profile", "was not defined"]) || (!facts.exists && says(&["no profiles were defined"])) {
        return missing_profile(facts);
    }
    // The metadata service is what is asked last, when nothing else has anything.
    let nobody = says(&["not enabled", "not loaded", "no providers", "imds"]);
    if let (true, Some(Err(half))) = (nobody, facts.environment) {
        return (
            format!("there is only half a pair of keys in the environment: {half} is not set"),
            format!("Set {half}, or unset the other of the pair"),
        );
    }
    if says(&["did not contain credential information"]) || (nobody && facts.is_blank()) {
        return (
            format!("profile `{profile}` says nothing about credentials"),
            format!(
                "Run `aws configure --profile {profile}` or `aws configure sso --profile {profile}`, or add keys, a \
                 role_arn or a credential_process to it in {config_file}"
            ),
        );
    }
    if let (Some(program), true) = (&facts.process, says(&["external process"])) {
        let how =
            cause.split_once("external process").map_or(cause, |(_, rest)| rest.trim_start_matches([',', ':', ' ']));
        let how = how.replace("exited with code exit status:", "exit status");
        return (
            format!("the credential_process of profile `{profile}` failed ({program} …): {how}"),
            format!("Run it by hand to see why; it stands in {config_file}"),
        );
    }
    if let (Some((file, named_by)), true) =
        (&facts.token_file, words.starts_with("no such file") || words.starts_with("permission denied"))
    {
        return (
            format!("the web identity token {file} cannot be read: {cause}"),
            format!("Check the file that {named_by} names"),
        );
    }
    if let Some((role, mfa)) = facts.role.as_ref().zip(facts.mfa.as_ref()) {
        return (
            format!(
                "the role {role} of profile `{profile}` wants MFA ({mfa}), and its code cannot be asked for here: {cause}"
            ),
            format!(
                "Run `aws configure export-credentials --profile {profile} --format env`, which asks for the code, and \
                 set what it prints"
            ),
        );
    }
    if let (Some(role), false) = (&facts.role, nobody) {
        let by = facts.source.as_deref().map_or_else(String::new, |source| format!(" by `{source}`"));
        return (
            format!("the role {role} of profile `{profile}` cannot be assumed{by}: {cause}"),
            format!("Check the role's trust policy, and the profile in {config_file}"),
        );
    }
    if let (Some((place, named_by)), false) = (&facts.container, nobody) {
        return (
            format!("the container's credential service {place} gives no credentials: {cause}"),
            format!("Check {named_by}, the token that goes with it, and the role of the task or pod"),
        );
    }
    if nobody {
        let metadata =
            if facts.no_metadata { "; the instance is not asked: AWS_EC2_METADATA_DISABLED is set" } else { "" };
        return (
            format!("there are no AWS credentials for profile `{profile}`{metadata}"),
            format!(
                "Run `aws configure --profile {profile}` or `aws sso login --profile {profile}`, or set AWS_PROFILE \
                 or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ),
        );
    }
    if says(&["timed out"]) {
        return (
            "loading the AWS credentials took too long".to_owned(),
            format!("Check what profile `{profile}` asks, and the network"),
        );
    }
    (
        format!("the AWS credentials of profile `{profile}` cannot be loaded: {cause}"),
        format!(
            "Check the profile in {config_file} and {credentials_file} with `aws sts get-caller-identity --profile {profile}`"
        ),
    )
}

fn missing_profile(facts: &Facts) -> (String, String) {
    let Facts { profile, profiles, config_file, credentials_file, .. } = facts;
    if let (true, Some(source)) = (facts.exists, &facts.source) {
        return (
            format!(
                "there is no profile `{source}` in {config_file} or {credentials_file}; profile `{profile}` names it \
                 as its source_profile"
            ),
            format!("Set source_profile of `{profile}` to one that is there: {}", profiles.join(", ")),
        );
    }
    let message = format!("there is no profile `{profile}` in {config_file} or {credentials_file}");
    let cure = if profiles.is_empty() {
        format!("Add it with `aws configure --profile {profile}` or `aws configure sso --profile {profile}`")
    } else {
        format!("Set AWS_PROFILE to one that is there: {}", profiles.join(", "))
    };
    (message, cure)
}
