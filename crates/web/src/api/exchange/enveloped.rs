//! What comes as SOAP: an envelope alone, or with attachments. The whole of it is on disk, and its sender known,
//! before anything of it is done.

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use exchange::file;
use exchange::x_road::attached::{self, Attachments, BadAttachment};
use exchange::x_road::soap::{self, Envelope};
use files::FileHash;
use futures_util::StreamExt;
use futures_util::stream::try_unfold;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};

use super::caller::Caller;
use super::carried::Carried;
use crate::Server;
use crate::failure::{Failure, sentence};

/// Bytes of an envelope with its attachments.
const LARGEST: u64 = 60 << 20;
/// Read at a time.
const PIECE: usize = 256 << 10;

/// An envelope, who sent it, and what came with it.
pub(super) struct Sent {
    pub(super) caller: Caller,
    pub(super) envelope: Envelope,
    /// Not looked at yet.
    attachments: Option<Attachments>,
}

impl Sent {
    /// Reads what came, as far as its envelope.
    pub(super) async fn read(
        server: &Server,
        carried: Carried,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Sent, Failure> {
        let media_type = headers.get(header::CONTENT_TYPE);
        let media_type = media_type
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default();
        let whole = Whole::read(media_type, body).await?;
        if let Some(caller) = carried.itself() {
            whole.check(server, caller).await?;
        }
        let (content, attachments) = whole.open(media_type).await?;
        let envelope = soap::read(&content)?;
        let itself = carried.itself().is_some();
        let caller = carried.of(server, &envelope.client).await?;
        if !itself {
            whole.check(server, &caller).await?;
        }
        Ok(Sent {
            caller,
            envelope,
            attachments,
        })
    }

    /// Takes the attachments in as the province's files, all or none, and names each by its hash in the fields of
    /// the message.
    pub(super) async fn take_in(&mut self, server: &Server) -> Result<(), Failure> {
        let Some(attachments) = self.attachments.take() else {
            return Ok(());
        };
        let (caller, fields) = (&self.caller, &mut self.envelope.fields);
        let taken = attachments.take_in(server.files()?, fields).await;
        for stored in taken? {
            let (pool, clock) = (&server.pool, &server.clock);
            file::receive(pool, &caller.actor, clock, &caller.province, &stored).await?;
        }
        Ok(())
    }
}

/// The whole of a body.
enum Whole {
    /// An envelope alone.
    Envelope(Bytes),
    /// An envelope with attachments, on disk.
    OnDisk(FileHash, File),
}

impl Whole {
    async fn read(media_type: &str, body: Body) -> Result<Whole, Failure> {
        if attached::is_related(media_type) {
            let (file, hash) = spooled(body).await?;
            return Ok(Whole::OnDisk(hash, file));
        }
        let content = to_bytes(body, soap::LARGEST).await;
        content.map(Whole::Envelope).map_err(|_| too_large())
    }

    /// Whether it is what its sender says, and signed.
    async fn check(&self, server: &Server, caller: &Caller) -> Result<(), Failure> {
        match self {
            Whole::Envelope(content) => caller.sent(server, content).await,
            Whole::OnDisk(hash, _) => caller.sent_file(server, hash).await,
        }
    }

    /// The envelope, not read yet, and what came with it.
    async fn open(&self, media_type: &str) -> Result<(Bytes, Option<Attachments>), Failure> {
        let file = match self {
            Whole::OnDisk(_, file) => file.try_clone().await,
            Whole::Envelope(content) => {
                if !media_type.to_ascii_lowercase().starts_with("text/xml") {
                    let message = "Cần phong bì SOAP 1.1 kiểu text/xml, hoặc multipart/related khi có tệp kèm";
                    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                    return Err(Failure::new(status, "wrong_media_type", message));
                }
                return Ok((content.clone(), None));
            }
        };
        let file = file.map_err(|error| Failure::internal(&error))?;
        let pieces = try_unfold(file, |mut file| async move {
            let mut piece = vec![0; PIECE];
            let read = file.read(&mut piece).await?;
            piece.truncate(read);
            Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(piece), file)))
        });
        let (content, attachments) = Attachments::open(media_type, pieces).await?;
        Ok((content.into(), Some(attachments)))
    }
}

/// The whole of a body on disk, and its hash.
async fn spooled(body: Body) -> Result<(File, FileHash), Failure> {
    let failed = |error: std::io::Error| Failure::internal(&error);
    let mut file = File::from_std(tempfile::tempfile().map_err(failed)?);
    let (mut sha, mut size) = (Sha256::new(), 0);
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Failure::bad_request("Thông điệp gửi lên không trọn vẹn"))?;
        size += piece.len() as u64;
        if size > LARGEST {
            return Err(too_large());
        }
        sha.update(&piece);
        file.write_all(&piece).await.map_err(failed)?;
    }
    file.rewind().await.map_err(failed)?;
    Ok((file, FileHash(sha.finalize().into())))
}

fn too_large() -> Failure {
    let message = "Phong bì lớn quá 1 MB, hoặc cả thông điệp với tệp kèm lớn quá 60 MB";
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}

impl From<BadAttachment> for Failure {
    fn from(bad: BadAttachment) -> Failure {
        let (code, message) = (bad.code(), sentence(&bad.to_string()));
        match bad {
            BadAttachment::File(refused) => refused.into(),
            bad if bad.is_of_the_protocol() => Failure::new(StatusCode::BAD_REQUEST, code, message),
            _ => Failure::refused(code, message),
        }
    }
}
