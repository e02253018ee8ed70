//! A dossier and its steps, to be read.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use casework::show::Refused;
use casework::{Dossier, procedure};

use super::{Page, page};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};

#[derive(Template)]
#[template(path = "dossier.html")]
struct DossierPage {
    frame: Frame,
    dossier: Dossier,
}

impl DossierPage {
    fn procedure(&self) -> &str {
        procedure::name(&self.dossier.row.procedure)
    }

    /// The regime of the day of reception, as users know it.
    fn regime(&self) -> Option<&str> {
        let code = self.dossier.regime.as_deref()?;
        let known = casework::regime::all().iter().find(|it| it.code == code);
        known.map(|regime| regime.name.as_str())
    }

    /// The stage it is in, as users know it.
    fn stage(&self) -> Option<&str> {
        let code = self.dossier.row.stage.as_deref()?;
        let stages = casework::regime::all().iter().flat_map(|it| &it.stages);
        let mut known = stages.filter(|stage| stage.code == code);
        known.next().map(|stage| stage.name.as_str())
    }
}

/// `GET /ho-so/{mã}`. Looking is recorded in the audit log.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
) -> Page {
    let dossier = casework::dossier(&server.pool, &who.actor, &server.clock, &code).await?;
    page(&DossierPage {
        frame: Frame::inside(&server, &who, Section::Exchange),
        dossier,
    })
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        match refused {
            Refused::Unknown(_) => Failure::not_found(),
            Refused::Denied(denied) => denied.into(),
            other => Failure::internal(&other),
        }
    }
}
