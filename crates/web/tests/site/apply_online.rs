//! Applying online, from the first question to the code of the dossier.

use axum::http::StatusCode;

use crate::client::{Answer, PDF, Site};

const WHAT: &str = "d20-1dd/1.001776/disability";

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie");
    assert!(set.contains("HttpOnly"), "{set}");
    set.split(';').next().expect("a cookie").to_owned()
}

/// An application that has begun, by its cookie.
async fn begin(site: &Site) -> String {
    let answer = site.post("/nop-ho-so", "", &format!("loai={WHAT}")).await;
    assert_eq!(
        answer.header("location"),
        "/nop-ho-so/cau",
        "{}",
        answer.body
    );
    cookie(&answer)
}

/// What is answered to the questions that are asked; the others may stay empty.
fn answer_to(code: &str) -> &'static str {
    match code {
        "declared_by" => "itself",
        "full_name" => "Phạm Thị Thử",
        "birth_date" => "01/02/1970",
        "sex" => "female",
        "id_number" => "999170000011",
        "area" => "21175",
        "phone" => "0912345678",
        "schooling" => "never",
        "pension" | "pregnant" => "no",
        "poverty" => "neither",
        "disabled" => "yes",
        "disability_grade" => "severe",
        "certificate_date" => "15/01/2023",
        "marital" => "married",
        _ => "",
    }
}

/// Answers question after question; returns how many there were.
async fn answer_all(site: &Site, cookie: &str) -> usize {
    let first = site.get("/nop-ho-so/cau", cookie).await;
    let mut place = first.header("location").to_owned();
    let mut count = 0;
    while let Some(code) = place.strip_prefix("/nop-ho-so/cau/") {
        let page = site.get(&place, cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{place}");
        assert_eq!(page.header("cache-control"), "no-store");
        let form = format!("{code}={}", answer_to(code));
        let next = site.post(&place, cookie, &form).await;
        assert_eq!(next.status, StatusCode::SEE_OTHER, "{place}: {}", next.body);
        place = next.header("location").to_owned();
        count += 1;
        assert!(count < 100, "the questions end");
    }
    assert_eq!(place, "/nop-ho-so/giay-to");
    count
}

/// An application that was submitted: the cookie of its citizen, and the code of the dossier.
pub(crate) async fn submitted(site: &Site) -> (String, String) {
    let applicant = begin(site).await;
    answer_all(site, &applicant).await;
    let sent = site
        .post("/nop-ho-so/kiem-tra", &applicant, "cam_doan=1")
        .await;
    assert_eq!(
        sent.header("location"),
        "/nop-ho-so/da-nop",
        "{}",
        sent.body
    );
    let led = site.get("/nop-ho-so/da-nop", &applicant).await;
    let code = sqlx::query_scalar("select code from dossier")
        .fetch_one(site.db.pool())
        .await
        .expect("one dossier");
    (cookie(&led), code)
}

#[tokio::test]
async fn an_application_is_filled_in_checked_submitted_and_looked_up() {
    let site = Site::open().await;
    let start = site.get("/nop-ho-so", "").await;
    assert!(start.body.contains(WHAT), "{}", start.body);
    assert!(
        !start.body.contains("hiv"),
        "illnesses are asked for at the commune"
    );
    let cookie_of = begin(&site).await;
    assert!(answer_all(&site, &cookie_of).await > 10);
    let check = site.get("/nop-ho-so/kiem-tra", &cookie_of).await;
    for shown in ["Phạm Thị Thử", "01/02/1970", "15/01/2023", "Nặng"] {
        assert!(check.body.contains(shown), "{shown}");
    }
    let refused = site.post("/nop-ho-so/kiem-tra", &cookie_of, "").await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "not without the oath"
    );
    let sent = site
        .post("/nop-ho-so/kiem-tra", &cookie_of, "cam_doan=1")
        .await;
    assert_eq!(
        sent.header("location"),
        "/nop-ho-so/da-nop",
        "{}",
        sent.body
    );
    let led = site.get("/nop-ho-so/da-nop", &cookie_of).await;
    assert_eq!(led.header("location"), "/tra-cuu/ho-so?xong=nop");
    let citizen = cookie(&led);
    let page = site.get("/tra-cuu/ho-so?xong=nop", &citizen).await;
    assert!(page.body.contains("Hồ sơ đã nộp, xã chưa tiếp nhận"));
    assert!(!page.body.contains("Phạm Thị Thử"));

    let given = site.post("/tra-cuu/ho-so/ma", &citizen, "").await;
    let code = given.body.split(r#"class="code">"#).nth(1).expect("a code");
    let code = code.split('<').next().expect("a code");
    let form = format!("ma={code}&xac_nhan=0011");
    let found = site.post("/tra-cuu", "", &form).await;
    assert_eq!(found.header("location"), "/tra-cuu/ho-so", "{}", found.body);

    let kept: (String, i16, String, String) = sqlx::query_as(
        "select origin, channel, applicant, form from dossier join dossier_answers using (dossier_id)",
    )
    .fetch_one(site.db.pool())
    .await
    .expect("one dossier with its answers");
    let expected = ("online", 2, "Phạm Thị Thử", "d20-1dd");
    assert_eq!((&*kept.0, kept.1, &*kept.2, &*kept.3), expected);
    // The draft is gone, and nothing is submitted twice.
    let again = site
        .post("/nop-ho-so/kiem-tra", &cookie_of, "cam_doan=1")
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let count: i64 = sqlx::query_scalar("select count(*) from dossier")
        .fetch_one(site.db.pool())
        .await
        .expect("counts");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_wrong_answer_is_said_and_kept_and_a_whole_form_is_asked_for() {
    let site = Site::open().await;
    let cookie = begin(&site).await;
    let place = "/nop-ho-so/cau/birth_date";
    let wrong = site.post(place, &cookie, "birth_date=hom+qua").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["<title>Lỗi:", r##"href="#tra-loi""##, r#"value="hom qua""#] {
        assert!(wrong.body.contains(part), "{part}: {}", wrong.body);
    }
    let early = site
        .post("/nop-ho-so/kiem-tra", &cookie, "cam_doan=1")
        .await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        early.body.contains(r##"href="#cau-full_name""##),
        "{}",
        early.body
    );
    // Other fields than the one asked for are not taken.
    site.post(
        "/nop-ho-so/cau/full_name",
        &cookie,
        "full_name=Thử&sex=female",
    )
    .await;
    let sex = site.get("/nop-ho-so/cau/sex", &cookie).await;
    assert!(!sex.body.contains(" checked"), "{}", sex.body);
}

#[tokio::test]
async fn what_is_left_for_later_comes_back_with_code_and_birth_date_only() {
    let site = Site::open().await;
    let before = begin(&site).await;
    let none = site.post("/nop-ho-so/de-sau", &before, "").await;
    assert!(none.body.contains("Chưa lưu"), "no birth date to ask for");
    site.post(
        "/nop-ho-so/cau/full_name",
        &before,
        "full_name=Phạm+Thị+Thử",
    )
    .await;
    site.post(
        "/nop-ho-so/cau/birth_date",
        &before,
        "birth_date=01/02/1970",
    )
    .await;
    let kept = site.post("/nop-ho-so/de-sau", &before, "").await;
    let code = kept.body.split(r#"class="code">"#).nth(1).expect("a code");
    let code = code.split('<').next().expect("a code").to_lowercase();
    assert_eq!(
        site.get("/nop-ho-so/kiem-tra", &before)
            .await
            .header("location"),
        "/nop-ho-so"
    );
    for wrong in [
        format!("ma={code}&ngay_sinh=02/02/1970"),
        "ma=ACDE-FGHJ-KLMN&ngay_sinh=01/02/1970".to_owned(),
    ] {
        let refused = site.post("/nop-ho-so/tiep", "", &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!refused.body.contains("Thử"));
    }
    let right = format!("ma={code}&ngay_sinh=1/2/1970");
    let back = site.post("/nop-ho-so/tiep", "", &right).await;
    assert_eq!(
        back.header("location"),
        "/nop-ho-so/kiem-tra",
        "{}",
        back.body
    );
    let page = site.get("/nop-ho-so/kiem-tra", &cookie(&back)).await;
    assert!(page.body.contains("Phạm Thị Thử"));
}

#[tokio::test]
async fn one_address_begins_only_so_many_in_an_hour() {
    let site = Site::open().await;
    for _ in 0..20 {
        begin(&site).await;
    }
    let refused = site.post("/nop-ho-so", "", &format!("loai={WHAT}")).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("set-cookie"), "");
}

/// Adds scans of a paper by its place in the list, or `khac` with a name.
async fn add(
    site: &Site,
    cookie: &str,
    (paper, name): (&str, &str),
    file: (&str, &[u8]),
) -> Answer {
    let fields = [("giay_to", paper), ("ten", name)];
    let files = [("tep_chup", "", &b""[..]), ("tep", file.0, file.1)];
    site.send_files("/nop-ho-so/giay-to", cookie, &fields, &files)
        .await
}

#[tokio::test]
async fn papers_are_added_taken_out_kept_for_later_and_go_with_the_application() {
    let site = Site::open().await;
    let first = begin(&site).await;
    answer_all(&site, &first).await;
    let page = site.get("/nop-ho-so/giay-to", &first).await;
    for shown in [
        "Giấy xác nhận khuyết tật",
        r#"capture="environment""#,
        "Để sau, mang đến xã",
    ] {
        assert!(page.body.contains(shown), "{shown}");
    }
    let no_file = add(&site, &first, ("2", ""), ("", b"")).await;
    let no_name = add(&site, &first, ("khac", ""), ("don.pdf", PDF)).await;
    let no_paper = add(&site, &first, ("9", ""), ("don.pdf", PDF)).await;
    let no_picture = add(&site, &first, ("2", ""), ("a.png", b"MZ not a picture")).await;
    for (refused, place) in [
        (no_file, "tep"),
        (no_name, "ten"),
        (no_paper, "giay-to-1"),
        (no_picture, "tep"),
    ] {
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{place}");
        let link = format!(r##"href="#{place}""##);
        assert!(refused.body.contains(&link), "{place}: {}", refused.body);
    }
    for paper in [("2", ""), ("2", ""), ("khac", "Đơn của gia đình")] {
        let added = add(&site, &first, paper, ("don.pdf", PDF)).await;
        assert_eq!(
            added.header("location"),
            "/nop-ho-so/giay-to",
            "{}",
            added.body
        );
    }
    let page = site.get("/nop-ho-so/giay-to", &first).await.body;
    let buttons = page.matches(r#"name="so""#).count();
    assert_eq!(buttons, 2, "the same file for the same paper is there once");
    // Others neither see nor remove them.
    let other = begin(&site).await;
    let number = page.split(r#"name="so" value=""#).nth(2).expect("a number");
    let number = number.split('"').next().expect("a number");
    site.post("/nop-ho-so/giay-to/bo", &other, &format!("so={number}"))
        .await;
    let seen = site.get("/nop-ho-so/giay-to", &other).await.body;
    assert!(!seen.contains("Đơn của gia đình"));

    let kept = site.post("/nop-ho-so/de-sau", &first, "").await;
    let code = kept.body.split(r#"class="code">"#).nth(1).expect("a code");
    let code = code.split('<').next().expect("a code");
    let back = format!("ma={code}&ngay_sinh=01/02/1970");
    let back = cookie(&site.post("/nop-ho-so/tiep", "", &back).await);
    let check = site.get("/nop-ho-so/kiem-tra", &back).await.body;
    assert!(check.contains("Đơn của gia đình"), "papers come back too");
    site.post("/nop-ho-so/giay-to/bo", &back, &format!("so={number}"))
        .await;
    let check = site.get("/nop-ho-so/kiem-tra", &back).await.body;
    assert!(!check.contains("Đơn của gia đình"));
    let sent = site.post("/nop-ho-so/kiem-tra", &back, "cam_doan=1").await;
    assert_eq!(
        sent.header("location"),
        "/nop-ho-so/da-nop",
        "{}",
        sent.body
    );
    let kept: Vec<(String, String, i16, i16)> = sqlx::query_as(
        "select paper, a.recorded_by, papers, papers_missing from attachment a join dossier using (dossier_id)",
    )
    .fetch_all(site.db.pool())
    .await
    .expect("reads");
    let expected = (
        "Giấy xác nhận khuyết tật".to_owned(),
        "citizen".to_owned(),
        1,
        0,
    );
    assert_eq!(kept, [expected]);
    let left: i64 = sqlx::query_scalar("select count(*) from draft_paper")
        .fetch_one(site.db.pool())
        .await
        .expect("counts");
    assert_eq!(left, 0, "they went with the draft");
}

#[tokio::test]
async fn a_file_of_an_application_is_named_so_that_it_is_not_swept() {
    let site = Site::open().await;
    let cookie = begin(&site).await;
    add(&site, &cookie, ("2", ""), ("don.pdf", PDF)).await;
    let hash: Vec<u8> = sqlx::query_scalar("select file_hash from draft_paper")
        .fetch_one(site.db.pool())
        .await
        .expect("one paper");
    let hash = files::FileHash::from_bytes(&hash).expect("a hash");
    let named = casework::attachment::named(site.db.pool(), &[hash]).await;
    assert!(named.expect("reads").contains(&hash));
}

#[tokio::test]
async fn no_more_papers_than_a_dossier_takes() {
    let site = Site::open().await;
    let cookie = begin(&site).await;
    let pages: Vec<Vec<u8>> = (0..21)
        .map(|page| [PDF, format!("% {page}\n").as_bytes(), b"%%EOF\n"].concat())
        .collect();
    let part = |pages: &[Vec<u8>]| {
        let fields = [("giay_to", "2")];
        let files: Vec<_> = pages.iter().map(|it| ("tep", "a.pdf", &it[..])).collect();
        (
            fields,
            files
                .iter()
                .map(|it| (it.0, it.1, it.2.to_vec()))
                .collect::<Vec<_>>(),
        )
    };
    for (from, to, status) in [(0, 15, 303), (15, 21, 422), (15, 20, 303)] {
        let (fields, files) = part(&pages[from..to]);
        let files: Vec<_> = files.iter().map(|it| (it.0, it.1, &it.2[..])).collect();
        let sent = site
            .send_files("/nop-ho-so/giay-to", &cookie, &fields, &files)
            .await;
        assert_eq!(sent.status.as_u16(), status, "{from}–{to}: {}", sent.body);
    }
}
