//! Where each service of a generation can be had, and how old each source is as a whole.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    ModelError, Store,
    assemble::{AssembleError, Plan, each, read_raw},
    manifest::{FORM, Layer, Origin, Raw, Standing},
    merge::ahead,
    packed::is_storable,
};
use crate::{base::Digest, catalog::names::normalize};

/// How old a source is as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// Older than the snapshot, which is ahead of it in more services than the other way round.
    Older,
    /// Not older; each service is judged by itself.
    Unknown,
    /// Newer in every service: a later botocore than the snapshot's.
    Newer,
}

/// One service in one layer.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) raw: &'a Raw,
    pub(super) age: Age,
    /// How it stands to the snapshot's; none for a service that the snapshot lacks.
    standing: Option<Standing>,
}

impl Part<'_> {
    /// Whether it is ahead of the snapshot's; none when neither is.
    pub(super) fn ahead(&self) -> Option<bool> {
        self.standing.as_ref()?.ahead
    }
}

/// Where one service can be had.
#[derive(Debug, Default)]
pub(super) struct Sources<'a> {
    /// Its version in the snapshot.
    pub(super) snapshot: Option<&'a str>,
    /// The import before the sync.
    pub(super) layers: BTreeMap<Origin, Part<'a>>,
    /// What tells the state of the installed document.
    pub(super) installed: Option<String>,
}

impl Sources<'_> {
    /// Everything that the merged model depends on.
    pub(super) fn key(&self) -> String {
        let mut text = format!("{FORM} {}", self.snapshot.unwrap_or("-"));
        for (origin, part) in &self.layers {
            text.push_str(&format!(" {} {} {:?}", origin.name(), part.raw.frame, part.age));
        }
        text.push_str(&format!(" {}", self.installed.as_deref().unwrap_or("-")));
        Digest::of("countersign.merged.v1", text.as_bytes()).to_string()
    }

    pub(super) fn standings(&self) -> BTreeMap<Origin, Standing> {
        let layers = self.layers.iter();
        layers.filter_map(|(origin, part)| Some((*origin, part.standing.clone()?))).collect()
    }
}

/// Every service of the snapshot and the layers, with where it can be had.
pub(super) fn gather<'a>(
    plan: &'a Plan<'_>,
    snapshot: &'a Store,
) -> Result<BTreeMap<String, Sources<'a>>, AssembleError> {
    let mut all: BTreeMap<String, Sources<'a>> = BTreeMap::new();
    for entry in snapshot.index()?.services() {
        all.entry(entry.name.clone()).or_default().snapshot = Some(&entry.model_version);
    }
    let known: BTreeSet<String> = all.keys().map(|name| normalize(name)).collect();
    for layer in plan.layers.iter().filter(|layer| matches!(layer.origin, Origin::Import | Origin::Sync)) {
        let mut standings = standings(plan, snapshot, layer)?;
        let age = age(layer, snapshot, standings.values())?;
        for (name, raw) in layer.models() {
            if !all.contains_key(name) {
                // A name that could be taken for another service's is worth less than that service's good name.
                let unusable = known.contains(&normalize(name)) || !is_storable(name);
                if unusable || age == Age::Older {
                    continue;
                }
            }
            let part = Part { raw, age, standing: standings.remove(name) };
            all.entry(name.to_owned()).or_default().layers.insert(layer.origin, part);
        }
    }
    if let Some(installed) = plan.installed {
        for (name, sources) in &mut all {
            sources.installed = installed.fingerprint(name);
        }
    }
    Ok(all)
}

/// How each service of a layer stands to the snapshot's, as known from before or by comparing the two models.
fn standings(plan: &Plan<'_>, snapshot: &Store, layer: &Layer) -> Result<BTreeMap<String, Standing>, AssembleError> {
    let index = snapshot.index()?;
    let known = |name: &str, of: &(String, String)| {
        let service = plan.previous?.manifest.services.get(name)?;
        service.standings.get(&layer.origin).filter(|standing| standing.of == *of).cloned()
    };
    let both = layer.models().into_iter().filter_map(|(name, raw)| Some((name, raw, index.service(name)?)));
    let compared = each(plan.threads, both, |(name, raw, entry)| {
        let of = (entry.model_version.clone(), raw.frame.clone());
        if let Some(standing) = known(name, &of) {
            return Ok((name.to_owned(), standing));
        }
        let ahead = match ahead(&read_raw(plan.folder, &raw.frame)?, &*snapshot.model(name)?) {
            Ordering::Greater => Some(true),
            Ordering::Less => Some(false),
            Ordering::Equal => None,
        };
        Ok((name.to_owned(), Standing { of, ahead }))
    })?;
    Ok(compared.into_iter().collect())
}

fn age<'s>(layer: &Layer, snapshot: &Store, standings: impl Iterator<Item = &'s Standing>) -> Result<Age, ModelError> {
    // Of two botocores the version tells, down to the last constraint.
    if let (Some(version), Some(own)) = (botocore_version(&layer.source), botocore_version(snapshot.index()?.source()))
    {
        return Ok(if version > own { Age::Newer } else { Age::Older });
    }
    let (mut older, mut newer) = (0, 0);
    for standing in standings {
        older += usize::from(standing.ahead == Some(false));
        newer += usize::from(standing.ahead == Some(true));
    }
    Ok(if older > newer { Age::Older } else { Age::Unknown })
}

/// `botocore 1.44.5` → [1, 44, 5]
pub(super) fn botocore_version(source: &str) -> Option<Vec<u32>> {
    let version = source.strip_prefix("botocore ")?.split_whitespace().next()?;
    version.split('.').map(|part| part.parse().ok()).collect()
}
