//! A change that is sent twice is made once: the second time it gets the first answer.

use access::idempotency::{Answer, Claim, claim};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use kernel::Actor;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Server;
use crate::failure::Failure;

/// SHA-256 of what makes a request the same request.
pub(crate) fn request_hash(parts: &[&[u8]]) -> Vec<u8> {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    sha.finalize().to_vec()
}

/// Does the work under the key, or repeats the answer it had. A failure is not kept: the key is
/// free again and the request may be sent anew.
pub(crate) async fn once(
    server: &Server,
    actor: &Actor,
    key: &str,
    request_hash: &[u8],
    work: impl Future<Output = Result<Answer, Failure>>,
) -> Result<Answer, Failure> {
    let sound = (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !sound {
        let message = "Idempotency-Key cần 1 đến 200 ký tự ASCII, không có dấu cách";
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "idempotency_key_malformed",
            message,
        ));
    }
    // Each holds a connection while its work takes others: few enough never to starve them.
    let _turn = server
        .changes
        .acquire()
        .await
        .map_err(|error| Failure::internal(&error))?;
    match claim(
        &server.pool,
        server.clock.now(),
        &actor.name,
        key,
        request_hash,
    )
    .await?
    {
        Claim::Answered(answer) => {
            access::audit::answered_before();
            Ok(answer)
        }
        Claim::OtherRequest => Err(Failure::refused(
            "idempotency_key_reused",
            "Khóa này đã dùng cho một yêu cầu khác; hãy tải lại trang hoặc dùng khóa mới",
        )),
        Claim::InProgress => Err(Failure::new(
            StatusCode::CONFLICT,
            "idempotency_key_in_progress",
            "Yêu cầu này đang được xử lý; hãy đợi rồi gửi lại với cùng khóa",
        )),
        Claim::Fresh(ticket) => {
            let answer = work.await?;
            ticket.keep(&answer).await?;
            Ok(answer)
        }
    }
}

/// Media type of a kept answer that leads to another page.
const REDIRECT: &str = "redirect";

/// The key a form carries: another each time the form is shown.
pub(crate) fn form_key() -> String {
    Uuid::new_v4().to_string()
}

/// Does the work of a form once and leads to the page it answers with.
pub(crate) async fn form_once(
    server: &Server,
    actor: &Actor,
    key: &str,
    request: &[&str],
    work: impl Future<Output = Result<String, Failure>>,
) -> Result<Response, Failure> {
    let parts: Vec<&[u8]> = request.iter().map(|part| part.as_bytes()).collect();
    let work = async {
        let content_type = REDIRECT.to_owned();
        Ok(Answer {
            status: 303,
            content_type,
            body: work.await?.into_bytes(),
        })
    };
    let answer = once(server, actor, key, &request_hash(&parts), work).await?;
    let address = String::from_utf8(answer.body).map_err(|error| Failure::internal(&error))?;
    Ok(Redirect::to(&address).into_response())
}
