//! The money a citizen follows.

use super::*;

/// Somebody disabled who comes for the money to the post office, whose dossier enrolled them.
async fn enrolled_by_dossier(site: &Site) -> String {
    let events = [
        json!({"kind": "person_registered", "full_name": "Trần Thị Thử", "birth_date": "1948-02-01",
               "sex": "female", "ethnicity": null, "id_number": null, "area": "21031"}),
        json!({"kind": "fact_started", "fact_id": "f", "fact": {"kind": "disability", "grade": "severe"}}),
        json!({"kind": "payee_set", "channel": "post_office", "holder": "self"}),
    ];
    let mut rows = Vec::new();
    for (row, mut event) in (1..).zip(events) {
        let fields = event.as_object_mut().expect("fields");
        fields.insert("event_id".into(), json!(Uuid::new_v4()));
        fields.insert("person".into(), json!("p"));
        fields.insert("source".into(), json!("test"));
        fields.insert("effective".into(), json!("2024-05-02"));
        let event = registry::Event::parse(event.to_string().as_bytes()).expect("an event");
        rows.push(registry::Submitted { row, event });
    }
    let applied = registry::apply(site.db.pool(), &officer(), &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
    let submission = json!({"procedure": "1.001776", "area": "21031", "channel": "direct",
                            "applicant": "Trần Thị Thử", "beneficiary": "test/p",
                            "benefit": "disability"});
    tell(site, CODE, "submitted", "2024-05-06T08:00", submission).await;
    tell(site, CODE, "received", "2024-05-06T08:10", json!({})).await;
    for (hour, stage) in [
        ("09", "commune_review"),
        ("10", "sent_up"),
        ("11", "appraisal"),
    ] {
        let at = format!("2024-05-06T{hour}:00");
        tell(site, CODE, "stage_done", &at, json!({"stage": stage})).await;
    }
    let approved = json!({"outcome": "approved", "from": "2024-05",
                          "decision": {"number": "7/QĐ-UBND", "date": "2024-05-07"}});
    tell(site, CODE, "decided", "2024-05-07T08:00", approved).await;
    let mut tx = site.db.pool().begin().await.expect("begin");
    let code = lookup::issue(&mut tx, &officer(), &site.clock, CODE).await;
    tx.commit().await.expect("commit");
    code.expect("issued").printed()
}

#[tokio::test]
async fn the_money_is_followed_from_the_list_to_the_hand_and_told_of_once() {
    let site = Site::open().await;
    let cookie = look_up(&site, &enrolled_by_dossier(&site).await).await;
    let shows = async |what: &str| {
        let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
        assert!(page.contains(what), "{what}: {page}");
        assert!(!page.contains("khuyết tật"), "the benefit is not named");
    };
    shows("7/QĐ-UBND").await;
    make_list(&site).await;
    sign_with_post(&site, Handover::Paper).await;
    shows("720.000").await;
    shows("Đã duyệt, chờ giao đơn vị chi trả").await;
    let order = ordered(&site).await;
    hand_over(&site, order).await;
    shows("Bưu điện tỉnh chi trả từ").await;
    let line: (i64, i16, i64) = sqlx::query_as("select person_id, line_no, amount from list_line")
        .fetch_one(site.db.pool())
        .await
        .expect("one line");
    let result = json!({"result_id": "r1", "line": format!("2024-05-{}-{}", line.0, line.1),
                        "status": "paid", "date": "2024-05-15", "amount": line.2});
    let maker = site.sign_in("lap").await;
    let taken = upload(&site, &maker, "buu-dien", &result.to_string()).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    shows("Đã trả 15/05/2024").await;
    for new in [1, 0] {
        let written = messages::gather(site.db.pool(), &officer(), &site.clock).await;
        assert_eq!(written.expect("gathers"), new);
    }
    let told: String = sqlx::query_scalar("select template from message")
        .fetch_one(site.db.pool())
        .await
        .expect("one message");
    assert_eq!(told, "paid", "what happened before is long past");
}
