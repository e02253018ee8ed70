//! Every change, every file handed out and every look at a person or a dossier leaves an entry of the
//! audit log: held of every request of every test of the site, by the table of ways in.

use axum::http::{Method, StatusCode};
use web::EntriesLeft;

/// Forms and operations that leave no entry, and why.
const SILENT: &[(&str, &str)] = &[
    (
        "/nhap",
        "a file is looked at by who sent it, nothing is recorded",
    ),
    ("/nhap/nguoi-nhan", "as above"),
    ("/nhap/chuong-trinh", "as above"),
    ("/quyet-dinh-chung/danh-sach", "as above"),
    (
        "/quyet-dinh-chung/xem",
        "shows what would be recorded; recording leaves an entry",
    ),
    (
        "/viec",
        "shows what would be done; doing it leaves an entry",
    ),
    ("/viec/tim", "the queue is looked at by another word"),
    ("/nop-ho-so", "a draft only its owner reads"),
    ("/nop-ho-so/tiep", "as above"),
    ("/nop-ho-so/de-sau", "as above"),
    ("/nop-ho-so/cau/{code}", "as above"),
    ("/nop-ho-so/giay-to", "as above"),
    ("/nop-ho-so/giay-to/bo", "as above"),
    (
        "/tra-cuu/ho-so/to-khai/{code}",
        "kept until it is sent with the supplement, which leaves an entry",
    ),
    ("/ho-so/moi/bat-dau", "as above"),
    ("/ho-so/moi/{draft}/{section}", "as above"),
    ("/tra-cuu/thoat", "a citizen puts the telephone away"),
    (
        "/api/v1/exchange/pull/traTrangThaiHs",
        "reads, as the GET of a dossier does",
    ),
    (
        "/api/v1/exchange/pull/traDsTrangThaiHs",
        "reads, as the GET of messages does",
    ),
    ("/api/v1/exchange/pull/traHoSo", "as above"),
    ("/api/v1/exchange/pull/danhMuc", "lists of codes"),
];

/// Where some requests change nothing, and which.
const SOMETIMES: &[(&str, &str)] = &[
    (
        "/dang-nhap",
        "a code is still owed; the second step leaves the entry",
    ),
    ("/dang-xuat", "nobody was signed in"),
    (
        "/ho-so/moi/{draft}",
        "a draft is thrown away or gone back to",
    ),
    (
        "/viec/lam",
        "sent twice, or every row refused: nothing is done",
    ),
    ("/trinh-ky/chung", "every row refused: nothing is done"),
    ("/vao-so/chung", "as above"),
    ("/ky-chi/{month}/lenh", "there is nothing to order"),
    (
        "/dan-cu",
        "nobody is due, or the entry is left by the batch, beside the request",
    ),
    ("/api/v1/orders", "as above"),
    (
        "/api/v1/batches/{order}",
        "handed over before, and nothing has stopped",
    ),
    ("/tra-cuu/ho-so/rut", "the citizen's session has ended"),
    ("/tra-cuu/ho-so/bo-sung", "as above"),
    ("/tra-cuu/ho-so/bao-tin", "as above"),
    ("/tra-cuu/ho-so/ma", "as above"),
    (
        "/tra-cuu/ho-so/giay-to",
        "the session has ended, or the page comes again with what is missing",
    ),
    (
        "/ho-so/{dossier}/to-khai/sua",
        "shows what would change; recording leaves an entry",
    ),
    (
        "/api/v1/exchange/messages/{message}/ack",
        "taken before: what is told again changes nothing",
    ),
    (
        "/nop-ho-so/kiem-tra",
        "sent twice, the second is led to the same dossier",
    ),
    ("/tai-khoan", "a secret is shown before it is confirmed"),
    ("/api/v1/events", "what is told again changes nothing"),
    ("/api/v1/dossiers", "as above"),
    ("/api/v1/exchange/dossiers", "as above"),
    ("/api/v1/exchange/dossiers/{code}/supplements", "as above"),
    ("/api/v1/exchange/dossiers/{code}/withdrawal", "as above"),
    ("/api/v1/exchange/pull/nhanHoSo", "as above"),
    ("/api/v1/exchange/pull/danhDauHsThanhCong", "as above"),
    (
        "/api/v1/exchange/x-road/r1/{instance}/{class}/{member}/{subsystem}/{service}",
        "as above, or a service that reads",
    ),
    ("/api/v1/exchange/x-road/soap", "as above"),
    ("/api/v1/g2p/on-disburse", "as above"),
    ("/api/v1/g2p/disburse/txn/on-status", "as above"),
];

/// Pages and files that show people or dossiers, or hand something out.
const SHOWING: &[&str] = &[
    "/doi-tuong/{id}",
    "/doi-tuong/{id}/nguoi-nhan",
    "/doi-tuong/{id}/bao-bien-dong",
    "/doi-tuong/{id}/dinh-chinh",
    "/doi-tuong/{id}/chuyen-di",
    "/chuyen-di-den/{number}",
    "/chuyen-di-den/xuat/{form}",
    "/quyet-dinh-chung/{number}/xuat/{form}",
    "/sap-thay-doi/xuat/{form}",
    "/bao-cao/nguoi",
    "/chat-luong/cong-an/{number}/{form}",
    "/bao-cao/mau/{number}/{form}",
    "/bao-cao/xuat/{form}",
    "/ky-chi/{month}/xuat/{form}",
    "/ky-chi/{month}/lenh/{order}/{form}",
    "/ky-chi/{month}/doi-soat/dong/{form}",
    "/ky-chi/{month}/doi-soat/xuat/{form}",
    "/doi-tac/lenh/{order}/{form}",
    "/nhat-ky/xuat/{form}",
    "/viec/xuat/xlsx",
    "/so-van-ban/xuat.xlsx",
    "/ho-so/{dossier}",
    "/ho-so/{dossier}/giay-to",
    "/ho-so/{dossier}/giay-to/{scan}",
    "/ho-so/{dossier}/van-ban/{letter}",
    "/ho-so/{dossier}/van-ban/{letter}/pdf",
    "/tra-cuu/ho-so",
    "/api/v1/persons",
    "/api/v1/persons/{id}",
    "/api/v1/persons/{id}/explain",
    "/api/v1/lists/{month}/{area}/lines",
    "/api/v1/dossiers/{code}/papers",
];

/// Files that tell nothing of anybody, and why.
const EMPTY_FILES: &[(&str, &str)] = &[
    ("/nhap/mau.xlsx", "an empty form"),
    ("/nhap/nguoi-nhan/mau.xlsx", "an empty form"),
    ("/nhap/chuong-trinh/mau.xlsx", "an empty form"),
    ("/quyet-dinh-chung/mau.xlsx", "an empty form"),
    ("/doi-tac/mau.xlsx", "an empty form"),
    ("/doi-soat/mau.xlsx", "an empty form"),
    (
        "/nhap/{ticket}/{file}",
        "the faults of one's own file, which is not recorded",
    ),
    ("/tep/{hash}/{name}", "the site's own style and script"),
];

/// Holds of one request what the lists above say.
pub(crate) fn check(method: &Method, path: &str, status: StatusCode, left: Option<&EntriesLeft>) {
    if !(status.is_success() || status == StatusCode::SEE_OTHER) {
        return;
    }
    let Some(way) = way(method, path) else { return };
    let left = match left {
        Some(EntriesLeft(left)) => *left,
        // Led away before anything was done.
        None if status == StatusCode::SEE_OTHER => return,
        None => panic!("{method} {way}: nobody counted"),
    };
    let named = |list: &[(&str, &str)]| list.iter().any(|(listed, _)| *listed == way);
    let must = match *method {
        Method::POST => !named(SILENT) && !named(SOMETIMES),
        _ => SHOWING.contains(&way) && status.is_success(),
    };
    assert!(!must || left > 0, "{method} {way} left no entry");
}

/// The way in of a path: the one with the fewest parameters that fits.
pub(crate) fn way(method: &Method, path: &str) -> Option<&'static str> {
    let fits = |way: &str| {
        let (way, path): (Vec<&str>, Vec<&str>) =
            (way.split('/').collect(), path.split('/').collect());
        let same = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
        way.len() == path.len() && way.iter().zip(&path).all(same)
    };
    let ways = web::ways_in()
        .into_iter()
        .filter(|(known, _)| known == method);
    let fitting = ways.map(|(_, way)| way).filter(|way| fits(way));
    fitting.min_by_key(|way| way.matches('{').count())
}

#[test]
fn every_way_in_that_is_named_here_exists_and_every_file_is_named() {
    let ways = web::ways_in();
    let exists = |wanted: &Method, path: &str| {
        let known = ways
            .iter()
            .any(|(method, way)| method == wanted && *way == path);
        assert!(known, "{wanted} {path} is no way in");
    };
    for (path, why) in SILENT.iter().chain(SOMETIMES) {
        exists(&Method::POST, path);
        assert!(!why.is_empty());
    }
    for path in SHOWING {
        exists(&Method::GET, path);
    }
    for (path, why) in EMPTY_FILES {
        exists(&Method::GET, path);
        assert!(!why.is_empty());
    }
    for (method, way) in ways {
        let last = way.rsplit('/').next().unwrap_or_default();
        let is_file = ["{form}", "{file}", "{name}", "pdf", "xlsx"]
            .iter()
            .any(|ending| last.ends_with(ending));
        if method == Method::GET && is_file && !way.starts_with("/api/v1/reports") {
            let named = SHOWING.contains(&way) || EMPTY_FILES.iter().any(|(file, _)| *file == way);
            assert!(named, "{way} hands a file out: name it");
        }
    }
}
