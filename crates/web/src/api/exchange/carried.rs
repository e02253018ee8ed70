//! Who calls by SOAP. A security server of X-Road passes no HTTP headers on, so that the token of the one-stop
//! system behind it never arrives. What arrives is the security server itself, by a token of its own, and in
//! the envelope the client, which it has authenticated.

use access::audit::Action;
use access::session::SignedIn;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use exchange::dialect;
use exchange::x_road::{BadXRoad, ClientId};
use kernel::Actor;
use kernel::actor::Role;
use serde_json::json;

use super::caller::{Caller, province_of};
use crate::Server;
use crate::failure::Failure;

/// The province a carrier speaks for, among the extensions of its request.
#[derive(Clone)]
pub(super) struct For(pub(super) String);

/// Who calls by SOAP.
pub(crate) enum Carried {
    /// The one-stop system, by its own token.
    Itself(Box<Caller>),
    /// The security server, by its token; for whom is said in the envelope.
    By(Box<(Actor, Parts)>),
}

impl FromRequestParts<Server> for Carried {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Carried, Failure> {
        let who = parts.extensions.get::<SignedIn>();
        let actor = who.ok_or_else(Failure::not_found)?.actor.clone();
        if province_of(&actor).is_ok() {
            let caller = Caller::from_request_parts(parts, server).await?;
            return Ok(Carried::Itself(Box::new(caller)));
        }
        Ok(Carried::By(Box::new((actor, parts.clone()))))
    }
}

impl Carried {
    /// The one-stop system, where it is known before the envelope is read.
    pub(super) const fn itself(&self) -> Option<&Caller> {
        match self {
            Carried::Itself(caller) => Some(caller),
            Carried::By(_) => None,
        }
    }

    /// The one-stop system for which an envelope of a client came. A carrier speaks for a province only where its
    /// connection names both, and only while it holds the role there; what the province must sign, it signs.
    pub(super) async fn of(self, server: &Server, client: &ClientId) -> Result<Caller, Failure> {
        let (actor, mut parts) = match self {
            Carried::Itself(caller) => return Ok(*caller),
            Carried::By(carrier) => *carrier,
        };
        let (pool, clock) = (&server.pool, &server.clock);
        let which = (actor.name.as_str(), client);
        let Some(province) = dialect::carried(pool, clock.today(), which).await? else {
            let detail = json!({"code": BadXRoad::Client.code(), "client": client.to_string()});
            let (action, which) = (Action::ExchangeRefuse, ("request", None));
            access::audit::note(pool, &actor, clock, action, which, detail)
                .await
                .map_err(|error| Failure::internal(&error))?;
            return Err(BadXRoad::Client.into());
        };
        access::require(&actor, &[Role::OneStop], &province)?;
        parts.extensions.insert(For(province));
        Caller::from_request_parts(&mut parts, server).await
    }
}
