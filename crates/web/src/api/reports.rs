//! `GET /api/v1/reports/{name}`: what `ansinh report` says, number by number.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

use access::session::SignedIn;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use kernel::Month;
use reports::form::{self, Which};
use reports::{By, ByArea, Question, trend};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;

use crate::Server;
use crate::failure::{Failure, Problem};

/// Of which month and area.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Of {
    /// `YYYY-MM`.
    #[param(value_type = String)]
    month: Month,
    /// Code of the area; the whole country when left out.
    #[serde(default)]
    area: String,
    /// What a row is: area, former-district, former-province; of caseload also benefit (when left out)
    /// and channel.
    #[serde(default)]
    by: Option<String>,
    /// cashless: percent to measure against in place of the targets recorded.
    #[serde(default)]
    target: Option<u8>,
    /// Forms: first month of the money.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    from: Option<Month>,
}

/// Báo cáo theo địa bàn: caseload, cashless, data-quality, exchange, settlement, trend, form-10a, form-10c, form-10d. Cùng số với
/// lệnh ansinh report --format json.
#[utoipa::path(get, path = "/api/v1/reports/{name}", tag = "reports", security(("token" = [])),
    params(("name" = String, Path, description = "Tên báo cáo"), Of),
    responses((status = 200, description = "Số liệu", body = serde_json::Value),
        (status = 404, description = "Không có báo cáo hoặc chưa có danh sách", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(name): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Value>, Failure> {
    let (office, actor) = (server.office(), &who.actor);
    let rows = match of.by.as_deref() {
        None if name == "caseload" => By::Benefit,
        None => By::Area,
        Some(code) => By::from_code(code).ok_or_else(unknown_rows)?,
    };
    if name == "caseload" {
        let question = Question {
            month: of.month,
            area: of.area,
            by: rows,
        };
        return answer(&reports::caseload(&office, actor, &question).await?);
    }
    let by_area = ByArea {
        month: of.month,
        area: of.area.clone(),
        division: rows.division().ok_or_else(unknown_rows)?,
    };
    match name.as_str() {
        "cashless" => {
            if of.target.is_some_and(|target| target > 100) {
                return Err(Failure::bad_request("target từ 0 đến 100"));
            }
            answer(&reports::cashless(&office, actor, &by_area, of.target).await?)
        }
        "data-quality" => answer(&reports::data_quality(&office, actor, &by_area).await?),
        "exchange" => answer(&reports::exchange(&office, actor, &by_area).await?),
        "settlement" => answer(&reports::settlement(&office, actor, &by_area).await?),
        "trend" => answer(&trend::trend(&office, actor, of.month, &of.area).await?),
        form => {
            let which = form.strip_prefix("form-").and_then(Which::from_code);
            let which = which.ok_or_else(Failure::not_found)?;
            answer(&form::fill(&office, actor, which, &by_area, of.from).await?)
        }
    }
}

fn unknown_rows() -> Failure {
    Failure::bad_request("by không phải là dòng của báo cáo này")
}

fn answer(found: &impl Serialize) -> Result<Json<Value>, Failure> {
    let value = serde_json::to_value(found).map_err(|error| Failure::internal(&error))?;
    Ok(Json(value))
}
