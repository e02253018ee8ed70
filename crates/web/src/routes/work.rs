//! The rows of the table about work on dossiers: the queue, a dossier's steps, what is laid before the
//! leader and what the records office numbers.

use axum::http::Method;
use axum::routing::{get, post};
use casework::correct::CORRECTORS;
use kernel::actor::Role;
use utoipa_axum::routes;

use super::{change, operation, read};
use crate::api::officers;
use crate::frame::READERS;
use crate::page::work::{self, bulk};
use crate::page::{collective, correct, dossier, sign, stages};
use crate::route::Pace::{Long, Quick};
use crate::route::Route;
use crate::route::Who::Roles;

/// Who takes steps.
const WORKERS: &[Role] = &[Role::Clerk, Role::Officer, Role::Leader, Role::Records];

pub(super) fn rows() -> Vec<Route> {
    let leader: &[Role] = &[Role::Leader];
    let records: &[Role] = &[Role::Records];
    vec![
        read("/viec", Roles(READERS), Quick, get(work::show)),
        change("/viec", Roles(WORKERS), Long, post(bulk::preview)),
        change("/viec/tim", Roles(READERS), Quick, post(work::look)),
        change("/viec/lam", Roles(WORKERS), Long, post(bulk::carry_out)),
        read("/viec/xuat/xlsx", Roles(READERS), Long, get(work::export)),
        change(
            "/ho-so/{dossier}/buoc",
            Roles(WORKERS),
            Quick,
            post(dossier::act::save),
        ),
        read("/trinh-ky", Roles(leader), Quick, get(sign::proposals)),
        change("/trinh-ky", Roles(leader), Quick, post(sign::send_back)),
        change(
            "/trinh-ky/chung",
            Roles(leader),
            Long,
            post(collective::answer),
        ),
        read("/quy-trinh", Roles(leader), Quick, get(stages::show)),
        change("/quy-trinh", Roles(leader), Quick, post(stages::save)),
        read("/vao-so", Roles(records), Quick, get(sign::register)),
        change("/vao-so", Roles(records), Quick, post(sign::number)),
        change(
            "/vao-so/chung",
            Roles(records),
            Long,
            post(collective::number),
        ),
        operation(
            Method::POST,
            "/api/v1/dossiers/{code}/decision",
            Roles(records),
            Quick,
            routes!(officers::decide),
        ),
        read(
            "/ho-so/{dossier}/to-khai/sua",
            Roles(CORRECTORS),
            Quick,
            get(correct::show),
        ),
        change(
            "/ho-so/{dossier}/to-khai/sua",
            Roles(CORRECTORS),
            Quick,
            post(correct::save),
        ),
        operation(
            Method::POST,
            "/api/v1/dossiers/{code}/answers",
            Roles(CORRECTORS),
            Quick,
            routes!(officers::correct),
        ),
    ]
}
