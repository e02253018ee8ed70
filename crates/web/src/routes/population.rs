//! The rows of the table about the population database.

use axum::routing::get;

use super::read;
use crate::frame::READERS;
use crate::page::population;
use crate::route::Pace::Long;
use crate::route::Route;
use crate::route::Who::Roles;

pub(super) fn rows() -> Vec<Route> {
    vec![
        read("/dan-cu", Roles(READERS), Long, get(population::show)),
        read(
            "/dan-cu/nhat-ky",
            Roles(READERS),
            Long,
            get(population::show_log),
        ),
    ]
}
