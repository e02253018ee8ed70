//! Who pays, and under which contracts.

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
use kernel::Month;
use payments::Channel;
use payments::provider::contract::Handover;
use payments::provider::{self, Contract, NewContract, Provider, ProviderKind};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::post::{json, read_body, under_key};
use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};

/// Các đơn vị chi trả.
#[utoipa::path(get, path = "/api/v1/providers", tag = "contracts", security(("token" = [])),
    responses((status = 200, description = "Theo mã", body = [shape::Provider])))]
pub(crate) async fn providers(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
) -> Result<Json<Vec<Provider>>, Failure> {
    Ok(Json(provider::all(&server.office(), &who.actor).await?))
}

/// Ghi một đơn vị chi trả; mã không bao giờ dùng lại.
#[utoipa::path(post, path = "/api/v1/providers", tag = "contracts", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = shape::Provider,
    responses((status = 201, description = "Đã ghi", body = shape::Provider),
        (status = 422, description = "Không ghi được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn add(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let asked: WantedProvider = read_body(&body, "code, name, kind")?;
        let kind = ProviderKind::from_code(&asked.kind);
        let added = Provider {
            kind: kind.ok_or_else(|| Failure::bad_request("kind là bank, wallet hoặc post"))?,
            code: asked.code,
            name: asked.name,
            bank_code: asked.bank_code,
            account_number: asked.account_number,
        };
        provider::add(&server.office(), &who.actor, &added).await?;
        json(StatusCode::CREATED, &added)
    };
    let request: [&[u8]; 2] = [b"POST /api/v1/providers", &body];
    under_key(&server, &who, &headers, &request, work).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedProvider {
    code: String,
    name: String,
    kind: String,
    #[serde(default)]
    bank_code: Option<String>,
    #[serde(default)]
    account_number: Option<String>,
}

/// In which month.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InMonth {
    /// `YYYY-MM`; this month when left out.
    #[param(value_type = Option<String>)]
    month: Option<Month>,
}

/// Các hợp đồng, và có hiệu lực cho hình thức nào trong tháng.
#[utoipa::path(get, path = "/api/v1/contracts", tag = "contracts", security(("token" = [])),
    params(InMonth),
    responses((status = 200, description = "Theo số", body = [shape::Contract])))]
pub(crate) async fn all(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(asked): Query<InMonth>,
) -> Result<Json<Vec<Contract>>, Failure> {
    let month = asked.month.unwrap_or(Month::of(server.clock.today()));
    let found = provider::contracts(&server.office(), &who.actor, month).await?;
    Ok(Json(found))
}

/// What is agreed with a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Terms {
    /// Code of the provider.
    provider: String,
    /// Code of the area; `VN` is the whole country.
    #[schema(example = "51")]
    area: String,
    /// Only accounts with this bank or wallet.
    #[serde(default)]
    bank: Option<String>,
    /// account, e_wallet, mobile_money, post_office, home.
    channels: Vec<String>,
    /// First month.
    #[schema(value_type = String, example = "2024-05")]
    from: Month,
    /// Last month as signed; open when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    to: Option<Month>,
    /// Hundredths of a percent of the money paid.
    fee_basis_points: i32,
    /// The list is handed over before this day of the month before.
    list_before_day: i16,
    /// The provider reports before this day of the month paid.
    report_before_day: i16,
    /// Months of a settlement.
    settlement_months: i16,
    /// file, interface, paper.
    handover: String,
    /// Number of the paper contract.
    #[serde(default)]
    signed_number: Option<String>,
    /// Ends a contract that holds in these months, from the first of them on.
    #[serde(default)]
    take_over: bool,
}

impl Terms {
    fn read(self) -> Result<(NewContract, bool), Failure> {
        let channels: Option<Vec<Channel>> = self
            .channels
            .iter()
            .map(|code| Channel::from_code(code))
            .collect();
        let unknown = || Failure::bad_request("Không có hình thức nhận hoặc cách giao như vậy");
        let terms = NewContract {
            provider: self.provider,
            area: self.area,
            bank: self.bank,
            channels: channels.ok_or_else(unknown)?,
            from: self.from,
            to: self.to,
            fee_basis_points: self.fee_basis_points,
            list_before_day: self.list_before_day,
            report_before_day: self.report_before_day,
            settlement_months: self.settlement_months,
            handover: Handover::from_code(&self.handover).ok_or_else(unknown)?,
            signed_number: self.signed_number,
        };
        Ok((terms, self.take_over))
    }
}

/// The number of a contract.
#[derive(Serialize, ToSchema)]
struct Numbered {
    contract_no: i64,
}

/// Ghi hợp đồng. Mỗi tháng, địa bàn, hình thức nhận và ngân hàng chỉ có một hợp đồng có hiệu lực.
#[utoipa::path(post, path = "/api/v1/contracts", tag = "contracts", security(("token" = [])),
    params(("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = Terms,
    responses((status = 201, description = "Đã ghi", body = Numbered),
        (status = 422, description = "Không ghi được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn record(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let asked: Terms = read_body(&body, "provider, area, channels, from, phí và các ngày")?;
        let (terms, take_over) = asked.read()?;
        let office = server.office();
        let contract_no = provider::record(&office, &who.actor, &terms, take_over).await?;
        json(StatusCode::CREATED, &Numbered { contract_no })
    };
    let request: [&[u8]; 2] = [b"POST /api/v1/contracts", &body];
    under_key(&server, &who, &headers, &request, work).await
}

/// Since when a contract holds nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ending {
    /// The first month without it.
    #[schema(value_type = String, example = "2025-01")]
    from: Month,
}

/// Kết thúc hợp đồng từ một tháng; lệnh đã lập giữ nguyên.
#[utoipa::path(post, path = "/api/v1/contracts/{contract}/end", tag = "contracts",
    security(("token" = [])),
    params(("contract" = i64, Path, description = "Số hợp đồng"),
        ("Idempotency-Key" = String, Header, description = "Khóa riêng của yêu cầu")),
    request_body = Ending,
    responses((status = 200, description = "Đã kết thúc", body = Numbered),
        (status = 422, description = "Không kết thúc được", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn end(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(contract_no): Path<i64>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let work = async {
        let asked: Ending = read_body(&body, "from (YYYY-MM)")?;
        provider::end(&server.office(), &who.actor, contract_no, asked.from).await?;
        json(StatusCode::OK, &Numbered { contract_no })
    };
    let request = format!("POST /api/v1/contracts/{contract_no}/end");
    let request: [&[u8]; 2] = [request.as_bytes(), &body];
    under_key(&server, &who, &headers, &request, work).await
}
