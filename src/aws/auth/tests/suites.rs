//! AWS's own signing suites, as the `aws-sigv4` package carries them, through the configuration, the endpoint
//! properties and the signers that a call goes through.

use std::path::{Path, PathBuf};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sigv4::sign::v4a;
use aws_smithy_async::time::StaticTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::retries::strategy::NeverRetryStrategy;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{AuthScheme as _, AuthSchemeEndpointConfig};
use aws_smithy_runtime_api::client::endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint};
use aws_smithy_runtime_api::client::identity::{Identity, SharedIdentityResolver};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::date_time::{DateTime, Format};
use serde_json::{Value, json};

use super::super::{Signing, configure, install, runtime_endpoint};
use crate::endpoint::Endpoint;
use crate::smithy::{Operation, Service};

/// Cases that are not run, and why.
const LEFT_OUT: [(&str, &str); 3] = [
    ("post-sts-header-after", "the session token is added after signing, which no AWS service asks for any more"),
    ("double-encode-path", "the package does not say with which credentials"),
    ("double-url-encode", "the package does not say with which credentials"),
];

/// The suites of the version that is in the lock file, where cargo has unpacked it.
fn suites() -> Option<PathBuf> {
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let version = lock.split("name = \"aws-sigv4\"\nversion = \"").nth(1)?.split('"').next()?;
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    let folder = |registry: PathBuf| registry.join(format!("aws-sigv4-{version}/aws-signing-test-suite"));
    registries.flatten().map(|registry| folder(registry.path())).find(|folder| folder.is_dir())
}

#[derive(Debug)]
struct Nowhere;

impl ResolveEndpoint for Nowhere {
    fn resolve_endpoint<'a>(&'a self, _: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(Err("there is none".into()))
    }
}

/// The signature that a call with this request would carry.
fn sign(signing: Signing, case: &Value, request: &str) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let token = case["credentials"]["token"].as_str().map(str::to_owned);
    let keys = &case["credentials"];
    let credentials =
        Credentials::new(text(&keys["access_key_id"]), text(&keys["secret_access_key"]), token, None, "suite");
    let now = DateTime::from_str(case["timestamp"].as_str().unwrap(), Format::DateTime).unwrap();
    // Glacier is the service that names the hash of its body in a header and is not S3.
    let sdk_id = if case["sign_body"] == true { "Glacier" } else { "Service" };
    let service = Service { sdk_id: sdk_id.into(), signing_name: text(&case["service"]), ..Service::default() };
    let mut endpoint = Endpoint { url: "https://example.amazonaws.com".into(), ..Endpoint::default() };
    endpoint.properties.insert(
        "authSchemes".into(),
        json!([{
            "name": signing.as_str(),
            "disableNormalizePath": case["normalize"] == false,
            // A serializer has written the space as %20 before anything is signed.
            "disableDoubleEncoding": path_of(request).replace(' ', "%20").contains("%20"),
            "signingRegionSet": [case["region"]],
        }]),
    );
    let mut components = RuntimeComponentsBuilder::new("suite")
        .with_time_source(Some(StaticTimeSource::new(now.try_into().unwrap())))
        .with_identity_cache(Some(IdentityCache::no_cache()))
        .with_endpoint_resolver(Some(Nowhere))
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![signing.id()])))
        .with_retry_strategy(Some(NeverRetryStrategy::new()));
    install(
        &mut components,
        signing,
        Some(SharedIdentityResolver::new(SharedCredentialsProvider::new(credentials.clone()))),
        None,
    );
    let components = components.build().unwrap();
    let mut layer = Layer::new("suite");
    configure(&mut layer, &service, &Operation::default(), case["region"].as_str(), None);
    let cfg = ConfigBag::of_layers(vec![layer]);

    let endpoint = runtime_endpoint(&endpoint, &endpoint.url, signing);
    let schemes = endpoint.properties()["authSchemes"].as_array().unwrap();
    let mut request = parse(request);
    let scheme = components.auth_scheme(signing.id()).unwrap();
    scheme
        .signer()
        .sign_http_request(
            &mut request,
            &Identity::new(credentials, None),
            AuthSchemeEndpointConfig::from(schemes.first()),
            &components,
            &cfg,
        )
        .unwrap();
    let authorization = request.headers().get("authorization").unwrap();
    authorization.rsplit_once("Signature=").unwrap().1.to_owned()
}

fn path_of(request: &str) -> &str {
    request.split_once(' ').unwrap().1.split_once(" HTTP/1.1").unwrap().0
}

/// A request as the suites write it: header lines may go on after a line break.
fn parse(text: &str) -> HttpRequest {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let method = lines.next().unwrap().split(' ').next().unwrap();
    let path = path_of(text).replace(' ', "%20");
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method(method).unwrap();
    request.set_uri(format!("https://example.amazonaws.com{path}")).unwrap();
    let mut last = String::new();
    for line in lines {
        match line.split_once(':').filter(|_| !line.starts_with(' ')) {
            Some((name, _)) if name.eq_ignore_ascii_case("host") => {}
            Some((name, value)) => {
                last = name.to_ascii_lowercase();
                request.headers_mut().append(last.clone(), value.to_owned());
            }
            None => {
                let more = format!("{} {}", request.headers().get(&last).unwrap(), line.trim());
                request.headers_mut().insert(last.clone(), more);
            }
        }
    }
    request
}

fn run(signing: Signing, folder: &Path, expected: impl Fn(&Path, &Value) -> String) -> (usize, Vec<String>) {
    let (mut passed, mut failed) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let case_folder = entry.unwrap().path();
        let name = case_folder.file_name().unwrap().to_string_lossy().into_owned();
        if LEFT_OUT.iter().any(|(left_out, _)| *left_out == name) {
            continue;
        }
        let case: Value = serde_json::from_slice(&std::fs::read(case_folder.join("context.json")).unwrap()).unwrap();
        let request = std::fs::read_to_string(case_folder.join("request.txt")).unwrap();
        let signature = sign(signing, &case, &request);
        if signature == expected(&case_folder, &case) { passed += 1 } else { failed.push(name) }
    }
    (passed, failed)
}

#[test]
fn the_signing_suites_pass() {
    let Some(folder) = suites() else {
        println!("left out: the signing suites (the sources of aws-sigv4 are not where cargo unpacks them)");
        return;
    };
    let read = |folder: &Path, name: &str| std::fs::read_to_string(folder.join(name)).unwrap().trim_end().to_owned();
    let v4 = run(Signing::SigV4, &folder.join("v4"), |case, _| read(case, "header-signature.txt"));
    // ECDSA signatures are not unique: the published string to sign, signed again with its key, must be what we sent.
    let v4a = run(Signing::SigV4a, &folder.join("v4a"), |case, context| {
        let key = |name: &str| context["credentials"][name].as_str().unwrap();
        let key = v4a::generate_signing_key(key("access_key_id"), key("secret_access_key"));
        v4a::calculate_signature(key, read(case, "header-string-to-sign.txt").as_bytes())
    });
    println!("SigV4: {} passed, {} failed; SigV4a: {} passed, {} failed", v4.0, v4.1.len(), v4a.0, v4a.1.len());
    println!("left out in each: {LEFT_OUT:?}");
    assert_eq!((v4, v4a), ((37, Vec::new()), (37, Vec::new())));
}
