//! The rows of the table about orders: made, handed over by file or by messages, answered.

use axum::http::Method;
use axum::routing::{get, post};
use kernel::actor::Role;
use registry::sight::HANDLERS;
use utoipa_axum::routes;

use super::{change, operation, read};
use crate::api::{self, batches, payment_results};
use crate::frame::READERS;
use crate::page::{order, order_file, orders, results};
use crate::route::Pace::{Long, Message, Quick, Upload};
use crate::route::Route;
use crate::route::Who::{Anybody, Roles};

const MAKER: &[Role] = &[Role::ListMaker];
const PAYROLL: &[Role] = &[Role::Officer, Role::ListMaker, Role::Approver];

pub(super) fn rows() -> Vec<Route> {
    vec![
        read(
            "/ky-chi/{month}/lenh",
            Roles(READERS),
            Quick,
            get(orders::show),
        ),
        change(
            "/ky-chi/{month}/lenh",
            Roles(MAKER),
            Long,
            post(orders::make),
        ),
        read(
            "/ky-chi/{month}/lenh/chua-lap",
            Roles(READERS),
            Long,
            get(orders::open),
        ),
        read(
            "/ky-chi/{month}/lenh/{order}",
            Roles(READERS),
            Long,
            get(order::show),
        ),
        change(
            "/ky-chi/{month}/lenh/{order}",
            Roles(MAKER),
            Long,
            post(orders::send),
        ),
        read(
            "/ky-chi/{month}/lenh/{order}/{form}",
            Roles(HANDLERS),
            Long,
            get(order_file::download),
        ),
        read(
            "/ky-chi/{month}/doi-soat",
            Roles(READERS),
            Long,
            get(results::show),
        ),
        change(
            "/ky-chi/{month}/doi-soat",
            Roles(PAYROLL),
            Long,
            post(results::act),
        ),
        change(
            "/ky-chi/{month}/doi-soat/ket-qua",
            Roles(results::SETTLERS),
            Upload,
            post(results::upload),
        ),
        read(
            "/doi-soat/mau.xlsx",
            Roles(READERS),
            Quick,
            get(results::blank),
        ),
        operation(
            Method::POST,
            "/api/v1/orders",
            Roles(MAKER),
            Long,
            routes!(api::orders::make),
        ),
        operation(
            Method::GET,
            "/api/v1/orders/{month}/{area}",
            Roles(READERS),
            Quick,
            routes!(api::orders::all),
        ),
        operation(
            Method::GET,
            "/api/v1/batches/{order}",
            Roles(READERS),
            Long,
            routes!(batches::all),
        ),
        operation(
            Method::POST,
            "/api/v1/batches/{order}",
            Roles(MAKER),
            Long,
            routes!(batches::begin),
        ),
        operation(
            Method::POST,
            "/api/v1/g2p/on-disburse",
            Anybody,
            Message,
            routes!(api::g2p::on_disburse),
        ),
        operation(
            Method::POST,
            "/api/v1/g2p/disburse/txn/on-status",
            Anybody,
            Message,
            routes!(api::g2p::on_status),
        ),
        operation(
            Method::GET,
            "/api/v1/balances/{month}/{area}",
            Roles(READERS),
            Quick,
            routes!(api::orders::balances),
        ),
        operation(
            Method::POST,
            "/api/v1/payment-results",
            Roles(results::SETTLERS),
            Upload,
            routes!(payment_results::record),
        ),
        operation(
            Method::GET,
            "/api/v1/payment-results/{month}/{area}",
            Roles(READERS),
            Long,
            routes!(payment_results::outcome),
        ),
    ]
}
