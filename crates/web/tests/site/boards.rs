//! Boards through their pages: figures, the people behind them, Excel, targets.

use axum::http::StatusCode;
use kernel::Actor;
use law::Law;
use payments::Office;

use crate::client::Site;
use crate::month::{key, with_people};

/// A small Quảng Ngãi with a draft of May 2024.
async fn with_list() -> Site {
    let site = with_people().await;
    make(&site, "2024-05").await;
    site
}

async fn make(site: &Site, month: &str) {
    let (law, actor) = (Law::embedded(), Actor::with_every_role("mẫu"));
    let month = month.parse().expect("a month");
    let made = payments::make(&office(site, &law), &actor, month, "51").await;
    made.expect("a list");
}

async fn approve(site: &Site, month: &str) {
    let (law, actor) = (Law::embedded(), Actor::with_every_role("duyệt"));
    let month = month.parse().expect("a month");
    let approved = payments::approve(&office(site, &law), &actor, month, "51").await;
    approved.expect("approved");
}

fn office<'a>(site: &'a Site, law: &'a Law) -> Office<'a> {
    Office {
        pool: site.db.pool(),
        clock: &site.clock,
        law,
    }
}

/// Addresses of links whose address begins so.
fn links(page: &str, beginning: &str) -> Vec<String> {
    let parts = page.split(r#"href=""#).skip(1);
    let addresses = parts.filter_map(|part| part.split('"').next());
    addresses
        .map(|address| address.replace("&#38;", "&").replace("&amp;", "&"))
        .filter(|address| address.starts_with(beginning))
        .collect()
}

#[tokio::test]
async fn every_board_leads_down_to_communes_and_people() {
    let site = with_list().await;
    let reader = site.sign_in("xem").await;
    for board in ["/khong-tien-mat", "/chat-luong", "/bao-cao"] {
        let page = site.get(board, &reader).await;
        assert_eq!(page.status, StatusCode::OK, "{board}");
        assert!(page.body.contains("200"), "{board} has its people");
        let below = links(&page.body, &format!("{board}?thang=2024-05&dia-ban=5"));
        let district = below.iter().find(|address| address.contains("dia-ban=522"));
        let district = site.get(district.expect("a district"), &reader).await;
        assert_eq!(district.status, StatusCode::OK, "{board}");
        let people = links(&page.body, "/bao-cao/nguoi?");
        assert!(!people.is_empty(), "{board} names people");
        for address in people.iter().take(4) {
            let page = site.get(address, &reader).await;
            assert_eq!(page.status, StatusCode::OK, "{address}");
            assert!(page.body.contains("/doi-tuong/"), "{address}");
        }
    }
}

#[tokio::test]
async fn a_standard_leads_to_whom_it_pays() {
    let site = with_list().await;
    let reader = site.sign_in("xem").await;
    let board = site.get("/bao-cao?theo=muc-chuan", &reader).await;
    assert!(board.body.contains("Mức chuẩn 360.000 đồng"));
    let people = links(&board.body, "/bao-cao/nguoi?");
    let standard = people.iter().find(|it| it.contains("dong=360000"));
    let page = site.get(standard.expect("a link"), &reader).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("/doi-tuong/"), "{standard:?}");
    let nobody = "/bao-cao/nguoi?thang=2024-05&dia-ban=51&theo=muc-chuan&dong=x";
    let nobody = site.get(nobody, &reader).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_illness_is_no_way_to_people_for_who_only_reads() {
    let site = with_list().await;
    let address =
        "/bao-cao/nguoi?thang=2024-05&dia-ban=51&theo=chinh-sach&dong=poor_adult_with_hiv";
    let (reader, maker) = (site.sign_in("xem").await, site.sign_in("lap").await);
    assert_eq!(
        site.get(address, &reader).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(site.get(address, &maker).await.status, StatusCode::OK);
    let board = site.get("/bao-cao?theo=chinh-sach", &reader).await.body;
    let people = links(&board, "/bao-cao/nguoi?");
    assert!(people.iter().all(|address| !address.contains("hiv")));
}

#[tokio::test]
async fn rows_are_sorted_narrowed_and_kept_in_the_address() {
    let site = with_list().await;
    let reader = site.sign_in("xem").await;
    let board = site
        .get("/khong-tien-mat?xep=-beneficiaries&loc=duc", &reader)
        .await;
    let rows = links(&board.body, "/khong-tien-mat?thang=2024-05&dia-ban=5");
    let of_rows: Vec<&String> = rows.iter().filter(|it| !it.contains("xep")).collect();
    let names = |code: &str| {
        of_rows
            .iter()
            .any(|it| it.contains(&format!("dia-ban={code}&")))
    };
    assert!(names("533") && names("534"), "Mộ Đức, Đức Phổ: {of_rows:?}");
    assert!(!names("522"), "not the city: {of_rows:?}");
    assert!(board.body.contains(r#"aria-sort="descending""#));
}

#[tokio::test]
async fn a_board_is_exported_and_a_month_without_list_says_so() {
    let site = with_list().await;
    let reader = site.sign_in("xem").await;
    let export = "/bao-cao/xuat/xlsx?thang=2024-05&dia-ban=51&theo=khong-tien-mat";
    let file = site.get(export, &reader).await;
    assert_eq!(file.status, StatusCode::OK);
    assert!(
        file.header("content-disposition")
            .contains("khong-tien-mat-2024-05-51.xlsx")
    );
    let empty = site.get("/bao-cao?thang=2024-03&dia-ban=51", &reader).await;
    assert_eq!(empty.status, StatusCode::OK);
    assert!(empty.body.contains("Chưa có danh sách chi trả tháng này"));
}

#[tokio::test]
async fn a_target_is_set_by_who_approves_and_shows_what_is_missing() {
    let site = with_list().await;
    let (approver, reader) = (site.sign_in("duyet").await, site.sign_in("xem").await);
    let board = "/khong-tien-mat?thang=2024-05&dia-ban=51";
    let page = site.get(board, &approver).await.body;
    let form = format!(
        "khoa={}&dia_ban=51&thang=2024-05&nam=2024&phan_tram=95",
        key(&page)
    );
    let set = site
        .post("/khong-tien-mat/muc-tieu", &approver, &form)
        .await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    let page = site.get(board, &reader).await.body;
    assert!(page.contains("Năm 2024: 95%"));
    // 95 % of 200.
    assert!(page.contains(">190<"), "people to reach");
    let wrong = "khoa=x1&dia_ban=51&nam=2024&phan_tram=101";
    let refused = site
        .post("/khong-tien-mat/muc-tieu", &approver, wrong)
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn forms_are_pages_and_files_and_lead_to_people() {
    let site = with_list().await;
    let reader = site.sign_in("xem").await;
    for number in ["10a", "10c", "10d"] {
        let address = format!("/bao-cao/mau/{number}?thang=2024-05&dia-ban=51");
        let page = site.get(&address, &reader).await;
        assert_eq!(page.status, StatusCode::OK, "{number}");
        assert!(page.body.contains(&format!("Mẫu số {number}")));
        let file = format!("/bao-cao/mau/{number}/xlsx?thang=2024-05&dia-ban=51");
        let file = site.get(&file, &reader).await;
        assert_eq!(file.status, StatusCode::OK, "{number}");
        let name = format!("mau-{number}-2024-05-51.xlsx");
        assert!(file.header("content-disposition").contains(&name));
        let people = links(&page.body, "/bao-cao/nguoi?");
        assert_eq!(people.is_empty(), number == "10a");
        for address in people.iter().take(3) {
            let page = site.get(address, &reader).await;
            assert_eq!(page.status, StatusCode::OK, "{address}");
            assert!(page.body.contains("/doi-tuong/"), "{address}");
        }
    }
    for wrong in [
        "/bao-cao/mau/10b",
        "/bao-cao/mau/10c/doc",
        "/bao-cao/nguoi?mau=10c&dong=5",
    ] {
        let page = site.get(wrong, &reader).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    let empty = site
        .get("/bao-cao/mau/10c?thang=2024-03&dia-ban=51", &reader)
        .await;
    assert!(empty.body.contains("Chưa có danh sách chi trả tháng này"));
}

#[tokio::test]
async fn boards_are_divided_by_areas_of_before_the_mergers() {
    let site = with_list().await;
    approve(&site, "2024-05").await;
    let reader = site.sign_in("xem").await;
    for (board, theo) in [
        ("/khong-tien-mat", "khong-tien-mat"),
        ("/chat-luong", "chat-luong"),
        ("/bao-cao", "dia-ban"),
        ("/bao-cao", "ket-qua"),
    ] {
        let address = format!("{board}?thang=2024-05&dia-ban=51&theo={theo}&chia=huyen-cu");
        let page = site.get(&address, &reader).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        let below = format!("{board}?thang=2024-05&dia-ban=522%402025-06");
        let below = links(&page.body, &below);
        let district = site
            .get(below.first().expect("a former district"), &reader)
            .await;
        assert_eq!(district.status, StatusCode::OK, "{theo}");
        assert!(district.body.contains("trước khi sắp xếp"), "{theo}");
        let people = links(&district.body, "/bao-cao/nguoi?");
        assert_eq!(people.is_empty(), theo == "ket-qua", "{theo}");
        for address in people.iter().take(2) {
            let page = site.get(address, &reader).await;
            assert!(page.body.contains("/doi-tuong/"), "{address}");
        }
        let export =
            format!("/bao-cao/xuat/xlsx?thang=2024-05&dia-ban=51&theo={theo}&chia=tinh-cu");
        assert_eq!(site.get(&export, &reader).await.status, StatusCode::OK);
    }
    let unknown = site
        .get("/bao-cao?thang=2024-05&dia-ban=522%402026-01", &reader)
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn each_board_has_its_line_of_months_with_what_changed() {
    let site = with_list().await;
    approve(&site, "2024-05").await;
    make(&site, "2024-06").await;
    approve(&site, "2024-06").await;
    let reader = site.sign_in("xem").await;
    for board in [
        "/khong-tien-mat?",
        "/chat-luong?",
        "/bao-cao?",
        "/bao-cao?theo=ket-qua&",
    ] {
        let page = site
            .get(&format!("{board}thang=2024-06&dia-ban=51"), &reader)
            .await
            .body;
        assert!(page.contains(r#"<svg class="chart""#), "{board}");
        let (_, table) = page.split_once("Theo tháng").expect("the line");
        assert!(table.contains("So với tháng trước"), "{board}");
        assert!(
            table.contains("05/2024") && table.contains("06/2024"),
            "{board}"
        );
    }
}

/// Each figure of the table of a board with the address of the people behind it.
fn figures(page: &str) -> Vec<(String, usize)> {
    let (_, table) = page.split_once("Bảng số liệu").expect("the table");
    let (table, _) = table.split_once("</table>").expect("its end");
    let cells = table.split(r#"<a href="/bao-cao/nguoi?"#).skip(1);
    let figure = |cell: &str| {
        let (address, rest) = cell.split_once("\">").expect("an address");
        let (number, _) = rest.split_once("</a>").expect("a figure");
        let number = number.replace('.', "").parse().expect("a number");
        let address = address.replace("&#38;", "&").replace("&amp;", "&");
        (format!("/bao-cao/nguoi?{address}"), number)
    };
    cells.map(figure).collect()
}

/// People on all pages of a list.
async fn people_of(site: &Site, reader: &str, address: &str) -> usize {
    let (mut next, mut people) = (Some(address.to_owned()), 0);
    while let Some(address) = next {
        let page = site.get(&address, reader).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        people += links(&page.body, "/doi-tuong/").len();
        let forward = page
            .body
            .split("<a ")
            .find(|link| link.contains("Trang sau"));
        next = forward.and_then(|link| links(&format!("<a {link}"), "/bao-cao/nguoi?").pop());
    }
    people
}

#[tokio::test]
async fn every_figure_has_its_people() {
    let site = with_list().await;
    let reader = site.sign_in("xem").await;
    let mut boards = vec!["/chat-luong?thang=2024-05&dia-ban=51".to_owned()];
    let country = site
        .get("/chat-luong?thang=2024-05&dia-ban=51", &reader)
        .await;
    let districts = links(&country.body, "/chat-luong?thang=2024-05&dia-ban=5");
    boards.extend(
        districts
            .into_iter()
            .filter(|it| it.contains("dia-ban=52"))
            .take(2),
    );
    let mut groups = std::collections::BTreeSet::new();
    for board in &boards {
        let page = site.get(board, &reader).await;
        let figures = figures(&page.body);
        assert!(!figures.is_empty(), "{board}");
        for (address, figure) in figures {
            assert_eq!(
                people_of(&site, &reader, &address).await,
                figure,
                "{address}"
            );
            let group = address.split("nhom=").nth(1).unwrap_or_default();
            groups.insert(group.to_owned());
        }
    }
    assert!(groups.len() >= 5, "{groups:?}");
}
