//! The rows of the table for other registries that ask ours.

use axum::http::Method;
use axum::routing::{get, post as posted};
use utoipa_axum::routes;

use super::{change, operation, read};
use crate::api::spdci;
use crate::page::registries;
use crate::route::Pace::Quick;
use crate::route::Route;
use crate::route::Who::{Anybody, Roles};

/// Who asks is known from the message and its token, not from an account.
pub(super) fn rows() -> Vec<Route> {
    let post = |path, pace, handler| operation(Method::POST, path, Anybody, pace, handler);
    vec![
        read(
            "/lien-thong/so-khac",
            Roles(::spdci::caller::READERS),
            Quick,
            get(registries::callers),
        ),
        change(
            "/lien-thong/so-khac",
            Roles(::spdci::dead::SENDERS),
            Quick,
            posted(registries::send_again),
        ),
        read(
            "/doi-tuong/{id}/ai-da-hoi",
            Roles(::spdci::told::READERS),
            Quick,
            get(registries::trail),
        ),
        post(
            "/api/v1/spdci/{register}/registry/sync/search",
            Quick,
            routes!(spdci::sync_search),
        ),
        post(
            "/api/v1/spdci/ibr/registry/sync/enrolled",
            Quick,
            routes!(spdci::sync_enrolled),
        ),
        post(
            "/api/v1/spdci/ibr/registry/sync/enrollment/updates",
            Quick,
            routes!(spdci::sync_updates),
        ),
        post(
            "/api/v1/spdci/{register}/registry/sync/txn/status",
            Quick,
            routes!(spdci::sync_status),
        ),
        post(
            "/api/v1/spdci/{register}/registry/search",
            Quick,
            routes!(spdci::search),
        ),
        post(
            "/api/v1/spdci/{register}/registry/subscribe",
            Quick,
            routes!(spdci::subscribe),
        ),
        post(
            "/api/v1/spdci/{register}/registry/unsubscribe",
            Quick,
            routes!(spdci::unsubscribe),
        ),
        post(
            "/api/v1/spdci/{register}/registry/txn/status",
            Quick,
            routes!(spdci::status),
        ),
        post("/oauth2/client/token", Quick, routes!(spdci::give_token)),
        operation(
            Method::GET,
            "/.well-known/jwks.json",
            Anybody,
            Quick,
            routes!(spdci::jwks),
        ),
        operation(
            Method::GET,
            "/.well-known/locations.json",
            Anybody,
            Quick,
            routes!(spdci::locations),
        ),
    ]
}
