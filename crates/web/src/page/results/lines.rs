//! The lines behind a figure of the reconciliation, on a page and as an Excel file.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use documents::board_workbook::{self, Board, Value};
use documents::format;
use payments::provider::{self, Provider};
use payments::results::lines::{self, Group, ToldLine};
use payments::results::reason;
use registry::glance::{self, Glance};
use serde::Deserialize;

use super::{UNORDERED, in_address};
use crate::Server;
use crate::address::encode;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::page::import::XLSX;
use crate::page::month::Place;
use crate::page::{Page, attachment, page};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    /// Code of a provider, or [`UNORDERED`].
    #[serde(rename = "don-vi")]
    don_vi: String,
    /// Code of a [`Group`].
    #[serde(rename = "ket-qua")]
    ket_qua: String,
    trang: PageNumber,
}

impl Wanted {
    fn asked(&self, offset: i64, limit: i64) -> lines::Wanted<'_> {
        lines::Wanted {
            provider: match self.don_vi.as_str() {
                "" => None,
                UNORDERED => Some(""),
                code => Some(code),
            },
            group: Group::from_code(&self.ket_qua),
            order: None,
            offset,
            limit,
        }
    }
}

/// A line with whom it is about.
type Row = (ToldLine, Option<Glance>);

#[derive(Template)]
#[template(path = "told_lines.html")]
struct LinesPage {
    frame: Frame,
    place: Place,
    wanted: Wanted,
    providers: Vec<Provider>,
    rows: Vec<Row>,
    amount: kernel::Dong,
    paging: Paging,
}

impl LinesPage {
    /// Address of a page or file about the same lines.
    fn address(&self, page: &str) -> String {
        let Wanted {
            don_vi, ket_qua, ..
        } = &self.wanted;
        let base = self.place.address(page);
        format!(
            "{base}&don-vi={}&ket-qua={}",
            encode(don_vi),
            encode(ket_qua)
        )
    }

    fn with(&self, page: &i64) -> String {
        format!("{}&trang={page}", self.address("/doi-soat/dong"))
    }

    fn provider_name<'a>(&'a self, code: &'a str) -> &'a str {
        name_of(&self.providers, code)
    }
}

fn name_of<'a>(providers: &'a [Provider], code: &'a str) -> &'a str {
    let known = providers.iter().find(|provider| provider.code == code);
    match known {
        Some(provider) => &provider.name,
        None if code.is_empty() => "Chưa giao",
        None => code,
    }
}

/// `GET /ky-chi/{kỳ}/doi-soat/dong`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(month): Path<String>,
    Query(mut wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    let office = server.office();
    let providers = provider::all(&office, &who.actor).await?;
    // Only what is known goes back into addresses.
    let group = Group::from_code(&wanted.ket_qua);
    wanted.ket_qua = group.map_or("", Group::code).to_owned();
    let number = wanted.trang.get();
    let asked = wanted.asked(Paging::offset(number), ROWS);
    let found = lines::lines(&office, &who.actor, place.month, &place.code, &asked).await?;
    page(&LinesPage {
        frame: Frame::inside(&server, &who, Section::Months),
        rows: with_people(&server, found.lines).await?,
        amount: found.amount,
        paging: Paging {
            page: number,
            count: found.count,
        },
        place,
        wanted,
        providers,
    })
}

async fn with_people(server: &Server, lines: Vec<ToldLine>) -> sqlx::Result<Vec<Row>> {
    let people: Vec<_> = lines.iter().map(|line| line.person_id).collect();
    let people = glance::of_people(&server.pool, &people).await?;
    let with_person = |line: ToldLine| {
        let person = people.get(&line.person_id).cloned();
        (line, person)
    };
    Ok(lines.into_iter().map(with_person).collect())
}

/// `GET /ky-chi/{kỳ}/doi-soat/dong/{dạng}`: `xlsx`, all of the lines.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((month, form)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let place = Place::of(&who.actor, &month, &wanted.dia_ban)?;
    if form != "xlsx" {
        return Err(Failure::not_found());
    }
    let (office, asked) = (server.office(), wanted.asked(0, lines::MOST_EXPORTED));
    let found = lines::export(&office, &who.actor, place.month, &place.code, &asked).await?;
    let providers = provider::all(&office, &who.actor).await?;
    let group = asked.group.map_or("Mọi khoản", Group::vietnamese);
    let whose = asked
        .provider
        .map_or("mọi đơn vị", |code| name_of(&providers, code));
    let text = |text: &str| Value::Text(text.to_owned());
    let (count, amount) = (found.count, found.amount);
    let rows = with_people(&server, found.lines).await?;
    let row = |(line, person): &Row| {
        vec![
            text(&line.line),
            text(person.as_ref().map_or("", |person| &person.full_name)),
            Value::Text(crate::area::commune_name(&line.commune)),
            text(name_of(&providers, &line.provider)),
            text(line.status.map_or("Chưa báo", |status| status.vietnamese())),
            text(line.reason.as_deref().map_or("", reason::vietnamese)),
            Value::Text(line.date.map(format::date).unwrap_or_default()),
            Value::Number(line.amount.value()),
        ]
    };
    let board = Board {
        title: "CÁC KHOẢN SAU SỐ LIỆU ĐỐI SOÁT".to_owned(),
        notes: vec![
            format!(
                "Địa bàn: {}. Tháng {}",
                place.name,
                format::month(place.month)
            ),
            format!(
                "{group}, {whose}: {} khoản, {amount} đồng",
                kernel::Dong(count)
            ),
            format!("Xuất lúc {}", format::moment(server.clock.now())),
        ],
        columns: vec![
            ("Mã dòng", 20),
            ("Họ và tên", 28),
            ("Xã", 24),
            ("Đơn vị chi trả", 24),
            ("Kết quả", 14),
            ("Lý do", 28),
            ("Ngày", 12),
            ("Số tiền (đồng)", 16),
        ],
        rows: rows.iter().map(row).collect(),
        total: Vec::new(),
    };
    let mut body = std::io::Cursor::new(Vec::new());
    board_workbook::write(&board, &mut body).map_err(|error| Failure::internal(&error))?;
    let provider = asked.provider.map_or("tat-ca", in_address);
    let name = format!("doi-soat-{}-{}-{provider}.xlsx", place.month, place.code);
    Ok(attachment(XLSX, &name, body.into_inner()))
}
