//! The rows of the table about applications at the counter.

use axum::http::Method;
use axum::routing::{get, post};
use utoipa_axum::routes;

use super::{change, operation, read};
use crate::api::dossiers;
use crate::frame::READERS;
use crate::page::counter::{ROLES, begin, form, questions, review};
use crate::route::Pace::Quick;
use crate::route::Route;
use crate::route::Who::{Anybody, Roles};

pub(super) fn rows() -> Vec<Route> {
    vec![
        read("/ho-so/moi", Roles(ROLES), Quick, get(begin::show)),
        change("/ho-so/moi", Roles(ROLES), Quick, post(begin::find)),
        change(
            "/ho-so/moi/bat-dau",
            Roles(ROLES),
            Quick,
            post(begin::begin),
        ),
        read("/ho-so/moi/{draft}", Roles(ROLES), Quick, get(review::show)),
        change("/ho-so/moi/{draft}", Roles(ROLES), Quick, post(review::act)),
        read(
            "/ho-so/moi/{draft}/{section}",
            Roles(ROLES),
            Quick,
            get(questions::show),
        ),
        change(
            "/ho-so/moi/{draft}/{section}",
            Roles(ROLES),
            Quick,
            post(questions::save),
        ),
        read(
            "/ho-so/{dossier}/to-khai",
            Roles(READERS),
            Quick,
            get(form::show),
        ),
        operation(
            Method::GET,
            "/api/v1/forms/{code}",
            Anybody,
            Quick,
            routes!(dossiers::form),
        ),
        operation(
            Method::POST,
            "/api/v1/dossiers",
            Roles(ROLES),
            Quick,
            routes!(dossiers::submit),
        ),
    ]
}
