//! The rows of the table about papers of dossiers: scans, letters, signatures, numbers.

use axum::http::Method;
use axum::routing::{get, post};
use kernel::actor::Role;
use registry::sight::HANDLERS;
use utoipa_axum::routes;

use super::{change, operation, read};
use crate::api;
use crate::frame::READERS;
use crate::page::{letters, papers, register};
use crate::route::Pace::{Long, Quick, Upload};
use crate::route::Route;
use crate::route::Who::Roles;

/// Who signs at the desk or brings in what was signed elsewhere.
const SIGNERS: &[Role] = &[Role::Clerk, Role::Officer, Role::Leader, Role::Records];

pub(super) fn rows() -> Vec<Route> {
    let keepers = casework::attachment::KEEPERS;
    vec![
        read(
            "/ho-so/{dossier}/giay-to",
            Roles(HANDLERS),
            Quick,
            get(papers::show),
        ),
        change(
            "/ho-so/{dossier}/giay-to",
            Roles(keepers),
            Upload,
            post(papers::add),
        ),
        read(
            "/ho-so/{dossier}/giay-to/{scan}",
            Roles(HANDLERS),
            Long,
            get(papers::hand_out),
        ),
        change(
            "/ho-so/{dossier}/giay-hen",
            Roles(casework::lookup::ISSUERS),
            Long,
            post(letters::receipt),
        ),
        read(
            "/ho-so/{dossier}/van-ban/{letter}",
            Roles(HANDLERS),
            Quick,
            get(letters::show),
        ),
        read(
            "/ho-so/{dossier}/van-ban/{letter}/pdf",
            Roles(HANDLERS),
            Long,
            get(letters::pdf),
        ),
        change(
            "/ho-so/{dossier}/van-ban/{letter}/ky",
            Roles(SIGNERS),
            Upload,
            post(letters::sign),
        ),
        read("/so-van-ban", Roles(READERS), Quick, get(register::show)),
        read(
            "/so-van-ban/xuat.xlsx",
            Roles(READERS),
            Long,
            get(register::workbook),
        ),
        operation(
            Method::GET,
            "/api/v1/dossiers/{code}/papers",
            Roles(HANDLERS),
            Quick,
            routes!(api::papers::of_dossier),
        ),
        operation(
            Method::POST,
            "/api/v1/dossiers/{code}/papers",
            Roles(keepers),
            Upload,
            routes!(api::officers::add_papers),
        ),
        operation(
            Method::POST,
            "/api/v1/dossiers/{code}/letters/{letter}/signature",
            Roles(SIGNERS),
            Upload,
            routes!(api::officers::sign),
        ),
        operation(
            Method::GET,
            "/api/v1/number-book/{year}/{area}",
            Roles(READERS),
            Quick,
            routes!(api::officers::number_book),
        ),
    ]
}
