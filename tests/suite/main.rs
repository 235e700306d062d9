//! The flows that need more than one room of the house, in one test binary (linking is the slow part).

#[cfg(test)]
mod mcp_client;
#[cfg(test)]
mod mcp_join;
#[cfg(test)]
mod mcp_robust;
mod shapes;
#[cfg(test)]
mod support;
