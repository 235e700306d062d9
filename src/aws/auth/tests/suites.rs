//! AWS's own signing suites, as the `aws-sigv4` package carries them, through the configuration, the endpoint
//! properties and the signers that a call goes through.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::{HttpSignatureType, SigV4OperationSigningConfig};
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
use crate::aws::copies::signed_url;
use crate::endpoint::Endpoint;
use crate::smithy::{Operation, Service};

/// Where a signature goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Header,
    /// A URL signed beforehand.
    Query,
}

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
fn sign(signing: Signing, form: Form, case: &Value, request: &str) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let credentials = credentials(case);
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
        .with_time_source(Some(StaticTimeSource::new(time(case))))
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
    let mut config = layer.load::<SigV4OperationSigningConfig>().unwrap().clone();
    config.signing_options.omit_session_token = case["omit_session_token"] == true;
    if form == Form::Query {
        config.signing_options.signature_type = HttpSignatureType::HttpRequestQueryParams;
        config.signing_options.expires_in = case["expiration_in_seconds"].as_u64().map(Duration::from_secs);
    }
    layer.store_put(config);
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
    match form {
        Form::Header => {
            let authorization = request.headers().get("authorization").unwrap();
            authorization.rsplit_once("Signature=").unwrap().1.to_owned()
        }
        Form::Query => {
            assert_eq!(request.headers().get("authorization"), None);
            of_url(request.uri()).to_owned()
        }
    }
}

fn of_url(url: &str) -> &str {
    url.split_once("X-Amz-Signature=").unwrap().1.split('&').next().unwrap()
}

fn time(case: &Value) -> SystemTime {
    DateTime::from_str(case["timestamp"].as_str().unwrap(), Format::DateTime).unwrap().try_into().unwrap()
}

fn credentials(case: &Value) -> Credentials {
    let text = |name: &str| case["credentials"][name].as_str().map(str::to_owned);
    let [Some(id), Some(secret)] = [text("access_key_id"), text("secret_access_key")] else { panic!("{case}") };
    Credentials::new(id, secret, text("token"), None, "suite")
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
    let host = head.lines().find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("host")));
    request.set_uri(format!("https://{}{path}", host.unwrap().1.trim())).unwrap();
    let mut last = String::new();
    for line in lines {
        match line.split_once(':').filter(|_| !line.starts_with(' ')) {
            // Both are made anew.
            Some((name, _)) if ["host", "x-amz-date"].iter().any(|own| name.eq_ignore_ascii_case(own)) => {}
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

/// A case: its name, its surroundings, its request, the folder it lies in.
struct Case {
    name: String,
    context: Value,
    request: String,
    folder: PathBuf,
}

impl Case {
    fn read(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.join(file)).ok().map(|text| text.trim_end().to_owned())
    }
}

fn cases(folder: &Path) -> Vec<Case> {
    let mut cases: Vec<Case> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let folder = entry.unwrap().path();
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let context = match std::fs::read(folder.join("context.json")) {
                Ok(json) => serde_json::from_slice(&json).unwrap(),
                // Two cases come without; these are theirs in the package's own tests.
                Err(_) => match name.as_str() {
                    "double-encode-path" => json!({
                        "credentials": {
                            "access_key_id": "ANOTREAL", "secret_access_key": "notrealrnrELgWzOk3IfjzDKtFBhDby"
                        },
                        "region": "us-east-1", "service": "service", "timestamp": "2015-08-30T12:36:00Z"
                    }),
                    "double-url-encode" => json!({
                        "credentials": {
                            "access_key_id": "AKIDEXAMPLE",
                            "secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
                        },
                        "region": "us-east-2", "service": "lambda", "timestamp": "2021-05-11T15:40:45Z"
                    }),
                    _ => panic!("{name} has no context"),
                },
            };
            let request = std::fs::read_to_string(folder.join("request.txt")).unwrap();
            Case { name, context, request, folder }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// Runs the cases of a folder in one form; what is expected of each, where it has this form.
fn run(
    told: &mut String,
    signing: Signing,
    form: Form,
    cases: &[Case],
    expected: impl Fn(&Case) -> Option<String>,
) -> (usize, Vec<String>) {
    let (mut passed, mut failed) = (0, Vec::new());
    for case in cases {
        let Some(expected) = expected(case) else { continue };
        let signature = sign(signing, form, &case.context, &case.request);
        if signature == expected { passed += 1 } else { failed.push(case.name.clone()) }
    }
    told.push_str(&format!("\n{signing:?} {form:?}: {passed} passed, {} failed, 0 excepted", failed.len()));
    (passed, failed)
}

/// A published string to sign, signed again with its key: ECDSA signatures are not unique, ours are.
fn signed_again(case: &Case, file: &str) -> Option<String> {
    let key = |name: &str| case.context["credentials"][name].as_str().unwrap();
    let key = v4a::generate_signing_key(key("access_key_id"), key("secret_access_key"));
    Some(v4a::calculate_signature(key, case.read(file)?.as_bytes()))
}

#[test]
fn the_signing_suites_pass() {
    // Past the capture, so that a plain `cargo test` shows it.
    let say = |text: &str| std::io::stdout().lock().write_all(format!("\n{text}\n").as_bytes()).unwrap();
    let Some(folder) = suites() else {
        say("left out: the signing suites (the sources of aws-sigv4 are not where cargo unpacks them)");
        return;
    };
    let (v4, v4a) = (cases(&folder.join("v4")), cases(&folder.join("v4a")));
    let mut told = format!("signing suites ({} and {} cases)", v4.len(), v4a.len());
    let header = |case: &Case| {
        let signed = || case.read("header-signed-request.txt");
        case.read("header-signature.txt")
            .or_else(|| Some(signed()?.split_once("Signature=")?.1.lines().next()?.to_owned()))
    };
    let got = [
        run(&mut told, Signing::SigV4, Form::Header, &v4, header),
        run(&mut told, Signing::SigV4, Form::Query, &v4, |case| case.read("query-signature.txt")),
        run(&mut told, Signing::SigV4a, Form::Header, &v4a, |case| signed_again(case, "header-string-to-sign.txt")),
        run(&mut told, Signing::SigV4a, Form::Query, &v4a, |case| signed_again(case, "query-string-to-sign.txt")),
    ];
    say(&told);
    assert_eq!(got, [40, 38, 38, 38].map(|passed| (passed, Vec::new())));
}

/// Copies from another region carry URLs that are signed beforehand, always of a GET with nothing else in it.
#[test]
fn urls_of_copies_are_signed_as_the_suite_says() {
    let Some(folder) = suites() else { return };
    let mut names = Vec::new();
    for case in cases(&folder.join("v4")) {
        let path = path_of(&case.request);
        let bare = case.request.starts_with("GET ") && case.request.trim_end().lines().count() == 2;
        let Some(expected) = case.read("query-signature.txt") else { continue };
        // A copy's path is the root: what is written in it twice or once makes no difference there.
        if !bare
            || path.contains(' ')
            || path.contains("%20")
            || case.context["normalize"] == false
            || case.context["sign_body"] == true
        {
            continue;
        }
        let url = format!("https://example.amazonaws.com{path}");
        let text = |name: &str| case.context[name].as_str().unwrap();
        let signed =
            signed_url(&url, text("service"), text("region"), credentials(&case.context), time(&case.context)).unwrap();
        assert_eq!(of_url(&signed), expected, "{}", case.name);
        assert!(signed.contains("&X-Amz-Expires=3600&") && signed.contains("X-Amz-SignedHeaders=host&"), "{signed}");
        names.push(case.name);
    }
    assert!(names.len() >= 8, "{names:?}");
}
