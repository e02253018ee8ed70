//! The people behind a number of a board.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use kernel::PersonId;
use law::Benefit;
use payments::Channel;
use reports::form::{self, Member, Which};
use reports::group::{self, Part, members};
use reports::{Behind, By, Group, Question};
use serde::Deserialize;

use super::Place;
use crate::Server;
use crate::address::encode;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::page::{Page, page};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    thang: String,
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    nhom: String,
    /// Of a form's row: the form's number.
    mau: String,
    theo: String,
    dong: String,
    xep: String,
    trang: PageNumber,
    /// Of the caseload: the last person of the page before.
    sau: i64,
}

#[derive(Template)]
#[template(path = "board_people.html")]
struct PeoplePage {
    frame: Frame,
    place: Place,
    section: Section,
    title: String,
    rows: Vec<Shown>,
    number: i64,
    more: Option<String>,
    before: Option<String>,
    /// Whether `before` leads to the page before; otherwise to the first.
    turns: bool,
    /// Addresses by name and by commune, and which one this is.
    orders: Option<[(String, bool); 2]>,
}

/// A row, whichever board it comes from.
struct Shown {
    id: PersonId,
    full_name: String,
    commune: String,
    /// Way of receiving, fields that differ, or money.
    detail: String,
}

/// `GET /bao-cao/nguoi`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let asked = (wanted.thang.as_str(), wanted.dia_ban.as_str());
    let place = Place::of(&server, &who.actor, asked).await?;
    if let Some(which) = Which::from_code(&wanted.mau) {
        return of_form(&server, &who, place, which, &wanted).await;
    }
    match wanted.nhom.as_str() {
        "" => caseload(&server, &who, place, &wanted).await,
        code => {
            let group = Group::from_code(code).ok_or_else(Failure::not_found)?;
            of_group(&server, &who, place, group, &wanted).await
        }
    }
}

async fn of_group(
    server: &Server,
    who: &SignedIn,
    place: Place,
    group: Group,
    wanted: &Wanted,
) -> Page {
    let number = wanted.trang.get();
    let part = Part {
        by_name: wanted.xep == "ten",
        offset: Paging::offset(number),
        limit: ROWS + 1,
    };
    let office = server.office();
    let found = members(&office, &who.actor, &place.by_area(), group, part).await?;
    let (by_name, may_be_by_name) = (found.by_name, found.may_be_by_name);
    let mut found = found.people;
    let more = found.len() as i64 > ROWS;
    found.truncate(ROWS as usize);
    let base = format!("/bao-cao/nguoi?{}&nhom={}", place.query(), group.code());
    let order = |code: &str, mine: bool| (format!("{base}&xep={code}"), mine);
    let turn = |page: i64| {
        let order = if by_name { "ten" } else { "xa" };
        format!("{base}&xep={order}&trang={page}")
    };
    let section = match Group::ALL.iter().position(|it| *it == group) {
        Some(at) if at < 10 => Section::Cashless,
        _ => Section::Quality,
    };
    let detail = |member: group::Member| Shown {
        id: member.person_id,
        detail: described(&member),
        full_name: member.full_name,
        commune: member.commune,
    };
    page(&PeoplePage {
        frame: Frame::inside(server, who, section),
        title: group.vietnamese().to_owned(),
        rows: found.into_iter().map(detail).collect(),
        more: more.then(|| turn(number + 1)),
        before: (number > 1).then(|| turn(number - 1)),
        turns: true,
        orders: may_be_by_name.then(|| [order("ten", by_name), order("xa", !by_name)]),
        number,
        section,
        place,
    })
}

fn described(member: &group::Member) -> String {
    if !member.differs.is_empty() {
        let fields: Vec<&str> = member.differs.iter().map(|it| field_name(it)).collect();
        return format!("lệch: {}", fields.join(", "));
    }
    let channel = member.channel.map(Channel::vietnamese);
    let holder = member.holder.map(|holder| holder.vietnamese());
    let both: Vec<&str> = channel.into_iter().chain(holder).collect();
    match both.is_empty() {
        true => "chưa đăng ký hình thức nhận".to_owned(),
        false => both.join(", "),
    }
}

/// A field of the registration as users call it.
fn field_name(field: &str) -> &str {
    match field {
        "full_name" => "họ tên",
        "birth_date" => "ngày sinh",
        "sex" => "giới tính",
        "ethnicity" => "dân tộc",
        "id_number" => "số định danh",
        other => other,
    }
}

/// The people of a row of a form.
async fn of_form(
    server: &Server,
    who: &SignedIn,
    place: Place,
    which: Which,
    wanted: &Wanted,
) -> Page {
    let row = wanted.dong.parse().map_err(|_| Failure::not_found())?;
    let label = form::label(which, row).ok_or_else(Failure::not_found)?;
    let after = (wanted.sau > 0).then_some(PersonId(wanted.sau));
    let (office, of) = (server.office(), place.by_area());
    let limit = ROWS as u16 + 1;
    let mut found = form::members(&office, &who.actor, (which, row), &of, after, limit).await?;
    let more = found.len() as i64 > ROWS;
    found.truncate(ROWS as usize);
    let (code, number) = (which.code(), wanted.trang.get());
    let base = format!("/bao-cao/nguoi?{}&mau={code}&dong={row}", place.query());
    let last = found.last().filter(|_| more).map(|last| last.person_id);
    let shown = |member: Member| Shown {
        id: member.person_id,
        full_name: member.full_name,
        commune: member.commune,
        detail: format!("sinh năm {}", member.birth_year),
    };
    page(&PeoplePage {
        frame: Frame::inside(server, who, Section::Reports),
        rows: found.into_iter().map(shown).collect(),
        more: last.map(|last| format!("{base}&sau={last}&trang={}", number + 1)),
        before: (number > 1).then_some(base),
        turns: false,
        orders: None,
        section: Section::Reports,
        title: format!("Mẫu số {code}: {label}"),
        number,
        place,
    })
}

async fn caseload(server: &Server, who: &SignedIn, place: Place, wanted: &Wanted) -> Page {
    let by = match wanted.theo.as_str() {
        "chinh-sach" => By::Benefit,
        "hinh-thuc" => By::Channel,
        "muc-chuan" => By::Standard,
        _ => By::Area,
    };
    let row = Some(wanted.dong.as_str()).filter(|row| !row.is_empty() && by != By::Area);
    let benefit = row
        .and_then(Benefit::from_code)
        .filter(|_| by == By::Benefit);
    if benefit.is_some_and(Benefit::reveals_hiv) && !place.handler {
        return Err(Failure::not_found());
    }
    let title = match (benefit, row.and_then(Channel::from_code), row) {
        (Some(benefit), ..) => server.law.name(benefit).to_owned(),
        (_, Some(channel), _) => channel.vietnamese().to_owned(),
        (.., Some(amount)) if by == By::Standard => match amount.parse() {
            Ok(amount) => format!("Mức chuẩn {} đồng", kernel::Dong(amount)),
            Err(_) => return Err(Failure::not_found()),
        },
        (.., Some("none")) => "Chưa đăng ký hình thức nhận".to_owned(),
        (.., Some(_)) => return Err(Failure::not_found()),
        _ => "Người, hộ nhận tiền".to_owned(),
    };
    let question = Question {
        month: place.month,
        area: place.code.clone(),
        by,
    };
    let after = (wanted.sau > 0).then_some(PersonId(wanted.sau));
    let limit = ROWS as u16 + 1;
    let office = server.office();
    let mut found = reports::people(&office, &who.actor, &question, row, after, limit).await?;
    let more = found.len() as i64 > ROWS;
    found.truncate(ROWS as usize);
    let base = format!(
        "/bao-cao/nguoi?{}&theo={}&dong={}",
        place.query(),
        encode(&wanted.theo),
        encode(&wanted.dong)
    );
    let last = found.last().filter(|_| more).map(|last| last.person_id);
    let number = wanted.trang.get();
    let shown = |behind: Behind| Shown {
        id: behind.person_id,
        full_name: behind.full_name,
        commune: behind.commune,
        detail: match behind.counted {
            true => format!("{} đồng", behind.amount),
            false => format!("{} đồng, chỉ của tháng khác", behind.amount),
        },
    };
    page(&PeoplePage {
        frame: Frame::inside(server, who, Section::Reports),
        rows: found.into_iter().map(shown).collect(),
        more: last.map(|last| format!("{base}&sau={last}&trang={}", number + 1)),
        before: (number > 1).then_some(base),
        turns: false,
        orders: None,
        section: Section::Reports,
        title,
        number,
        place,
    })
}
