//! botocore as it is installed on this machine (by itself, or within the AWS CLI): found by looking where packages lie,
//! without running anything, and read for its documentation one service at a time.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant, UNIX_EPOCH},
};

use super::import::{ImportError, botocore, source};
use crate::{
    base::{Digest, Timestamp},
    smithy::{
        Model,
        botocore::{Document, Documents},
    },
};

/// Folders that are looked into at most, and for how long: a machine may have many Pythons, and slow disks.
const MOST: usize = 2_000;
const LONGEST: Duration = Duration::from_secs(3);

/// Where people keep what they install: values of the environment, handed in.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// `PATH`, split.
    pub path: Vec<PathBuf>,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `VIRTUAL_ENV`.
    pub virtual_env: Option<PathBuf>,
    /// The root of the file system; a folder in tests.
    pub root: PathBuf,
}

/// An installed botocore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// Its `data` folder.
    pub data: PathBuf,
    /// `botocore 1.43.11`, `AWS CLI 2.15.0`
    pub source: String,
    /// When it was installed.
    pub installed_at: Timestamp,
}

/// The botocore that was installed last, if there is any.
pub fn find(places: &Places) -> Option<Installed> {
    let deadline = Instant::now() + LONGEST;
    let mut seen: Vec<PathBuf> = Vec::new();
    let mut found: Vec<Installed> = Vec::new();
    for package in candidates(places).take(MOST) {
        if Instant::now() > deadline {
            break;
        }
        let Ok(package) = package.canonicalize() else { continue };
        if !seen.contains(&package) {
            found.extend(look(&package));
            seen.push(package);
        }
    }
    found.sort_by(|a, b| (a.installed_at, &a.data).cmp(&(b.installed_at, &b.data)));
    found.pop()
}

/// Folders that would be botocore's package, whether or not they are there.
fn candidates(places: &Places) -> impl Iterator<Item = PathBuf> {
    let home = |inner: &str| places.home.as_ref().map(|home| home.join(inner));
    let mut prefixes: Vec<PathBuf> = places.virtual_env.iter().cloned().collect();
    let mut packages = Vec::new();
    for folder in &places.path {
        // The CLI's own folder (`/usr/local/aws-cli/v2/2.15.0/dist/aws`, Homebrew's `libexec`).
        if let Ok(program) = folder.join("aws").canonicalize()
            && let Some(beside) = program.parent()
        {
            packages.push(beside.join("awscli/botocore"));
            packages.push(beside.join("../dist/awscli/botocore"));
            prefixes.push(beside.join("../libexec"));
            prefixes.push(beside.join(".."));
        }
        prefixes.push(folder.join(".."));
    }
    prefixes.extend(["usr/local", "usr", "opt/homebrew"].map(|prefix| places.root.join(prefix)));
    packages.push(places.root.join("usr/local/aws-cli/v2/current/dist/awscli/botocore"));
    packages.extend(home(".local/aws-cli/v2/current/dist/awscli/botocore"));
    prefixes.extend(home(".local"));
    // Folders of many environments.
    let many = [".pyenv/versions", ".local/share/uv/tools", ".local/share/pipx/venvs", ".local/pipx/venvs"];
    for folder in many.iter().filter_map(|folder| home(folder)) {
        prefixes.extend(folders(&folder));
    }
    let of_prefix = |prefix: PathBuf| {
        let pythons = folders(&prefix.join("lib"))
            .into_iter()
            .filter(|folder| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python")));
        pythons.flat_map(|python| {
            ["site-packages", "dist-packages"]
                .into_iter()
                .flat_map(move |packages| {
                    ["botocore", "awscli/botocore"].map(|package| python.join(packages).join(package))
                })
                .collect::<Vec<_>>()
        })
    };
    packages.into_iter().chain(prefixes.into_iter().flat_map(of_prefix))
}

/// Folders in a folder, by name; none when it cannot be read.
fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

fn look(package: &Path) -> Option<Installed> {
    let data = package.join("data");
    // A botocore without S3 is none.
    let modified = latest(&data, "s3").and_then(|document| fs::metadata(document).ok()?.modified().ok())?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    let installed_at = Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    Some(Installed { source: describe(package), data, installed_at })
}

fn describe(package: &Path) -> String {
    let within_cli = package.parent().filter(|parent| parent.ends_with("awscli"));
    let version = |folder: &Path| botocore::version(&fs::read_to_string(folder.join("__init__.py")).ok()?);
    match within_cli {
        // A frozen program has no sources; its folder is named by the version (`v2/2.15.0/dist/awscli`).
        Some(cli) => {
            let folder = cli.parent().and_then(Path::parent).and_then(Path::file_name);
            let folder = folder.map(|name| name.to_string_lossy().into_owned());
            let named = folder.filter(|name| name.starts_with(|ch: char| ch.is_ascii_digit()));
            version(cli).or(named).map_or_else(|| "AWS CLI".to_owned(), |version| format!("AWS CLI {version}"))
        }
        None => version(package).map_or_else(|| "botocore".to_owned(), |version| format!("botocore {version}")),
    }
}

/// The service document of the latest version of a service.
fn latest(data: &Path, service: &str) -> Option<PathBuf> {
    let documents = |version: &PathBuf| {
        ["service-2.json.gz", "service-2.json"].map(|name| version.join(name)).into_iter().find(|path| path.is_file())
    };
    folders(&data.join(service)).iter().rev().find_map(documents)
}

impl Installed {
    /// What tells this state of a service's document from another; nothing when it has no such service.
    pub(super) fn fingerprint(&self, service: &str) -> Option<String> {
        let path = latest(&self.data, service)?;
        let data = fs::metadata(&path).ok()?;
        let text = format!("{} {} {:?}", path.display(), data.len(), data.modified().ok());
        Some(Digest::of("countersign.installed.v1", text.as_bytes()).to_string())
    }

    /// A service with its documentation, as far as it is understood.
    pub(super) fn read(&self, service: &str) -> Result<Option<Model>, ImportError> {
        let Some(path) = latest(&self.data, service) else { return Ok(None) };
        let name = path.display().to_string();
        let file = fs::File::open(&path).map_err(|error| ImportError::read(&path, error))?;
        let bytes = source::read(&name, &mut io::BufReader::new(file))?;
        let documents = Documents { service: Document { base: Some(&bytes), extras: None }, ..Documents::default() };
        let reading = crate::smithy::botocore::read(service, &documents, true);
        let reading = reading.map_err(|reason| ImportError::Model { file: name, reason })?;
        Ok(Some(reading.model))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    const S3: &str = r#"{"metadata": {"apiVersion": "2006-03-01", "endpointPrefix": "s3", "protocol": "rest-xml",
        "serviceFullName": "S3", "serviceId": "S3", "signatureVersion": "s3"}, "operations": {"Do": {"name": "Do",
        "http": {"method": "POST", "requestUri": "/"}, "documentation": "<p>Does it. Well.</p>"}}, "shapes": {}}"#;

    fn install(package: &Path, init: &str, seconds: u64) {
        write(&package.join("data/s3/2006-03-01/service-2.json"), S3);
        write(&package.join("data/s3/2001-03-01/service-2.json"), "{");
        write(&package.join("data/sns/2010-03-31/examples-1.json"), "{");
        if !init.is_empty() {
            write(&package.join("__init__.py"), init);
        }
        let file = fs::File::options().write(true).open(package.join("data/s3/2006-03-01/service-2.json")).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
    }

    #[test]
    fn is_found_where_packages_lie() {
        let machine = tempfile::tempdir().unwrap();
        let root = machine.path().canonicalize().unwrap();
        let home = root.join("home/me");
        let places = |path: &[&str]| Places {
            path: path.iter().map(|folder| root.join(folder)).collect(),
            home: Some(home.clone()),
            virtual_env: Some(root.join("venv")),
            root: root.clone(),
        };
        assert_eq!(find(&places(&["usr/bin"])), None);

        // Each is installed later than the one before, and so the one that is found.
        let installs = [
            ("usr/lib/python3/dist-packages/botocore", "__version__ = '1.29.0'\n", "botocore 1.29.0"),
            ("home/me/.pyenv/versions/3.11.7/lib/python3.11/site-packages/botocore", "", "botocore"),
            (
                "home/me/.local/share/uv/tools/x/lib/python3.13/site-packages/botocore",
                "x\n__version__ = '1.43.11'",
                "botocore 1.43.11",
            ),
            ("venv/lib/python3.12/site-packages/botocore", "__version__ = '1.40.0'", "botocore 1.40.0"),
            ("opt/tools/lib/python3.12/site-packages/botocore", "__version__ = '1.41.0'", "botocore 1.41.0"),
            ("opt/aws-cli/v2/2.15.0/dist/awscli/botocore", "", "AWS CLI 2.15.0"),
        ];
        fs::create_dir_all(root.join("opt/tools/bin")).unwrap();
        fs::create_dir_all(root.join("opt/bin")).unwrap();
        for (at, (package, init, source)) in installs.into_iter().enumerate() {
            let at = u64::try_from(at).unwrap() + 1;
            install(&root.join(package), init, at);
            if source.starts_with("AWS CLI") {
                write(&root.join("opt/aws-cli/v2/2.15.0/dist/aws"), "");
                std::os::unix::fs::symlink("../aws-cli/v2/2.15.0/dist/aws", root.join("opt/bin/aws")).unwrap();
            }
            let found = find(&places(&["usr/bin", "opt/tools/bin", "opt/bin", "no/such"])).unwrap();
            let expected = Installed {
                data: root.join(package).join("data"),
                source: source.to_owned(),
                installed_at: Timestamp::from_millis(i64::try_from(at).unwrap() * 1_000),
            };
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn is_read_a_service_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        install(folder.path(), "", 1);
        let installed = look(folder.path()).unwrap();
        let model = installed.read("s3").unwrap().unwrap();
        assert_eq!(model.operations["Do"].documentation.as_deref(), Some("Does it."));
        assert_eq!((installed.read("sns").unwrap(), installed.fingerprint("sns")), (None, None));
        let before = installed.fingerprint("s3").unwrap();
        assert_eq!(installed.fingerprint("s3").unwrap(), before);
        write(&folder.path().join("data/s3/2006-03-01/service-2.json"), "{ ");
        assert_ne!(installed.fingerprint("s3").unwrap(), before);
        let error = installed.read("s3").unwrap_err().to_string();
        assert!(error.contains("service-2.json"), "{error}");
    }
}
