//! Floor 8: the command line. Arguments, one file per command, logging, and the exit codes of the contract.

pub mod args;
pub mod audit;
mod console;
pub mod demo;
mod init;
mod key;
mod log;
mod looks;
mod models;
mod open;
mod paint;
mod policy;
mod run;
mod serve;
mod stdio;
mod tell;
mod tools;

pub use open::aws_config;
pub use run::run;
