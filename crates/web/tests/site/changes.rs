//! Life after the decision through its pages: looked at, then recorded; moved; undone.

use axum::http::StatusCode;

use crate::client::{Site, keys};
use crate::month::with_people;

/// Somebody alive with a disability allowance.
async fn somebody(site: &Site) -> i64 {
    sqlx::query_scalar(
        "select person_id from person join enrolment using (person_id)
         where death_date is null and merged_into is null and benefit = 9 and to_month is null
         order by person_id limit 1",
    )
    .fetch_one(site.db.pool())
    .await
    .expect("somebody")
}

const DECISION: &str = "so=12/QĐ-UBND&ngay_ky=20/05/2024&nguoi_ky=Trần+Văn+Ký";

/// The value of a hidden field.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let after = page.split(&format!(r#"name="{name}" value=""#)).nth(1);
    let after = after.unwrap_or_else(|| panic!("no field {name}"));
    after.split('"').next().expect("a value")
}

async fn confirm(site: &Site, cookie: &str, address: &str, fields: &str) {
    let form = site.get(address, cookie).await;
    let path = address.split('?').next().expect("a path");
    let looked = format!("khoa={}&buoc=xem&{fields}", keys(&form.body)[0]);
    let preview = site.post(path, cookie, &looked).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    assert!(preview.body.contains("Chưa ghi gì"), "{}", preview.body);
    let seen = hidden(&preview.body, "da_thay");
    let key = keys(&preview.body)[0];
    let sure = format!("khoa={key}&buoc=ghi&da_thay={seen}&{fields}");
    for _ in 0..2 {
        let done = site.post(path, cookie, &sure).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    }
}

#[tokio::test]
async fn a_death_is_looked_at_recorded_once_and_undone() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let person = somebody(&site).await;
    let address = format!("/doi-tuong/{person}/bao-bien-dong");
    let choice = site.get(&address, &officer).await;
    assert!(choice.body.contains("viec=death") && choice.body.contains("dinh-chinh"));
    let fields = format!("viec=death&ly_do=died&ngay_mat=02/05/2024&nguoi_lo=Lê+Văn+Lo&{DECISION}");
    confirm(&site, &officer, &format!("{address}?viec=death"), &fields).await;
    let page = site
        .get(&format!("/doi-tuong/{person}"), &officer)
        .await
        .body;
    assert!(page.contains("Đã mất 02/05/2024") && page.contains("Hồ sơ mai táng MTP-240520-1"));
    assert!(
        page.contains("20/2021/NĐ-CP Điều 8 khoản 2"),
        "the article is shown"
    );

    let undo = format!("/doi-tuong/{person}/dinh-chinh");
    let preview = site
        .post(&undo, &officer, "buoc=xem&chon=qd-1&ly_do=nhầm+người")
        .await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    let sure = format!(
        "khoa={}&buoc=ghi&chon=qd-1&ly_do=nhầm+người",
        keys(&preview.body)[0]
    );
    let done = site.post(&undo, &officer, &sure).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = site
        .get(&format!("/doi-tuong/{person}"), &officer)
        .await
        .body;
    assert!(!page.contains("Đã mất 02/05/2024") && page.contains("Đã đính chính"));
    let again = site
        .post(&undo, &officer, "buoc=xem&chon=qd-1&ly_do=nhầm")
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_wrong_with_a_change_is_told_and_nothing_is_recorded() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let person = somebody(&site).await;
    let address = format!("/doi-tuong/{person}/bao-bien-dong");
    let wrong =
        "khoa=x&buoc=xem&viec=suspend&ly_do=not_collected&tu_thang=bao+giờ&so=&ngay_ky=31/02/2024";
    let refused = site.post(&address, &officer, wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["tu-thang", "so", "ngay-ky", "nguoi-ky"] {
        assert!(
            refused.body.contains(&format!(r##"href="#{field}""##)),
            "{field}"
        );
    }
    assert!(refused.body.contains(r#"value="bao giờ""#), "input is kept");
    let key = "5f0c9b52-4a7e-4d0b-9d05-b5b8a3f1c111";
    let early = format!("khoa={key}&buoc=xem&viec=resume&ly_do=unchanged&{DECISION}");
    let refused = site.post(&address, &officer, &early).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("không có chế độ nào đang tạm dừng"),
        "{}",
        refused.body
    );
    let reader = site.sign_in("xem").await;
    assert_eq!(
        site.get(&address, &reader).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_move_is_told_seen_by_both_places_and_taken_back() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let person = somebody(&site).await;
    let address = format!("/doi-tuong/{person}/chuyen-di");
    let form = site.get(&address, &officer).await;
    assert!(form.body.contains("5 ngày làm việc"), "{}", form.body);
    let key = keys(&form.body)[0];
    let wrong = site
        .post(&address, &officer, &format!("khoa={key}&xa=&{DECISION}"))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(r##"href="#thang-cuoi""##));
    let notice = format!(
        "khoa={key}&xa=00001&ngay_xin=17/05/2024&thang_cuoi=2024-05&giay_to=Hồ+sơ&{DECISION}"
    );
    let told = site.post(&address, &officer, &notice).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.body);
    let one = told.header("location").to_owned();
    let page = site.get(&one, &officer).await.body;
    assert!(
        page.contains("Rút thông báo") && !page.contains(">Tiếp nhận</h2>"),
        "{page}"
    );
    let list = site.get("/chuyen-di-den?chieu=di", &officer).await.body;
    assert!(list.contains(r#"href="/chuyen-di-den/1""#), "{list}");
    let sheet = site
        .get("/chuyen-di-den/xuat/xlsx?chieu=di", &officer)
        .await;
    assert!(sheet.body.starts_with("PK"));
    let path = one.split('?').next().expect("a path");
    let accept = format!("khoa={key}-a&viec=nhan&{DECISION}");
    assert_eq!(
        site.post(path, &officer, &accept).await.status,
        StatusCode::FORBIDDEN
    );
    let back = format!("khoa={key}-b&viec=rut&ly_do=không+đi+nữa");
    let done = site.post(path, &officer, &back).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = site.get(path, &officer).await.body;
    assert!(page.contains("Nơi đi đã rút"), "{page}");
}

#[tokio::test]
async fn new_amounts_of_an_area_are_looked_at_and_decided_once() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let page = site.get("/quyet-dinh-chung", &officer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    // The standard rose in July 2021; nothing is known of July 2024 in May.
    let nothing = site
        .get(
            "/quyet-dinh-chung/xem?dia-ban=51&tu-thang=2024-03",
            &officer,
        )
        .await;
    assert_eq!(nothing.status, StatusCode::OK, "{}", nothing.body);
    let bad = site
        .get("/quyet-dinh-chung/xem?dia-ban=51&tu-thang=x", &officer)
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let address = "/quyet-dinh-chung/xem?dia-ban=51&che-do=&tu-thang=2021-07";
    let preview = site.get(address, &officer).await;
    assert!(preview.body.contains("Chưa ghi gì"), "{}", preview.body);
    let (key, seen) = (keys(&preview.body)[0], hidden(&preview.body, "da_thay"));
    let place = "dia_ban=51&che_do=&tu_thang=2021-07";
    let stale = format!("khoa={key}&da_thay=00&{place}&{DECISION}");
    let refused = site.post("/quyet-dinh-chung/xem", &officer, &stale).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let (key, sure) = (
        keys(&refused.body)[0],
        format!("da_thay={seen}&{place}&{DECISION}"),
    );
    let done = site
        .post(
            "/quyet-dinh-chung/xem",
            &officer,
            &format!("khoa={key}&{sure}"),
        )
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let path = done.header("location").split('?').next().expect("a path");
    let one = site.get(done.header("location"), &officer).await.body;
    assert!(
        one.contains("Quyết định 12/QĐ-UBND") && one.contains("Đã ghi."),
        "{one}"
    );
    let sheet = site.get(&format!("{path}/xuat/xlsx"), &officer).await;
    assert!(sheet.body.starts_with("PK"));
    let person = one
        .split("/doi-tuong/")
        .nth(1)
        .and_then(|it| it.split('"').next());
    let person = person.expect("somebody is concerned");
    let page = site
        .get(&format!("/doi-tuong/{person}"), &officer)
        .await
        .body;
    assert!(
        page.contains(&format!(r#"href="{path}""#)),
        "the person's page shows it"
    );
    let reader = site.sign_in("xem").await;
    assert_eq!(site.get(path, &reader).await.status, StatusCode::OK);
    assert_eq!(
        site.get(address, &reader).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_list_is_decided_once_no_row_is_refused() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let person = somebody(&site).await;
    let name: String = sqlx::query_scalar("select full_name from person where person_id = $1")
        .bind(person)
        .fetch_one(site.db.pool())
        .await
        .expect("a name");
    let address = "/quyet-dinh-chung/danh-sach";
    let heading = "Mã người hưởng,Họ và tên,Việc,Tháng cuối\n";
    let good = format!("#{person},{name},Thôi hưởng,05/2024\n");
    let bad = format!("{heading}{good}#999999,Không Ai,Thôi hưởng,05/2024\n");
    let up = site
        .upload(address, &officer, &[("dia_ban", "51")], &bad)
        .await;
    assert_eq!(up.status, StatusCode::SEE_OTHER, "{}", up.body);
    let page = site.get(up.header("location"), &officer).await.body;
    assert!(
        page.contains("Dòng bị từ chối (1)") && !page.contains("da_thay"),
        "{page}"
    );
    let up = site
        .upload(
            address,
            &officer,
            &[("dia_ban", "51")],
            &format!("{heading}{good}"),
        )
        .await;
    let page = site.get(up.header("location"), &officer).await.body;
    let (key, seen) = (keys(&page)[0], hidden(&page, "da_thay"));
    let sure = format!("khoa={key}&da_thay={seen}&{DECISION}");
    for _ in 0..2 {
        let done = site.post(up.header("location"), &officer, &sure).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    }
    let ended: Option<i32> =
        sqlx::query_scalar("select to_month from enrolment where person_id = $1 and benefit = 9")
            .bind(person)
            .fetch_one(site.db.pool())
            .await
            .expect("reads");
    assert_eq!(ended, Some(202_405));
    let form = site.get("/quyet-dinh-chung/mau.xlsx", &officer).await;
    assert!(form.body.starts_with("PK"));
}

#[tokio::test]
async fn who_changes_next_month_is_listed_with_the_cause() {
    let site = with_people().await;
    let reader = site.sign_in("xem").await;
    let mut seen = false;
    for month in ["2024-05", "2024-06", "2024-07", "2024-08"] {
        let page = site
            .get(&format!("/sap-thay-doi?dia-ban=51&thang={month}"), &reader)
            .await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        seen |= page.body.contains("/doi-tuong/");
    }
    assert!(seen, "somebody changes in a summer");
    let sheet = site
        .get("/sap-thay-doi/xuat/xlsx?dia-ban=51&thang=2024-06", &reader)
        .await;
    assert!(sheet.body.starts_with("PK"));
}

#[tokio::test]
async fn a_move_is_looked_at_before_it_is_told_by_page_and_by_interface() {
    let site = with_people().await;
    let officer = site.sign_in("can.bo").await;
    let person = somebody(&site).await;
    let path = format!("/doi-tuong/{person}/chuyen-di");
    let form = site.get(&path, &officer).await;
    let fields = format!("xa=20194&ngay_xin=18/05/2024&thang_cuoi=05/2024&{DECISION}");
    let looked = format!("khoa={}&buoc=xem&{fields}", keys(&form.body)[0]);
    let preview = site.post(&path, &officer, &looked).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    assert!(preview.body.contains("Chưa ghi gì"), "{}", preview.body);
    assert!(preview.body.contains("Sau khi nơi đến tiếp nhận"));
    let token = site.token("can.bo").await;
    let mut notice = serde_json::json!({
        "person": person, "to": "20194", "asked_on": "2024-05-18", "last_month": "2024-05",
        "decision": {"number": "12/QĐ-UBND", "date": "2024-05-20", "signed_by": "Trần Văn Ký"},
        "dry_run": true,
    });
    let media = "application/json";
    let address = "/api/v1/transfers";
    let seen = notice.to_string();
    let seen = site.api_post(address, &token, "t-1", (media, &seen)).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    let now = seen.json()["waiting"]["now"].as_array().map(Vec::len);
    assert!(now.is_some_and(|lines| lines > 0), "{}", seen.body);
    let waiting = site
        .get("/api/v1/transfers?area=51&direction=out", &officer)
        .await;
    assert_eq!(
        waiting.status,
        StatusCode::UNAUTHORIZED,
        "a token, not a cookie"
    );
    let list = "/api/v1/transfers?area=51&direction=out";
    let list = site.api(axum::http::Method::GET, list, &token).await.json();
    assert_eq!(list["count"], 0, "nothing was recorded");
    notice["dry_run"] = false.into();
    let told = notice.to_string();
    let told = site.api_post(address, &token, "t-2", (media, &told)).await;
    assert_eq!(told.status, StatusCode::CREATED, "{}", told.body);
    let number = &told.json()["transfer_no"];
    let answer = r#"{"answer": "withdraw", "reason": "Ghi nhầm"}"#;
    let address = format!("/api/v1/transfers/{number}/answer");
    let done = site
        .api_post(&address, &token, "t-3", (media, answer))
        .await;
    assert_eq!(done.json()["answer"], "withdrawn", "{}", done.body);
}
