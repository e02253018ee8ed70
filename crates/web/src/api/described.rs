//! What several operations answer alike, for their description: said once and not with each of them.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

const EXCHANGE: &str = "/api/v1/exchange/";
const SPDCI: &str = "/api/v1/spdci/";
const G2P: &str = "/api/v1/g2p/";
const OURS: &str = "/api/v1/";

/// Media type and shape of a refusal.
type Told = (&'static str, &'static str);

const PROBLEM: Told = ("application/problem+json", "Problem");
/// In the words of pull-and-acknowledge.
const PULLED: Told = ("application/json", "PullTold");
/// A SOAP Fault, which has no shape here.
const FAULT: Told = ("text/xml", "");
const SPDCI_ERRORS: Told = ("application/json", "SpdciErrors");

/// Status, and when.
type Refusal = (&'static str, &'static str);

const OF_PROVINCES: [Refusal; 3] = [
    (
        "401",
        "Không có mã truy cập còn hiệu lực, hoặc chữ ký không đúng",
    ),
    (
        "403",
        "Mã truy cập không thuộc hệ thống một cửa của một tỉnh",
    ),
    (
        "429",
        "Tỉnh này gửi quá nhiều: chờ một giây rồi gửi lại đúng yêu cầu ấy",
    ),
];

const OF_MESSAGES: [Refusal; 4] = [
    ("409", "Tỉnh chưa kết nối chiều đến: gửi lại sau"),
    (
        "400",
        "Không phải một đối tượng JSON, hoặc trái với địa chỉ",
    ),
    ("413", "Nội dung quá lớn"),
    ("422", "Từ chối, có mã lý do"),
];

const OTHER_DIALECT: Refusal = ("409", "Tỉnh trao đổi theo cách khác");

/// Beside what each of them says itself.
const OF_PULLING: [Refusal; 2] = [
    ("400", "Không đúng các trường của dịch vụ này: maLoi 500"),
    TOO_LARGE,
];

/// Marking what was taken goes on after the province has gone over to another dialect.
const OF_PULLING_NOW: Refusal = ("409", "Tỉnh trao đổi theo cách khác: maLoi 500");

const OF_REGISTRIES: [Refusal; 5] = [
    ("401", "Mã truy cập hoặc chữ ký không dùng được"),
    ("403", "Chưa đăng ký, hoặc đăng ký không cho việc này"),
    ("413", "Thông điệp quá lớn"),
    ("429", "Hỏi quá nhiều trong một phút"),
    ("503", "Máy chủ chưa có khóa ký"),
];

/// What X-Road answers beside its own errors.
const OF_X_ROAD: [Refusal; 6] = [
    ("400", "Không phải một đối tượng JSON"),
    ("401", OF_PROVINCES[0].1),
    ("403", OF_PROVINCES[1].1),
    ("404", "Không có dịch vụ, hồ sơ hoặc thông điệp này"),
    (
        "409",
        "Tỉnh trao đổi theo cách khác, hoặc chưa kết nối chiều đến",
    ),
    ("422", "Từ chối, có mã lý do"),
];

const OF_ENVELOPES: [Refusal; 5] = [
    ("401", "SOAP Fault: mã truy cập hoặc chữ ký không dùng được"),
    (
        "403",
        "SOAP Fault: không phải client đã ghi, hoặc tài khoản không được nói thay tỉnh",
    ),
    ("413", "SOAP Fault: phong bì hoặc tệp kèm quá lớn"),
    (
        "415",
        "SOAP Fault: không phải text/xml hay multipart/related",
    ),
    ("429", OF_PROVINCES[2].1),
];

const MALFORMED: Refusal = ("400", "Tham số hoặc địa chỉ không đúng dạng");
const TOO_LARGE: Refusal = ("413", "Nội dung quá lớn");

const OF_ALL: [Refusal; 2] = [
    ("401", "Không có mã truy cập còn hiệu lực"),
    ("403", "Không có vai trò cần cho việc này ở địa bàn này"),
];

/// What a change under an Idempotency-Key may answer.
const OF_CHANGES: [Refusal; 4] = [
    ("400", "Thiếu Idempotency-Key, hoặc nội dung không đọc được"),
    ("409", "Yêu cầu cùng khóa đang được xử lý: gửi lại sau"),
    TOO_LARGE,
    (
        "422",
        "Từ chối, có mã lý do; hoặc khóa đã dùng cho yêu cầu khác",
    ),
];

/// Adds them to the operations that do not say it otherwise.
pub(crate) fn answered_alike(description: &mut OpenApi) {
    for (name, path) in &mut description.paths.paths {
        if let Some(name) = name.strip_prefix(EXCHANGE) {
            let operations = [&mut path.get, &mut path.put, &mut path.post];
            for operation in operations.into_iter().flatten() {
                match name.split('/').next() {
                    Some("pull") => {
                        describe(operation, PULLED, &OF_PROVINCES);
                        describe(operation, PULLED, &OF_PULLING);
                        if !name.ends_with("danhDauHsThanhCong") {
                            describe(operation, PULLED, &[OF_PULLING_NOW]);
                        }
                    }
                    Some("x-road") if name.ends_with("soap") => {
                        describe(operation, FAULT, &OF_ENVELOPES);
                    }
                    Some("x-road") => {
                        describe(operation, PROBLEM, &OF_PROVINCES[2..]);
                        describe(operation, PROBLEM, &[TOO_LARGE]);
                        OF_X_ROAD.iter().for_each(|it| also(operation, it));
                    }
                    _ => describe(operation, PROBLEM, &OF_PROVINCES),
                }
            }
            if name == "messages"
                && let Some(read) = &mut path.get
            {
                describe(read, PROBLEM, &[OTHER_DIALECT]);
            }
            if name.starts_with("dossiers")
                && let Some(read) = &mut path.get
            {
                describe(read, PROBLEM, &[MALFORMED]);
            }
            if name.starts_with("dossiers")
                && let Some(message) = &mut path.post
            {
                describe(message, PROBLEM, &OF_MESSAGES);
            }
        } else if name.starts_with(G2P)
            && let Some(message) = &mut path.post
        {
            describe(message, PROBLEM, &[TOO_LARGE]);
            also(message, &("400", "Nội dung có ký tự U+0000"));
        } else if name.starts_with(SPDCI)
            && let Some(message) = &mut path.post
        {
            describe(message, SPDCI_ERRORS, &OF_REGISTRIES);
        } else if name.starts_with(OURS) {
            for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
                // What asks for no token is for anybody.
                if operation.security.is_some() {
                    describe(operation, PROBLEM, &OF_ALL);
                }
            }
            if let Some(read) = &mut path.get {
                describe(read, PROBLEM, &[MALFORMED]);
            }
            if let Some(change) = &mut path.post {
                describe(change, PROBLEM, &OF_CHANGES);
            }
        }
    }
}

/// Says of a status that it may also be told as a problem.
fn also(operation: &mut Operation, refusal: &Refusal) {
    describe(operation, PROBLEM, std::slice::from_ref(refusal));
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(refusal.0) {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM.1)));
        let kinds = &mut response.content;
        kinds
            .entry(PROBLEM.0.to_owned())
            .or_insert_with(|| RefOr::T(content.build()));
    }
}

fn describe(operation: &mut Operation, (media, shape): Told, refusals: &[Refusal]) {
    for (status, when) in refusals {
        let shape = (!shape.is_empty()).then(|| Ref::from_schema_name(shape));
        let content = ContentBuilder::new().schema(shape);
        let response = ResponseBuilder::new()
            .description(*when)
            .content(media, content.build());
        let responses = &mut operation.responses.responses;
        let status = responses.entry((*status).to_owned());
        status.or_insert_with(|| RefOr::T(response.build()));
    }
}
