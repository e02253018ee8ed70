//! Accounts, for administrators: found, added; which roles sign in with two steps.

pub(crate) mod user;

use access::administration::{self, Account};
use access::second_factor::{self, Rule};
use access::session::SignedIn;
use access::user::{NewUser, Wanted as WantedRole, add, generate_password};
use askama::Template;
use axum::extract::{Query, State};
use axum::{Extension, Form};
use jiff::civil::Date;
use kernel::actor::Role;
use serde::Deserialize;

use super::{Page, leads_on, page, read_day, refused_page};
use crate::Server;
use crate::address::encode;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    tim: String,
    trang: PageNumber,
    xong: String,
}

/// A password shown once to whoever made it.
pub(crate) struct Shown {
    pub name: String,
    pub secret: String,
}

#[derive(Template)]
#[template(path = "administration.html")]
struct UsersPage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    text: String,
    accounts: Vec<Account>,
    paging: Paging,
    /// Of the reader: who administers the country sets rules.
    country: bool,
    rules: Vec<Rule>,
    today: Date,
    new: Option<Shown>,
    key: String,
}

impl UsersPage {
    fn with(&self, number: &i64) -> String {
        format!("/quan-tri?tim={}&trang={number}", encode(&self.text))
    }

    /// The roles of today, as they are shown in a row.
    fn roles(&self, account: &Account) -> String {
        let held = account.grants.iter().filter(|it| holds_on(it, self.today));
        let names =
            held.map(|it| format!("{} ({})", it.role.vietnamese(), area_name(&it.area_code)));
        names.collect::<Vec<_>>().join("; ")
    }
}

/// Whether a role is held on a day.
pub(crate) fn holds_on(grant: &administration::DatedGrant, day: Date) -> bool {
    grant.from <= day && grant.to.is_none_or(|to| to >= day)
}

/// An area as printed; empty is the country.
pub(crate) fn area_name(code: &str) -> String {
    match code {
        "" => "Cả nước".to_owned(),
        code => crate::area::latest_name(code),
    }
}

/// `VN` is how people write the whole country.
pub(crate) fn area_code(text: &str) -> String {
    match text.trim() {
        "VN" | "vn" => String::new(),
        code => code.to_owned(),
    }
}

pub(crate) fn role(code: &str) -> Result<Role, Failure> {
    let unknown = || Failure::refused("malformed", "Vai trò: chọn trong danh sách");
    Role::from_code(code).ok_or_else(unknown)
}

pub(crate) fn day(field: &str, text: &str) -> Result<Date, Failure> {
    let wrong = || Failure::refused("malformed", format!("{field}: nhập dạng 05/06/2024"));
    read_day(text.trim()).ok_or_else(wrong)
}

/// `GET /quan-tri`.
pub(crate) async fn list(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(filter): Query<Filter>,
) -> Page {
    let done = match filter.xong.as_str() {
        "bat-buoc" => "Đã ghi vai trò phải đăng nhập hai bước.",
        _ => "",
    };
    let mut filled = users_page(&server, &who, &filter, None).await?;
    filled.done = done;
    page(&filled)
}

async fn users_page(
    server: &Server,
    who: &SignedIn,
    filter: &Filter,
    error: Option<String>,
) -> Result<UsersPage, Failure> {
    let (now, number) = (server.clock.now(), filter.trang.get());
    let mut connection = server.pool.acquire().await?;
    let window = (Paging::offset(number), ROWS);
    let found = administration::find(&mut connection, now, &who.actor, &filter.tim, window);
    let found = found.await?;
    let frame = Frame::inside(server, who, Section::Administration);
    Ok(UsersPage {
        frame: frame.telling(error.as_ref()),
        error,
        done: "",
        text: filter.tim.clone(),
        accounts: found.accounts,
        paging: Paging {
            page: number,
            count: found.count,
        },
        country: access::holds(&who.actor, &[Role::Administrator], ""),
        rules: second_factor::rules(&mut *connection).await?,
        today: server.clock.today(),
        new: None,
        key: form_key(),
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    khoa: String,
    viec: String,
    // A new account.
    ten: String,
    ho_ten: String,
    vai_tro: String,
    dia_ban: String,
    don_vi: String,
    // A rule.
    tu: String,
    can: String,
}

/// `POST /quan-tri`: a new account, or a rule.
pub(crate) async fn act_on_all(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(asked): Form<Asked>,
) -> Page {
    if asked.viec == "them" {
        return add_user(&server, &who, &asked).await;
    }
    let request = ["rule", &asked.viec, &asked.vai_tro, &asked.tu, &asked.can];
    let work = async {
        if asked.viec != "bat-buoc" {
            return Err(Failure::bad_request("Không rõ cần làm việc gì"));
        }
        let (role, from) = (role(&asked.vai_tro)?, day("Từ ngày", &asked.tu)?);
        let (now, required) = (server.clock.now(), asked.can == "1");
        let mut tx = server.pool.begin().await?;
        second_factor::require(&mut tx, now, &who.actor, role, from, required).await?;
        tx.commit().await?;
        Ok("/quan-tri?xong=bat-buoc".to_owned())
    };
    let done = form_once(&server, &who.actor, &asked.khoa, &request, work).await;
    let shown = async |error| users_page(&server, &who, &Filter::default(), Some(error)).await;
    leads_on(done, shown).await
}

/// Makes an account with a password that is shown once: it is not kept for a form sent twice, which
/// finds the name taken.
async fn add_user(server: &Server, who: &SignedIn, asked: &Asked) -> Page {
    let made = make_user(server, who, asked).await;
    let filter = Filter::default();
    match made {
        Ok(new) => {
            let mut filled = users_page(server, who, &filter, None).await?;
            filled.new = Some(new);
            page(&filled)
        }
        Err(failure) if failure.is_refusal() => {
            let error = Some(failure.message().to_owned());
            refused_page(&users_page(server, who, &filter, error).await?)
        }
        Err(failure) => Err(failure),
    }
}

async fn make_user(server: &Server, who: &SignedIn, asked: &Asked) -> Result<Shown, Failure> {
    let full_name = asked.ho_ten.trim();
    if full_name.is_empty() {
        return Err(Failure::refused(
            "malformed",
            "Họ và tên: không được bỏ trống",
        ));
    }
    let first = WantedRole {
        role: role(&asked.vai_tro)?,
        area_code: area_code(&asked.dia_ban),
        provider: Some(asked.don_vi.trim().to_owned()).filter(|code| !code.is_empty()),
    };
    if first.area_code.is_empty() && asked.dia_ban.trim().is_empty() {
        return Err(Failure::refused(
            "malformed",
            "Địa bàn: nhập mã, hoặc VN cho cả nước",
        ));
    }
    let turn = server.sign_ins.acquire().await;
    let _turn = turn.map_err(|error| Failure::internal(&error))?;
    let (name, secret) = (asked.ten.trim().to_owned(), generate_password()?);
    let user = NewUser {
        name: name.clone(),
        full_name: full_name.to_owned(),
        password: secret.clone(),
        first,
    };
    let mut tx = server.pool.begin().await?;
    add(&mut tx, server.clock.now(), &who.actor, user).await?;
    tx.commit().await?;
    Ok(Shown { name, secret })
}
