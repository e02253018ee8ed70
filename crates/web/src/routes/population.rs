//! The rows of the table about the population database and the quality of records.

use axum::routing::{get, post};

use super::{change, read};
use crate::frame::READERS;
use crate::page::{population, quality_work};
use crate::route::Pace::{Long, Quick, Upload};
use crate::route::Route;
use crate::route::Who::Roles;

pub(super) fn rows() -> Vec<Route> {
    let workers = &::population::quality::WORKERS;
    let handlers = registry::sight::HANDLERS;
    vec![
        read("/dan-cu", Roles(READERS), Long, get(population::show)),
        change(
            "/dan-cu",
            Roles(&::population::due::ASKERS),
            Long,
            post(population::ask),
        ),
        read(
            "/dan-cu/nhat-ky",
            Roles(READERS),
            Long,
            get(population::show_log),
        ),
        read(
            "/chat-luong/viec",
            Roles(READERS),
            Long,
            get(quality_work::show),
        ),
        change(
            "/chat-luong/viec",
            Roles(workers),
            Quick,
            post(quality_work::decide),
        ),
        change(
            "/chat-luong/cong-an",
            Roles(workers),
            Long,
            post(quality_work::send),
        ),
        read(
            "/chat-luong/cong-an/{number}/{form}",
            Roles(handlers),
            Long,
            get(quality_work::export),
        ),
        change(
            "/chat-luong/cong-an/{number}",
            Roles(workers),
            Upload,
            post(quality_work::bring),
        ),
    ]
}
