//! Answering what the province holds of each dossier, so that both sides can be compared.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use exchange::BadSignature;
use exchange::comparison::{Listed, PAGE};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

use super::journal::Journal;
use super::office::Office;

/// Which dossiers.
#[derive(Deserialize)]
pub(super) struct Part {
    #[serde(default)]
    after: String,
    limit: Option<usize>,
}

impl Part {
    /// The dossiers of the part as the journal has them.
    pub(super) fn of(&self, journal: &Journal) -> Vec<Listed> {
        let limit = self.limit.unwrap_or(PAGE).min(PAGE);
        journal.listed(&self.after, limit)
    }
}

type Listing = State<Arc<(PathBuf, Office)>>;

/// Answers `GET /dossiers` to the office from the journal, as it is then, until the process ends.
///
/// # Errors
/// When the listener fails.
pub async fn answer(listener: TcpListener, table: PathBuf, office: Office) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/dossiers", get(list))
        .with_state(Arc::new((table, office)));
    axum::serve(listener, router).await?;
    Ok(())
}

async fn list(
    State(listing): Listing,
    uri: Uri,
    headers: HeaderMap,
    Query(part): Query<Part>,
) -> Response {
    if let Err(bad) = listing.1.admit(&uri, &headers) {
        return refused(bad);
    }
    let read = move || Journal::open(&listing.0).map(|journal| part.of(&journal));
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(listed)) => Json(listed).into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Who asks is not the office.
pub(super) fn refused(bad: BadSignature) -> Response {
    let why = json!({"code": bad.code(), "detail": bad.to_string()});
    (StatusCode::UNAUTHORIZED, Json(why)).into_response()
}
