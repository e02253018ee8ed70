//! Papers of a dossier: scans, what still lacks one, signed letters.

use access::session::SignedIn;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use casework::attachment::{self, Attachment};
use casework::letter::signed::{self, Signed};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Server;
use crate::failure::{Failure, Problem};

/// The papers of a dossier.
#[derive(Serialize, ToSchema)]
pub(crate) struct PapersOfDossier {
    /// Scans in the order they were added: `no`, `paper`, `file` (SHA-256), `media_type`, `size` in
    /// bytes, `replaced`, `recorded_by`, `recorded_at`.
    #[schema(value_type = Vec<Object>)]
    attachments: Vec<Attachment>,
    /// Papers named at submission without a file that nobody has digitised yet.
    missing: Vec<String>,
    /// Signed letters: `kind`, `seq`, `file` (SHA-256 of what was signed), `size`, `way`,
    /// `signed_by`, `signed_on`, `recorded_by`, `recorded_at`.
    #[schema(value_type = Vec<Object>)]
    signed: Vec<Signed>,
}

/// Giấy tờ đã số hóa, giấy tờ còn thiếu và văn bản đã ký của một hồ sơ.
#[utoipa::path(get, path = "/api/v1/dossiers/{code}/papers", tag = "dossiers",
    security(("token" = [])), params(("code" = String, Path, description = "Mã hồ sơ")),
    responses((status = 200, description = "Giấy tờ của hồ sơ", body = PapersOfDossier),
              (status = 404, description = "Không có hồ sơ, hoặc không được xem", body = Problem,
                  content_type = "application/problem+json")))]
pub(crate) async fn of_dossier(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
) -> Result<Json<PapersOfDossier>, Failure> {
    // What is on paper is looked at as the dossier is, which leaves its entry.
    casework::dossier(&server.pool, &who.actor, &server.clock, &code).await?;
    let papers = attachment::of_dossier(&server.pool, &who.actor, &code).await?;
    Ok(Json(PapersOfDossier {
        attachments: papers.attachments,
        missing: papers.missing,
        signed: signed::of_dossier(&server.pool, &who.actor, &code).await?,
    }))
}
