//! `GET /api/v1/reports/{name}`: what `ansinh report` says, number by number.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

use access::session::SignedIn;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use kernel::Month;
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
    /// caseload: what a row is: benefit, area, channel.
    #[serde(default)]
    by: Option<String>,
    /// cashless: percent to measure against in place of the targets recorded.
    #[serde(default)]
    target: Option<u8>,
    /// form-10a: first month of the money.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    from: Option<Month>,
}

/// Báo cáo theo địa bàn: caseload, cashless, data-quality, settlement, trend, form-10a. Cùng số với
/// lệnh ansinh report --format json.
#[utoipa::path(get, path = "/api/v1/reports/{name}", tag = "reports", security(("token" = [])),
    params(("name" = String, Path, description = "Tên báo cáo"), Of),
    responses((status = 200, description = "Số liệu", body = Object),
        (status = 404, description = "Không có báo cáo hoặc chưa có danh sách", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(name): Path<String>,
    Query(of): Query<Of>,
) -> Result<Json<Value>, Failure> {
    let (office, actor) = (server.office(), &who.actor);
    let by_area = ByArea {
        month: of.month,
        area: of.area.clone(),
    };
    match name.as_str() {
        "caseload" => {
            let by = match of.by.as_deref() {
                None | Some("benefit") => By::Benefit,
                Some("area") => By::Area,
                Some("channel") => By::Channel,
                Some(_) => {
                    return Err(Failure::bad_request("by là benefit, area hoặc channel"));
                }
            };
            let question = Question {
                month: of.month,
                area: of.area,
                by,
            };
            answer(&reports::caseload(&office, actor, &question).await?)
        }
        "cashless" => {
            if of.target.is_some_and(|target| target > 100) {
                return Err(Failure::bad_request("target từ 0 đến 100"));
            }
            answer(&reports::cashless(&office, actor, &by_area, of.target).await?)
        }
        "data-quality" => answer(&reports::data_quality(&office, actor, &by_area).await?),
        "settlement" => answer(&reports::settlement(&office, actor, of.month, &of.area).await?),
        "trend" => answer(&trend::trend(&office, actor, of.month, &of.area).await?),
        "form-10a" => answer(&reports::form_10a(&office, actor, &by_area, of.from).await?),
        _ => Err(Failure::not_found()),
    }
}

fn answer(found: &impl Serialize) -> Result<Json<Value>, Failure> {
    let value = serde_json::to_value(found).map_err(|error| Failure::internal(&error))?;
    Ok(Json(value))
}
