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
    for (_, path) in paths.filter(|(path, _)| path.starts_with(ROOT)) {
        let operations = [&mut path.get, &mut path.put, &mut path.post];
        operations.into_iter().flatten().for_each(describe);
    }
}

fn describe(operation: &mut Operation) {
    for (status, when) in ALIKE {
        let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
        let response = ResponseBuilder::new()
            .description(when)
            .content("application/problem+json", problem.build());
        let responses = &mut operation.responses.responses;
        let status = responses.entry(status.to_owned());
        status.or_insert_with(|| RefOr::T(response.build()));
    }
}
