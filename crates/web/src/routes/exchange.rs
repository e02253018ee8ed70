//! The rows of the table about dossiers and the exchange with one-stop systems.

use axum::http::Method;
use axum::routing::{get, post};
use casework::correct::CORRECTORS;
use kernel::actor::Role;
use utoipa_axum::routes;

use super::{change, operation, read};
use crate::api;
use crate::frame::READERS;
use crate::page::{board, dossier, exchange as both};
use crate::route::Pace::{Long, Quick, Upload};
use crate::route::Route;
use crate::route::Who::Roles;

const ONE_STOP: &[Role] = &[Role::OneStop];

pub(super) fn rows() -> Vec<Route> {
    vec![
        read("/lien-thong", Roles(READERS), Long, get(board::exchange)),
        read(
            "/lien-thong/ho-so",
            Roles(READERS),
            Long,
            get(board::dossiers),
        ),
        read(
            "/lien-thong/gui-lai",
            Roles(exchange::dead::KEEPERS),
            Quick,
            get(board::dead_letters::show),
        ),
        change(
            "/lien-thong/gui-lai",
            Roles(exchange::dead::KEEPERS),
            Quick,
            post(board::dead_letters::send_again),
        ),
        read(
            "/lien-thong/hai-ben-sua",
            Roles(CORRECTORS),
            Quick,
            get(both::conflicts),
        ),
        read(
            "/ho-so/{dossier}/hai-ben-sua",
            Roles(CORRECTORS),
            Quick,
            get(both::of_dossier),
        ),
        change(
            "/ho-so/{dossier}/hai-ben-sua",
            Roles(CORRECTORS),
            Quick,
            post(both::decide),
        ),
        read(
            "/lien-thong/doi-chieu",
            Roles(READERS),
            Quick,
            get(both::comparisons),
        ),
        change(
            "/lien-thong/doi-chieu",
            Roles(exchange::dead::KEEPERS),
            Long,
            post(both::run),
        ),
        read(
            "/ho-so/{dossier}",
            Roles(READERS),
            Quick,
            get(dossier::show),
        ),
        operation(
            Method::GET,
            "/api/v1/dossiers/{code}/conflicts",
            Roles(CORRECTORS),
            Quick,
            routes!(api::conflicts::list),
        ),
        operation(
            Method::POST,
            "/api/v1/dossiers/{code}/conflicts/{number}",
            Roles(CORRECTORS),
            Quick,
            routes!(api::conflicts::decide),
        ),
        operation(
            Method::POST,
            "/api/v1/exchange/dossiers",
            Roles(ONE_STOP),
            Quick,
            routes!(api::exchange::submit),
        ),
        operation(
            Method::GET,
            "/api/v1/exchange/dossiers/{code}",
            Roles(ONE_STOP),
            Quick,
            routes!(api::exchange::one),
        ),
        operation(
            Method::POST,
            "/api/v1/exchange/dossiers/{code}/supplements",
            Roles(ONE_STOP),
            Quick,
            routes!(api::exchange::supplement),
        ),
        operation(
            Method::POST,
            "/api/v1/exchange/dossiers/{code}/withdrawal",
            Roles(ONE_STOP),
            Quick,
            routes!(api::exchange::withdraw),
        ),
        operation(
            Method::PUT,
            "/api/v1/exchange/files/{sha256}",
            Roles(ONE_STOP),
            Upload,
            routes!(api::exchange::files::put),
        ),
        operation(
            Method::GET,
            "/api/v1/exchange/files/{sha256}",
            Roles(ONE_STOP),
            Long,
            routes!(api::exchange::files::get),
        ),
        operation(
            Method::GET,
            "/api/v1/exchange/messages",
            Roles(ONE_STOP),
            Long,
            routes!(api::exchange::messages),
        ),
        operation(
            Method::POST,
            "/api/v1/exchange/messages/{message}/ack",
            Roles(ONE_STOP),
            Quick,
            routes!(api::exchange::ack),
        ),
    ]
}
