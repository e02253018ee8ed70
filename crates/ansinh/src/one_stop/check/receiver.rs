//! A server that receives, in our own messages or by X-Road. Leaves one dossier and two scans of nobody there.

use kernel::Clock;
use kernel::area::{Areas, Level};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Checked, Findings, signed};
use crate::one_stop::client::{Answer, Client};
use crate::one_stop::plan::{Citizens, file};

const NOTHING: (&str, &[u8]) = ("", b"");
const FILE: &str = "application/octet-stream";

struct Check<'a> {
    client: &'a Client,
    clock: &'a Clock,
    findings: Findings,
}

/// Looks at everything, with a dossier of a citizen nobody else is.
pub fn check(client: &Client, citizens: &Citizens, clock: &Clock) -> Vec<Checked> {
    let mut it = Check {
        client,
        clock,
        findings: Findings::default(),
    };
    let any = u32::try_from(Uuid::new_v4().as_u128() % 90_000).unwrap_or_default() + 10_000;
    // One with a second file, which is not sent: it has to be named as missing.
    let with_two = |number: &u32| citizens.submission(*number).1.len() > 1;
    let number = (any..).find(with_two).unwrap_or(any);
    it.files(citizens.seed, number);
    it.messages(citizens, number);
    it.of_another_province(citizens, number);
    it.told();
    signed::check(client, clock, &mut it.findings);
    it.findings.0
}

impl Check<'_> {
    fn ask(&self, what: (&str, &str), content: (&str, &[u8])) -> Option<Answer> {
        self.client.ask(what, content, self.clock.now())
    }

    fn post(&self, path: &str, body: &Value) -> Option<Answer> {
        let text = body.to_string();
        self.ask(("POST", path), ("application/json", text.as_bytes()))
    }

    fn hold(&mut self, check: &'static str, asks: (u16, &str), answer: Option<Answer>) -> Value {
        let by_code = self.client.is_soap();
        self.findings.answers(check, asks, answer, by_code)
    }

    fn holds(&mut self, check: &'static str, asks: &str, ok: bool, found: &Value) {
        self.findings.holds(check, asks, ok, found);
    }

    fn files(&mut self, seed: u64, number: u32) {
        let scan = file(seed, number, "Tờ khai");
        let other = file(seed, number, "Giấy khác");
        let path = format!("files/{}", scan.sha256);
        let wrong = self.ask(("PUT", &path), (FILE, other.content.as_bytes()));
        self.hold("tệp sai mã bị từ chối", (422, "hash_mismatch"), wrong);
        let kept = self.ask(("GET", &path), NOTHING);
        self.hold("tệp sai mã không được giữ", (404, "unknown_file"), kept);
        for (check, status) in [
            ("tệp mới được nhận", 201),
            ("gửi lại tệp không đổi gì", 200),
        ] {
            let sent = self.ask(("PUT", &path), (FILE, scan.content.as_bytes()));
            self.hold(check, (status, ""), sent);
        }
        let back = self.ask(("GET", &path), NOTHING);
        let same = back.is_some_and(|it| it.body == scan.content.as_bytes());
        let asks = "GET trả đúng từng byte đã gửi";
        self.holds("lấy lại đúng tệp đã gửi", asks, same, &json!(same));
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
        let early = self.hold("thông điệp đến sớm được giữ lại", (200, ""), early);
        self.holds(
            "câu trả lời là held",
            "answer held cho đến khi thông điệp trước đến",
            early["answer"] == "held",
            &early["answer"],
        );

        let tomorrow = now + jiff::SignedDuration::from_hours(24);
        let mut future = submission.clone();
        future["at"] = json!(tomorrow);
        let future = self.post("dossiers", &future);
        self.hold(
            "thông điệp của ngày mai bị từ chối",
            (422, "in_the_future"),
            future,
        );
        let first = self.post("dossiers", &submission);
        let first = self.hold("hồ sơ được nhận", (200, ""), first);
        let missing: Vec<&str> = files.iter().skip(1).map(|it| it.sha256.as_str()).collect();
        let named = first["missing_files"] == json!(missing);
        self.holds(
            "tệp còn thiếu được nêu ngay",
            "missing_files nêu đúng các mã tệp chưa đến",
            named,
            &first["missing_files"],
        );
        let asked = first["gaps"].as_array();
        let asks = asked.is_some_and(|all| all.iter().any(|it| it["field"] == "sex"));
        let lacks = submission["form"]["answers"].get("sex").is_none();
        self.holds(
            "mục tờ khai còn thiếu được nêu ngay",
            "gaps nêu các mục thiếu của tờ khai, và chỉ các mục ấy",
            asked.is_some() && asks == lacks,
            &first["gaps"],
        );
        let again = self.post("dossiers", &submission);
        let again = self.hold("gửi lại thông điệp được nhận như cũ", (200, ""), again);
        let asks = "gửi lại nhận cùng câu trả lời";
        self.holds(
            "câu trả lời như trước",
            asks,
            again == first,
            &again["answer"],
        );
        let mut other = submission.clone();
        other["applicant"] = json!("Người Khác");
        let other = self.post("dossiers", &other);
        self.hold(
            "mã thông điệp dùng lại cho nội dung khác bị từ chối",
            (422, "message_id_reused"),
            other,
        );
        let standing = self.ask(("GET", &format!("dossiers/{dossier}")), NOTHING);
        let standing = self.hold("hồ sơ xem được", (200, ""), standing);
        let through = standing["last_seq"] == 2 && standing["held"] == 0;
        self.holds(
            "thông điệp giữ lại được xử lý khi đủ",
            "last_seq 2, held 0 sau khi thông điệp 1 đến",
            through,
            &standing["last_seq"],
        );
        let half = self.ask(("POST", "dossiers"), ("application/json", b"{\"id\":"));
        self.hold("nửa thông điệp bị từ chối", (400, ""), half);
    }

    /// A dossier of a commune elsewhere is not taken, and none of elsewhere is seen.
    fn of_another_province(&mut self, citizens: &Citizens, number: u32) {
        let (areas, today) = (Areas::embedded(), self.clock.today());
        let elsewhere = areas.all().iter().find(|area| {
            let province = areas.province_of(area).code;
            area.exists_on(today) && area.level == Level::Commune && province != citizens.province
        });
        let Some(elsewhere) = elsewhere else {
            return;
        };
        let theirs = Citizens {
            province: areas.province_of(elsewhere).code.to_owned(),
            area: elsewhere.code.to_owned(),
            ..citizens.clone()
        };
        let (mut fields, _) = theirs.submission(number);
        let dossier = theirs.code(number, self.clock.now());
        fields["id"] = json!(Uuid::new_v4());
        fields["dossier"] = json!(dossier);
        fields["seq"] = json!(1);
        fields["at"] = json!(self.clock.now());
        let sent = self.post("dossiers", &fields);
        let asks = (422, "other_province");
        self.hold("hồ sơ của tỉnh khác bị từ chối", asks, sent);
        let seen = self.ask(("GET", &format!("dossiers/{dossier}")), NOTHING);
        let asks = (404, "unknown_dossier");
        self.hold("hồ sơ của tỉnh khác không xem được", asks, seen);
    }

    fn told(&mut self) {
        let told = self.ask(("GET", "messages?after=0&limit=1000"), NOTHING);
        let told = self.hold("lấy được thông điệp", (200, ""), told);
        let told = told.as_array().map_or(&[][..], Vec::as_slice);
        let number = |it: &Value| it["no"].as_i64();
        let ordered = told.windows(2).all(|two| number(&two[0]) < number(&two[1]));
        let asks = "no tăng dần, mỗi thông điệp một lần";
        self.holds("thông điệp theo thứ tự", asks, ordered, &json!(told.len()));
        let path = format!("messages/{}/ack", Uuid::new_v4());
        let unknown = self.post(&path, &json!({}));
        self.hold(
            "ghi nhận thông điệp lạ bị từ chối",
            (404, "unknown_message"),
            unknown,
        );
    }
}
