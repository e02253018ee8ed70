//! What several operations answer alike, for their description: said once and not with each of them.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

const EXCHANGE: &str = "/api/v1/exchange/";
const SPDCI: &str = "/api/v1/spdci/";

/// Media type and shape of a refusal.
type Told = (&'static str, &'static str);

const PROBLEM: Told = ("application/problem+json", "Problem");
/// In the words of pull-and-acknowledge.
const PULLED: Told = ("application/json", "PullTold");
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

const OF_REGISTRIES: [Refusal; 5] = [
    ("401", "Mã truy cập hoặc chữ ký không dùng được"),
    ("403", "Chưa đăng ký, hoặc đăng ký không cho việc này"),
    ("413", "Thông điệp quá lớn"),
    ("429", "Hỏi quá nhiều trong một phút"),
    ("503", "Máy chủ chưa có khóa ký"),
];

/// Adds them to the operations that do not say it otherwise.
pub(crate) fn answered_alike(description: &mut OpenApi) {
    for (name, path) in &mut description.paths.paths {
        if let Some(name) = name.strip_prefix(EXCHANGE) {
            let operations = [&mut path.get, &mut path.put, &mut path.post];
            for operation in operations.into_iter().flatten() {
                match name.split('/').next() {
                    Some("pull") => describe(operation, PULLED, &OF_PROVINCES),
                    // Described with its operations.
                    Some("x-road") => {}
                    _ => describe(operation, PROBLEM, &OF_PROVINCES),
                }
            }
            if name.starts_with("dossiers")
                && let Some(message) = &mut path.post
            {
                describe(message, PROBLEM, &OF_MESSAGES);
            }
        } else if name.starts_with(SPDCI)
            && let Some(message) = &mut path.post
        {
            describe(message, SPDCI_ERRORS, &OF_REGISTRIES);
        }
    }
}

fn describe(operation: &mut Operation, (media, shape): Told, refusals: &[Refusal]) {
    for (status, when) in refusals {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(shape)));
        let response = ResponseBuilder::new()
            .description(*when)
            .content(media, content.build());
        let responses = &mut operation.responses.responses;
        let status = responses.entry((*status).to_owned());
        status.or_insert_with(|| RefOr::T(response.build()));
    }
}
