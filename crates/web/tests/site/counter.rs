//! Applications at the counter, without any script: from the choice of what to apply for to the
//! line of the month's list.

use axum::http::{Method, StatusCode};
use kernel::actor::Role;
use kernel::{Actor, Dong, Month};
use law::Law;
use payments::Office;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Answer, Site, fits, keys};

const WHAT: &str = "1.001776+d20-1dd+disability";

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

/// Begins an application of somebody new; the address of its first section.
async fn begun(site: &Site, cookie: &str) -> String {
    let asked = format!("viec={WHAT}&tim=999180000011");
    let found = site.post("/ho-so/moi", cookie, &asked).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    let form = format!("khoa={}&{asked}&nguoi=&xa=21175", keys(&found.body)[0]);
    location(&site.post("/ho-so/moi/bat-dau", cookie, &form).await)
}

/// What is answered in each section.
const ANSWERS: [(&str, &str); 9] = [
    (
        "person",
        "full_name=Ng%C6%B0%E1%BB%9Di+Th%E1%BB%AD&birth_date=12%2F3%2F1980&sex=female&ethnicity=Kinh&id_number=999180000011&area=21175",
    ),
    ("schooling", "schooling=never"),
    ("benefits", "pension=no"),
    ("household", "poverty=neither"),
    (
        "disability",
        "disabled=yes&disability_grade=severe&certificate_date=20%2F02%2F2024",
    ),
    ("work_and_care", "self_care=with_help"),
    ("family", "marital=married"),
    ("pregnancy", "pregnant=no"),
    ("declarant", "declared_by=itself"),
];

fn told(dossier: &str, at: &str, fields: Value) -> casework::Event {
    let mut whole = json!({"event_id": Uuid::now_v7(), "dossier": dossier, "at": at});
    let more = fields.as_object().expect("fields").clone();
    whole.as_object_mut().expect("fields").extend(more);
    casework::Event::parse(whole.to_string().as_bytes()).expect("a step")
}

#[tokio::test]
async fn an_application_goes_from_the_counter_to_the_list_with_arrears() {
    let site = Site::open().await;
    let cookie = site.sign_in("can.bo").await;
    let mut address = begun(&site, &cookie).await;
    let draft = address.rsplit_once('/').expect("a section").0.to_owned();
    let wrong = site
        .post(&address, &cookie, "full_name=&birth_date=31%2F02%2F1980")
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for shown in [
        "<title>Lỗi:",
        "href=\"#m-birth_date\"",
        "31/02/1980",
        "aria-describedby=\"m-birth_date-hd m-birth_date-loi\"",
    ] {
        assert!(wrong.body.contains(shown), "{shown}: {}", wrong.body);
    }
    let early = site.post(&draft, &cookie, "khoa=k0&viec=nop").await;
    assert_eq!(
        early.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nothing is answered yet"
    );
    for (section, answers) in ANSWERS {
        assert_eq!(address, format!("{draft}/{section}"));
        assert_eq!(site.get(&address, &cookie).await.status, StatusCode::OK);
        address = location(&site.post(&address, &cookie, answers).await);
    }
    assert_eq!(address, draft);
    let review = site.get(&draft, &cookie).await;
    for shown in [
        "540.000 đồng",
        "từ tháng 02/2024",
        "20/2021/NĐ-CP",
        "Nộp và tiếp nhận",
        "20/02/2024",
    ] {
        assert!(review.body.contains(shown), "{shown}: {}", review.body);
    }
    let submit = format!("khoa={}&viec=nop", keys(&review.body)[0]);
    let dossier = location(&site.post(&draft, &cookie, &submit).await);
    assert_eq!(dossier, "/ho-so/H51.21175-240520-0001");
    assert_eq!(
        location(&site.post(&draft, &cookie, &submit).await),
        dossier,
        "sent twice, once"
    );
    let page = site.get(&format!("{dossier}/to-khai"), &cookie).await;
    assert!(page.body.contains("999180000011"), "{}", page.body);
    let reader = site.sign_in("xem").await;
    let masked = site.get(&format!("{dossier}/to-khai"), &reader).await;
    assert_eq!(masked.status, StatusCode::OK);
    assert!(!masked.body.contains("999180000011"), "{}", masked.body);
    is_paid_from_the_certificate(&site, dossier.trim_start_matches("/ho-so/")).await;
}

/// Decided in June by everybody concerned, the list of June pays the months since February.
async fn is_paid_from_the_certificate(site: &Site, code: &str) {
    let clock = testkit::clock("2024-06-20T08:00:00+07:00");
    let actor = Actor::with_every_role("an.nguyen");
    let mut steps = Vec::new();
    for (stage, day) in [("commune_review", 3), ("sent_up", 4), ("appraisal", 5)] {
        let at = format!("2024-06-0{day}T09:00:00+07:00");
        steps.push(told(
            code,
            &at,
            json!({"kind": "stage_done", "stage": stage}),
        ));
    }
    let decision = json!({"number": "12/QĐ-UBND", "date": "2024-06-10"});
    let decided = json!({"kind": "decided", "outcome": "approved", "decision": decision});
    let decided = told(code, "2024-06-10T15:00:00+07:00", decided);
    // Whoever numbers the decision is no officer; the decision is the enrolment all the same.
    let mut records = Actor::with_every_role("van.thu");
    records.grants.retain(|grant| grant.role == Role::Records);
    for (actor, steps) in [(&actor, steps), (&records, vec![decided])] {
        let rows = (1..)
            .zip(steps)
            .map(|(row, event)| casework::Submitted { row, event });
        let rows: Vec<_> = rows.collect();
        let applied = casework::apply(site.db.pool(), actor, &clock, &rows).await;
        assert_eq!(applied.expect("recorded").refused, []);
    }
    let law = Law::embedded();
    let office = Office {
        pool: site.db.pool(),
        clock: &clock,
        law: &law,
    };
    let month: Month = "2024-06".parse().expect("a month");
    payments::make(&office, &actor, month, "51")
        .await
        .expect("a list");
    let lines: Vec<(i32, i64)> =
        sqlx::query_as("select for_month, amount from list_line order by for_month")
            .fetch_all(site.db.pool())
            .await
            .expect("reads");
    let months = [202_402, 202_403, 202_404, 202_405, 202_406];
    assert_eq!(lines, months.map(|month| (month, Dong(540_000).0)));
}

#[tokio::test]
async fn drafts_are_of_their_owner_and_an_open_dossier_is_told() {
    let site = Site::open().await;
    let (officer, clerk) = (
        site.sign_in("can.bo").await,
        site.sign_in("tiep.nhan").await,
    );
    let address = begun(&site, &officer).await;
    let draft = address.rsplit_once('/').expect("a section").0.to_owned();
    assert_eq!(site.get(&draft, &clerk).await.status, StatusCode::NOT_FOUND);
    assert!(site.get("/ho-so/moi", &officer).await.body.contains(&draft));
    assert!(!site.get("/ho-so/moi", &clerk).await.body.contains(&draft));
    for (section, answers) in ANSWERS {
        location(
            &site
                .post(&format!("{draft}/{section}"), &officer, answers)
                .await,
        );
    }
    let dossier = location(&site.post(&draft, &officer, "khoa=k1&viec=nop").await);
    let again = site
        .post(
            "/ho-so/moi",
            &clerk,
            &format!("viec={WHAT}&tim=999180000011"),
        )
        .await;
    assert!(
        again.body.contains("Đã có hồ sơ đang giải quyết"),
        "{}",
        again.body
    );
    assert!(again.body.contains(&dossier));
    let given_up = begun(&site, &officer).await;
    let draft = given_up.rsplit_once('/').expect("a section").0;
    assert_eq!(
        location(&site.post(draft, &officer, "khoa=k2&viec=bo").await),
        "/ho-so/moi"
    );
    assert_eq!(
        site.get(draft, &officer).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn whatever_is_posted_is_answered_without_breaking() {
    let site = Site::open().await;
    let cookie = site.sign_in("can.bo").await;
    let address = begun(&site, &cookie).await;
    let draft = address.rsplit_once('/').expect("a section").0.to_owned();
    let long = "x".repeat(100_000);
    let bodies = [
        "",
        "=",
        "full_name",
        "a.b.c.d=1",
        "children=1&children.0.birth_date=x",
        "children.99999999999999999999.birth_date=1",
        "birth_date=%00",
        "full_name=%FF%FE",
        "birth_date=0000-00-00",
        "birth_date=-9999",
        "sex=%3Cscript%3E",
        &format!("full_name={long}"),
    ];
    for (section, _) in ANSWERS {
        for body in bodies {
            let answer = site
                .post(&format!("{draft}/{section}"), &cookie, body)
                .await;
            let sound = answer.status.is_client_error() || answer.status.is_redirection();
            assert!(
                sound,
                "{section} {}: {}",
                &body[..body.len().min(40)],
                answer.status
            );
            assert!(!answer.body.contains("<script>"), "{section}");
        }
        assert_eq!(
            site.get(&format!("{draft}/{section}"), &cookie)
                .await
                .status,
            StatusCode::OK
        );
    }
    assert_eq!(site.get(&draft, &cookie).await.status, StatusCode::OK);
}

#[tokio::test]
async fn programs_read_forms_and_submit_answers() {
    let site = Site::open().await;
    let token = site.token("can.bo").await;
    let form = site.api(Method::GET, "/api/v1/forms/d20-1dd", "").await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    let description = site
        .api(Method::GET, "/api/openapi.json", &token)
        .await
        .json();
    fits(&description, "OfficialForm", &form.json());
    let mut sent = json!({"procedure": "1.001776", "form": "d20-1dd", "benefit": "disability",
        "received": true, "answers": {"full_name": "Người Thử", "birth_date": "1980",
        "sex": "female", "area": "21175", "schooling": "never", "pension": "no",
        "poverty": "neither", "disabled": "yes", "disability_grade": "severe",
        "marital": "married", "declared_by": "itself"}});
    let post = async |key: &str, body: &Value| {
        let body = body.to_string();
        site.api_post("/api/v1/dossiers", &token, key, ("application/json", &body))
            .await
    };
    let missing = post("k1", &sent).await;
    assert_eq!(
        missing.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        missing.body
    );
    assert_eq!(missing.json()["errors"][0]["field"], "certificate_date");
    sent["answers"]["certificate_date"] = json!("2024-02-20");
    let done = post("k2", &sent).await;
    assert_eq!(done.status, StatusCode::CREATED, "{}", done.body);
    fits(&description, "SubmittedDossier", &done.json());
    assert_eq!(
        post("k2", &sent).await.body,
        done.body,
        "the same key, the same answer"
    );
}
