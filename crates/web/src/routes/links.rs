//! The rows of the table about the same person twice, and in other programmes.

use axum::routing::{get, post};

use super::{change, read};
use crate::frame::READERS;
use crate::page::{duplicates, programme_import, programmes};
use crate::route::Pace::{Long, Quick, Upload};
use crate::route::Route;
use crate::route::Who::Roles;

pub(super) fn rows() -> Vec<Route> {
    let workers = &::links::WORKERS;
    vec![
        read("/trung", Roles(READERS), Quick, get(duplicates::show)),
        change("/trung", Roles(workers), Quick, post(duplicates::settle)),
        change("/trung/tim", Roles(workers), Long, post(duplicates::find)),
        read(
            "/trung/bang",
            Roles(READERS),
            Quick,
            get(programmes::show_board),
        ),
        read(
            "/trung/chuong-trinh",
            Roles(READERS),
            Quick,
            get(programmes::show),
        ),
        change(
            "/trung/chuong-trinh",
            Roles(workers),
            Quick,
            post(programmes::settle),
        ),
        read(
            "/nhap/chuong-trinh",
            Roles(workers),
            Quick,
            get(programme_import::form),
        ),
        change(
            "/nhap/chuong-trinh",
            Roles(workers),
            Upload,
            post(programme_import::upload),
        ),
        read(
            "/nhap/chuong-trinh/mau.xlsx",
            Roles(workers),
            Quick,
            get(programme_import::blank),
        ),
    ]
}
