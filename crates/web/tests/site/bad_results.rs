//! Providers' files that are broken, wrong or made to do harm, and the same file brought twice at once.

use axum::http::StatusCode;

use crate::client::Site;
use crate::month_of_money::result;
use crate::results::{listed, upload};

const PAIN: &str = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12";

/// A bank's status of one payment: currency, amount.
fn pain(line: &str, currency: &str, amount: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{PAIN}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>TL-1</MsgId><CreDtTm>2024-05-09T10:00:00+07:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>L-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>L-1-1</OrgnlPmtInfId><TxInfAndSts>
<OrgnlEndToEndId>{line}</OrgnlEndToEndId><TxSts>ACSC</TxSts>
<OrgnlTxRef><Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt></OrgnlTxRef>
</TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"#
    )
}

/// Rows of everything an import writes.
async fn written(site: &Site) -> (i64, i64, i64) {
    sqlx::query_as(
        "select (select count(*) from payment_result), (select count(*) from result_claim),
                (select count(*) from result_queue)",
    )
    .fetch_one(site.db.pool())
    .await
    .expect("counted")
}

#[tokio::test]
async fn a_file_that_cannot_be_read_to_its_end_is_refused_whole() {
    let (site, line, amount) = listed().await;
    let maker = site.sign_in("lap").await;
    let token = site.token("lap").await;
    let whole = pain(&line, "VND", &amount.to_string());
    let good = result("r1", &line, amount);
    let bomb = format!(r#"<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;">]>{whole}"#);
    let endless = "x".repeat(300_000);
    for (number, (file, code, words)) in (0..).zip([
        (
            whole[..whole.len() - 40].to_owned(),
            "file_damaged",
            "cắt ngang ở byte",
        ),
        (
            format!("{good}\n{}", &good[..40]),
            "file_breaks_off",
            "cắt ngang ở dòng 2",
        ),
        (bomb, "xml_entities", "DOCTYPE hoặc thực thể riêng ở byte"),
        (
            whole.replace("ACSC", "&x;"),
            "xml_entities",
            "thực thể riêng",
        ),
        (
            whole.replace("ACSC", &endless),
            "xml_too_large",
            "quá dài ở byte",
        ),
        (
            format!("{good}\n{{{endless}"),
            "line_too_long",
            "dòng 2 dài quá",
        ),
        (
            whole.replace("pain.002.001.12", "pain.008.001.02"),
            "unknown_message",
            "pain.008.001.02",
        ),
    ]) {
        let page = upload(&site, &maker, "bd", &file).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        let said = page.body.to_lowercase();
        assert!(said.contains(&words.to_lowercase()), "{code}: {said}");
        let body = ("application/xml", file.as_str());
        let path = "/api/v1/payment-results?provider=bd";
        let told = site
            .api_post(path, &token, &format!("k{number}"), body)
            .await;
        assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "{code}");
        assert_eq!(told.json()["code"], code);
    }
    assert_eq!(written(&site).await, (0, 0, 0), "nothing is half done");
}

#[tokio::test]
async fn rows_that_cannot_be_are_named_with_their_place() {
    let (site, line, amount) = listed().await;
    let maker = site.sign_in("lap").await;
    for (currency, amount, words) in [
        (
            "USD",
            "360000",
            "Dòng 1, trường Amt: loại tiền không phải VND",
        ),
        ("VND", "-360000", "số tiền phải lớn hơn 0"),
        ("VND", "360000.5", "số tiền có phần lẻ của đồng"),
    ] {
        let page = upload(&site, &maker, "bd", &pain(&line, currency, amount)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("Đã ghi 0 kết quả"), "{}", page.body);
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let rows = [
        result("r1", &line, -amount),
        result("r2", &line, amount).replace(&format!("{amount}}}"), &format!("{amount}.5}}")),
        result("r3", "một dòng", amount),
        result("r4", &line, amount).replace("paid", "stolen"),
    ];
    let page = upload(&site, &maker, "bd", &rows.join("\n")).await.body;
    for words in [
        "Dòng 1, trường amount: số tiền phải lớn hơn 0",
        "Dòng 2, trường amount: số tiền phải là số nguyên",
        "Dòng 3, trường line: mã dòng phải có dạng",
        "Dòng 4: dòng không đúng mẫu",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(
        written(&site).await,
        (0, 0, 0),
        "nothing is recorded, nothing waits"
    );
}

#[tokio::test]
async fn a_file_of_hundreds_of_megabytes_is_turned_away() {
    let (site, line, amount) = listed().await;
    let maker = site.sign_in("lap").await;
    let token = site.token("lap").await;
    let row = format!("{}\n", result("r1", &line, amount));
    let huge = row.repeat((61 << 20) / row.len());
    assert!(huge.len() > 60 << 20);
    let page = upload(&site, &maker, "bd", &huge).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(page.body.contains("tối đa 60 MB"), "{}", page.body);
    let body = ("application/x-ndjson", huge.as_str());
    let path = "/api/v1/payment-results?provider=bd";
    let told = site.api_post(path, &token, "k1", body).await;
    assert_eq!(told.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(written(&site).await, (0, 0, 0));
}

#[tokio::test]
async fn the_same_file_brought_twice_at_once_counts_once() {
    let (site, line, amount) = listed().await;
    let (maker, officer) = (site.sign_in("lap").await, site.sign_in("can.bo").await);
    let file = [result("r1", &line, amount), result("r2", &line, amount + 1)].join("\n");
    let both = tokio::join!(
        upload(&site, &maker, "bd", &file),
        upload(&site, &officer, "bd", &file),
    );
    let told = |page: &str| {
        let first = page.contains("Đã ghi 1 kết quả; 0 đã có từ trước; 1 vừa vào");
        let second = page.contains("Đã ghi 0 kết quả; 1 đã có từ trước; 0 vừa vào");
        assert!(first != second, "{page}");
        first
    };
    assert_ne!(told(&both.0.body), told(&both.1.body), "one brought it");
    assert_eq!(written(&site).await, (1, 1, 1));
}
