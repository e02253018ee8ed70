//! A row of the route table, and the guard that stands before every handler.

use access::session::SignedIn;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::MethodRouter;
use axum_extra::extract::CookieJar;
use kernel::Actor;
use kernel::actor::Role;
use utoipa_axum::router::UtoipaMethodRouter;

use crate::cookie::Kept;
use crate::failure::Failure;
use crate::{EntriesLeft, Server, origin};

/// One way into the site.
pub(crate) struct Route {
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
    pub pace: Pace,
    pub handler: Handler,
}

/// Who may use a route. Where in the country is settled by the handler, which knows the area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Also without signing in.
    Anybody,
    /// Whoever has signed in.
    SignedIn,
    /// Whoever holds one of the roles somewhere.
    Roles(&'static [Role]),
}

/// How long and how large a request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Half a minute, one megabyte.
    Quick,
    /// Ten minutes, one megabyte: lists and imports of a whole province.
    Long,
    /// Ten minutes, sixty megabytes.
    Upload,
    /// Two minutes, as large as a message between programs may be.
    Message,
}

/// A page, or an operation of the JSON interface that documents itself.
pub(crate) enum Handler {
    Page(MethodRouter<Server>),
    Operation(UtoipaMethodRouter<Server>),
}

impl Who {
    /// Whether the signed-in actor may.
    pub(crate) fn admits(self, actor: &Actor) -> bool {
        match self {
            Who::Anybody | Who::SignedIn => true,
            Who::Roles(roles) => actor.areas_of(roles).next().is_some(),
        }
    }
}

/// The page of one's own account, where a second factor is set up and the password changed.
const OWN: &str = "/tai-khoan";

/// Whether a request is open to who owes a second factor or a password of their own, besides what is open to anybody.
fn is_own(request: &Request) -> bool {
    [OWN, "/dang-xuat", "/con-lam-viec"].contains(&request.uri().path())
}

/// Finds out who asks and refuses those who may not.
pub(crate) async fn guard(
    State((server, who)): State<(Server, Who)>,
    cookies: CookieJar,
    mut request: Request,
    next: Next,
) -> Response {
    let api = request.uri().path().starts_with("/api/");
    let found = if api {
        by_token(&server, request.headers().clone()).await
    } else {
        by_cookie(&server, request.headers(), &cookies).await
    };
    let signed_in = match found {
        Ok(signed_in) => signed_in,
        Err(error) => return Failure::from(error).into_response(),
    };
    match (&signed_in, who) {
        (_, Who::Anybody) => {}
        (None, _) if api => {
            return Failure::new(
                StatusCode::UNAUTHORIZED,
                "sign_in_needed",
                "Cần mã truy cập còn hiệu lực: Authorization: Bearer …",
            )
            .into_response();
        }
        (None, _) => return to_sign_in(&request),
        (Some(signed_in), who) if !who.admits(&signed_in.actor) => {
            return not_admitted(&signed_in.actor, who).into_response();
        }
        (Some(signed_in), _)
            if (signed_in.owes_second_factor || signed_in.owes_password) && !is_own(&request) =>
        {
            return Redirect::to(OWN).into_response();
        }
        (Some(_), _) => {}
    }
    if let Some(mut signed_in) = signed_in {
        let (mut parts, body) = request.into_parts();
        signed_in.actor.origin = origin::of(&parts);
        parts.extensions.insert(signed_in);
        request = Request::from_parts(parts, body);
    }
    let (mut response, left) = access::audit::watch(next.run(request)).await;
    response.extensions_mut().insert(EntriesLeft(left));
    response
}

fn not_admitted(actor: &Actor, who: Who) -> Failure {
    let needed = match who {
        Who::Roles(roles) => roles
            .iter()
            .map(|role| role.vietnamese())
            .collect::<Vec<_>>(),
        Who::Anybody | Who::SignedIn => Vec::new(),
    };
    let name = &actor.name;
    let needed = needed.join(", ");
    let message = format!("Người dùng {name} không có quyền làm việc này: cần vai trò {needed}");
    Failure::new(StatusCode::FORBIDDEN, "denied", message)
}

async fn by_cookie(
    server: &Server,
    headers: &HeaderMap,
    cookies: &CookieJar,
) -> sqlx::Result<Option<SignedIn>> {
    let token = Kept::Session.read(headers, cookies);
    if token.is_empty() {
        return Ok(None);
    }
    access::session::actor_by_session(&server.pool, server.clock.now(), &token).await
}

async fn by_token(server: &Server, headers: HeaderMap) -> sqlx::Result<Option<SignedIn>> {
    let header = headers.get(header::AUTHORIZATION);
    let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(token) = token else { return Ok(None) };
    let now = server.clock.now();
    let actor = access::token::actor_by_token(&server.pool, now, token.trim()).await?;
    Ok(actor.map(|actor| SignedIn {
        full_name: actor.name.clone(),
        owes_second_factor: false,
        owes_password: false,
        actor,
    }))
}

/// To the sign-in page, which leads back here.
fn to_sign_in(request: &Request) -> Response {
    let back = match request.method() {
        &Method::GET => request
            .uri()
            .path_and_query()
            .map_or("/", |here| here.as_str()),
        _ => request.uri().path(),
    };
    let back = crate::address::encode(back);
    Redirect::to(&format!("/dang-nhap?ve={back}")).into_response()
}
