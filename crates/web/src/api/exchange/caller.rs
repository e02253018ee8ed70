//! Who calls: the one-stop system of one province, within its limits, with a signature where its
//! connection asks for one.

use access::audit::Action;
use access::session::SignedIn;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use exchange::BadSignature;
use exchange::admission::refuse;
use exchange::dialect::{Dialect, Spoken};
use exchange::signature::{ContentDigest, Request};
use files::FileHash;
use kernel::Actor;
use kernel::actor::Role;
use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use crate::Server;
use crate::failure::Failure;

/// The one-stop system of a province.
pub(crate) struct Caller {
    pub(super) actor: Actor,
    /// Code of its province.
    pub(super) province: String,
    /// What the province speaks today.
    pub(super) spoken: Spoken,
    digest: Option<ContentDigest>,
    /// Its place among the requests of the province in hand, or among those that wait for each other.
    _place: OwnedSemaphorePermit,
}

impl FromRequestParts<Server> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Caller, Failure> {
        let who = parts.extensions.get::<SignedIn>();
        let actor = who.ok_or_else(Failure::not_found)?.actor.clone();
        let carried = parts.extensions.get::<super::carried::For>();
        let province = carried.map_or_else(|| province_of(&actor), |it| Ok(it.0.clone()))?;
        let too_many = || {
            let message = "Tỉnh này gửi quá nhiều yêu cầu một lúc: chờ một giây rồi gửi tiếp";
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message)
        };
        let place = server.provinces.place(&province).ok_or_else(too_many)?;
        let place = place.await.map_err(|error| Failure::internal(&error))?;
        let written = |name: &str| {
            let values = parts.headers.get_all(name).iter();
            let values: Option<Vec<&str>> = values.map(|it| it.to_str().ok()).collect();
            values.filter(|it| !it.is_empty()).map(|it| it.join(", "))
        };
        let host = written(header::HOST.as_str());
        let authority = parts.uri.authority().map(|it| it.as_str().to_owned());
        let request = Request {
            method: parts.method.as_str(),
            authority: &authority.or(host).unwrap_or_default(),
            path: parts.uri.path(),
            query: parts.uri.query(),
            header: &written,
        };
        let (pool, clock) = (&server.pool, &server.clock);
        let admitted = (server.admission).admit(pool, &actor, clock, &province, &request);
        let spoken = admitted.await?;
        let digest = match written("content-digest").map(|it| ContentDigest::read(&it)) {
            None => None,
            Some(Ok(digest)) => Some(digest),
            Some(Err(bad)) => {
                return Err(refuse(pool, &actor, clock, &province, bad).await.into());
            }
        };
        Ok(Caller {
            actor,
            province,
            spoken,
            digest,
            _place: place,
        })
    }
}

impl Caller {
    /// Gives the place in hand to the next, for one among messages that wait to be received together.
    pub(super) async fn waiting(self, server: &Server) -> Result<Caller, Failure> {
        let place = server.provinces.waiting(&self.province).await;
        Ok(Caller {
            _place: place.map_err(|error| Failure::internal(&error))?,
            ..self
        })
    }

    /// Whether the province speaks this dialect.
    pub(super) fn speaks(&self, dialect: Dialect) -> Result<(), Failure> {
        Ok(self.spoken.must_be(dialect, &self.province)?)
    }

    /// Whether the content is what its sender says, and signed.
    pub(super) async fn sent(&self, server: &Server, content: &[u8]) -> Result<(), Failure> {
        let checked = self.digest.as_ref().map_or(Ok(()), |it| it.check(content));
        self.genuine(server, checked).await
    }

    /// The same of a file, whose hash is held against its content as it comes in.
    pub(super) async fn sent_file(&self, server: &Server, hash: &FileHash) -> Result<(), Failure> {
        let digest = self.digest.as_ref();
        let checked = digest.map_or(Ok(()), |it| it.check_sha256(&hash.0));
        self.genuine(server, checked).await
    }

    /// What came of the content of a request. That it was refused is recorded in the audit log, by the code
    /// and without anything of the content.
    pub(super) async fn heard<T>(
        &self,
        server: &Server,
        done: Result<T, Failure>,
    ) -> Result<T, Failure> {
        if let Err(failure) = &done
            && failure.is_callers()
        {
            let (pool, clock, action) = (&server.pool, &server.clock, Action::ExchangeRefuse);
            let detail = json!({ "code": failure.code() });
            let which = ("request", Some(self.province.as_str()));
            access::audit::note(pool, &self.actor, clock, action, which, detail)
                .await
                .map_err(|error| Failure::internal(&error))?;
        }
        done
    }

    async fn genuine(
        &self,
        server: &Server,
        checked: Result<(), BadSignature>,
    ) -> Result<(), Failure> {
        let Err(bad) = checked else { return Ok(()) };
        let (pool, clock) = (&server.pool, &server.clock);
        Err(refuse(pool, &self.actor, clock, &self.province, bad)
            .await
            .into())
    }
}

/// The one province a token speaks for.
pub(super) fn province_of(actor: &Actor) -> Result<String, Failure> {
    let roles = [Role::OneStop];
    let mut areas = actor.areas_of(&roles);
    match (areas.next(), areas.next()) {
        (Some(Some(area)), None) => Ok(area.0.clone()),
        _ => Err(Failure::new(
            StatusCode::FORBIDDEN,
            "one_province_needed",
            "Mã truy cập của hệ thống một cửa phải thuộc đúng một tỉnh",
        )),
    }
}
