//! One account, for administrators.

use access::administration::{self, Account, DatedGrant, may_change};
use access::delegation::{self, Delegation};
use access::identity::{self, Identity};
use access::second_factor;
use access::session::{Open, SignedIn};
use access::token::{self, Token};
use access::user::{
    Wanted as WantedRole, disable, generate_password, grant_for, set_password, set_title,
};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use jiff::civil::Date;
use kernel::actor::Role;
use serde::Deserialize;
use sqlx::PgConnection;

use super::{area_code, day, role};
use crate::Server;
use crate::address::encode;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::page::{Page, leads_on, page, refused_page};

#[derive(Template)]
#[template(path = "administration_user.html")]
struct UserPage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    account: Account,
    /// Whether the reader may change it; whoever may only see it sees its roles.
    may_change: bool,
    oneself: bool,
    sessions: Vec<Open>,
    tokens: Vec<Token>,
    identities: Vec<Identity>,
    delegations: Vec<Delegation>,
    today: Date,
    /// A password or token, shown once.
    secret: Option<(&'static str, String)>,
    key: String,
}

impl UserPage {
    fn is_over(&self, grant: &DatedGrant) -> bool {
        grant.to.is_some_and(|to| to < self.today)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    xong: String,
}

/// `GET /quan-tri/{user}`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(name): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let done = match wanted.xong.as_str() {
        "" => "",
        "cap" => "Đã cấp vai trò.",
        "thu" => "Đã thu vai trò; các phiên của người này đã kết thúc.",
        "mo-khoa" => "Đã mở khóa đăng nhập.",
        "khoa-han" => "Đã khóa tài khoản.",
        "go-ma" => "Đã gỡ đăng nhập hai bước; các phiên của người này đã kết thúc.",
        "dong-het" => "Đã kết thúc các phiên.",
        "thu-ma" => "Đã thu mã truy cập.",
        "gan" => "Đã gắn tài khoản định danh.",
        "go" => "Đã gỡ tài khoản định danh.",
        _ => "Đã ghi.",
    };
    page(&user_page(&server, &who, &name, done, None).await?)
}

async fn user_page(
    server: &Server,
    who: &SignedIn,
    name: &str,
    done: &'static str,
    error: Option<String>,
) -> Result<UserPage, Failure> {
    let (now, today, actor) = (server.clock.now(), server.clock.today(), &who.actor);
    let mut connection = server.pool.acquire().await?;
    let account = administration::one(&mut connection, now, actor, name).await?;
    let frame = Frame::inside(server, who, Section::Administration);
    let mut filled = UserPage {
        frame: frame.telling(error.as_ref()),
        error,
        done,
        may_change: may_change(actor, &account, today),
        oneself: actor.name == name,
        account,
        sessions: Vec::new(),
        tokens: Vec::new(),
        identities: Vec::new(),
        delegations: Vec::new(),
        today,
        secret: None,
        key: form_key(),
    };
    if filled.may_change {
        filled.sessions = administration::sessions(&mut connection, now, actor, name).await?;
        filled.tokens = token::of(&mut connection, now, actor, name).await?;
        filled.identities = identity::of(&mut connection, now, actor, name).await?;
        filled.delegations = delegation::of(&mut connection, now, actor, name).await?;
    }
    Ok(filled)
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    khoa: String,
    viec: String,
    vai_tro: String,
    dia_ban: String,
    don_vi: String,
    tu: String,
    den: String,
    // A token.
    nhan: String,
    ngay: String,
    so: i64,
    // An account of a provider of identities.
    noi_cap: String,
    ma_nguoi: String,
    // Whom a role is lent to.
    nguoi: String,
    // What stands beside the name on papers.
    chuc_vu: String,
}

/// `POST /quan-tri/{user}`.
pub(crate) async fn act(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(name): Path<String>,
    Form(asked): Form<Asked>,
) -> Page {
    // Who may not see the account learns nothing of it by acting either.
    let mut connection = server.pool.acquire().await?;
    administration::one(&mut connection, server.clock.now(), &who.actor, &name).await?;
    drop(connection);
    if matches!(asked.viec.as_str(), "mat-khau" | "cap-ma") {
        return show_secret(&server, &who, &name, &asked).await;
    }
    let work = async {
        let mut tx = server.pool.begin().await?;
        carry_out(&server, &mut tx, &who, &name, &asked).await?;
        tx.commit().await?;
        Ok(format!(
            "/quan-tri/{}?xong={}",
            encode(&name),
            encode(&asked.viec)
        ))
    };
    let number = asked.so.to_string();
    let request = [
        "user",
        &name,
        &asked.viec,
        &asked.vai_tro,
        &asked.dia_ban,
        &asked.don_vi,
        &asked.tu,
        &asked.den,
        &number,
        &asked.noi_cap,
        &asked.ma_nguoi,
        &asked.nguoi,
        &asked.chuc_vu,
    ];
    let done = form_once(&server, &who.actor, &asked.khoa, &request, work).await;
    let shown = async |error| user_page(&server, &who, &name, "", Some(error)).await;
    leads_on(done, shown).await
}

async fn carry_out(
    server: &Server,
    tx: &mut PgConnection,
    who: &SignedIn,
    name: &str,
    asked: &Asked,
) -> Result<(), Failure> {
    let (now, today, actor) = (server.clock.now(), server.clock.today(), &who.actor);
    match asked.viec.as_str() {
        "cap" => {
            let from = given(&asked.tu)
                .map(|text| day("Từ ngày", text))
                .transpose()?;
            let to = given(&asked.den)
                .map(|text| day("Đến ngày", text))
                .transpose()?;
            let days = (from.unwrap_or(today), to);
            grant_for(tx, now, actor, name, &asked.role()?, days).await?;
        }
        "thu" => administration::take_back(tx, now, actor, name, &asked.role()?).await?,
        "mo-khoa" => administration::unlock(tx, now, actor, name).await?,
        "khoa-han" => disable(tx, now, actor, name).await?,
        "chuc-vu" => set_title(tx, now, actor, name, &asked.chuc_vu).await?,
        "go-ma" => second_factor::reset(tx, now, actor, name).await?,
        "dong-het" => administration::end_sessions(tx, now, actor, name).await?,
        "thu-ma" => token::revoke(tx, now, actor, name, asked.so).await?,
        "gan" => {
            let identity = Identity {
                issuer: asked.noi_cap.clone(),
                subject: asked.ma_nguoi.clone(),
            };
            identity::bind(tx, now, actor, name, &identity).await?;
        }
        "go" => identity::unbind(tx, now, actor, name, &asked.noi_cap).await?,
        "uy-quyen" => {
            let wanted = delegation::Wanted {
                delegator: name.to_owned(),
                delegate: asked.nguoi.trim().to_lowercase(),
                role: role(&asked.vai_tro)?,
                area_code: area_code(&asked.dia_ban),
                from: day("Từ ngày", &asked.tu)?,
                to: day("Đến ngày", &asked.den)?,
            };
            delegation::lend(tx, now, actor, &wanted).await?;
        }
        "thu-uy-quyen" => delegation::end(tx, now, actor, asked.so).await?,
        _ => return Err(Failure::bad_request("Không rõ cần làm việc gì")),
    }
    Ok(())
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

impl Asked {
    fn role(&self) -> Result<WantedRole, Failure> {
        Ok(WantedRole {
            role: role(&self.vai_tro)?,
            area_code: area_code(&self.dia_ban),
            provider: given(&self.don_vi).map(str::to_owned),
        })
    }
}

/// A new password or token: shown once, so not kept for a form sent twice.
async fn show_secret(server: &Server, who: &SignedIn, name: &str, asked: &Asked) -> Page {
    match make_secret(server, who, name, asked).await {
        Ok(secret) => {
            let mut filled = user_page(server, who, name, "", None).await?;
            filled.secret = Some(secret);
            page(&filled)
        }
        Err(failure) if failure.is_refusal() => {
            let error = Some(failure.message().to_owned());
            refused_page(&user_page(server, who, name, "", error).await?)
        }
        Err(failure) => Err(failure),
    }
}

async fn make_secret(
    server: &Server,
    who: &SignedIn,
    name: &str,
    asked: &Asked,
) -> Result<(&'static str, String), Failure> {
    let turn = server.sign_ins.acquire().await;
    let _turn = turn.map_err(|error| Failure::internal(&error))?;
    let (now, actor) = (server.clock.now(), &who.actor);
    let mut tx = server.pool.begin().await?;
    let secret = match asked.viec.as_str() {
        "mat-khau" => {
            let password = generate_password()?;
            set_password(&mut tx, now, actor, name, password.clone()).await?;
            ("Mật khẩu mới", password)
        }
        _ => {
            let days = asked.ngay.trim().parse().ok();
            let days = days.filter(|days| (1..=token::LONGEST_DAYS).contains(days));
            let wrong = || Failure::refused("malformed", "Số ngày: nhập từ 1 đến 366");
            let label = given(&asked.nhan);
            let label = label.ok_or_else(|| {
                Failure::refused("malformed", "Dùng để làm gì: không được bỏ trống")
            })?;
            let days = days.ok_or_else(wrong)?;
            let made = token::make(&mut tx, now, actor, name, label, days).await?;
            ("Mã truy cập mới", made)
        }
    };
    tx.commit().await?;
    Ok(secret)
}

/// Roles a form offers.
pub(crate) const ROLES: [Role; 11] = Role::ALL;
