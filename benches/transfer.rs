//! Files to S3, beside the AWS CLI and boto3, on the same embedded S3 server: a thousand files of 100 KB, and one of 1 GB
//! beside a bare upload. `cargo bench --bench transfer`; the real binary is measured, its start included.
//!
//! Goals: ≥ 2× boto3's default transfer · ≥ 80 % of a bare upload.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use countersign::cli::demo::server;
use futures_util::Stream;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

type Outcome<T> = Result<T, Box<dyn Error>>;

const FILES: usize = 1_000;
const SIZE: usize = 100 * 1_000;
/// A gigabyte, unless COUNTERSIGN_BENCH_BYTES says another number.
const BIG: usize = 1 << 30;
const PIECE: usize = 256 * 1024;
const POLICY: &str = "version: 1\nservices: {allowlist: ['*'], denylist: []}\nrules: {allow: ['.*']}\nask_for: []\n";

/// Best of three.
fn best(mut work: impl FnMut() -> Outcome<()>) -> Outcome<Duration> {
    let mut times = Vec::new();
    for _ in 0..3 {
        let started = Instant::now();
        work()?;
        times.push(started.elapsed());
    }
    Ok(times.into_iter().min().unwrap_or_default())
}

fn run(command: &mut Command) -> Outcome<String> {
    let done = command.stdin(Stdio::null()).output()?;
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() {
        Ok(told(&done.stdout))
    } else {
        Err(format!("{command:?}: {}{}", told(&done.stdout), told(&done.stderr)).into())
    }
}

/// The server on threads of its own, as another process would be.
fn serve(folder: PathBuf) -> Outcome<String> {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            if let Ok((address, task)) = server::start(&folder).await {
                let _ = tell.send(format!("http://{address}"));
                let _ = task.await;
            }
        });
    });
    Ok(told.recv()?)
}

/// A file in pieces large enough to be no hindrance.
fn pieces(file: tokio::fs::File) -> impl Stream<Item = std::io::Result<Vec<u8>>> {
    futures_util::stream::try_unfold(file, |mut file| async move {
        let mut piece = Vec::with_capacity(PIECE);
        let read = (&mut file).take(PIECE as u64).read_to_end(&mut piece).await?;
        Ok((read > 0).then_some((piece, file)))
    })
}

/// A bare upload: signed without its content, streamed, and nothing else.
async fn bare(url: &str, file: &Path) -> Outcome<Duration> {
    let client = reqwest::Client::builder().no_proxy().http1_only().build()?;
    let target = format!("{url}/demo-reports/bare-big");
    let mut times = Vec::new();
    for _ in 0..3 {
        let started = Instant::now();
        let identity = Credentials::new(server::ACCESS_KEY, server::SECRET_KEY, None, None, "bench").into();
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region("us-east-1")
            .name("s3")
            .time(SystemTime::now())
            .settings(settings)
            .build()?
            .into();
        let request = SignableRequest::new("PUT", &target, std::iter::empty(), SignableBody::UnsignedPayload)?;
        let (instructions, _) = sign(request, &parameters)?.into_parts();
        let file = tokio::fs::File::open(file).await?;
        let length = file.metadata().await?.len();
        let mut request = client.put(&target).header("content-length", length);
        for (name, value) in instructions.headers() {
            request = request.header(name, value);
        }
        let answer = request.body(reqwest::Body::wrap_stream(pieces(file))).send().await?;
        if !answer.status().is_success() {
            return Err(format!("{}: {}", answer.status(), answer.text().await?).into());
        }
        times.push(started.elapsed());
    }
    Ok(times.into_iter().min().unwrap_or_default())
}

/// A Python with boto3 and the AWS CLI, made once beneath `target/`.
fn python() -> Outcome<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let venv = target.join("transfer-venv");
    if !venv.join("ready").exists() {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        run(Command::new(venv.join("bin/python")).args(["-m", "pip", "install", "--quiet", "boto3", "awscli"]))?;
        fs::write(venv.join("ready"), "")?;
    }
    Ok(venv.join("bin"))
}

fn report(what: &str, time: Duration, bytes: u64) {
    let seconds = time.as_secs_f64();
    println!("{what:<44} {seconds:>7.2} s  {:>8.0} MB/s", bytes as f64 / 1e6 / seconds);
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Outcome<()> {
    let size = std::env::var("COUNTERSIGN_BENCH_BYTES").ok().and_then(|text| text.parse().ok()).unwrap_or(BIG);
    let home = tempfile::tempdir()?;
    let work = home.path().join("work");
    let many = work.join("many");
    fs::create_dir_all(&many)?;
    fs::create_dir_all(work.join("parts"))?;
    let block: Vec<u8> = (0..1_u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for n in 0..FILES {
        fs::write(many.join(format!("{n:04}.bin")), block.get(n..n + SIZE).unwrap_or_default())?;
    }
    let big = work.join("parts/big.bin");
    let mut file = fs::File::create(&big)?;
    for _ in 0..size >> 20 {
        file.write_all(&block)?;
    }
    drop(file);
    fs::write(home.path().join("policy.yaml"), POLICY)?;
    let url = serve(home.path().join("s3"))?;

    let environment = [
        ("COUNTERSIGN_HOME", home.path().join("home").display().to_string()),
        ("POLICY_PATH", home.path().join("policy.yaml").display().to_string()),
        ("AWS_ENDPOINT_URL", url.clone()),
        ("AWS_ACCESS_KEY_ID", server::ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", server::SECRET_KEY.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("HOME", home.path().display().to_string()),
        ("PATH", std::env::var("PATH").unwrap_or_default()),
    ];
    let within = |program: &Path| {
        let mut command = Command::new(program);
        command.env_clear().envs(environment.iter().map(|(name, value)| (name, value))).current_dir(&work);
        command
    };
    let ours = |payload: Value| {
        best(|| {
            let mut command = within(Path::new(env!("CARGO_BIN_EXE_countersign")));
            run(command.args(["invoke", "s3", "PutObject"]).arg(payload.to_string())).map(drop)
        })
    };
    let put = |key: &str, body: Value| json!({"Bucket": "demo-reports", "Key": key, "Body": body});

    let bytes = (FILES * SIZE) as u64;
    let ours_many = ours(put("ours", json!({"$path": "many"})))?;
    report("1,000 files of 100 KB: ours", ours_many, bytes);
    let bare_big = bare(&url, &big).await?;
    report("one large file: bare reqwest", bare_big, size as u64);
    let ours_big = ours(put("ours-big", json!({"$path": "parts/big.bin"})))?;
    report("one large file: ours, one PutObject", ours_big, size as u64);
    let ours_parts = ours(put("ours-parts", json!({"$path": "parts"})))?;
    report("one large file: ours, in parts", ours_parts, size as u64);
    let share = |time: Duration| 100.0 * bare_big.as_secs_f64() / time.as_secs_f64();
    println!("of a bare upload: {:.0} % whole, {:.0} % in parts (goal: 80 %)", share(ours_big), share(ours_parts));

    let bin = match python() {
        Ok(bin) => bin,
        Err(problem) => {
            println!("left out: boto3 and the AWS CLI ({problem})");
            return Ok(());
        }
    };
    let cli = |from: &str, to: &str, more: &[&str]| {
        best(|| run(within(&bin.join("aws")).args(["s3", "cp", "--quiet", from, to]).args(more)).map(drop))
    };
    report("1,000 files: aws s3 cp --recursive", cli("many", "s3://demo-reports/cli", &["--recursive"])?, bytes);
    report("one large file: aws s3 cp", cli("parts/big.bin", "s3://demo-reports/cli-big", &[])?, size as u64);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/transfer.py");
    let told = run(within(&bin.join("python")).arg(script).arg(&url).arg(&many).arg(&big))?;
    let told: Value = serde_json::from_str(told.trim())?;
    let time = |name: &str| Duration::from_secs_f64(told.get(name).and_then(Value::as_f64).unwrap_or(0.0));
    report("1,000 files: boto3 upload_file", time("many"), bytes);
    report("one large file: boto3 upload_file", time("big"), size as u64);
    println!("over boto3: {:.1}x (goal: 2x)", time("many").as_secs_f64() / ours_many.as_secs_f64());
    Ok(())
}
