//! What services take, where the model does not say it: told before anything is sent.

/// Bytes that a service takes in one blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// As it is sent.
    pub sent: u64,
    /// Of an archive: its content altogether.
    pub unpacked: Option<u64>,
    /// What to do with more.
    pub cure: &'static str,
}

/// Blobs that stand among other members pass through memory as base64.
pub const INLINE: u64 = 64 << 20;

/// The limit of a blob of an operation, if one is known.
pub fn of(service: &str, operation: &str, member: &str) -> Option<Limit> {
    let limit = |sent, unpacked, cure| Some(Limit { sent, unpacked, cure });
    match (service, operation, member) {
        // Lambda: 50 MB zipped for direct upload, 250 MB unzipped.
        ("lambda", "CreateFunction" | "UpdateFunctionCode" | "PublishLayerVersion", "ZipFile") => limit(
            50 << 20,
            Some(250 << 20),
            "leave out what the function does not need with exclude, or upload the archive to S3 and name it with S3Bucket \
             and S3Key",
        ),
        ("lambda", "Invoke", "Payload") => limit(6 << 20, None, "put it into S3 and hand its key to the function"),
        ("s3", "PutObject", "Body") => limit(
            5 << 30,
            None,
            "one PutObject takes 5 GiB: give the folder it lies in with include, then it goes up in parts",
        ),
        ("s3", "UploadPart", "Body") => limit(5 << 30, None, "a part is 5 GiB at most"),
        ("glacier", "UploadArchive" | "UploadMultipartPart", "body") => limit(4 << 30, None, "upload it in parts"),
        ("secretsmanager", _, "SecretBinary") => limit(65_536, None, "a secret is 64 KiB at most"),
        ("dynamodb", _, "B") => limit(400 << 10, None, "an item is 400 KB at most: put it into S3 and keep its key"),
        ("ec2", "ImportKeyPair", _) => limit(16 << 10, None, "give the public key"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_belong_to_an_operation_and_a_member() {
        let sizes =
            |service, operation, member| of(service, operation, member).map(|limit| (limit.sent, limit.unpacked));
        assert_eq!(sizes("lambda", "CreateFunction", "ZipFile"), Some((50 << 20, Some(250 << 20))));
        assert_eq!(sizes("lambda", "CreateFunction", "Other"), None);
        assert_eq!(sizes("s3", "PutObject", "Body"), Some((5 << 30, None)));
        assert_eq!(sizes("kinesis", "PutRecord", "Data"), None);
    }
}
