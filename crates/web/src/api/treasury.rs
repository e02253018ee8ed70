//! Money of lists on its way, and settling with providers.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

use access::session::SignedIn;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::{Extension, Json};
use jiff::civil::Date;
use kernel::{Dong, Month, MonthSpan};
use payments::ledger::{self, AreaBalance, EntryNo, Moved};
use payments::settlement::{self, FeeFrom, Statement};
use payments::treasury::{self, Movement};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::post::{json, read_body, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};
use crate::paging::{PageNumber, Paging, ROWS};

/// Which fifty.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageOf {
    /// Page of fifty, from 1.
    #[serde(default)]
    #[param(value_type = Option<i64>)]
    page: PageNumber,
}

/// A page of movements.
#[derive(Serialize)]
pub(crate) struct Movements {
    movements: Vec<Moved>,
    /// On all pages.
    count: i64,
}

/// Tiền đã rút, chuyển, trả lại, phí và bút toán hủy của tháng, mới nhất trước.
#[utoipa::path(get, path = "/api/v1/treasury/{month}/{area}", tag = "treasury",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước"), PageOf),
    responses((status = 200, description = "Năm mươi bút toán một trang",
        body = shape::Movements)))]
pub(crate) async fn movements(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
    Query(of): Query<PageOf>,
) -> Result<Json<Movements>, Failure> {
    let (office, span) = (server.office(), (Paging::offset(of.page.get()), ROWS));
    let (movements, count) = ledger::movements(&office, &who.actor, month, &area, span).await?;
    Ok(Json(Movements { movements, count }))
}

/// Số dư sổ cái của tháng theo địa bàn cấp dưới.
#[utoipa::path(get, path = "/api/v1/balances/{month}/{area}/areas", tag = "treasury",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "Theo mã", body = [shape::AreaBalance])))]
pub(crate) async fn by_area(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Json<Vec<AreaBalance>>, Failure> {
    let (office, span) = (server.office(), MonthSpan::single(month));
    Ok(Json(
        ledger::by_area(&office, &who.actor, span, &area).await?,
    ))
}

/// Quyết toán với từng đơn vị chi trả.
#[utoipa::path(get, path = "/api/v1/settlements/{month}/{area}", tag = "treasury",
    security(("token" = [])),
    params(("month" = String, Path, description = "YYYY-MM"),
        ("area" = String, Path, description = "Mã địa bàn, VN là cả nước")),
    responses((status = 200, description = "Theo đơn vị, đồng", body = [shape::Statement])))]
pub(crate) async fn statements(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, area)): Path<(Month, String)>,
) -> Result<Json<Vec<Statement>>, Failure> {
    let (office, span) = (server.office(), MonthSpan::single(month));
    let found = settlement::statements(&office, &who.actor, span, &area).await?;
    Ok(Json(found))
}

/// Money that moved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedMovement {
    kind: Kind,
    /// Month of the list.
    #[schema(value_type = String, example = "2024-05")]
    month: Month,
    /// Area of the list, exactly; `VN` is the whole country.
    #[schema(example = "51")]
    area: String,
    /// Đồng, above zero.
    amount: i64,
    /// Today when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2024-05-02")]
    day: Option<Date>,
    /// Number of the paper; never a name.
    paper: String,
    /// Code of the provider; of everything but a draw.
    #[serde(default)]
    provider: Option<String>,
}

/// What happened to the money.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Drawn at the Treasury.
    Draw,
    /// Transferred to the provider.
    Transfer,
    /// Given back by the provider.
    GiveBack,
    /// The provider's fee, paid out of what was drawn.
    Fee,
    /// The provider's fee, kept out of what it has.
    FeeKept,
}

/// The entry of the ledger.
#[derive(Serialize, ToSchema)]
struct Booked {
    #[schema(value_type = i64)]
    entry: EntryNo,
}

/// Ghi tiền rút, chuyển, trả lại hoặc phí của một danh sách đã duyệt.
#[utoipa::path(post, path = "/api/v1/treasury", tag = "treasury", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = WantedMovement,
    responses((status = 201, description = "Đã ghi", body = Booked),
        (status = 422, description = "Không ghi được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn book(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let asked: WantedMovement = read_body(&body, "kind, month, area, amount, paper")?;
        let (office, actor) = (server.office(), &who.actor);
        let movement = Movement {
            month: asked.month,
            area: &asked.area,
            amount: Dong(asked.amount),
            day: asked.day.unwrap_or(office.clock.today()),
            paper: &asked.paper,
        };
        let entry = match (asked.kind, asked.provider.as_deref()) {
            (Kind::Draw, None) => treasury::draw(&office, actor, &movement).await?,
            (Kind::Transfer, Some(to)) => treasury::transfer(&office, actor, &movement, to).await?,
            (Kind::GiveBack, Some(by)) => {
                settlement::give_back(&office, actor, &movement, by).await?
            }
            (Kind::Fee, Some(to)) => {
                settlement::pay_fee(&office, actor, &movement, to, FeeFrom::Treasury).await?
            }
            (Kind::FeeKept, Some(by)) => {
                settlement::pay_fee(&office, actor, &movement, by, FeeFrom::Provider).await?
            }
            _ => {
                let message = "provider cần có, trừ khi kind là draw";
                return Err(Failure::bad_request(message));
            }
        };
        json(StatusCode::CREATED, &Booked { entry })
    };
    let request: [&[u8]; 2] = [b"POST /api/v1/treasury", &body];
    under_key(&server, &who, &headers, &request, work).await
}

/// A mistake.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mistake {
    /// Number of the entry.
    entry: i64,
    /// Why, or the paper that shows it.
    paper: String,
}

/// Hủy một bút toán ghi nhầm bằng bút toán ngược lại, một lần.
#[utoipa::path(post, path = "/api/v1/treasury/take-back", tag = "treasury",
    security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = Mistake,
    responses((status = 201, description = "Bút toán ngược lại", body = Booked),
        (status = 422, description = "Không hủy được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn take_back(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let asked: Mistake = read_body(&body, "entry, paper")?;
        let (office, mistake) = (server.office(), EntryNo(asked.entry));
        let entry = treasury::take_back(&office, &who.actor, mistake, &asked.paper).await?;
        json(StatusCode::CREATED, &Booked { entry })
    };
    let request: [&[u8]; 2] = [b"POST /api/v1/treasury/take-back", &body];
    under_key(&server, &who, &headers, &request, work).await
}
