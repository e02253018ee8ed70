//! Answering what the province holds of each dossier, so that both sides can be compared.

use std::path::PathBuf;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use exchange::comparison::{Listed, PAGE};
use serde::Deserialize;
use tokio::net::TcpListener;

use super::journal::Journal;

/// Which dossiers.
#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    after: String,
    limit: Option<usize>,
}

/// Answers `GET /dossiers` from the journal, as it is then, until the process ends.
///
/// # Errors
/// When the listener fails.
pub async fn answer(listener: TcpListener, table: PathBuf) -> anyhow::Result<()> {
    let router = Router::new()
        .route("/dossiers", get(list))
        .with_state(table);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn list(
    State(table): State<PathBuf>,
    Query(part): Query<Part>,
) -> Result<Json<Vec<Listed>>, StatusCode> {
    let limit = part.limit.unwrap_or(PAGE).min(PAGE);
    let read = move || Journal::open(&table).map(|journal| journal.listed(&part.after, limit));
    let failed = StatusCode::INTERNAL_SERVER_ERROR;
    let listed = tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| failed)?;
    listed.map(Json).map_err(|_| failed)
}
