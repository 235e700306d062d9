//! Floor 5: AWS itself. Any operation of any service, called by name with JSON, on the SDK's own runtime:
//! schemas at run time, the protocol crates, the orchestrator, aws-config's credentials, hyper below.

mod auth;
mod body;
mod bridge;
mod call;
mod checksum;
mod client;
mod codec;
mod compress;
mod config;
mod copies;
mod cure;
mod custom;
mod discovery;
mod error;
mod events;
mod facts;
mod failure;
mod fetch;
mod http;
mod identity;
mod invoke;
mod operation;
mod params;
mod pieces;
mod protocol;
mod retry;
mod s3;
mod schema;
mod source;
mod transport;

pub use auth::Signing;
pub use body::Body;
pub use bridge::Unread;
pub use call::Transfer;
pub use client::{Aws, AwsReply, AwsRequest};
pub use config::{AwsConfig, StaticCredentials, Timeouts};
pub use error::{AwsError, CredentialsUnavailable, Identity, Outcome};
pub use events::StreamLimits;
pub use fetch::{FetchError, Fetched, Fetcher};
pub use params::endpoint_parameters;
pub use protocol::ProtocolChoice;
