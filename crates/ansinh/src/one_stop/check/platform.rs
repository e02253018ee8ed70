//! A province's platform that is called: it hands dossiers out until they are marked, and hears what becomes of
//! them. One dossier is marked as taken, and one of nobody handed over: for a platform to practise on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use exchange::file::name_of;
use exchange::pull::Code;
use exchange::pull::shape::{Applicant, Changed, Data, Part, Sending};
use kernel::Clock;
use kernel::area::Areas;
use kernel::clock::vietnam_time;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Checked, Findings};
use crate::one_stop::client::Answer;
use crate::one_stop::plan::Citizens;

const JSON: &str = "application/json";
const OCTETS: &str = "application/octet-stream";
/// Bytes of an answer.
const MAX_ANSWER: u64 = 32 << 20;
/// Files fetched.
const FILES: usize = 20;
const PAPER: &[u8] = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";

/// A platform that is looked at.
pub struct Looked<'a> {
    /// Its address.
    pub address: &'a str,
    /// The token the province gave.
    pub token: &'a str,
    /// Of which province, and who hands the dossier of nobody in.
    pub citizens: &'a Citizens,
    /// The longest an answer may take.
    pub within: Duration,
}

struct Check<'a> {
    at: &'a Looked<'a>,
    clock: &'a Clock,
    findings: Findings,
    /// Requests that had no answer, or one that says the platform is broken.
    unanswered: Vec<String>,
    /// Answers that are no JSON.
    broken: Vec<String>,
    slowest: Duration,
}

/// Looks at everything.
pub fn check(at: &Looked<'_>, clock: &Clock) -> Vec<Checked> {
    let mut it = Check {
        at,
        clock,
        findings: Findings::default(),
        unanswered: Vec::new(),
        broken: Vec::new(),
        slowest: Duration::ZERO,
    };
    it.strangers();
    let first = it.handed_out();
    it.each_is_sound(&first);
    it.files(&first);
    it.marking(&first);
    it.hearing();
    it.manners();
    it.findings.0
}

impl Check<'_> {
    fn ask(
        &mut self,
        (method, path): (&str, &str),
        (media_type, body): (&str, &[u8]),
        token: &str,
    ) -> Option<Answer> {
        let url = format!("{}/{path}", self.at.address.trim_end_matches('/'));
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", media_type)
            .body(body.to_vec());
        let began = Instant::now();
        let response = request.ok().map(|it| g2p::client::agent().run(it));
        let answer = response.and_then(Result::ok).and_then(|mut response| {
            let status = response.status().as_u16();
            let limited = response.body_mut().with_config().limit(MAX_ANSWER);
            let body = limited.read_to_vec().ok()?;
            Some(Answer { status, body })
        });
        self.slowest = self.slowest.max(began.elapsed());
        let what = format!("{method} {path}");
        match &answer {
            None => self.unanswered.push(what),
            Some(it) if it.status >= 500 => self.unanswered.push(format!("{what} {}", it.status)),
            Some(_) => {}
        }
        answer
    }

    fn post(&mut self, operation: &str, body: &Value) -> Option<Answer> {
        let content = body.to_string();
        let token = self.at.token;
        let answer = self.ask(("POST", operation), (JSON, content.as_bytes()), token);
        if let Some(it) = &answer
            && it.status < 500
            && it.json().is_null()
        {
            self.broken.push(operation.to_owned());
        }
        answer
    }

    /// A refusal in the words of the dialect.
    fn refused(
        &mut self,
        check: &'static str,
        (status, code): (u16, Code),
        answer: Option<Answer>,
    ) {
        let asks = format!("HTTP {status}, trangThai 0, maLoi {}", code.number());
        let (given, told) = said(answer.as_ref());
        let ok = given == status
            && told["trangThai"] == 0
            && (told["maLoi"] == code.number() || code == Code::Data);
        let found = json!(format!("{given} {} {}", told["trangThai"], told["maLoi"]));
        self.findings.holds(check, &asks, ok, &found);
    }

    /// Done: `trangThai` 1.
    fn done(&mut self, check: &'static str, answer: Option<&Answer>) -> bool {
        let (given, told) = said(answer);
        let ok = given == 200 && told["trangThai"] == 1;
        let found = json!(format!("{given} {}", told["trangThai"]));
        let asks = "HTTP 200, trangThai 1";
        self.findings.holds(check, asks, ok, &found);
        ok
    }

    fn strangers(&mut self) {
        let token = format!("{}-khac", self.at.token);
        let wrong = self.ask(("POST", "traHoSo"), (JSON, b"{}"), &token);
        let asks = (401, Code::Authen);
        self.refused("mã truy cập sai bị từ chối", asks, wrong);
        let token = self.at.token;
        let half = self.ask(("POST", "traHoSo"), (JSON, b"{\"infoType\":"), token);
        self.refused("nửa yêu cầu bị từ chối", (400, Code::Data), half);
    }

    /// What is handed out now; `None` when that is no list.
    fn listed(&mut self) -> (Option<Answer>, Option<Vec<Value>>) {
        let answer = self.post("traHoSo", &json!({}));
        let told = said(answer.as_ref()).1;
        let list = match &told["giaTri"] {
            Value::Null if told["trangThai"] == 1 => Some(Vec::new()),
            Value::Array(list) => Some(list.clone()),
            _ => None,
        };
        (answer, list)
    }

    fn handed_out(&mut self) -> Vec<Sending> {
        let (answer, list) = self.listed();
        self.done("traHoSo trả ra hồ sơ", answer.as_ref());
        let list = list.unwrap_or_default();
        let read = |it: &Value| serde_json::from_value::<Sending>(it.clone()).ok();
        let read: Vec<Sending> = list.iter().filter_map(read).collect();
        let asks = "giaTri là danh sách, mỗi hồ sơ đúng tên trường đã thỏa thuận";
        let found = json!(format!("{} hồ sơ, đọc được {}", list.len(), read.len()));
        let ok = read.len() == list.len();
        let check = "mọi hồ sơ trả ra đều đọc được";
        self.findings.holds(check, asks, ok, &found);
        read
    }

    fn each_is_sound(&mut self, list: &[Sending]) {
        let names: Vec<&String> = list
            .iter()
            .filter_map(|it| it.declaration_id.as_ref())
            .collect();
        let own: BTreeSet<&&String> = names.iter().collect();
        let twice = names.len() - own.len();
        let asks = "mỗi hồ sơ một declarationId riêng trong một lần trả lời";
        let check = "không hồ sơ nào trả ra hai lần";
        self.findings.holds(check, asks, twice == 0, &json!(twice));
        let without = list.len() - names.len();
        let check = "mọi hồ sơ đều có declarationId";
        self.findings
            .holds(check, asks, without == 0, &json!(without));

        let mut last: BTreeMap<&str, i32> = BTreeMap::new();
        let mut disordered = 0;
        for sending in list {
            let number = sending.lan_nop.unwrap_or(i32::MAX);
            let before = last.insert(&sending.ma_ho_so, number);
            disordered += usize::from(before.is_some_and(|it| it > number));
        }
        let asks = "lanNop tăng dần trong từng hồ sơ";
        let check = "các lần nộp theo thứ tự";
        self.findings
            .holds(check, asks, disordered == 0, &json!(disordered));

        let (areas, now) = (Areas::embedded(), self.clock.now());
        let elsewhere = list.iter().filter(|it| {
            let unit = areas.on(&it.ma_don_vi, self.clock.today());
            let unit = unit.or_else(|| areas.latest(&it.ma_don_vi));
            unit.is_none_or(|it| areas.province_of(it).code != self.at.citizens.province)
        });
        let elsewhere = elsewhere.count();
        let asks = "maDonVi là mã xã của tỉnh";
        let check = "không có hồ sơ của tỉnh khác";
        self.findings
            .holds(check, asks, elsewhere == 0, &json!(elsewhere));
        let future = list
            .iter()
            .filter(|it| it.received_at().is_none_or(|at| at > now));
        let future = future.count();
        let asks = "ngayTiepNhan dạng dd/MM/yyyy hoặc yyyyMMddHHmmss, không sau giờ hiện tại";
        let check = "không hồ sơ nào ghi giờ của ngày mai";
        self.findings
            .holds(check, asks, future == 0, &json!(future));
    }

    fn files(&mut self, list: &[Sending]) {
        let named: BTreeSet<&str> = list.iter().flat_map(Sending::files).collect();
        let (mut seen, mut sound) = (0, 0);
        for hash in named.into_iter().take(FILES) {
            let path = format!("tepTin/{hash}");
            let answer = self.ask(("GET", &path), (JSON, b""), self.at.token);
            let content = answer.filter(|it| it.status == 200);
            seen += 1;
            sound += usize::from(
                content.is_some_and(|it| name_of(&it.body).to_string().eq_ignore_ascii_case(hash)),
            );
        }
        let asks = "GET tepTin/{mã} trả nội dung có đúng mã SHA-256 ấy";
        let found = json!(format!("{sound}/{seen}"));
        self.findings
            .holds("tệp đúng mã đã nêu", asks, sound == seen, &found);
        let unknown = format!("tepTin/{}", "0".repeat(64));
        let answer = self.ask(("GET", &unknown), (JSON, b""), self.at.token);
        let (given, _) = said(answer.as_ref());
        self.findings
            .holds("tệp lạ không có", "HTTP 404", given == 404, &json!(given));
    }

    fn marking(&mut self, first: &[Sending]) {
        let unknown = json!({ "declarationId": Uuid::new_v4() });
        let unknown = self.post("danhDauHsThanhCong", &unknown);
        self.refused("đánh dấu mã lạ bị từ chối", (404, Code::NotFound), unknown);
        let names = |list: &[Value]| -> BTreeSet<String> {
            let names = list.iter().filter_map(|it| it["declarationId"].as_str());
            names.map(str::to_owned).collect()
        };
        let before: BTreeSet<String> = first
            .iter()
            .filter_map(|it| it.declaration_id.clone())
            .collect();
        let again = names(&self.listed().1.unwrap_or_default());
        let lost = before.difference(&again).count();
        let asks = "traHoSo trả ra lại mọi hồ sơ chưa đánh dấu";
        let check = "chưa đánh dấu thì trả ra lại";
        self.findings.holds(check, asks, lost == 0, &json!(lost));
        let Some(one) = before.first() else {
            let asks = "cần ít nhất một hồ sơ chưa đánh dấu trên nền tảng";
            self.findings
                .holds("có hồ sơ để đánh dấu", asks, false, &json!(0));
            return;
        };
        let mark = json!({ "declarationId": one });
        let marked = self.post("danhDauHsThanhCong", &mark);
        self.done("đánh dấu được nhận", marked.as_ref());
        let after = names(&self.listed().1.unwrap_or_default());
        let gone = !after.contains(one);
        let asks = "sau danhDauHsThanhCong, traHoSo không trả ra hồ sơ ấy nữa";
        let check = "đã đánh dấu thì không trả ra nữa";
        self.findings.holds(check, asks, gone, &json!(gone));
        let lost = before.difference(&after).filter(|it| *it != one).count();
        let asks = "chỉ hồ sơ được đánh dấu mất khỏi danh sách";
        let check = "đánh dấu một hồ sơ không mất hồ sơ khác";
        self.findings.holds(check, asks, lost == 0, &json!(lost));
        let again = self.post("danhDauHsThanhCong", &mark);
        self.done("đánh dấu lại không đổi gì", again.as_ref());
    }

    /// A dossier that begins here, what becomes of it, and its letter.
    fn hearing(&mut self) {
        let any = u32::try_from(Uuid::new_v4().as_u128() % 90_000).unwrap_or_default() + 10_000;
        let dossier = self.at.citizens.code(any, self.clock.now());
        let at = vietnam_time(self.clock.now()).strftime("%Y%m%d%H%M%S");
        let begun = Sending {
            declaration_id: Some(Uuid::new_v4().to_string()),
            ma_don_vi: self.at.citizens.area.clone(),
            module: "1.001776".to_owned(),
            ma_ho_so: dossier.clone(),
            ngay_tiep_nhan: at.to_string(),
            data: Data {
                kenh_thuc_hien: Some("1".to_owned()),
                thong_tin_nguoi_nop: Some(Applicant {
                    ten_nguoi_nop: format!("Người Thử {any}"),
                    so_dinh_danh: Some(format!("000{any:09}")),
                    ..Applicant::default()
                }),
                thanh_phan_ho_so: vec![Part {
                    ten_thanh_phan_ho_so: "Tờ khai".to_owned(),
                    giay_to_dinh_kem: Vec::new(),
                }],
            },
            ..Sending::default()
        };
        let begun = json!(begun);
        for check in [
            "hồ sơ bắt đầu ở đây được nhận",
            "gửi lại hồ sơ được nhận như cũ",
        ] {
            let answer = self.post("nhanHoSo", &begun);
            self.done(check, answer.as_ref());
        }
        let content = [PAPER, format!("% {any}\n%%EOF\n").as_bytes()].concat();
        let letter = self.letter(&content);
        let change = |dossier: &str, number: i32, letter: Option<String>| {
            json!(Changed {
                declaration_id: Uuid::new_v4().to_string(),
                receive_no: dossier.to_owned(),
                dec_status_id: 1,
                dec_status_name: "Đã tiếp nhận hồ sơ, chờ xử lý".to_owned(),
                approve_date: None,
                change_no: number,
                national_status_id: 2,
                national_status_name: "Được tiếp nhận".to_owned(),
                content: json!({"kind": "received"}),
                fields: None,
                hash_tep_tin: letter,
            })
        };
        let told = change(&dossier, 1, letter);
        for check in [
            "trạng thái được nhận",
            "gửi lại trạng thái được nhận như cũ",
        ] {
            let answer = self.post("capNhatTrangThaiHs", &told);
            self.done(check, answer.as_ref());
        }
        let strange = self.at.citizens.code(any + 1, self.clock.now());
        let answer = self.post("capNhatTrangThaiHs", &change(&strange, 1, None));
        let check = "trạng thái của hồ sơ lạ bị từ chối";
        self.refused(check, (404, Code::NotFound), answer);
    }

    /// Hands a letter over, wrongly named and then well. Its name, where the platform takes files.
    fn letter(&mut self, content: &[u8]) -> Option<String> {
        let hash = name_of(content).to_string();
        let path = format!("tepTin/{hash}");
        let wrong = self.ask(("PUT", &path), (OCTETS, PAPER), self.at.token);
        let right = self.ask(("PUT", &path), (OCTETS, content), self.at.token);
        let (wrong, right) = (said(wrong.as_ref()).0, said(right.as_ref()).0);
        if matches!(right, 404 | 405 | 501) {
            let asks = "nhận tệp ở PUT tepTin/{mã}, hoặc 404, 405, 501: khi ấy chỉ báo mã tệp";
            let found = json!(format!("{right}: chỉ báo mã"));
            self.findings
                .holds("văn bản kèm quyết định", asks, true, &found);
            return None;
        }
        let asks = "HTTP 422, không giữ lại gì";
        let check = "văn bản sai mã bị từ chối";
        self.findings
            .holds(check, asks, wrong == 422, &json!(wrong));
        let ok = (200..300).contains(&right);
        let check = "văn bản kèm quyết định được nhận";
        self.findings
            .holds(check, "HTTP 200, 201 hoặc 204", ok, &json!(right));
        ok.then_some(hash)
    }

    fn manners(&mut self) {
        let (asks, none) = (
            "không lỗi 5xx, không mất câu trả lời",
            self.unanswered.is_empty(),
        );
        let found = json!(self.unanswered.join("; "));
        self.findings
            .holds("mọi yêu cầu đều được trả lời", asks, none, &found);
        let (asks, none) = ("thân là JSON trọn vẹn", self.broken.is_empty());
        let found = json!(self.broken.join("; "));
        self.findings
            .holds("mọi câu trả lời đều trọn vẹn", asks, none, &found);
        let asks = format!("mỗi câu trả lời trong {} ms", self.at.within.as_millis());
        let found = json!(format!("chậm nhất {} ms", self.slowest.as_millis()));
        let ok = self.slowest <= self.at.within;
        self.findings.holds("trả lời kịp", &asks, ok, &found);
    }
}

/// Status and content of an answer; 0 and null of none.
fn said(answer: Option<&Answer>) -> (u16, Value) {
    answer.map_or((0, Value::Null), |it| (it.status, it.json()))
}
