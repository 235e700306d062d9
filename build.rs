//! Packs the model snapshot into the binary: writes a table of the files in `assets/models`, sorted by
//! name, that `src/models/embedded.rs` includes. The files are packed already; nothing is done to them.

use std::{env, error::Error, fmt::Write as _, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("assets/models");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(&folder).map_err(|error| {
        let cure = "check out assets/models, or make it with `countersign models import`";
        format!("{} cannot be read ({error}): {cure}", folder.display())
    })?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().into_string().map_err(|name| format!("{} is no UTF-8", name.display()))?;
        if name.ends_with(".zst") {
            names.push(name);
        }
    }
    names.sort();
    let mut table = String::from("const FILES: &[(&str, &[u8])] = &[\n");
    for name in names {
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", folder.join(&name))?;
    }
    table.push_str("];\n");
    // The index tells the version of every model, so its bytes tell which snapshot this is.
    let index = fs::read(folder.join("index.zst")).map_err(|error| {
        format!("{} has no index.zst ({error}): make it with `countersign models import`", folder.display())
    })?;
    writeln!(table, "/// Tells this snapshot from every other.\nconst SNAPSHOT: &str = \"{:016x}\";", fnv1a(&index))?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("embedded_models.rs"), table)?;
    Ok(())
}

/// FNV-1a, 64 bits: enough to tell snapshots apart, with nothing to build first.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
