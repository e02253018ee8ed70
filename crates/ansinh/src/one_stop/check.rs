//! Whether the other side keeps the contract: what is asked of it, what it should answer, what it does.
//! Leaves one dossier and two scans of nobody there.

use kernel::Clock;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::{Answer, Client};
use super::plan::{Citizens, file};

const NOTHING: (&str, &[u8]) = ("", b"");
const FILE: &str = "application/octet-stream";

/// A thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// What should be.
    pub check: &'static str,
    /// Whether it is.
    pub ok: bool,
    /// What was answered: status and code.
    pub found: String,
}

struct Check<'a> {
    client: &'a Client,
    clock: &'a Clock,
    checked: Vec<Checked>,
}

/// Looks at everything, with a dossier of a citizen nobody else is.
pub fn check(client: &Client, citizens: &Citizens, clock: &Clock) -> Vec<Checked> {
    let mut it = Check {
        client,
        clock,
        checked: Vec::new(),
    };
    let any = u32::try_from(Uuid::new_v4().as_u128() % 90_000).unwrap_or_default() + 10_000;
    // One with a second file, which is not sent: it has to be named as missing.
    let with_two = |number: &u32| citizens.submission(*number).1.len() > 1;
    let number = (any..).find(with_two).unwrap_or(any);
    it.files(citizens.seed, number);
    it.messages(citizens, number);
    it.told();
    it.checked
}

impl Check<'_> {
    fn ask(&self, what: (&str, &str), content: (&str, &[u8])) -> Option<Answer> {
        self.client.ask(what, content, self.clock.now())
    }

    fn post(&self, path: &str, body: &Value) -> Option<Answer> {
        let text = body.to_string();
        self.ask(("POST", path), ("application/json", text.as_bytes()))
    }

    fn hold(&mut self, check: &'static str, status: u16, answer: Option<Answer>) -> Value {
        let body = answer.as_ref().map(Answer::json).unwrap_or_default();
        let given = answer.map_or(0, |it| it.status);
        let code = body["code"].as_str().or(body["answer"].as_str());
        self.checked.push(Checked {
            check,
            ok: given == status,
            found: format!("{given} {}", code.unwrap_or_default()),
        });
        body
    }

    fn holds(&mut self, check: &'static str, ok: bool, found: &Value) {
        let found = found.to_string();
        self.checked.push(Checked { check, ok, found });
    }

    fn files(&mut self, seed: u64, number: u32) {
        let scan = file(seed, number, "Tờ khai");
        let other = file(seed, number, "Giấy khác");
        let path = format!("files/{}", scan.sha256);
        let wrong = self.ask(("PUT", &path), (FILE, other.content.as_bytes()));
        self.hold("tệp sai mã bị từ chối", 422, wrong);
        let kept = self.ask(("GET", &path), NOTHING);
        self.hold("tệp sai mã không được giữ", 404, kept);
        for (check, status) in [
            ("tệp mới được nhận", 201),
            ("gửi lại tệp không đổi gì", 200),
        ] {
            let sent = self.ask(("PUT", &path), (FILE, scan.content.as_bytes()));
            self.hold(check, status, sent);
        }
        let back = self.ask(("GET", &path), NOTHING);
        let same = back.is_some_and(|it| it.body == scan.content.as_bytes());
        self.holds("lấy lại đúng tệp đã gửi", same, &json!(same));
    }

    fn messages(&mut self, citizens: &Citizens, number: u32) {
        let dossier = citizens.code(number, self.clock.now());
        let message = |seq: i32, mut body: Value, at: jiff::Timestamp| {
            body["id"] = json!(Uuid::new_v4());
            body["dossier"] = json!(dossier);
            body["seq"] = json!(seq);
            body["at"] = json!(at);
            body
        };
        let now = self.clock.now();
        let (fields, files) = citizens.submission(number);
        let submission = message(1, fields, now);
        let later = message(2, json!({"reason": "nộp nhầm"}), now);
        let of = format!("dossiers/{dossier}/withdrawal");
        let early = self.post(&of, &later);
        let early = self.hold("thông điệp đến sớm được giữ lại", 200, early);
        self.holds(
            "câu trả lời là held",
            early["answer"] == "held",
            &early["answer"],
        );

        let tomorrow = now + jiff::SignedDuration::from_hours(24);
        let mut future = submission.clone();
        future["at"] = json!(tomorrow);
        let future = self.post("dossiers", &future);
        self.hold("thông điệp của ngày mai bị từ chối", 422, future);
        let first = self.post("dossiers", &submission);
        let first = self.hold("hồ sơ được nhận", 200, first);
        let missing: Vec<&str> = files.iter().skip(1).map(|it| it.sha256.as_str()).collect();
        let named = first["missing_files"] == json!(missing);
        self.holds(
            "tệp còn thiếu được nêu ngay",
            named,
            &first["missing_files"],
        );
        let asked = first["gaps"].as_array();
        let asks = asked.is_some_and(|all| all.iter().any(|it| it["field"] == "sex"));
        let lacks = submission["form"]["answers"].get("sex").is_none();
        self.holds(
            "mục tờ khai còn thiếu được nêu ngay",
            asked.is_some() && asks == lacks,
            &first["gaps"],
        );
        let again = self.post("dossiers", &submission);
        let again = self.hold("gửi lại thông điệp được nhận như cũ", 200, again);
        self.holds("câu trả lời như trước", again == first, &again["answer"]);
        let mut other = submission.clone();
        other["applicant"] = json!("Người Khác");
        let other = self.post("dossiers", &other);
        self.hold(
            "mã thông điệp dùng lại cho nội dung khác bị từ chối",
            422,
            other,
        );
        let standing = self.ask(("GET", &format!("dossiers/{dossier}")), NOTHING);
        let standing = self.hold("hồ sơ xem được", 200, standing);
        let through = standing["last_seq"] == 2 && standing["held"] == 0;
        self.holds(
            "thông điệp giữ lại được xử lý khi đủ",
            through,
            &standing["last_seq"],
        );
        let half = self.ask(("POST", "dossiers"), ("application/json", b"{\"id\":"));
        self.hold("nửa thông điệp bị từ chối", 400, half);
    }

    fn told(&mut self) {
        let told = self.ask(("GET", "messages?after=0&limit=1000"), NOTHING);
        let told = self.hold("lấy được thông điệp", 200, told);
        let told = told.as_array().map_or(&[][..], Vec::as_slice);
        let number = |it: &Value| it["no"].as_i64();
        let ordered = told.windows(2).all(|two| number(&two[0]) < number(&two[1]));
        self.holds("thông điệp theo thứ tự", ordered, &json!(told.len()));
        let path = format!("messages/{}/ack", Uuid::new_v4());
        let unknown = self.post(&path, &json!({}));
        self.hold("ghi nhận thông điệp lạ bị từ chối", 404, unknown);
    }
}
