//! `sandbox check` names what falls short: a server that keeps the contract stands behind a proxy that breaks
//! it in one way at a time.

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
        for name in ["authorization", "content-type", "content-digest"] {
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
    done(&[
        "user",
        "add",
        "mot.cua.51",
        "--full-name",
        "Một cửa thử",
        "--generate",
        "--role",
        "one_stop",
        "--area",
        "51",
    ]);
    let token = done(&["token", "make", "mot.cua.51", "--label", "thử"]);
    let token = token.trim().to_owned();
    (program, token)
}

/// What the check names as falling short.
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
    let arguments = [
        NOW[0],
        NOW[1],
        "sandbox",
        "check",
        &url,
        "--token",
        token,
        "--province",
        "51",
        "--area",
        "21031",
    ];
    let mut command = program.command(&arguments);
    let output = tokio::task::spawn_blocking(move || command.output().expect("runs"));
    let output = output.await.expect("ran");
    serving.abort();
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    let rows = printed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let short: Vec<String> = rows
        .filter(|row| row["ok"] == false)
        .map(|row| row["check"].as_str().expect("a sentence").to_owned())
        .collect();
    assert_eq!(
        output.status.code(),
        Some(i32::from(!short.is_empty())),
        "{fault:?}: {printed}"
    );
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
        (Fault::Down, Some("tệp mới được nhận")),
    ] {
        let short = named(&program, &token, to, fault).await;
        match check {
            None => assert_eq!(short, Vec::<String>::new()),
            Some(check) => assert!(short.iter().any(|it| it == check), "{fault:?}: {short:?}"),
        }
    }
}
