//! Pairs on pages: found, shown side by side with why, decided; lists of other programmes.

use axum::http::StatusCode;
use kernel::Actor;
use registry::event::read_lines;

use crate::client::Site;

const HERE: &str = "21031";

/// Somebody here under two spellings and in Hà Nội, who has HIV on record, among people who are nobody else.
async fn registered() -> Site {
    let site = Site::open().await;
    let mut lines = String::new();
    let mut add = |at: usize, key: &str, name: &str, birth: &str, number: &str, area: &str| {
        lines.push_str(&format!(
            r#"{{"event_id":"0190a000-0000-7000-8000-{at:012}","kind":"person_registered","person":"{key}","effective":"2024-01-01","source":"thử","full_name":"{name}","birth_date":"{birth}","sex":"female","ethnicity":null,"id_number":"{number}","area":"{area}"}}"#
        ));
        lines.push('\n');
    };
    for at in 0..60 {
        let surname = ["Nguyễn", "Trần", "Lê"][at % 3];
        let given = ["Hoa", "Lan", "Cúc", "Mai", "Đào"][at / 12];
        let middle = ["Thị", "Ngọc", "Kim", "Thu"][at / 3 % 4];
        let (birth, number) = (
            format!("19{}-05-{:02}", 30 + at, 1 + at % 28),
            format!("9991{:02}{at:06}", 30 + at),
        );
        add(
            at,
            &format!("n{at}"),
            &format!("{surname} {middle} {given}"),
            &birth,
            &number,
            HERE,
        );
    }
    add(90, "a", "Đinh Thị Mưa", "1948-02-09", "999148000901", HERE);
    add(91, "b", "Dinh Thi Mua", "1948-02-19", "99914800901", HERE);
    add(
        92,
        "far",
        "Đinh Thị Mưa",
        "1948-02-09",
        "99914800091",
        "00004",
    );
    lines.push_str(r#"{"event_id":"0190a000-0000-7000-8000-000000000095","kind":"fact_started","person":"a","effective":"2024-01-01","source":"thử","fact_id":"h","fact":{"kind":"hiv"}}"#);
    let (events, refused) = read_lines(lines.as_bytes());
    assert_eq!(refused, []);
    let actor = Actor::with_every_role("can.bo");
    let applied = registry::apply(site.db.pool(), &actor, &site.clock, &events).await;
    assert_eq!(applied.expect("applies").refused, []);
    site
}

/// The value of a hidden field of the first form that has it.
fn hidden(page: &str, name: &str) -> String {
    let mark = format!(r#"name="{name}" value=""#);
    let (_, rest) = page.split_once(&mark).expect("the field");
    rest.split('"').next().expect("a value").to_owned()
}

#[tokio::test]
async fn pairs_are_found_and_shown_with_why_and_the_far_side_is_hidden() {
    let site = registered().await;
    let officer = site.sign_in("can.bo").await;
    let order = |key: &str| format!("khoa={key}&dia_ban=51");
    let found = site.post("/trung/tim", &officer, &order("tim-1")).await;
    assert_eq!(found.status, StatusCode::SEE_OTHER, "{}", found.body);
    let page = site.get("/trung?dia-ban=51", &officer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for shown in [
        "Dinh Thi Mua",
        "khả năng",
        "Vì sao nghĩ là một người",
        "tăng khả năng là một người",
        "Được che",
        "Hà Nội",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    for never in ["HIV", "99914800091"] {
        assert!(!page.body.contains(never), "{never}: {}", page.body);
    }
    let board = site.get("/trung/bang?dia-ban=51", &officer).await;
    assert_eq!(board.status, StatusCode::OK, "{}", board.body);
    assert!(board.body.contains("tinh-trang=open"), "{}", board.body);
    let elsewhere = site.get("/trung/bang?dia-ban=01", &officer).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    let reader = site.sign_in("xem").await;
    let refused = site.post("/trung/tim", &reader, &order("tim-2")).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);

    let (one, other) = (hidden(&page.body, "mot"), hidden(&page.body, "hai"));
    let say = |key: &str, turn: &str| {
        format!(
            "khoa={key}&dia_ban=51&mot={one}&hai={other}&luot={turn}&viec=khac&ly_do=xem%20giay"
        )
    };
    let said = site.post("/trung", &officer, &say("k1", "0")).await;
    assert_eq!(said.status, StatusCode::SEE_OTHER, "{}", said.body);
    let late = site.post("/trung", &officer, &say("k2", "0")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.body.contains("Người khác vừa ghi ý kiến"),
        "{}",
        late.body
    );
}

#[tokio::test]
async fn a_list_of_another_programme_is_brought_linked_and_proposed() {
    let site = registered().await;
    let officer = site.sign_in("can.bo").await;
    let file = "Số hồ sơ,Họ và tên,Ngày sinh,Giới tính,Số định danh,Xã,Hưởng từ ngày\nHT-1,ĐINH THỊ MƯA,09/02/1948,Nữ,999148000901,21031,01/03/2003\nHT-2,,,,,,\n";
    let mut fields = vec![
        ("chuong_trinh", "pension"),
        ("dia_ban", "51"),
        ("nguon", "BHXH tỉnh, công văn 12"),
        ("ngay", "01/05/2024"),
        ("muc_dich", ""),
    ];
    let silent = site
        .upload_as(
            "/nhap/chuong-trinh",
            &officer,
            &fields,
            ("luong-huu.csv", file),
        )
        .await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.body.contains("mục đích"), "{}", silent.body);
    fields[4].1 = "rà soát";
    let sent = site
        .upload_as(
            "/nhap/chuong-trinh",
            &officer,
            &fields,
            ("luong-huu.csv", file),
        )
        .await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let ticket = sent.header("location").to_owned();
    let trial = site.get(&ticket, &officer).await;
    assert!(trial.body.contains("Nhập 1 dòng đúng"), "{}", trial.body);
    let applied = site.post(&ticket, &officer, "khoa=nhap-1").await;
    assert_eq!(applied.status, StatusCode::SEE_OTHER, "{}", applied.body);
    let done = site.get(&ticket, &officer).await;
    assert!(
        done.body.contains("cặp mới có thể là một người"),
        "{}",
        done.body
    );

    let page = site.get("/trung/chuong-trinh?dia-ban=51", &officer).await;
    for shown in [
        "ĐINH THỊ MƯA",
        "Đinh Thị Mưa",
        "BHXH tỉnh, công văn 12",
        "Họ và tên giống nhau",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    assert!(!page.body.contains("HIV"), "{}", page.body);
    let (print, person) = (hidden(&page.body, "dau"), hidden(&page.body, "nguoi"));
    let order = |key: &str| {
        format!(
            "khoa={key}&dia_ban=51&chuong_trinh=pension&dau={print}&nguoi={person}&luot=0&viec=lien-ket&ly_do=so%20huu"
        )
    };
    let linked = site
        .post("/trung/chuong-trinh", &officer, &order("l1"))
        .await;
    assert_eq!(
        linked.header("location"),
        "/trung/chuong-trinh?dia-ban=51&xong=de-xuat"
    );
    let late = site
        .post("/trung/chuong-trinh", &officer, &order("l2"))
        .await;
    assert!(
        late.body.contains("Người khác vừa quyết định"),
        "{}",
        late.body
    );
    let proposals = site
        .get("/ky-chi/2024-05/doi-soat?dia-ban=51", &officer)
        .await;
    for shown in [
        "Hưởng từ ngày",
        "2003-03-01",
        "Căn cứ: Lương hưu: BHXH tỉnh",
    ] {
        assert!(
            proposals.body.contains(shown),
            "{shown}: {}",
            proposals.body
        );
    }
    let accept = "khoa=dx1&dia_ban=51&viec=de-xuat&so=1&tu=2003-03-01&ly_do=so%20huu";
    let accepted = site
        .post("/ky-chi/2024-05/doi-soat", &officer, accept)
        .await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER, "{}", accepted.body);
    let facts: i64 = sqlx::query_scalar("select count(*) from fact where kind = 'pension'")
        .fetch_one(site.db.pool())
        .await
        .expect("counted");
    assert_eq!(facts, 1);
}
