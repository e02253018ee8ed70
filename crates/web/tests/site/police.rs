//! Records of a commune on their way through its police: made into a list, handed out, answered, put right, checked again.

use std::io::Cursor;

use axum::http::StatusCode;
use documents::sheet::{self, SheetError};
use kernel::Cell;

use crate::client::{Answer, Site, keys};
use crate::population::{COMMUNE, registered};

/// What is wrong with the person, as the police know it.
const RIGHT_BIRTH: &str = "02/03/1940";

/// The sheet as the police send it back: every cell of ours, and theirs by the heading of its column.
fn answered(sheet_sent: &[u8], theirs: &[(&str, &str)]) -> String {
    let mut lines = String::new();
    let mut headings: Vec<String> = Vec::new();
    sheet::read(Cursor::new(sheet_sent), |_, cells| {
        let mut texts: Vec<String> = cells
            .iter()
            .map(|cell| Cell::shown(cell).map(String::from).unwrap_or_default())
            .collect();
        if texts.first().is_some_and(|first| first == "STT") {
            headings.clone_from(&texts);
        } else if texts[0].parse::<u32>().is_ok() {
            texts.resize(headings.len(), String::new());
            for (heading, value) in theirs {
                let at = headings.iter().position(|it| it.starts_with(heading));
                texts[at.expect("the column")] = (*value).to_owned();
            }
        }
        let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
        lines.push_str(&quoted.join(","));
        lines.push('\n');
        Ok::<_, SheetError>(())
    })
    .expect("a sheet of ours");
    lines
}

/// The work list of the commune.
async fn work(site: &Site, who: &str) -> Answer {
    let page = site
        .get(&format!("/chat-luong/viec?dia-ban={COMMUNE}"), who)
        .await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page
}

#[tokio::test]
async fn a_record_goes_to_the_police_comes_back_is_put_right_and_checked_again() {
    let (site, service) = registered().await;
    let site = site.asking(service);
    let officer = site.sign_in("can.bo").await;
    let ask = "dia-ban=51&muc-dich=thu";
    let asked = site.post("/dan-cu", &officer, ask).await;
    assert!(
        asked.body.contains("1 người: 0 khớp, 1 lệch"),
        "{}",
        asked.body
    );

    let page = work(&site, &officer).await;
    let send = format!(
        "khoa={}&dia-ban={COMMUNE}",
        keys(&page.body).last().expect("a form")
    );
    for _ in 0..2 {
        let sent = site.post("/chat-luong/cong-an", &officer, &send).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    let page = work(&site, &officer).await;
    assert!(page.body.contains("/chat-luong/cong-an/1/pdf"));
    assert!(
        !page.body.contains("/chat-luong/cong-an/2/pdf"),
        "sent twice, made once"
    );

    let paper = site.get("/chat-luong/cong-an/1/pdf", &officer).await;
    assert_eq!(paper.status, StatusCode::OK, "{}", paper.body);
    assert_eq!(paper.header("content-type"), "application/pdf");
    assert!(paper.bytes.starts_with(b"%PDF-"));
    let sent = site.get("/chat-luong/cong-an/1/xlsx", &officer).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);

    let empty = answered(&sent.bytes, &[]);
    assert!(
        empty.contains("03/02/1940") && empty.contains("ngày sinh"),
        "{empty}"
    );
    let bring = async |sheet: &str| {
        site.upload_as("/chat-luong/cong-an/1", &officer, &[], ("tl.csv", sheet))
            .await
    };
    let nothing = bring(&empty).await;
    assert!(
        nothing.body.contains("1 dòng chưa có trả lời"),
        "{}",
        nothing.body
    );
    let theirs = [("Kết quả", "khác"), ("Ngày sinh đúng", RIGHT_BIRTH)];
    let brought = bring(&answered(&sent.bytes, &theirs)).await;
    assert!(
        brought.body.contains("Đã nhập 1 trả lời: 0 đúng, 1 khác"),
        "{}",
        brought.body
    );
    for shown in ["Công an xã, danh sách số 1", RIGHT_BIRTH, "Nhận gợi ý"] {
        assert!(brought.body.contains(shown), "{shown}: {}", brought.body);
    }

    let again = site.post("/dan-cu", &officer, ask).await;
    assert!(
        again.body.contains("0 người"),
        "nothing changed yet: {}",
        again.body
    );
    let accept = format!(
        "khoa={}&viec=nhan&nguoi=1&truong=birth_date&gia-tri=1940-03-02&ly-do=cong%20an&dia-ban={COMMUNE}",
        keys(&brought.body).first().expect("a form")
    );
    let done = site.post("/chat-luong/viec", &officer, &accept).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let again = site.post("/dan-cu", &officer, ask).await;
    assert!(again.body.contains("1 người: 1 khớp"), "{}", again.body);
    let page = work(&site, &officer).await;
    assert!(
        page.body.contains("Không có thông tin nào cần xem"),
        "{}",
        page.body
    );
    let person = site.get("/doi-tuong/1", &officer).await;
    assert!(person.body.contains(RIGHT_BIRTH), "{}", person.body);
}
