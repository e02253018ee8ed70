//! Money of a month's lists on its way: drawn, transferred, given back, fees; what was a mistake is
//! taken back by another entry; and where the money is.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::{Extension, Form};
use jiff::civil::Date;
use kernel::actor::Role;
use kernel::{Dong, Month, MonthSpan};
use payments::ledger::{self, Account, AreaBalance, Balance, EntryNo, Moved};
use payments::provider::{self, Provider};
use payments::settlement::{self, FeeFrom};
use payments::treasury::{self, Movement};
use serde::Deserialize;

use super::month::Place;
use super::months::read_month;
use super::{Page, leads_on, page, read_day};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};
use crate::paging::{PageNumber, Paging, ROWS, cut};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    /// Last month of the balances; the month itself when it is empty.
    den: String,
    xong: String,
    trang: PageNumber,
    /// Page of the areas inside.
    #[serde(rename = "trang-dia-ban")]
    trang_dia_ban: PageNumber,
}

#[derive(Template)]
#[template(path = "treasury.html")]
struct TreasuryPage {
    frame: Frame,
    place: Place,
    error: Option<String>,
    done: &'static str,
    until: Month,
    balances: Vec<Balance>,
    by_area: Vec<AreaBalance>,
    areas: Paging,
    moved: Vec<Moved>,
    paging: Paging,
    providers: Vec<Provider>,
    may_book: bool,
    today: Date,
    key: String,
}

impl TreasuryPage {
    fn with(&self, page: &i64) -> String {
        let base = self.place.address("/kho-bac");
        format!("{base}&den={}&trang={page}#chung-tu", self.until)
    }

    /// Address of another page of the areas inside.
    fn with_areas(&self, page: &i64) -> String {
        let base = self.place.address("/kho-bac");
        format!("{base}&den={}&trang-dia-ban={page}", self.until)
    }

    fn name_of<'a>(&'a self, code: &'a str) -> &'a str {
        let known = self.providers.iter().find(|it| it.code == code);
        known.map_or(code, |provider| &provider.name)
    }

    /// What an account of an area holds.
    fn of(&self, area: &AreaBalance, account: &Account) -> Dong {
        area.accounts.get(account).copied().unwrap_or_default()
    }

    /// What an account holds in all.
    fn total(&self, account: &Account) -> Dong {
        ledger::balance::total(&self.balances, *account)
    }
}

/// `GET /ky-chi/{kỳ}/kho-bac`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let done = match wanted.xong.as_str() {
        "rut" => "Đã ghi tiền rút tại Kho bạc.",
        "chuyen" => "Đã ghi tiền chuyển cho đơn vị chi trả.",
        "tra-lai" => "Đã ghi tiền đơn vị chi trả trả lại.",
        "phi" | "phi-giu" => "Đã ghi phí.",
        "huy" => "Đã hủy bút toán bằng bút toán ngược lại.",
        _ => "",
    };
    page(&treasury_page(&server, &who, place, &wanted, done, None).await?)
}

async fn treasury_page(
    server: &Server,
    who: &SignedIn,
    place: Place,
    wanted: &Wanted,
    done: &'static str,
    error: Option<String>,
) -> Result<TreasuryPage, Failure> {
    let (office, actor, code) = (server.office(), &who.actor, place.code.as_str());
    // Three years of months at most are summed at once.
    let until = read_month(wanted.den.trim()).unwrap_or(place.month);
    let until = until.clamp(place.month, place.month.plus(35));
    let months = MonthSpan {
        from: place.month,
        to: until,
    };
    let number = wanted.trang.get();
    let span = (Paging::offset(number), ROWS);
    let (moved, count) = ledger::movements(&office, actor, place.month, code, span).await?;
    let by_area = ledger::by_area(&office, actor, months, code).await?;
    let (by_area, areas) = cut(by_area, wanted.trang_dia_ban.get());
    let frame = Frame::inside(server, who, Section::Months);
    Ok(TreasuryPage {
        frame: frame.telling(error.as_ref()),
        balances: ledger::balances(&office, actor, months, code, None).await?,
        by_area,
        areas,
        providers: provider::all(&office, actor).await?,
        may_book: access::holds(actor, &[Role::ListMaker], code),
        today: server.clock.today(),
        paging: Paging {
            page: number,
            count,
        },
        key: form_key(),
        place,
        until,
        moved,
        done,
        error,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    khoa: String,
    dia_ban: String,
    /// `rut`, `chuyen`, `tra-lai`, `phi`, `phi-giu` or `huy`.
    viec: String,
    so_tien: String,
    ngay: String,
    chung_tu: String,
    don_vi: String,
    but_toan: i64,
}

/// `POST /ky-chi/{kỳ}/kho-bac`.
pub(crate) async fn act(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Form(asked): Form<Asked>,
) -> Page {
    let place = Place::of(&who.actor, &month, &asked.dia_ban)?;
    let work = async {
        carry_out(&server, &who, &place, &asked).await?;
        Ok(format!("{}&xong={}", place.address("/kho-bac"), asked.viec))
    };
    let entry = asked.but_toan.to_string();
    let request = [
        "treasury",
        &month,
        &asked.dia_ban,
        &asked.viec,
        &asked.so_tien,
        &asked.ngay,
        &asked.chung_tu,
        &asked.don_vi,
        &entry,
    ];
    let done = form_once(&server, &who.actor, &asked.khoa, &request, work).await;
    let wanted = Wanted::default();
    let shown = async |error| treasury_page(&server, &who, place, &wanted, "", Some(error)).await;
    leads_on(done, shown).await
}

async fn carry_out(
    server: &Server,
    who: &SignedIn,
    place: &Place,
    asked: &Asked,
) -> Result<(), Failure> {
    let (office, actor) = (server.office(), &who.actor);
    if asked.viec == "huy" {
        treasury::take_back(&office, actor, EntryNo(asked.but_toan), &asked.chung_tu).await?;
        return Ok(());
    }
    let movement = Movement {
        month: place.month,
        area: &place.code,
        amount: amount(&asked.so_tien)?,
        day: match asked.ngay.trim() {
            "" => office.clock.today(),
            typed => read_day(typed).ok_or_else(|| {
                Failure::refused("bad_day", "Ngày chưa đúng: nhập dạng 05/06/2024")
            })?,
        },
        paper: &asked.chung_tu,
    };
    let to = asked.don_vi.as_str();
    match asked.viec.as_str() {
        "rut" => treasury::draw(&office, actor, &movement).await?,
        "chuyen" => treasury::transfer(&office, actor, &movement, to).await?,
        "tra-lai" => settlement::give_back(&office, actor, &movement, to).await?,
        "phi" => settlement::pay_fee(&office, actor, &movement, to, FeeFrom::Treasury).await?,
        "phi-giu" => settlement::pay_fee(&office, actor, &movement, to, FeeFrom::Provider).await?,
        _ => return Err(Failure::bad_request("Không rõ cần làm việc gì")),
    };
    Ok(())
}

/// Đồng as people write them, `46.000.000.000`.
fn amount(text: &str) -> Result<Dong, Failure> {
    let digits: String = text
        .chars()
        .filter(|letter| !matches!(letter, '.' | ' '))
        .collect();
    let digits = digits.strip_suffix("đồng").unwrap_or(&digits);
    let amount = digits.parse().map(Dong);
    amount.map_err(|_| {
        Failure::refused(
            "not_an_amount",
            "Số tiền chưa đúng: nhập số đồng, ví dụ 46.000.000",
        )
    })
}
