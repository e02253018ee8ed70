//! The letter that goes with a decision a one-stop system is told of.

use bytes::Bytes;
use casework::letter::own::Own;
use casework::letter::{Refused as NoLetter, told};
use exchange::Refused;
use exchange::file::{LetterFile, fix_letter};
use files::FileHash;
use kernel::Actor;
use uuid::Uuid;

use crate::Server;
use crate::page::letters::{as_practice, printed};

/// The letter of a decision, by the code of the province and of the dossier and the id of the message that tells
/// of it: as it was signed, else as this system prints it. It is stored and stays the message's. `None` while
/// there is none, or the printer fails: the decision itself is told all the same.
///
/// # Errors
/// [`Refused::UnknownMessage`], [`Refused::Denied`], [`Refused::Inconsistent`] when files are not kept or the
/// dossier cannot be read.
pub async fn letter_of(
    server: &Server,
    actor: &Actor,
    (province, dossier, message): (&str, &str, Uuid),
) -> Result<Option<FileHash>, Refused> {
    let (pool, clock, law) = (&server.pool, &server.clock, &server.law);
    let file = match told::of_decision(pool, law, actor, clock, dossier).await {
        Ok(Own::Signed(signed)) => LetterFile {
            hash: signed.file,
            size: u64::try_from(signed.size).unwrap_or_default(),
            signed: true,
        },
        Ok(Own::Draft(draft)) => {
            let Ok(pdf) = printed(as_practice(server, draft.letter)).await else {
                return Ok(None);
            };
            let pieces = futures_util::stream::iter([Ok::<_, String>(Bytes::from(pdf))]);
            let files = server.files.as_ref();
            let files =
                files.ok_or_else(|| Refused::Inconsistent("no files are kept".to_owned()))?;
            let stored = files.take_in("quyet-dinh.pdf", pieces).await;
            let stored = stored.map_err(|error| Refused::Inconsistent(error.to_string()))?;
            LetterFile {
                hash: stored.hash,
                size: stored.size,
                signed: false,
            }
        }
        Err(NoLetter::NothingToSay) => return Ok(None),
        Err(refused) => return Err(Refused::Inconsistent(refused.to_string())),
    };
    fix_letter(pool, actor, clock, (province, message), &file)
        .await
        .map(Some)
}
