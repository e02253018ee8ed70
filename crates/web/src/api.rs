//! The JSON interface under `/api/v1`.

pub(crate) mod batches;
pub(crate) mod conflicts;
pub(crate) mod contracts;
pub(crate) mod decisions;
pub(crate) mod described;
pub(crate) mod dossiers;
pub(crate) mod events;
pub(crate) mod exchange;
pub(crate) mod g2p;
pub(crate) mod lists;
pub(crate) mod months;
pub(crate) mod officers;
pub(crate) mod orders;
pub(crate) mod papers;
pub(crate) mod payment_results;
pub(crate) mod persons;
mod post;
pub(crate) mod reports;
mod shape;
pub(crate) mod spdci;
pub(crate) mod transfers;
pub(crate) mod treasury;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi as _;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};

/// Head of the OpenAPI description; the operations add themselves.
pub(crate) fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("An Sinh")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Giao diện lập trình của hệ thống trợ giúp xã hội. Mọi lệnh POST cần tiêu đề \
             Idempotency-Key, trừ liên thông (exchange): ở đó thông điệp có mã riêng; lỗi theo RFC 9457.",
        ));
    let mut description = OpenApiBuilder::new().info(info.build()).build();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = description.components.get_or_insert_default();
    components.add_security_scheme("token", scheme);
    description.merge(shape::Callbacks::openapi());
    description
}

/// `GET /api/openapi.json`.
pub(crate) async fn openapi() -> Response {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| crate::routes::describe().to_json().unwrap_or_default());
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}
