//! The order in which the classes are asked for: the first that holds is the class.

use super::RiskClass;

/// The place of a class in the order; higher is asked for first.
pub(super) fn rank(class: RiskClass) -> usize {
    match class {
        RiskClass::Execute => 5,
        RiskClass::Privilege => 4,
        RiskClass::Secret => 3,
        RiskClass::Destructive => 2,
        RiskClass::Write => 1,
        RiskClass::Read => 0,
    }
}

/// Of two classes the one that is asked for first.
pub(super) fn stricter(one: RiskClass, other: RiskClass) -> RiskClass {
    if rank(other) > rank(one) { other } else { one }
}
