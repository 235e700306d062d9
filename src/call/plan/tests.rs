//! What can be taken back.

use super::*;

#[test]
fn what_deletes_cannot_be_taken_back() {
    for (operation, class, want) in [
        ("DeleteBucket", RiskClass::Destructive, Some(false)),
        ("TerminateInstances", RiskClass::Destructive, Some(false)),
        ("PurgeQueue", RiskClass::Destructive, Some(false)),
        ("DeleteSecret", RiskClass::Destructive, None),
        ("StopInstances", RiskClass::Destructive, None),
        ("PutObject", RiskClass::Write, None),
        ("ListBuckets", RiskClass::Read, Some(true)),
    ] {
        assert_eq!(reversible(operation, class), want, "{operation}");
    }
}
