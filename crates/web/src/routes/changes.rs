//! The rows of the table about life after the decision: changes, moves, decisions for many, and what is
//! to change next.

use axum::http::Method;
use axum::routing::{get, post};
use kernel::actor::Role;
use utoipa_axum::routes;

use super::{change, operation, read};
use crate::api::transfers as transfers_api;
use crate::frame::READERS;
use crate::page::{change as changing, collective, soon, transfer, transfers, undo};
use crate::route::Pace::{Long, Quick, Upload};
use crate::route::Route;
use crate::route::Who::Roles;

const OFFICER: &[Role] = &[Role::Officer];

pub(super) fn rows() -> Vec<Route> {
    vec![
        read(
            "/doi-tuong/{id}/bao-bien-dong",
            Roles(OFFICER),
            Quick,
            get(changing::show),
        ),
        change(
            "/doi-tuong/{id}/bao-bien-dong",
            Roles(OFFICER),
            Quick,
            post(changing::save),
        ),
        read(
            "/doi-tuong/{id}/dinh-chinh",
            Roles(OFFICER),
            Quick,
            get(undo::show),
        ),
        change(
            "/doi-tuong/{id}/dinh-chinh",
            Roles(OFFICER),
            Quick,
            post(undo::save),
        ),
        read(
            "/doi-tuong/{id}/chuyen-di",
            Roles(OFFICER),
            Quick,
            get(transfer::show),
        ),
        change(
            "/doi-tuong/{id}/chuyen-di",
            Roles(OFFICER),
            Quick,
            post(transfer::save),
        ),
        read(
            "/chuyen-di-den",
            Roles(READERS),
            Quick,
            get(transfers::show),
        ),
        read(
            "/chuyen-di-den/xuat/{form}",
            Roles(READERS),
            Long,
            get(transfers::export),
        ),
        read(
            "/chuyen-di-den/{number}",
            Roles(READERS),
            Quick,
            get(transfers::one),
        ),
        change(
            "/chuyen-di-den/{number}",
            Roles(OFFICER),
            Quick,
            post(transfers::answer),
        ),
        read(
            "/quyet-dinh-chung",
            Roles(READERS),
            Quick,
            get(collective::show),
        ),
        read(
            "/quyet-dinh-chung/mau.xlsx",
            Roles(OFFICER),
            Quick,
            get(collective::blank),
        ),
        read(
            "/quyet-dinh-chung/xem",
            Roles(OFFICER),
            Long,
            get(collective::preview),
        ),
        change(
            "/quyet-dinh-chung/xem",
            Roles(OFFICER),
            Long,
            post(collective::confirm),
        ),
        change(
            "/quyet-dinh-chung/danh-sach",
            Roles(OFFICER),
            Upload,
            post(collective::upload),
        ),
        read(
            "/quyet-dinh-chung/danh-sach/{ticket}",
            Roles(OFFICER),
            Long,
            get(collective::preview_list),
        ),
        change(
            "/quyet-dinh-chung/danh-sach/{ticket}",
            Roles(OFFICER),
            Long,
            post(collective::confirm_list),
        ),
        read(
            "/quyet-dinh-chung/trinh/{number}",
            Roles(READERS),
            Long,
            get(collective::laid),
        ),
        read(
            "/quyet-dinh-chung/{number}",
            Roles(READERS),
            Quick,
            get(collective::one),
        ),
        read(
            "/quyet-dinh-chung/{number}/xuat/{form}",
            Roles(READERS),
            Long,
            get(collective::export),
        ),
        read("/sap-thay-doi", Roles(READERS), Long, get(soon::show)),
        read(
            "/sap-thay-doi/xuat/{form}",
            Roles(READERS),
            Long,
            get(soon::export),
        ),
        operation(
            Method::GET,
            "/api/v1/transfers",
            Roles(READERS),
            Quick,
            routes!(transfers_api::list),
        ),
        operation(
            Method::POST,
            "/api/v1/transfers",
            Roles(OFFICER),
            Quick,
            routes!(transfers_api::report),
        ),
        operation(
            Method::POST,
            "/api/v1/transfers/{number}/answer",
            Roles(OFFICER),
            Quick,
            routes!(transfers_api::answer),
        ),
    ]
}
