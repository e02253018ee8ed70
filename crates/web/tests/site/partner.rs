//! A provider's own pages: its orders that were handed over, its results, and nothing else.

use axum::http::{Method, StatusCode};
use payments::order::OrderNo;

use payments::provider::contract::Handover;

use crate::client::Site;
use crate::month_of_money::{hand_over, ordered, provider_of, result, somebody_of, with_post};

/// The post with an order, another provider, and people of both.
async fn with_people() -> (Site, OrderNo) {
    let site = with_post(Handover::Paper).await;
    let order = ordered(&site).await;
    provider_of(&site, "khac", "Đơn vị khác").await;
    somebody_of(&site, "buu.dien", "buu-dien", "51").await;
    somebody_of(&site, "nguoi.khac", "khac", "51").await;
    somebody_of(&site, "noi.khac", "buu-dien", "48").await;
    (site, order)
}

/// Two lines of an order with their amounts.
async fn lines_of(site: &Site, order: OrderNo) -> Vec<(String, i64)> {
    let rows: Vec<(i64, i16, i64)> = sqlx::query_as(
        "select person_id, line_no, amount from order_line where order_no = $1 order by 1, 2 limit 2",
    )
    .bind(order.0)
    .fetch_all(site.db.pool())
    .await
    .expect("lines");
    let name = |(person, number, amount)| (format!("2024-05-{person}-{number}"), amount);
    rows.into_iter().map(name).collect()
}

#[tokio::test]
async fn an_order_is_there_for_its_provider_once_it_is_handed_over_and_for_nobody_else() {
    let (site, order) = with_people().await;
    let mine = site.sign_in("buu.dien").await;
    let page = format!("/doi-tac/lenh/{order}");
    let file = format!("{page}/xlsx");
    let home = site.get("/", &mine).await;
    assert_eq!(home.header("location"), "/doi-tac");
    assert!(
        site.get("/doi-tac", &mine)
            .await
            .body
            .contains("Chưa có lệnh chi nào được giao")
    );
    for path in [&page, &file] {
        assert_eq!(
            site.get(path, &mine).await.status,
            StatusCode::NOT_FOUND,
            "not handed over"
        );
    }
    hand_over(&site, order).await;
    let list = site.get("/doi-tac", &mine).await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    assert!(
        list.body.contains("Bưu điện tỉnh") && list.body.contains(&page),
        "{}",
        list.body
    );
    assert!(
        !site
            .get("/doi-tac?thang=2024-06", &mine)
            .await
            .body
            .contains(&page)
    );
    assert!(
        site.get("/doi-tac?thang=2024-05", &mine)
            .await
            .body
            .contains(&page)
    );
    assert_eq!(site.get(&file, &mine).await.status, StatusCode::OK);
    let logged: i64 = sqlx::query_scalar(
        "select count(*) from audit_entry where action = 'order.export' and actor = 'buu.dien'
             and object = $1",
    )
    .bind(order.to_string())
    .fetch_one(site.db.pool())
    .await
    .expect("the log");
    assert_eq!(logged, 1);
    for (name, why) in [
        ("nguoi.khac", "another provider"),
        ("noi.khac", "another area"),
    ] {
        let other = site.sign_in(name).await;
        let list = site.get("/doi-tac", &other).await;
        assert!(!list.body.contains(&page), "{why}: {}", list.body);
        for path in [&page, &file] {
            assert_eq!(
                site.get(path, &other).await.status,
                StatusCode::NOT_FOUND,
                "{why}"
            );
        }
    }
}

#[tokio::test]
async fn pages_of_a_provider_name_nobody() {
    let (site, order) = with_people().await;
    hand_over(&site, order).await;
    let mine = site.sign_in("buu.dien").await;
    let names: Vec<String> = sqlx::query_scalar(
        "select full_name from order_line union select payee_name from order_line",
    )
    .fetch_all(site.db.pool())
    .await
    .expect("names");
    assert!(!names.is_empty());
    for path in [
        "/doi-tac",
        "/doi-tac/cho-xu-ly",
        &format!("/doi-tac/lenh/{order}"),
    ] {
        let page = site.get(path, &mine).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let named = names
            .iter()
            .filter(|name| page.body.contains(name.as_str()));
        assert_eq!(named.count(), 0, "{path}");
    }
}

#[tokio::test]
async fn results_are_taken_for_the_own_lines_only() {
    let (site, order) = with_people().await;
    hand_over(&site, order).await;
    let lines = lines_of(&site, order).await;
    let ((paid, amount), (wrong, other_amount)) = (&lines[0], &lines[1]);
    let unordered: (i64, i16, i64) = sqlx::query_as(
        "select person_id, line_no, amount from list_line l where kind <> 3 and not exists (
             select from order_line o where o.list_month = l.list_month
                 and o.person_id = l.person_id and o.line_no = l.line_no) limit 1",
    )
    .fetch_one(site.db.pool())
    .await
    .expect("a line nobody has");
    let foreign = format!("2024-05-{}-{}", unordered.0, unordered.1);
    let file = [
        result("b1", paid, *amount),
        result("b2", wrong, other_amount + 1),
        result("b3", &foreign, unordered.2),
    ]
    .join("\n");
    let mine = site.sign_in("buu.dien").await;
    for (recorded, queued) in [(1, 2), (0, 0)] {
        let page = site.upload("/doi-tac/ket-qua", &mine, &[], &file).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(
            page.body.contains(&format!("Đã ghi {recorded} kết quả")),
            "{}",
            page.body
        );
        let said = format!("{queued} vừa vào danh sách chờ xử lý");
        assert!(page.body.contains(&said), "{}", page.body);
    }
    let waiting = site.get("/doi-tac/cho-xu-ly", &mine).await.body;
    assert!(
        waiting.contains("Số tiền khác với số tiền của dòng"),
        "{waiting}"
    );
    assert!(waiting.contains("Không có dòng này"), "{waiting}");
    assert_eq!(waiting.matches("Đang chờ").count(), 2, "{waiting}");

    let told = async |group: &str| {
        let path = format!("/doi-tac/lenh/{order}?ket-qua={group}");
        site.get(&path, &mine).await.body
    };
    let shown = |line: &str| format!(">{line}<");
    assert!(told("paid").await.contains(&shown(paid)));
    let open = told("not_reported").await;
    assert!(
        open.contains(&shown(wrong)) && !open.contains(&shown(paid)),
        "{open}"
    );

    // The other provider's people learn nothing of these lines, and change nothing.
    let other = site.sign_in("nguoi.khac").await;
    let file = result("k1", wrong, *other_amount);
    let page = site.upload("/doi-tac/ket-qua", &other, &[], &file).await;
    assert!(page.body.contains("Đã ghi 0 kết quả"), "{}", page.body);
    let waiting = site.get("/doi-tac/cho-xu-ly", &other).await.body;
    assert!(
        waiting.contains("Không có dòng này") && !waiting.contains("b2"),
        "{waiting}"
    );
    let elsewhere = site.sign_in("noi.khac").await;
    let waiting = site.get("/doi-tac/cho-xu-ly", &elsewhere).await.body;
    assert!(waiting.contains("Không có kết quả nào"), "{waiting}");
    let nothing = site.upload("/doi-tac/ket-qua", &mine, &[], "").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.body.contains("Chưa chọn tệp"), "{}", nothing.body);
}

/// Ways in that are there for whoever signs in, or also for whoever does not.
/// What is open to whoever asks, or, to programs of providers, by the signature of each message.
fn is_for_everybody(path: &str) -> bool {
    let open = [
        "/tep/",
        "/dang-",
        "/tro-giup",
        "/tai-khoan",
        "/tra-cuu",
        "/nop-ho-so",
        "/api/openapi.json",
        "/api/v1/g2p/",
        "/api/v1/spdci/",
        "/oauth2/",
        "/.well-known/",
        "/api/v1/forms/",
    ];
    path == "/" || path == "/con-lam-viec" || open.iter().any(|start| path.starts_with(start))
}

#[tokio::test]
async fn people_of_a_provider_reach_no_other_page_and_no_operation() {
    let (site, order) = with_people().await;
    hand_over(&site, order).await;
    let (cookie, token) = (site.sign_in("buu.dien").await, site.token("buu.dien").await);
    let mut refused = 0;
    for (method, path) in web::ways_in() {
        if path.starts_with("/doi-tac") || is_for_everybody(path) {
            continue;
        }
        let address = path
            .replace("{month}", "2024-05")
            .replace("{area}", "51")
            .replace("{order}", &order.to_string())
            .replace("{form}", "xlsx")
            .replace(['{', '}'], "");
        let answer = match (path.starts_with("/api/"), method == Method::GET) {
            (true, true) => site.api(method, &address, &token).await,
            (true, false) => {
                let body = ("application/json", "{}");
                site.api_post(&address, &token, "k", body).await
            }
            (false, true) => site.get(&address, &cookie).await,
            (false, false) => site.post(&address, &cookie, "khoa=k&dia_ban=51").await,
        };
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{address}");
        refused += 1;
    }
    assert!(refused > 50, "{refused}");
    let navigation = site.get("/doi-tac", &cookie).await.body;
    assert!(
        !navigation.contains("/ky-chi") && !navigation.contains("/tim\""),
        "{navigation}"
    );
    let office = site.sign_in("lap").await;
    assert_eq!(
        site.get("/doi-tac", &office).await.status,
        StatusCode::FORBIDDEN
    );
}
