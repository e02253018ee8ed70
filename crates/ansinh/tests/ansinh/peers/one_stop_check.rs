//! `sandbox check` names what falls short: a server that keeps the contract stands behind a proxy that breaks
//! it in one way at a time, and a platform that is called misbehaves in one way at a time.

mod platform;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::program::{Program, Running};

const NOW: [&str; 2] = ["--now", "2024-05-06T08:00:00+07:00"];

/// How the proxy breaks the contract.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// Every file is taken, whatever its name says.
    TakesAnyFile,
    /// A file that was sent before is called new.
    ForgetsFiles,
    /// Hands out other content than was sent.
    ChangesFiles,
    /// What comes too early is called taken.
    HoldsNothing,
    /// A message of tomorrow is taken.
    BelievesAnyClock,
    /// The same message again is refused.
    RefusesRepeats,
    /// Another content under the same id is taken.
    TakesOtherContent,
    /// Does not say which files are missing.
    NamesNoFiles,
    /// Half a message makes it fail.
    FailsOnHalf,
    /// What was held is never looked at again.
    LosesHeld,
    /// Acknowledgements of what it never told are taken.
    TakesAnyAcknowledgement,
    /// A dossier of another province is taken.
    TakesOtherProvinces,
    /// A dossier of another province is shown.
    ShowsOtherProvinces,
    /// What was signed and sent before is taken again.
    TakesReplays,
    /// A signature of another day is taken.
    TakesAnyTime,
    /// A signature of another key is taken.
    TakesAnyKey,
    /// Another content than was signed is taken.
    TakesOtherSigned,
    /// Never answers.
    Down,
}

struct Proxy {
    to: SocketAddr,
    fault: Fault,
    /// Bodies sent to an address, and how often.
    seen: Mutex<HashMap<(Uri, Vec<u8>), u32>>,
}

/// The status a body is answered with, and the answer as JSON.
type Answered = (u16, Vec<u8>);

impl Proxy {
    fn behave(&self, request: (&Method, &str, &[u8]), times: u32, true_one: Answered) -> Answered {
        let (method, path, body) = request;
        let sent: Value = serde_json::from_slice(body).unwrap_or_default();
        let mut told: Value = serde_json::from_slice(&true_one.1).unwrap_or_default();
        let code = told["code"].as_str().unwrap_or_default().to_owned();
        let inner = told["errors"][0]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let taken = || json!({"id": sent["id"], "answer": "taken", "missing_files": []});
        let is = |fault: Fault| self.fault == fault;
        let of_file = path.contains("/files/");
        let changed = if is(Fault::TakesAnyFile) && of_file && true_one.0 == 422 {
            Some((201, json!({})))
        } else if is(Fault::ForgetsFiles) && *method == Method::PUT && true_one.0 == 200 {
            Some((201, told.clone()))
        } else if is(Fault::ChangesFiles) && of_file && *method == Method::GET {
            Some((true_one.0, json!("another")))
        } else if (is(Fault::HoldsNothing) && told["answer"] == "held")
            || (is(Fault::BelievesAnyClock) && inner == "in_the_future")
            || (is(Fault::TakesOtherContent) && inner == "message_id_reused")
            || (is(Fault::TakesOtherProvinces) && inner == "other_province")
        {
            Some((200, taken()))
        } else if is(Fault::RefusesRepeats) && path.ends_with("/dossiers") && times > 1 {
            Some((409, json!({"code": "known"})))
        } else if is(Fault::NamesNoFiles) && told.get("missing_files").is_some() {
            told["missing_files"] = json!([]);
            Some((true_one.0, told.clone()))
        } else if is(Fault::FailsOnHalf) && true_one.0 == 400 {
            Some((500, json!({})))
        } else if is(Fault::LosesHeld) && told.get("last_seq").is_some() {
            told["last_seq"] = json!(1);
            told["held"] = json!(1);
            Some((200, told.clone()))
        } else if is(Fault::TakesAnyAcknowledgement) && code == "unknown_message" {
            Some((200, json!({"recorded": 1, "already": 0})))
        } else if (is(Fault::ShowsOtherProvinces) && code == "unknown_dossier")
            || (is(Fault::TakesReplays) && code == "signature_replayed")
            || (is(Fault::TakesAnyTime) && code == "signature_clock")
            || (is(Fault::TakesAnyKey) && code == "signature_wrong")
            || (is(Fault::TakesOtherSigned) && code == "content_digest_wrong")
        {
            Some((200, json!({})))
        } else {
            None
        };
        match changed {
            Some((status, body)) => (status, body.to_string().into_bytes()),
            None => true_one,
        }
    }
}

async fn forward(State(proxy): State<Arc<Proxy>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, 1 << 20).await.expect("small");
    if proxy.fault == Fault::Down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let times = {
        let mut seen = proxy.seen.lock().expect("nobody fails with it");
        let times = seen.entry((parts.uri.clone(), body.to_vec())).or_default();
        *times += 1;
        *times
    };
    let (to, method, path) = (proxy.to, parts.method.clone(), parts.uri.path().to_owned());
    let uri = format!("http://{to}{}", parts.uri);
    let sent = body.clone();
    let asked = tokio::task::spawn_blocking(move || {
        let mut request = ureq::http::Request::builder()
            .method(parts.method.as_str())
            .uri(uri);
        for name in [
            "authorization",
            "content-type",
            "content-digest",
            "host",
            "signature",
            "signature-input",
        ] {
            if let Some(value) = parts.headers.get(name) {
                request = request.header(name, value.as_bytes());
            }
        }
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let request = request.body(sent.to_vec()).expect("a request");
        let mut answer = agent.run(request).expect("it answers");
        let status = answer.status().as_u16();
        (status, answer.body_mut().read_to_vec().expect("reads"))
    });
    let true_one = asked.await.expect("asked");
    let (status, answer) = proxy.behave((&method, &path, &body), times, true_one);
    let status = StatusCode::from_u16(status).expect("a status");
    (status, Body::from(answer)).into_response()
}

fn prepared() -> (Program, String) {
    let program = Program::practice();
    let done = |arguments: &[&str]| program.succeed(&[&NOW[..], arguments].concat());
    done(&[
        "--actor",
        "duyet",
        "connection",
        "set",
        "51",
        "two_way",
        "--from",
        "2024-01-01",
    ]);
    let token = program.one_stop_token("2024-05-06T08:00");
    let public = g2p::SigningKey::make(&key(&program)).expect("a key");
    let public = public.public().text();
    let add = [
        "connection",
        "key",
        "add",
        "51",
        "k1",
        &public,
        "--from",
        "2024-01-01",
    ];
    done(&[&["--actor", "duyet"], &add[..]].concat());
    (program, token)
}

fn key(program: &Program) -> std::path::PathBuf {
    program.data().join("one-stop.key")
}

/// What the check of an address names as falling short.
async fn short_of(program: &Program, token: &str, url: &str, more: &[&str]) -> Vec<String> {
    let key = key(program);
    let mut arguments = vec![
        NOW[0],
        NOW[1],
        "sandbox",
        "check",
        url,
        "--token",
        token,
        "--province",
        "51",
        "--area",
        "21031",
        "--key",
        key.to_str().expect("UTF-8"),
        "--key-id",
        "k1",
    ];
    arguments.extend(more);
    let mut command = program.command(&arguments);
    let output = tokio::task::spawn_blocking(move || command.output().expect("runs"));
    let output = output.await.expect("ran");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let rows = printed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let rows: Vec<Value> = rows.collect();
    let says = |row: &&Value| row["asks"].as_str().is_some_and(|it| !it.is_empty());
    assert!(
        rows.len() > 15 && rows.iter().filter(says).count() == rows.len(),
        "{printed}"
    );
    let short = rows.iter().filter(|row| row["ok"] == false);
    let short: Vec<String> = short
        .map(|row| row["check"].as_str().expect("a sentence").to_owned())
        .collect();
    let status = Some(i32::from(!short.is_empty()));
    assert_eq!(output.status.code(), status, "{more:?}: {printed}");
    short
}

/// What the check names as falling short behind a proxy.
async fn named(program: &Program, token: &str, to: SocketAddr, fault: Fault) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let proxy = Proxy {
        to,
        fault,
        seen: Mutex::default(),
    };
    let router = Router::new().fallback(forward).with_state(Arc::new(proxy));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    let short = short_of(program, token, &url, &[]).await;
    serving.abort();
    short
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_of_breaking_the_contract_is_named() {
    let (program, token) = prepared();
    let serve = [NOW[0], NOW[1], "serve", "--listen", "127.0.0.1:0"];
    let serving = Running::start(program.command(&serve));
    let to: SocketAddr = serving.address.parse().expect("an address");
    for (fault, check) in [
        (Fault::None, None),
        (Fault::TakesAnyFile, Some("tệp sai mã bị từ chối")),
        (Fault::ForgetsFiles, Some("gửi lại tệp không đổi gì")),
        (Fault::ChangesFiles, Some("lấy lại đúng tệp đã gửi")),
        (Fault::HoldsNothing, Some("câu trả lời là held")),
        (
            Fault::BelievesAnyClock,
            Some("thông điệp của ngày mai bị từ chối"),
        ),
        (
            Fault::RefusesRepeats,
            Some("gửi lại thông điệp được nhận như cũ"),
        ),
        (
            Fault::TakesOtherContent,
            Some("mã thông điệp dùng lại cho nội dung khác bị từ chối"),
        ),
        (Fault::NamesNoFiles, Some("tệp còn thiếu được nêu ngay")),
        (Fault::FailsOnHalf, Some("nửa thông điệp bị từ chối")),
        (
            Fault::LosesHeld,
            Some("thông điệp giữ lại được xử lý khi đủ"),
        ),
        (
            Fault::TakesAnyAcknowledgement,
            Some("ghi nhận thông điệp lạ bị từ chối"),
        ),
        (
            Fault::TakesOtherProvinces,
            Some("hồ sơ của tỉnh khác bị từ chối"),
        ),
        (
            Fault::ShowsOtherProvinces,
            Some("hồ sơ của tỉnh khác không xem được"),
        ),
        (
            Fault::TakesReplays,
            Some("yêu cầu đã ký gửi lại y nguyên bị từ chối"),
        ),
        (Fault::TakesAnyTime, Some("chữ ký của hôm qua bị từ chối")),
        (Fault::TakesAnyKey, Some("chữ ký bằng khóa khác bị từ chối")),
        (
            Fault::TakesOtherSigned,
            Some("nội dung khác với nội dung đã ký bị từ chối"),
        ),
        (Fault::Down, Some("tệp mới được nhận")),
    ] {
        let short = named(&program, &token, to, fault).await;
        match check {
            None => assert_eq!(short, Vec::<String>::new()),
            Some(check) => assert!(short.iter().any(|it| it == check), "{fault:?}: {short:?}"),
        }
    }
    let (url, none) = (serving.url(), Vec::<String>::new());
    let client = ["--client", "VN/GOV/51/MOT-CUA"];
    let speak = ["--actor", "duyet", "connection", "dialect", "51", "x_road"];
    program.succeed(&[&NOW[..], &speak, &client].concat());
    for dialect in ["x-road", "x-road-soap"] {
        let more = ["--dialect", dialect, client[0], client[1]];
        assert_eq!(
            short_of(&program, &token, &url, &more).await,
            none,
            "{dialect}"
        );
        let other = ["--dialect", dialect, client[0], "VN/GOV/48/MOT-CUA"];
        let short = short_of(&program, &token, &url, &other).await;
        assert!(short.iter().any(|it| it == "hồ sơ được nhận"), "{short:?}");
    }
}
