//! The rows of the table about messages to citizens.

use axum::routing::{get, post};

use super::{change, read};
use crate::page::messages;
use crate::route::Pace::Quick;
use crate::route::Route;
use crate::route::Who::Roles;

pub(super) fn rows() -> Vec<Route> {
    vec![
        read(
            "/tin-nhan",
            Roles(&::messages::show::READERS),
            Quick,
            get(messages::show),
        ),
        change(
            "/tin-nhan",
            Roles(&::messages::show::WORKERS),
            Quick,
            post(messages::again),
        ),
    ]
}
