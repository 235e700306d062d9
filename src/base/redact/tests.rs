//! What is masked and, as important, what is not.

use serde_json::json;

use super::*;

#[test]
fn secrets_in_text_are_masked() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    let session = format!("IQoJb3JpZ2luX2VjEJr{}", "aB3/".repeat(40));
    let table = [
        ("AKIAIOSFODNN7EXAMPLE wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(), "AKIAIOSFODNN7EXAMPLE ••••••".into()),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n".into(), "aws_secret_access_key = ••••••\n".into()),
        (format!("token {session}!"), "token ••••••!".to_owned()),
        (format!("jwt {jwt}, done"), "jwt ••••••, done".into()),
        ("Authorization: Bearer abc.def-123456".into(), "Authorization: ••••••".into()),
        ("curl -H 'authorization: Basic dXNlcjpwYXNz' x".into(), "curl -H 'authorization: ••••••".into()),
        ("sent bearer abcdefgh123 twice".into(), "sent bearer •••••• twice".into()),
        ("postgres://app:hunter2@db.example.com:5432/x".into(), "postgres://app:••••••@db.example.com:5432/x".into()),
        ("https://user:p@ss:w@host/".into(), "https://user:••••••@host/".into()),
        ("password=hunter2&user=bob".into(), "password=••••••&user=bob".into()),
        ("DB_PASSWORD: 'two words', next".into(), "DB_PASSWORD: '••••••', next".into()),
        (r#"{"MasterUserPassword": "a\"b", "x": 1}"#.into(), r#"{"MasterUserPassword": "••••••", "x": 1}"#.into()),
        (r#""{\"Password\": \"hunter2\", \"a\": 1}""#.into(), r#""{\"Password\": \"••••••\", \"a\": 1}""#.into()),
        ("pwd=a; api-key=b; client_secret=c".into(), "pwd=••••••; api-key=••••••; client_secret=••••••".into()),
        ("key ghp_abcdefghijklmnopqrstuvwxyz0123456789.".into(), "key ••••••".into()),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nx".into(), "-----BEGIN RSA PRIVATE KEY-----••••••-----END RSA PRIVATE KEY-----\nx".into()),
        ("-----BEGIN PRIVATE KEY-----\nMIIE cut off".into(), "-----BEGIN PRIVATE KEY-----••••••".into()),
        ("https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F2026&X-Amz-Security-Token=abc&X-Amz-Signature=00ff".into(), "https://b.s3.amazonaws.com/k?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F2026&X-Amz-Security-Token=••••••&X-Amz-Signature=••••••".into()),
        ("Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/x, Signature=00ff".into(), "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/x, Signature=••••••".into()),
        ("confirmationToken=cs_x".into(), "confirmationToken=••••••".into()),
        (format!("token cs_{}", "0a".repeat(20)), "token ••••••".into()),
        (r#"{"password": "cut o"#.to_owned(), r#"{"password": "••••••"#.to_owned()),
        ("passwörd ünd password=ä".to_owned(), "passwörd ünd password=••••••".to_owned()),
    ];
    for (text, expected) in table {
        assert_eq!(redact_text(&text), expected, "{text}");
        assert_eq!(redact_text(&expected), expected, "twice: {text}");
    }
}

#[test]
fn what_is_no_secret_stays() {
    let table = [
        "",
        "AKIAIOSFODNN7EXAMPLE",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-password-AbCdEf",
        "arn:aws:iam::123456789012:role/Admin",
        "secretsmanager:GetSecretValue: AccessDeniedException",
        "GetSessionToken: not authorized",
        "request 4b1f9d02-3a5e-4c0c-9c1e-1f2e3d4c5b6a took 12 ms",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "https://sqs.us-east-1.amazonaws.com/123456789012/queue",
        "https://host:8443/path?a=b",
        "user@example.com: hello",
        "NextToken=abc&ClientToken=def",
        "s3://bucket/photos/2026/January/holidays/IMG0001.jpg",
        "/aws/lambda/MyLongFunctionNameThatIsFortyChar",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----",
        "HidePassword=true password=null",
        "the password: ",
        "password: ${DB_PASSWORD}",
        "the secret of the token is a key",
        "token-bucket: 500 tokens left",
        "SecretId=prod/db SecretArn=arn:aws:x",
        "日本語のテキスト: ok",
    ];
    for text in table {
        assert!(
            matches!(redact_text(text), Cow::Borrowed(same) if same == text),
            "{text} became {}",
            redact_text(text)
        );
    }
}

#[test]
fn secrets_in_json_are_masked_and_the_rest_stays() {
    let mut value = json!({
        "MasterUserPassword": "hunter2",
        "password": 1234,
        "MasterUsername": "admin",
        "ManageMasterUserPassword": true,
        "Credentials": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x", "SessionToken": "y", "Expiration": 1},
        "SecretString": "{\"a\": 1}",
        "SecretId": "prod/db",
        "SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
        "MasterUserSecret": {"SecretArn": "arn:aws:x", "SecretStatus": "active"},
        "NextToken": "abc", "ContinuationToken": "abc", "clientToken": "abc", "ClientRequestToken": "abc",
        "IdempotencyToken": "abc", "LockToken": "abc", "nextForwardToken": "f/1",
        "HttpTokens": "required",
        "MaxTokens": 5, "inputTokens": 7, "sessionToken": 3,
        "confirmationToken": "cs_1",
        "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "PasswordLastUsed": "2026-01-01", "MinimumPasswordLength": 8, "PasswordResetRequired": false,
        "Environment": {"Variables": {"DB_PASSWORD": "x", "STAGE": "prod", "URL": "mysql://a:b@c/d"}},
        "environment": [{"name": "API_TOKEN", "value": "x"}, {"name": "STAGE", "value": "prod"}],
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:x"}],
        "Parameters": [{"ParameterKey": "DbPassword", "ParameterValue": "x"}],
        "Item": {"pk": {"S": "user#1"}, "password": {"S": "x"}},
        "Tags": [{"Key": "team", "Value": "x"}],
        "privateKey": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----",
        "PrivateKeys": ["-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"],
        "Plaintext": "aGVsbG8=",
        "empty": {"password": ""},
    });
    redact_json(&mut value);
    let expected = json!({
        "MasterUserPassword": MASK,
        "password": MASK,
        "MasterUsername": "admin",
        "ManageMasterUserPassword": true,
        "Credentials": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": MASK, "SessionToken": MASK, "Expiration": 1},
        "SecretString": MASK,
        "SecretId": "prod/db",
        "SecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf",
        "MasterUserSecret": {"SecretArn": "arn:aws:x", "SecretStatus": "active"},
        "NextToken": "abc", "ContinuationToken": "abc", "clientToken": "abc", "ClientRequestToken": "abc",
        "IdempotencyToken": "abc", "LockToken": "abc", "nextForwardToken": "f/1",
        "HttpTokens": "required",
        "MaxTokens": 5, "inputTokens": 7, "sessionToken": 3,
        "confirmationToken": MASK,
        "digest": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "PasswordLastUsed": "2026-01-01", "MinimumPasswordLength": 8, "PasswordResetRequired": false,
        "Environment": {"Variables": {"DB_PASSWORD": MASK, "STAGE": "prod", "URL": format!("mysql://a:{MASK}@c/d")}},
        "environment": [{"name": "API_TOKEN", "value": MASK}, {"name": "STAGE", "value": "prod"}],
        "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:aws:x"}],
        "Parameters": [{"ParameterKey": "DbPassword", "ParameterValue": MASK}],
        "Item": {"pk": {"S": "user#1"}, "password": {"S": MASK}},
        "Tags": [{"Key": "team", "Value": "x"}],
        "privateKey": MASK,
        "PrivateKeys": [format!("-----BEGIN PRIVATE KEY-----{MASK}-----END PRIVATE KEY-----")],
        "Plaintext": MASK,
        "empty": {"password": ""},
    });
    assert_eq!(value, expected);
}
