//! From answers to a numbered decision through the pages and the interface: corrected, numbered, and what
//! the person's page says of it.

use axum::http::{Method, StatusCode};
use casework::draft::Subject;
use casework::form::Answers;
use casework::submit::{Application, submit};
use casework::{Channel, Event, Submitted};
use kernel::Actor;
use law::Benefit;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Answer, Site, fits, keys};

const JSON: &str = "application/json";

/// An application for the disability allowance of Xã 21175, received on 6 May 2024.
async fn submitted(site: &Site, id_number: &str) -> String {
    let answers = Answers::of_fields([
        ("full_name", "Người Thử"),
        ("birth_date", "12/03/1980"),
        ("sex", "female"),
        ("ethnicity", "Kinh"),
        ("id_number", id_number),
        ("area", "21175"),
        ("pension", "no"),
        ("poverty", "neither"),
        ("disabled", "yes"),
        ("disability_grade", "severe"),
        ("certificate_date", "20/02/2024"),
        ("schooling", "never"),
        ("marital", "married"),
        ("declared_by", "itself"),
    ]);
    let subject = Subject {
        form: "d20-1dd".to_owned(),
        procedure: "1.001776".to_owned(),
        benefit: Some(Benefit::Disability),
        person: None,
    };
    let application = Application {
        id: Uuid::now_v7(),
        subject: &subject,
        answers: &answers,
        channel: Channel::Direct,
        papers: Vec::new(),
        received: true,
        draft: None,
    };
    let (actor, then) = (
        Actor::with_every_role("tiep.nhan"),
        testkit::clock("2024-05-06T08:00:00+07:00"),
    );
    let code = submit(site.db.pool(), &actor, &then, &application).await;
    code.expect("submitted")
}

async fn tell(site: &Site, dossier: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    whole.insert("event_id".into(), json!(Uuid::new_v4()));
    whole.insert("dossier".into(), json!(dossier));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    let event = Event::parse(fields.to_string().as_bytes()).expect("a step");
    let actor = Actor::with_every_role("can.bo");
    let rows = [Submitted { row: 1, event }];
    let applied = casework::apply(site.db.pool(), &actor, &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

/// Through the stages to a proposal the leader agreed with on paper.
async fn appraised(site: &Site, dossier: &str) {
    for (stage, day) in [("commune_review", 13), ("sent_up", 14), ("appraisal", 15)] {
        let done = json!({"kind": "stage_done", "stage": stage});
        tell(site, dossier, &format!("2024-05-{day}T09:00"), done).await;
    }
}

async fn agreed(site: &Site, dossier: &str) {
    appraised(site, dossier).await;
    let proposed = json!({"kind": "proposed", "outcome": "approved", "by": "can.bo"});
    tell(site, dossier, "2024-05-16T09:00", proposed).await;
    let by = json!({"kind": "agreed", "by": "lanh.dao"});
    tell(site, dossier, "2024-05-17T09:00", by).await;
}

fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let after = page.split(&format!(r#"name="{name}" value=""#)).nth(1);
    let after = after.unwrap_or_else(|| panic!("no field {name}"));
    after.split('"').next().expect("a value")
}

async fn follow(site: &Site, cookie: &str, answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    site.get(answer.header("location"), cookie).await.body
}

#[tokio::test]
async fn what_the_law_says_stands_beside_what_is_proposed() {
    let site = Site::open().await;
    let dossier = submitted(&site, "999180000011").await;
    let officer = site.sign_in("can.bo").await;
    let path = format!("/ho-so/{dossier}");
    let says = "</span> 540.000 đồng, từ tháng 02/2024";
    appraised(&site, &dossier).await;
    let page = site.get(&path, &officer).await.body;
    assert!(page.contains(says), "before a proposal: {page}");
    let why = json!({"kind": "proposed", "outcome": "approved", "by": "can.bo"});
    tell(&site, &dossier, "2024-05-16T09:00", why).await;
    let leader = site.sign_in("lanh.dao").await;
    for path in ["/trinh-ky", &path] {
        let page = site.get(path, &leader).await.body;
        assert!(page.contains(says), "{path}: {page}");
        assert!(
            page.contains("Người khuyết tật nặng"),
            "{path} names the benefit: {page}"
        );
    }
}

#[tokio::test]
async fn a_number_left_empty_comes_from_the_book_and_the_person_is_enrolled() {
    let site = Site::open().await;
    let dossier = submitted(&site, "999180000011").await;
    agreed(&site, &dossier).await;
    let records = site.sign_in("van.thu").await;
    let list = site.get("/vao-so", &records).await.body;
    let seen = hidden(&list, "thay").to_owned();
    let form = format!("khoa=v-1&ho_so={dossier}&thay={seen}&so=&ngay=20/05/2024");
    for _ in 0..2 {
        let done = site.post("/vao-so", &records, &form).await;
        let page = follow(&site, &records, &done).await;
        assert!(page.contains("Đã vào sổ: số 01/QĐ-UBND"), "{page}");
    }
    let book = site
        .get("/so-van-ban?dia-ban=51&nam=2024", &records)
        .await
        .body;
    assert!(
        book.contains("01/QĐ-UBND") && book.contains(&dossier),
        "{book}"
    );
    assert!(!book.contains("02/QĐ-UBND"), "sent twice, numbered once");
    let officer = site.sign_in("can.bo").await;
    let page = site.get(&format!("/ho-so/{dossier}"), &officer).await.body;
    assert!(page.contains("số 01/QĐ-UBND") && page.contains("nhận tại quầy"));
    assert!(
        page.contains(&format!("/ho-so/{dossier}/to-khai\"")),
        "{page}"
    );
    assert!(
        page.contains(&format!("/ho-so/{dossier}/giay-to\"")),
        "{page}"
    );
    let person = page.split("/doi-tuong/").nth(1).expect("the beneficiary");
    let person = person.split('"').next().expect("a number");
    let who = site
        .get(&format!("/doi-tuong/{person}"), &officer)
        .await
        .body;
    assert!(who.contains(&format!("/ho-so/{dossier}\"")), "{who}");
    assert!(
        who.contains("01/QĐ-UBND, 20/05/2024"),
        "the enrolment: {who}"
    );
    // Who only reads learns of no papers.
    let reader = site.sign_in("xem").await;
    let page = site.get(&format!("/ho-so/{dossier}"), &reader).await.body;
    assert!(!page.contains("/giay-to") && page.contains("/to-khai\""));
}

#[tokio::test]
async fn many_decisions_get_a_number_each() {
    let site = Site::open().await;
    for number in ["999180000011", "999180000029", "999180000037"] {
        let dossier = submitted(&site, number).await;
        agreed(&site, &dossier).await;
    }
    let records = site.sign_in("van.thu").await;
    let all = "viec=vao-so&pham-vi=tat-ca&loc=phan%3Dnumber&ngay=2024-05-20";
    let preview = site.post("/viec", &records, all).await;
    let told = "làm được với <strong>3</strong> hồ sơ";
    assert!(preview.body.contains(told), "{}", preview.body);
    let (key, chosen) = (keys(&preview.body)[0], hidden(&preview.body, "chon"));
    let form = format!("khoa={key}&viec=vao-so&chon={chosen}&ngay=2024-05-20");
    let done = site.post("/viec/lam", &records, &form).await;
    assert!(done.body.contains("Đã làm với 3 hồ sơ"), "{}", done.body);
    let token = site.token("van.thu").await;
    let book = "/api/v1/number-book/2024/51?kind=decision";
    let book = site.api(Method::GET, book, &token).await.json();
    assert_eq!(book["count"], 3);
    let description = site.get("/api/openapi.json", "").await.json();
    fits(&description, "NumberBook", &book);
    let officer = site.sign_in("can.bo").await;
    let not_theirs = site.post("/viec/lam", &officer, &form).await;
    let told = "Hồ sơ không còn chờ vào sổ";
    assert!(not_theirs.body.contains(told), "{}", not_theirs.body);
}

#[tokio::test]
async fn answers_are_corrected_after_a_supplement_with_what_changed_shown() {
    let site = Site::open().await;
    let dossier = submitted(&site, "999180000011").await;
    let clerk = site.sign_in("tiep.nhan").await;
    let path = format!("/ho-so/{dossier}/to-khai/sua");
    let early = site.get(&path, &clerk).await;
    assert_eq!(
        early.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        early.body
    );
    let why = json!({"kind": "supplement_asked", "papers": ["Tờ khai"], "reason": "Sai ngày cấp"});
    tell(&site, &dossier, "2024-05-08T09:00", why).await;
    let page = site.get(&format!("/ho-so/{dossier}"), &clerk).await.body;
    assert!(page.contains("Sửa tờ khai theo bổ sung"));
    let form = site.get(&path, &clerk).await.body;
    assert!(
        form.contains("20/02/2024"),
        "what was answered stands there"
    );
    let answers = |day: &str| {
        format!(
            "ban=1&full_name=Người Thử&birth_date=12/03/1980&sex=female&ethnicity=01&\
             id_number=999180000011&area=21175&pension=no&poverty=neither&disabled=yes&\
             disability_grade=severe&certificate_date={day}&schooling=never&marital=married&\
             declared_by=itself"
        )
    };
    let wrong = site
        .post(
            &path,
            &clerk,
            &format!("viec=xem&{}", answers("31/02/2024")),
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("href=\"#m-certificate_date\""),
        "{}",
        wrong.body
    );
    let same = site
        .post(
            &path,
            &clerk,
            &format!("viec=xem&{}", answers("20/02/2024")),
        )
        .await;
    assert!(same.body.contains("Chưa sửa mục nào"), "{}", same.body);
    let right = answers("02/03/2024");
    let check = site.post(&path, &clerk, &format!("viec=xem&{right}")).await;
    assert_eq!(check.status, StatusCode::OK, "{}", check.body);
    assert!(
        check
            .body
            .contains("<td>20/02/2024</td><td>02/03/2024</td>"),
        "{}",
        check.body
    );
    let key = keys(&check.body)[0];
    let sure = format!("khoa={key}&viec=ghi&xong_bo_sung=co&{right}");
    for _ in 0..2 {
        let done = site.post(&path, &clerk, &sure).await;
        let page = follow(&site, &clerk, &done).await;
        assert!(page.contains("Đã sửa tờ khai"), "{page}");
        assert!(
            page.contains("<td>20/02/2024</td><td>02/03/2024</td>"),
            "{page}"
        );
        assert!(
            page.contains("4. Đang xử lý"),
            "the supplement came: {page}"
        );
    }
    let token = site.token("can.bo").await;
    let address = format!("/api/v1/dossiers/{dossier}/answers");
    let sent = json!({"seen": 1, "answers": {"phone": "0900000000"}}).to_string();
    let late = site.api_post(&address, &token, "k-1", (JSON, &sent)).await;
    assert_eq!(late.json()["code"], "changed_meanwhile", "{}", late.body);
}

#[tokio::test]
async fn programs_number_add_papers_and_sign() {
    let site = Site::open().await;
    let dossier = submitted(&site, "999180000011").await;
    agreed(&site, &dossier).await;
    let description = site.get("/api/openapi.json", "").await.json();
    let records = site.token("van.thu").await;
    let path = |rest: &str| format!("/api/v1/dossiers/{dossier}/{rest}");
    let sent = json!({"seen": 7, "date": "2024-05-20"}).to_string();
    let numbered = site
        .api_post(&path("decision"), &records, "d-1", (JSON, &sent))
        .await;
    assert_eq!(numbered.status, StatusCode::CREATED, "{}", numbered.body);
    assert_eq!(numbered.json(), json!({"number": "01/QĐ-UBND"}));
    fits(&description, "NumberedDecision", &numbered.json());
    let officer = site.token("can.bo").await;
    let pdf = "%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";
    let part = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n{pdf}\r\n--x--\r\n"
    );
    let multipart = "multipart/form-data; boundary=x";
    let body = format!("{}{file}", part("paper", "Giấy xác nhận"));
    let papers = site
        .api_post(&path("papers"), &officer, "p-1", (multipart, &body))
        .await;
    assert_eq!(papers.status, StatusCode::CREATED, "{}", papers.body);
    fits(&description, "PapersNow", &papers.json());
    let again = site
        .api_post(&path("papers"), &officer, "p-1", (multipart, &body))
        .await;
    assert_eq!(again.json(), papers.json(), "sent twice, added once");
    let signed = [
        part("way", "uploaded"),
        part("signed_by", "Trần Văn Ký"),
        part("signed_on", "20/05/2024"),
        file.clone(),
    ]
    .concat();
    let address = path("letters/quyet-dinh/signature");
    let signed = site
        .api_post(&address, &records, "s-1", (multipart, &signed))
        .await;
    assert_eq!(signed.status, StatusCode::CREATED, "{}", signed.body);
    let listed = site
        .api(Method::GET, &path("papers"), &officer)
        .await
        .json();
    assert_eq!(listed["signed"][0]["file"], signed.json()["file"]);
    let reader = site.token("xem").await;
    let denied = site
        .api_post(&path("decision"), &reader, "d-2", (JSON, &sent))
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_leaders_title_stands_on_what_they_sign() {
    let site = Site::open().await;
    let administrator = site.sign_in("quan.tri").await;
    let page = site.get("/quan-tri/lanh.dao", &administrator).await.body;
    let key = keys(&page).into_iter().find(|key| key.ends_with("-cv"));
    let form = format!(
        "khoa={}&viec=chuc-vu&chuc_vu=Phó Chủ tịch",
        key.expect("a form")
    );
    let done = site.post("/quan-tri/lanh.dao", &administrator, &form).await;
    let page = follow(&site, &administrator, &done).await;
    assert!(page.contains("<dd>Phó Chủ tịch</dd>"), "{page}");
    let dossier = submitted(&site, "999180000011").await;
    agreed(&site, &dossier).await;
    let records = site.sign_in("van.thu").await;
    let list = site.get("/vao-so", &records).await.body;
    let seen = hidden(&list, "thay");
    let form = format!("khoa=v-1&ho_so={dossier}&thay={seen}&so=&ngay=20/05/2024");
    let done = site.post("/vao-so", &records, &form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let letter = site
        .get(&format!("/ho-so/{dossier}/van-ban/quyet-dinh"), &records)
        .await
        .body;
    assert!(
        letter.contains("KT. CHỦ TỊCH") && letter.contains("PHÓ CHỦ TỊCH"),
        "{letter}"
    );
    assert!(letter.contains("<b>Lãnh đạo luyện tập</b>"), "{letter}");
    assert!(
        letter.contains("Người Thử") && letter.contains("540.000"),
        "{letter}"
    );
    assert!(
        !letter.contains("……"),
        "nothing known is left to be written: {letter}"
    );
    let together = format!("/ho-so/{dossier}/van-ban/quyet-dinh-chung");
    let letter = site.get(&together, &records).await.body;
    assert!(
        letter.contains("cho 1 người") && letter.contains("540.000"),
        "whom the decision registered is among its people: {letter}"
    );
}
