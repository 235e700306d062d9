//! The flows that need more than one room of the house, in one test binary (linking is the slow part).

#[cfg(test)]
mod accidents;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod audit_cli;
#[cfg(test)]
mod aws_calls;
#[cfg(test)]
mod beforehand;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod concurrency;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod console;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod destinations;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod events;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files_down;
#[cfg(test)]
mod files_up;
#[cfg(test)]
mod flow;
#[cfg(test)]
mod folders;
#[cfg(test)]
mod folders_broken;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod large;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod mcp_client;
#[cfg(test)]
mod mcp_join;
#[cfg(test)]
mod mcp_process;
#[cfg(test)]
mod mcp_robust;
#[cfg(test)]
mod moto_compare;
#[cfg(test)]
mod moto_ec2;
#[cfg(test)]
mod moto_json;
#[cfg(test)]
mod moto_query;
#[cfg(test)]
mod moto_rest;
#[cfg(test)]
mod moto_s3;
#[cfg(test)]
mod names;
#[cfg(test)]
mod odd_answers;
#[cfg(test)]
mod paging;
#[cfg(test)]
mod paging_models;
#[cfg(test)]
mod pause;
#[cfg(test)]
mod policy_limits;
#[cfg(test)]
mod policy_live;
#[cfg(test)]
mod protocols;
#[cfg(test)]
mod readme_files;
#[cfg(test)]
mod referee;
#[cfg(test)]
mod results;
#[cfg(test)]
mod s3_ways;
#[cfg(test)]
mod search;
#[cfg(test)]
mod security_table;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod signing;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod support;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod waiting;
