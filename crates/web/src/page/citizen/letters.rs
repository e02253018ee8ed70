//! Letters of a dossier for its citizen, to be kept: as they were signed, or as they would be printed now.

use axum::extract::{Path, State};
use casework::letter::Kind;
use casework::letter::own::{Own, hand_out as own_letter};
use files::MediaType;

use super::super::letters::printed;
use super::super::papers::stored;
use super::super::{Page, attachment};
use super::Verified;
use super::apply::may_ask;
use crate::Server;
use crate::failure::Failure;

/// Letters of one dossier in an hour: each may have to be printed.
const IN_AN_HOUR: i32 = 30;

/// `GET /tra-cuu/ho-so/van-ban/{loại}`.
pub(crate) async fn hand_out(
    State(server): State<Server>,
    Verified(citizen): Verified,
    Path(kind): Path<String>,
) -> Page {
    let kind = Kind::from_code(&kind).ok_or_else(Failure::not_found)?;
    let dossier = citizen.dossier().to_string();
    if !may_ask(&server, ("letter", &dossier), IN_AN_HOUR).await? {
        let message = "Đã tải nhiều lần trong một giờ: mời thử lại sau";
        return Err(Failure::refused("too_many_tries", message));
    }
    let name = format!("{}.pdf", kind.code());
    match own_letter(&server.pool, &server.law, &server.clock, &citizen, kind).await? {
        Own::Signed(signed) => stored(&server, &signed.file, MediaType::Pdf, &name).await,
        Own::Draft(draft) => {
            let mut letter = draft.letter;
            letter.notice = match server.practice {
                true => "Văn bản luyện tập, không có giá trị",
                false => "Bản để xem, chưa có chữ ký",
            }
            .to_owned();
            Ok(attachment("application/pdf", &name, printed(letter).await?))
        }
    }
}
