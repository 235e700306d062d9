//! Smithy JSON AST files, and the names of the services in them.

use super::{ImportError, Options, target::pack_named};
use crate::{
    models::packed::Packed,
    smithy::{self, Service},
};

/// Reads and packs the services of a file; `None` when it is JSON but holds none.
pub(in crate::models) fn pack_file(
    path: &str,
    json: &[u8],
    options: Options<'_>,
) -> Result<Option<Vec<Packed>>, ImportError> {
    let readings = smithy::ast::read(json, options.documentation)
        .map_err(|reason| ImportError::Model { file: path.to_owned(), reason })?;
    if readings.is_empty() {
        return Ok(None);
    }
    let mut packed = Vec::new();
    for mut reading in readings {
        let service = &mut reading.model.service;
        if let Some(name) = canonical(service, options) {
            service.name = name;
        }
        packed.push(pack_named(&reading, path, options.effort)?);
    }
    Ok(Some(packed))
}

/// The name of the service that has the same sdkId in the index.
fn canonical(service: &Service, options: Options<'_>) -> Option<String> {
    let known = options.names?.services().iter().find(|entry| entry.sdk_id == service.sdk_id)?;
    Some(known.name.clone())
}
