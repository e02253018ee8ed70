//! The rows of the table about money on its way: what became of it, the treasury, contracts, and the
//! pages of providers.

use axum::http::Method;
use axum::routing::{get, post};
use kernel::actor::Role;
use utoipa_axum::routes;

use super::{change, operation, read};
use crate::api::{contracts, decisions, months, orders, payment_results, reports, treasury};
use crate::frame::READERS;
use crate::page::{self, order_file, partner, results};
use crate::route::Pace::{Long, Quick, Upload};
use crate::route::Route;
use crate::route::Who::Roles;

const MAKER: &[Role] = &[Role::ListMaker];
const APPROVER: &[Role] = &[Role::Approver];
const OFFICER: &[Role] = &[Role::Officer];
const PROVIDER: &[Role] = &[Role::Provider];

pub(super) fn pages() -> Vec<Route> {
    vec![
        read(
            "/ky-chi/{month}/doi-soat/dong",
            Roles(READERS),
            Long,
            get(results::lines),
        ),
        read(
            "/ky-chi/{month}/doi-soat/dong/{form}",
            Roles(READERS),
            Long,
            get(results::export_lines),
        ),
        read(
            "/ky-chi/{month}/doi-soat/xuat/{form}",
            Roles(READERS),
            Long,
            get(results::export),
        ),
        read(
            "/ky-chi/{month}/kho-bac",
            Roles(READERS),
            Quick,
            get(page::treasury::show),
        ),
        change(
            "/ky-chi/{month}/kho-bac",
            Roles(MAKER),
            Quick,
            post(page::treasury::act),
        ),
        read(
            "/don-vi-chi-tra",
            Roles(READERS),
            Quick,
            get(page::contracts::show),
        ),
        change(
            "/don-vi-chi-tra",
            Roles(APPROVER),
            Quick,
            post(page::contracts::act),
        ),
        read("/doi-tac", Roles(PROVIDER), Quick, get(partner::show)),
        change(
            "/doi-tac/ket-qua",
            Roles(PROVIDER),
            Upload,
            post(partner::upload),
        ),
        read(
            "/doi-tac/cho-xu-ly",
            Roles(PROVIDER),
            Quick,
            get(partner::waiting),
        ),
        read(
            "/doi-tac/mau.xlsx",
            Roles(PROVIDER),
            Quick,
            get(results::blank),
        ),
        read(
            "/doi-tac/lenh/{order}",
            Roles(PROVIDER),
            Long,
            get(partner::order),
        ),
        read(
            "/doi-tac/lenh/{order}/{form}",
            Roles(PROVIDER),
            Long,
            get(order_file::download_own),
        ),
    ]
}

pub(super) fn operations() -> Vec<Route> {
    vec![
        operation(
            Method::POST,
            "/api/v1/orders/sent",
            Roles(MAKER),
            Quick,
            routes!(orders::sent),
        ),
        operation(
            Method::GET,
            "/api/v1/payment-results/{month}/{area}/lines",
            Roles(READERS),
            Long,
            routes!(payment_results::behind),
        ),
        operation(
            Method::GET,
            "/api/v1/result-queue/{month}/{area}",
            Roles(READERS),
            Quick,
            routes!(decisions::waiting),
        ),
        operation(
            Method::POST,
            "/api/v1/result-decisions",
            Roles(results::SETTLERS),
            Quick,
            routes!(decisions::settle),
        ),
        operation(
            Method::GET,
            "/api/v1/proposals/{month}/{area}",
            Roles(READERS),
            Quick,
            routes!(decisions::proposals),
        ),
        operation(
            Method::POST,
            "/api/v1/proposal-decisions",
            Roles(OFFICER),
            Quick,
            routes!(decisions::decide),
        ),
        operation(
            Method::GET,
            "/api/v1/months/{month}/{area}",
            Roles(READERS),
            Long,
            routes!(months::status),
        ),
        operation(
            Method::POST,
            "/api/v1/months/{month}/{area}/closing",
            Roles(results::CLOSERS),
            Long,
            routes!(months::close),
        ),
        operation(
            Method::POST,
            "/api/v1/months/{month}/{area}/unlocking",
            Roles(results::CLOSERS),
            Quick,
            routes!(months::unlock),
        ),
        operation(
            Method::GET,
            "/api/v1/providers",
            Roles(READERS),
            Quick,
            routes!(contracts::providers),
        ),
        operation(
            Method::POST,
            "/api/v1/providers",
            Roles(APPROVER),
            Quick,
            routes!(contracts::add),
        ),
        operation(
            Method::GET,
            "/api/v1/contracts",
            Roles(READERS),
            Quick,
            routes!(contracts::all),
        ),
        operation(
            Method::POST,
            "/api/v1/contracts",
            Roles(APPROVER),
            Quick,
            routes!(contracts::record),
        ),
        operation(
            Method::POST,
            "/api/v1/contracts/{contract}/end",
            Roles(APPROVER),
            Quick,
            routes!(contracts::end),
        ),
        operation(
            Method::GET,
            "/api/v1/treasury/{month}/{area}",
            Roles(READERS),
            Quick,
            routes!(treasury::movements),
        ),
        operation(
            Method::POST,
            "/api/v1/treasury",
            Roles(MAKER),
            Quick,
            routes!(treasury::book),
        ),
        operation(
            Method::POST,
            "/api/v1/treasury/take-back",
            Roles(MAKER),
            Quick,
            routes!(treasury::take_back),
        ),
        operation(
            Method::GET,
            "/api/v1/balances/{month}/{area}/areas",
            Roles(READERS),
            Quick,
            routes!(treasury::by_area),
        ),
        operation(
            Method::GET,
            "/api/v1/settlements/{month}/{area}",
            Roles(READERS),
            Quick,
            routes!(treasury::statements),
        ),
        operation(
            Method::GET,
            "/api/v1/reports/{name}",
            Roles(READERS),
            Long,
            routes!(reports::show),
        ),
    ]
}
