//! One's own account: second step of signing in, password, sessions, roles lent.

use access::account;
use access::delegation::{self, Delegation};
use access::second_factor::{self, FactorError, SetUp};
use access::session::{Open, SignedIn};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::{Extension, Form};
use axum_extra::extract::CookieJar;
use kernel::actor::Role;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;

use super::administration::{area_code, day, role};
use super::{Page, leads_on, page, refused_page};
use crate::Server;
use crate::cookie::Kept;
use crate::failure::{Failure, sentence};
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    who: SignedIn,
    second_factor: bool,
    recovery_left: i64,
    /// What to put into the telephone, while setting up.
    set_up: Option<SetUp>,
    /// Shown once.
    new_codes: Vec<String>,
    sessions: Vec<Open>,
    delegations: Vec<Delegation>,
    key: String,
}

impl AccountPage {
    /// The roles of the reader that can be lent, each once.
    fn roles(&self) -> Vec<Role> {
        let mut roles: Vec<Role> = self.who.actor.grants.iter().map(|it| it.role).collect();
        roles.sort();
        roles.dedup();
        roles.retain(|role| !matches!(role, Role::Administrator | Role::OneStop));
        roles
    }

    fn lends(&self, delegation: &Delegation) -> bool {
        delegation.lent.delegator == self.who.actor.name
    }
}

/// The QR code of an address as an SVG picture, drawn without styles.
pub(crate) fn qr(address: &str) -> String {
    let Ok(code) = QrCode::new(address) else {
        return String::new();
    };
    let picture = code
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .build();
    // Inside a page there is no declaration of XML.
    picture
        .find("<svg")
        .map_or_else(String::new, |at| picture[at..].to_owned())
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    xong: String,
}

/// What is shown beyond what is always shown.
#[derive(Default)]
struct Shown {
    error: Option<String>,
    done: &'static str,
    set_up: Option<SetUp>,
    new_codes: Vec<String>,
}

/// `GET /tai-khoan`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    cookies: CookieJar,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = match wanted.xong.as_str() {
        "dong-phien" => "Đã kết thúc phiên.",
        "dong-het" => "Đã kết thúc mọi phiên khác.",
        "mat-khau" => "Đã đổi mật khẩu; các phiên khác đã kết thúc.",
        "uy-quyen" => "Đã ghi ủy quyền.",
        "thu-uy-quyen" => "Đã kết thúc ủy quyền.",
        _ => "",
    };
    let token = Kept::Session.read(&headers, &cookies);
    let shown = Shown {
        done,
        ..Shown::default()
    };
    page(&account_page(&server, &who, &token, shown).await?)
}

async fn account_page(
    server: &Server,
    who: &SignedIn,
    token: &str,
    shown: Shown,
) -> Result<AccountPage, Failure> {
    let (now, actor) = (server.clock.now(), &who.actor);
    let sessions = account::sessions(&server.pool, now, actor, token).await?;
    let mut connection = server.pool.acquire().await?;
    let second_factor = second_factor::is_set_up(&mut connection, &actor.name).await?;
    let recovery_left = second_factor::recovery_left(&mut connection, &actor.name).await?;
    let delegations = delegation::of(&mut connection, now, actor, &actor.name).await?;
    let frame = Frame::inside(server, who, Section::None);
    Ok(AccountPage {
        frame: frame.telling(shown.error.as_ref()),
        error: shown.error,
        done: shown.done,
        who: who.clone(),
        second_factor,
        recovery_left,
        set_up: shown.set_up,
        new_codes: shown.new_codes,
        sessions,
        delegations,
        key: form_key(),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    khoa: String,
    viec: String,
    // A code of the telephone.
    ma: String,
    // Of the password.
    cu: String,
    moi: String,
    // Number of a session or of a delegation.
    so: i64,
    // Of a delegation.
    nguoi: String,
    vai_tro: String,
    dia_ban: String,
    tu: String,
    den: String,
}

/// `POST /tai-khoan`.
pub(crate) async fn act(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    headers: HeaderMap,
    cookies: CookieJar,
    Form(asked): Form<Asked>,
) -> Page {
    let token = Kept::Session.read(&headers, &cookies);
    match asked.viec.as_str() {
        "bat-dau" | "ma" | "ma-du-phong" if !who.owes_password => {
            of_codes(&server, &who, &token, &asked).await
        }
        // Until a second factor is there nothing else is done, not even here.
        _ if who.owes_password && asked.viec != "mat-khau" => Err(Failure::refused(
            "password_of_ones_own_required",
            "Mật khẩu đang dùng do người khác đặt: hãy đổi mật khẩu trước",
        )),
        _ if who.owes_second_factor && !who.owes_password => Err(Failure::refused(
            "second_factor_required",
            "Vai trò của bạn phải đăng nhập hai bước: hãy thiết lập mã trước",
        )),
        "mat-khau" => {
            let turn = server.sign_ins.acquire().await;
            let _turn = turn.map_err(|error| Failure::internal(&error))?;
            let (now, words) = (server.clock.now(), (asked.cu.as_str(), asked.moi.as_str()));
            let done = account::change_password(&server.pool, now, &who.actor, &token, words);
            let done = done.await.map_err(Failure::from);
            let done = done.map(|()| redirect("mat-khau"));
            tell(&server, &who, &token, done).await
        }
        _ => {
            let number = asked.so.to_string();
            let request = [
                "account",
                &asked.viec,
                &number,
                &asked.nguoi,
                &asked.vai_tro,
                &asked.dia_ban,
                &asked.tu,
                &asked.den,
            ];
            let work = async {
                carry_out(&server, &who, &token, &asked).await?;
                Ok(format!(
                    "/tai-khoan?xong={}",
                    crate::address::encode(&asked.viec)
                ))
            };
            let done = form_once(&server, &who.actor, &asked.khoa, &request, work).await;
            tell(&server, &who, &token, done).await
        }
    }
}

fn redirect(done: &str) -> axum::response::Response {
    use axum::response::IntoResponse;
    axum::response::Redirect::to(&format!("/tai-khoan?xong={done}")).into_response()
}

async fn tell(server: &Server, who: &SignedIn, token: &str, done: Page) -> Page {
    let shown = async |error| {
        let shown = Shown {
            error: Some(error),
            ..Shown::default()
        };
        account_page(server, who, token, shown).await
    };
    leads_on(done, shown).await
}

async fn carry_out(
    server: &Server,
    who: &SignedIn,
    token: &str,
    asked: &Asked,
) -> Result<(), Failure> {
    let (now, actor, pool) = (server.clock.now(), &who.actor, &server.pool);
    match asked.viec.as_str() {
        "dong-phien" => account::end_session(pool, now, actor, asked.so).await?,
        "dong-het" => account::end_other_sessions(pool, now, actor, token).await?,
        "uy-quyen" => {
            let wanted = delegation::Wanted {
                delegator: actor.name.clone(),
                delegate: asked.nguoi.trim().to_lowercase(),
                role: role(&asked.vai_tro)?,
                area_code: area_code(&asked.dia_ban),
                from: day("Từ ngày", &asked.tu)?,
                to: day("Đến ngày", &asked.den)?,
            };
            let mut tx = pool.begin().await?;
            delegation::lend(&mut tx, now, actor, &wanted).await?;
            tx.commit().await?;
        }
        "thu-uy-quyen" => {
            let mut tx = pool.begin().await?;
            delegation::end(&mut tx, now, actor, asked.so).await?;
            tx.commit().await?;
        }
        _ => return Err(Failure::bad_request("Không rõ cần làm việc gì")),
    }
    Ok(())
}

/// Setting up the second step, and codes for recovery: what is answered is shown once and not kept.
async fn of_codes(server: &Server, who: &SignedIn, token: &str, asked: &Asked) -> Page {
    let (now, actor, pool) = (server.clock.now(), &who.actor, &server.pool);
    let key = server.secret_key.as_deref();
    let begins = asked.viec != "ma-du-phong";
    let codes = match asked.viec.as_str() {
        "ma" => second_factor::confirm(pool, now, key, actor, token, &asked.ma).await,
        "ma-du-phong" => second_factor::renew_recovery(pool, now, key, actor, &asked.ma).await,
        _ => Ok(Vec::new()),
    };
    let mut shown = Shown::default();
    let codes = match codes {
        Ok(codes) => codes,
        Err(error) => {
            shown.error = Some(told(error)?);
            Vec::new()
        }
    };
    if codes.is_empty() && begins {
        match second_factor::begin(pool, now, key, actor).await {
            Ok(set_up) => shown.set_up = Some(set_up),
            Err(error) => shown.error = Some(told(error)?),
        }
    }
    shown.new_codes = codes;
    let failed = shown.error.is_some();
    // Whoever has just set it up owes it no more.
    let who = SignedIn {
        owes_second_factor: who.owes_second_factor && shown.new_codes.is_empty(),
        ..who.clone()
    };
    let filled = account_page(server, &who, token, shown).await?;
    if failed {
        refused_page(&filled)
    } else {
        page(&filled)
    }
}

/// The sentence of a refusal; what broke on our side is a failure.
fn told(error: FactorError) -> Result<String, Failure> {
    match error {
        error if error.code() == "internal" => Err(Failure::internal(&error)),
        FactorError::User(error) => Err(error.into()),
        error => Ok(sentence(&error.to_string())),
    }
}
