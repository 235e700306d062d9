//! Which of a service's protocols is spoken.

use crate::smithy::{Protocol, Service};

/// How to choose among the protocols of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProtocolChoice {
    /// The model's own order, as AWS's SDKs follow it; but an endpoint override usually leads to an
    /// emulator, and none speaks rpcv2, so then that comes last.
    #[default]
    Automatic,
    /// The model's own order, always.
    Model,
    /// This one, where the service has it.
    Prefer(Protocol),
}

/// The protocol to speak, or `None` when the model names none.
pub(crate) fn choose(service: &Service, choice: ProtocolChoice, overridden: bool) -> Option<Protocol> {
    let known = || service.protocols.iter().copied();
    let first = known().next();
    match choice {
        ProtocolChoice::Prefer(wanted) => known().find(|protocol| *protocol == wanted).or(first),
        ProtocolChoice::Automatic if overridden => {
            known().find(|protocol| !matches!(protocol, Protocol::RpcV2Cbor | Protocol::RpcV2Json)).or(first)
        }
        ProtocolChoice::Automatic | ProtocolChoice::Model => first,
    }
}
