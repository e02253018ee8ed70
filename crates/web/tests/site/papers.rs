//! Papers of a dossier through the site: scans in and out, receipts with codes, signatures, numbers.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use casework::register::{self, Kind};
use casework::{Event, Submitted};
use kernel::Actor;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Answer, Site, keys};

const DOSSIER: &str = "000.00.00.H51-240506-0001";
const PDF: &str = "%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";

async fn tell(site: &Site, kind: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    whole.insert("event_id".into(), json!(Uuid::new_v4()));
    whole.insert("dossier".into(), json!(DOSSIER));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    let event = Event::parse(fields.to_string().as_bytes()).expect("a step");
    let actor = Actor::with_every_role("thử");
    let rows = [Submitted { row: 1, event }];
    let applied = casework::apply(site.db.pool(), &actor, &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

async fn with_dossier() -> Site {
    let site = Site::open().await;
    let submitted = json!({"procedure": "1.001776", "area": "21031", "channel": "direct",
                           "applicant": "Người Thử", "applicant_id_number": "999180000011",
                           "papers": [{"name": "Tờ khai"}]});
    tell(&site, "submitted", "2024-05-06T08:00", submitted).await;
    tell(&site, "received", "2024-05-06T09:00", json!({})).await;
    site
}

fn of_dossier(rest: &str) -> String {
    format!("/ho-so/{DOSSIER}/{rest}")
}

/// Sends a form with files in its field `tep`.
async fn send(
    site: &Site,
    path: &str,
    cookie: &str,
    fields: &[(&str, &str)],
    files: &[(&str, &str)],
) -> Answer {
    let mut body = String::new();
    for (name, value) in fields {
        body +=
            &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    for (name, content) in files {
        body += &format!(
            "--x\r\nContent-Disposition: form-data; name=\"tep\"; filename=\"{name}\"\r\n\r\n{content}\r\n"
        );
    }
    body += "--x--\r\n";
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    site.send(request.body(Body::from(body)).expect("a request"))
        .await
}

#[tokio::test]
async fn scans_come_in_and_go_out_and_nothing_else_does() {
    let site = with_dossier().await;
    let officer = site.sign_in("can.bo").await;
    let papers = of_dossier("giay-to");
    let shown = site.get(&papers, &officer).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(
        shown.body.contains("Chưa có bản quét: Tờ khai."),
        "{}",
        shown.body
    );
    let key = keys(&shown.body)[0].to_owned();
    let fields = [("khoa", key.as_str()), ("giay_to", "Tờ khai"), ("thay", "")];
    for _ in 0..2 {
        let added = send(&site, &papers, &officer, &fields, &[("to-khai.pdf", PDF)]).await;
        assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    }
    let shown = site.get(&papers, &officer).await;
    assert!(!shown.body.contains("Chưa có bản quét:"), "{}", shown.body);
    assert_eq!(
        shown.body.matches("PDF, 1 KB").count(),
        1,
        "sent twice, added once"
    );

    let one = format!("{papers}/1");
    let file = site.get(&one, &officer).await;
    assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, PDF));
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"giay-to-1.pdf\""
    );
    assert_eq!(
        file.header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert_eq!(file.header("x-content-type-options"), "nosniff");

    for (name, content, said) in [
        (
            "trang.pdf",
            "<html><script>",
            "Không phải tệp PDF, JPEG hay PNG",
        ),
        ("to-khai.png", PDF, "Đuôi tên tệp không đúng với nội dung"),
    ] {
        let fields = [("khoa", "k"), ("giay_to", "Tờ khai")];
        let refused = send(&site, &papers, &officer, &fields, &[(name, content)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains(said), "{}", refused.body);
    }
    let reader = site.sign_in("xem").await;
    for path in [&papers, &one] {
        assert_eq!(site.get(path, &reader).await.status, StatusCode::FORBIDDEN);
    }
    let unknown = site.get("/ho-so/H51-9999/giay-to", &officer).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);

    let token = site.token("can.bo").await;
    let path = format!("/api/v1/dossiers/{DOSSIER}/papers");
    let told = site.api(Method::GET, &path, &token).await.json();
    assert_eq!(told["attachments"][0]["media_type"], "application/pdf");
    assert_eq!(told["missing"], json!([]));
}

#[tokio::test]
async fn a_receipt_has_a_code_once_and_the_last_one_opens_the_dossier() {
    let site = with_dossier().await;
    let clerk = site.sign_in("tiep.nhan").await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let receipt = site.post(&of_dossier("giay-hen"), &clerk, "").await;
        assert_eq!(receipt.status, StatusCode::OK, "{}", receipt.body);
        assert_eq!(receipt.header("cache-control"), "no-store");
        assert!(receipt.body.contains("Hẹn trả kết quả: 03/06/2024"));
        let after = receipt.body.split("Mã tra cứu<b>").nth(1).expect("a code");
        codes.push(after.split('<').next().expect("its end").to_owned());
    }
    let again = site
        .get(&of_dossier("van-ban/giay-tiep-nhan"), &clerk)
        .await;
    assert!(codes.iter().all(|code| !again.body.contains(code.as_str())));
    let proof = casework::lookup::Proof::parse("0011").expect("a proof");
    for (code, opens) in codes.iter().zip([false, true]) {
        let code = casework::lookup::LookupCode::parse(code).expect("a code");
        let (pool, clock) = (site.db.pool(), &site.clock);
        let found =
            casework::lookup::find(pool, clock, &code, &proof, &kernel::Origin::System).await;
        assert_eq!(found.expect("an answer").is_some(), opens);
    }
}

#[tokio::test]
async fn a_letter_signed_elsewhere_is_handed_out_as_it_is_from_then_on() {
    let site = with_dossier().await;
    let (officer, leader) = (site.sign_in("can.bo").await, site.sign_in("lanh.dao").await);
    let letter = of_dossier("van-ban/to-trinh");
    let shown = site.get(&letter, &officer).await;
    assert!(shown.body.contains("TỜ TRÌNH") && shown.body.contains("Ký văn bản này"));
    assert!(shown.body.contains("Văn bản luyện tập, không có giá trị"));
    let fields = |day| {
        [
            ("khoa", "k1"),
            ("cach", "tep"),
            ("nguoi", "Lê Văn Lãnh"),
            ("ngay", day),
        ]
    };
    let sign = format!("{letter}/ky");
    let early = send(
        &site,
        &sign,
        &leader,
        &fields("05/05/2024"),
        &[("tt.pdf", PDF)],
    )
    .await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        early
            .body
            .contains("Ngày ký phải từ ngày nộp hồ sơ đến hôm nay")
    );
    let signed = send(
        &site,
        &sign,
        &leader,
        &fields("20/05/2024"),
        &[("tt.pdf", PDF)],
    )
    .await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    let file = site.get(&format!("{letter}/pdf"), &officer).await;
    assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, PDF));
    let shown = site.get(&letter, &officer).await;
    assert!(shown.body.contains("Lê Văn Lãnh đã ký ngày 20/05/2024"));
    let papers = site.get(&of_dossier("giay-to"), &officer).await;
    assert!(papers.body.contains("tệp đã ký"), "{}", papers.body);
    let decision = site.get(&of_dossier("van-ban/quyet-dinh"), &officer).await;
    assert_eq!(
        decision.status,
        StatusCode::NOT_FOUND,
        "no benefit is asked for"
    );
}

#[tokio::test]
async fn the_book_of_numbers_is_read_filtered_and_taken_as_excel() {
    let site = Site::open().await;
    let records = Actor::with_every_role("van.thu");
    let mut tx = site.db.pool().begin().await.expect("a transaction");
    for kind in [Kind::Decision, Kind::Decision, Kind::Notice] {
        let day = "2024-05-20".parse().expect("a day");
        let given = register::number(&mut tx, &records, &site.clock, "21031", kind, day).await;
        given.expect("a number");
    }
    tx.commit().await.expect("committed");
    let reader = site.sign_in("xem").await;
    let book = site.get("/so-van-ban?dia-ban=51&nam=2024", &reader).await;
    assert_eq!(book.status, StatusCode::OK);
    assert!(book.body.contains("02/QĐ-UBND") && book.body.contains("Dòng 1–3 trong 3"));
    let notices = site
        .get("/so-van-ban?dia-ban=51&nam=2024&loai=notice", &reader)
        .await;
    assert!(notices.body.contains("01/TB-UBND") && !notices.body.contains("QĐ-UBND"));
    let workbook = site
        .get("/so-van-ban/xuat.xlsx?dia-ban=51&nam=2024", &reader)
        .await;
    assert!(workbook.status == StatusCode::OK && workbook.body.starts_with("PK"));
    let elsewhere = site.get("/so-van-ban?dia-ban=48", &reader).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
}
