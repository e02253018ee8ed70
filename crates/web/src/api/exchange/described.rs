//! What is answered alike by every operation of the exchange, for its description.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, ResponseBuilder};

const ROOT: &str = "/api/v1/exchange/";

/// Status, and when.
const ALIKE: [(&str, &str); 3] = [
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

/// Describes them.
pub(crate) fn answered_to_all(description: &mut OpenApi) {
    let paths = description.paths.paths.iter_mut();
    for (name, path) in paths {
        let Some(told) = name.strip_prefix(ROOT).and_then(told_as) else {
            continue;
        };
        let operations = [&mut path.get, &mut path.put, &mut path.post];
        for operation in operations.into_iter().flatten() {
            describe(operation, told);
        }
    }
}

/// In which words something is refused: media type and shape. X-Road's are described with its operations.
fn told_as(path: &str) -> Option<(&'static str, &'static str)> {
    match path.split('/').next() {
        Some("pull") => Some(("application/json", "PullTold")),
        Some("x-road") => None,
        _ => Some(("application/problem+json", "Problem")),
    }
}

fn describe(operation: &mut Operation, (media, shape): (&str, &str)) {
    for (status, when) in ALIKE {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name(shape)));
        let response = ResponseBuilder::new()
            .description(when)
            .content(media, problem.build());
        let responses = &mut operation.responses.responses;
        let status = responses.entry(status.to_owned());
        status.or_insert_with(|| RefOr::T(response.build()));
    }
}
