//! What is said again: corrections nobody asked for, and dossiers about to be keyed at a counter that a one-stop
//! system has sent.

use axum::http::StatusCode;
use exchange::Mode;
use serde_json::{Value, json};

use crate::client::{Answer, Site, keys};
use crate::one_stop::{act_online, connect};

const DOSSIER: &str = "000.00.00.H51-240506-0007";
/// The same procedure, and a benefit of it.
const WHAT: &str = "1.001776+d20-1dd+disability";
const NUMBER: &str = "000150000017";

async fn connected() -> Site {
    let site = Site::open().await;
    connect(&site, &["51"], Mode::TwoWay, None).await;
    site
}

async fn send(site: &Site, token: &str, path: &str, body: &Value) -> Answer {
    let path = format!("/api/v1/exchange/{path}");
    let sent = ("application/json", &*body.to_string());
    site.api_post(&path, token, "", sent).await
}

async fn submitted(site: &Site, token: &str) {
    let form = json!({"benefit": "disability", "answers": {
        "full_name": "Người Thử", "birth_date": "31/12/1950", "id_number": NUMBER, "phone": "0900000001"}});
    let first = json!({"id": "0190a000-0000-7000-8000-000000000071", "dossier": DOSSIER, "seq": 1,
           "at": "2024-05-06T08:00:00+07:00", "procedure": "1.001776", "area": "21031",
           "channel": "online", "applicant": "Người Thử", "applicant_id_number": NUMBER,
           "papers": [{"name": "Tờ khai"}], "form": form});
    let answer = send(site, token, "dossiers", &first).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_form_is_corrected_without_papers_and_the_dossier_goes_on() {
    let site = connected().await;
    let token = site.token("mot.cua").await;
    submitted(&site, &token).await;
    act_online(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    let officer = site.sign_in("can.bo").await;
    let path = format!("dossiers/{DOSSIER}/supplements");
    let correction = |number: u32, seq: u32, more: Value| {
        let mut whole = json!({"id": format!("0190a000-0000-7000-8000-0000000000{number}"), "seq": seq,
                               "at": "2024-05-10T08:00:00+07:00"});
        let more = more.as_object().expect("fields").clone();
        whole.as_object_mut().expect("fields").extend(more);
        whole
    };
    let form = json!({"form": {"answers": {"phone": "0900000007"}}});
    let sent = correction(72, 2, form.clone());
    for _ in 0..2 {
        let taken = send(&site, &token, &path, &sent).await;
        assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
        assert_eq!(taken.json()["answer"], "taken");
    }
    let page = site.get(&format!("/ho-so/{DOSSIER}"), &officer).await;
    assert!(
        page.body.contains("0900000007") && page.body.contains("2. "),
        "{}",
        page.body
    );
    assert!(!page.body.contains("Đã bổ sung"), "it is no step");
    // Neither papers nor a form: that says nothing.
    let empty = send(&site, &token, &path, &correction(73, 3, json!({}))).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Papers nobody asked for are refused as before: they are a step.
    let papers = correction(74, 3, json!({"papers": [{"name": "Giấy"}]}));
    let unasked = send(&site, &token, &path, &papers).await;
    assert_eq!(unasked.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unasked.json()["errors"][0]["code"], "step_not_now");
}

#[tokio::test]
async fn the_counter_is_told_what_a_one_stop_system_sent_before_it_is_keyed_again() {
    let site = connected().await;
    let token = site.token("mot.cua").await;
    submitted(&site, &token).await;
    let clerk = site.sign_in("tiep.nhan").await;
    let look = async |number: &str, what: &str| {
        let asked = format!("viec={what}&tim={number}");
        let found = site.post("/ho-so/moi", &clerk, &asked).await;
        assert_eq!(found.status, StatusCode::OK, "{}", found.body);
        found
    };
    let warned = look(NUMBER, WHAT).await;
    let link = format!("href=\"/ho-so/{DOSSIER}\"");
    assert!(
        warned.body.contains("Hồ sơ này đã có từ một cửa") && warned.body.contains(&link),
        "{}",
        warned.body
    );
    assert_eq!(warned.body.matches(&link).count(), 1, "told once");
    let other = look("000150000018", WHAT).await;
    assert!(!other.body.contains("đã có từ một cửa"));
    // Somebody typed in without a number is known by name and birth date, before it is submitted.
    let asked = format!("viec={WHAT}&tim=Ai+do");
    let found = site.post("/ho-so/moi", &clerk, &asked).await;
    let form = format!("khoa={}&{asked}&nguoi=&xa=21031", keys(&found.body)[0]);
    let begun = site.post("/ho-so/moi/bat-dau", &clerk, &form).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let section = begun.header("location").to_owned();
    let draft = section.rsplit_once('/').expect("a section").0.to_owned();
    let before = site.get(&draft, &clerk).await;
    assert!(!before.body.contains("đã có từ một cửa"));
    let person =
        "full_name=Nguoi+Thu&birth_date=31%2F12%2F1950&sex=female&ethnicity=Kinh&area=21031";
    let saved = site.post(&section, &clerk, person).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let after = site.get(&draft, &clerk).await;
    assert!(
        after.body.contains("Hồ sơ này đã có từ một cửa") && after.body.contains(&link),
        "{}",
        after.body
    );
    assert!(!after.body.contains(NUMBER), "whose it is is not told");
}

#[tokio::test]
async fn a_province_that_takes_nothing_is_shown_as_slow_to_whoever_reads_there() {
    let site = connected().await;
    let token = site.token("mot.cua").await;
    submitted(&site, &token).await;
    let reader = site.sign_in("xem").await;
    let board = "/lien-thong?thang=2024-05&dia-ban=51";
    act_online(&site, DOSSIER, "received", "2024-05-06T09:00", json!({})).await;
    // Written a moment ago, whenever the step was.
    let now = site.get(board, &reader).await;
    assert!(!now.body.contains("Tỉnh đang chậm"), "{}", now.body);
    let site = site.at("2024-05-22T09:00:00+07:00");
    let reader = site.sign_in("xem").await;
    let later = site.get(board, &reader).await;
    assert!(
        later.body.contains("Tỉnh đang chậm") && later.body.contains("20/05/2024"),
        "{}",
        later.body
    );
}
