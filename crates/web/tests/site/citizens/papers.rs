//! Papers a citizen sends.

use super::*;

/// A form with files in its fields, as browsers send it.
async fn send_files(site: &Site, cookie: &str, key: &str, files: &[(&str, &str, &[u8])]) -> Answer {
    let mut body = format!("--x\r\nContent-Disposition: form-data; name=\"khoa\"\r\n\r\n{key}\r\n")
        .into_bytes();
    for (field, name, content) in files {
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    let request = Request::post("/tra-cuu/ho-so/bo-sung")
        .header(header::COOKIE, cookie)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    site.send(request.body(Body::from(body)).expect("a request"))
        .await
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";

#[tokio::test]
async fn papers_asked_for_are_sent_from_the_page_and_reach_the_dossier_once() {
    let site = Site::open().await;
    let cookie = look_up(&site, &dossier(&site).await).await;
    let form = site.get("/tra-cuu/ho-so/bo-sung", &cookie).await;
    assert_eq!(
        form.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nothing is asked"
    );
    let asked = json!({"papers": ["Đơn", "Giấy khai sinh"], "reason": "thiếu"});
    tell(&site, CODE, "supplement_asked", "2024-05-07T08:00", asked).await;
    let form = site.get("/tra-cuu/ho-so/bo-sung", &cookie).await.body;
    let key = keys(&form)[0];
    let one = [("tep-0", "don.pdf", PDF)];
    let refused = send_files(&site, &cookie, key, &one).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Chưa chọn tệp cho: Giấy khai sinh"));
    let wrong: [(&str, &str, &[u8]); 2] = [one[0], ("tep-1", "anh.png", b"MZ not a picture")];
    let refused = send_files(&site, &cookie, key, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains(r##"href="#tep-1""##),
        "{}",
        refused.body
    );
    let both = [one[0], ("tep-1", "khai sinh.pdf", PDF)];
    for _ in 0..2 {
        let sent = send_files(&site, &cookie, key, &both).await;
        assert_eq!(
            sent.header("location"),
            "/tra-cuu/ho-so?xong=bo-sung",
            "{}",
            sent.body
        );
    }
    let kept: Vec<(String, String)> =
        sqlx::query_as("select paper, recorded_by from attachment order by attachment_no")
            .fetch_all(site.db.pool())
            .await
            .expect("reads");
    let citizen = "citizen".to_owned();
    assert_eq!(
        kept,
        [
            ("Đơn".to_owned(), citizen.clone()),
            ("Giấy khai sinh".to_owned(), citizen)
        ]
    );
    let page = site.get("/tra-cuu/ho-so", &cookie).await.body;
    assert!(page.contains("Đã bổ sung giấy tờ") && !page.contains("Cần bổ sung"));
}
