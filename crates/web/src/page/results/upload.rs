//! A provider's file brought by an officer.

use access::session::SignedIn;
use axum::Extension;
use axum::extract::multipart::Multipart;
use axum::extract::{Path, State};
use payments::results;

use super::{FIRST, SETTLERS, SHOWN, refused, results_page};
use crate::Server;
use crate::failure::Failure;
use crate::page::import::{XLSX, receive};
use crate::page::month::Place;
use crate::page::{Page, attachment, page};

/// `POST /ky-chi/{kỳ}/doi-soat/ket-qua`: records the file. Sent twice it changes nothing the second
/// time, so it needs no key.
pub(crate) async fn upload(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    form: Multipart,
) -> Page {
    let received = receive(form).await?;
    let place = Place::of(&who.actor, &month, &received.area)?;
    access::require(&who.actor, SETTLERS, &place.code)?;
    let provider = received.provider.trim();
    if provider.is_empty() {
        return refused(
            &server,
            &who,
            place,
            "Chưa ghi mã đơn vị chi trả".to_owned(),
        )
        .await;
    }
    let Some((_, file)) = received.file else {
        return refused(&server, &who, place, "Chưa chọn tệp kết quả".to_owned()).await;
    };
    let file = file.into_file();
    match results::import_file(&server.office(), &who.actor, provider, file).await {
        Ok(mut imported) => {
            let mut shown = results_page(&server, &who, place, FIRST, "", None).await?;
            imported.refused.truncate(SHOWN);
            shown.imported = Some(imported);
            page(&shown)
        }
        Err(error) => {
            let failure = Failure::from(error);
            if !failure.is_refusal() {
                return Err(failure);
            }
            refused(&server, &who, place, failure.message().to_owned()).await
        }
    }
}

/// `GET /doi-soat/mau.xlsx`: the blank form of results.
pub(crate) async fn blank() -> Page {
    let form = results::form();
    let workbook =
        documents::template::workbook(&form).map_err(|error| Failure::internal(&error))?;
    Ok(attachment(XLSX, "mau-ket-qua.xlsx", workbook))
}
