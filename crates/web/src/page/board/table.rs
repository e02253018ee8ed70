//! A board's rows as a page shows them: sorted, narrowed, fifty at a time, each number leading on.

use documents::board_workbook::Value;
use kernel::Dong;
use kernel::name::search_key;
use law::Benefit;
use reports::sheet::Sheet;
use reports::{Group, exchange};

use super::{Place, Wanted, Which};
use crate::address::encode;
use crate::paging::{Paging, ROWS};

/// By which column, and which end first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Order {
    column: String,
    largest_first: bool,
}

impl Order {
    pub(super) fn of(text: &str) -> Order {
        let (largest_first, column) = match text.strip_prefix('-') {
            Some(column) => (true, column),
            None => (false, text),
        };
        Order {
            column: column.to_owned(),
            largest_first,
        }
    }
}

/// What the page shows.
pub(super) struct Table {
    pub(super) notes: Vec<String>,
    pub(super) headings: Vec<Heading>,
    pub(super) rows: Vec<Row>,
    pub(super) total: Row,
    pub(super) paging: Paging,
    base: String,
}

pub(super) struct Heading {
    pub(super) words: &'static str,
    /// The address of the board in this order.
    pub(super) sort: String,
    /// For screen readers.
    pub(super) sorted: &'static str,
    pub(super) number: bool,
}

pub(super) struct Row {
    pub(super) name: String,
    /// To the area's own board.
    pub(super) inside: Option<String>,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub(super) text: String,
    /// To the people it counts.
    pub(super) people: Option<String>,
}

impl Table {
    pub(super) fn of(
        sheet: Sheet,
        which: Which,
        place: &Place,
        order: Order,
        wanted: &Wanted,
    ) -> Table {
        let Sheet { names, board } = sheet;
        let linked = Linked {
            names: &names,
            which,
            place,
        };
        let narrowed = search_key(&wanted.loc);
        let mut lines: Vec<Vec<Value>> = board
            .rows
            .into_iter()
            .filter(|row| narrowed.is_empty() || search_key(&text(&row[1])).contains(&narrowed))
            .collect();
        let column = names.iter().position(|name| *name == order.column);
        if let Some(at) = column {
            lines.sort_by_key(|row| sort_key(&row[at]));
            if order.largest_first {
                lines.reverse();
            }
        }
        let page = wanted.trang.get();
        let count = lines.len() as i64;
        let skip = usize::try_from(Paging::offset(page)).unwrap_or(usize::MAX);
        let shown = lines.into_iter().skip(skip).take(ROWS as usize);
        let rows = shown.map(|row| linked.row(&row, false)).collect();
        let base = format!(
            "{}?{}&theo={}&loc={}",
            which.page(),
            place.query(),
            which.code(),
            encode(&wanted.loc)
        );
        let heading = |(at, words): (usize, &'static str)| {
            let name = names[at];
            let mine = order.column == name;
            let turn = if at > 1 && !(mine && order.largest_first) {
                "-"
            } else {
                ""
            };
            Heading {
                words: if at == 1 { which.row() } else { words },
                sort: format!("{base}&xep={turn}{name}"),
                sorted: match (mine, order.largest_first) {
                    (false, _) => "none",
                    (true, true) => "descending",
                    (true, false) => "ascending",
                },
                number: at > 1,
            }
        };
        let words = board.columns.iter().map(|(words, _)| *words).enumerate();
        Table {
            notes: board.notes,
            headings: words.skip(1).map(heading).collect(),
            total: linked.row(&board.total, true),
            rows,
            paging: Paging { page, count },
            base: format!("{base}&xep={}", encode(&wanted.xep)),
        }
    }

    pub(super) fn page_address(&self, page: &i64) -> String {
        format!("{}&trang={page}", self.base)
    }
}

struct Linked<'a> {
    names: &'a [&'static str],
    which: Which,
    place: &'a Place,
}

impl Linked<'_> {
    fn row(&self, row: &[Value], total: bool) -> Row {
        let (code, name) = (text(&row[0]), text(&row[1]));
        let by_area = self.which.is_by_area();
        let below = by_area && !total && code != self.place.code;
        let address = |page: &str, area: &str| {
            let month = self.place.month;
            format!("{page}?thang={month}&dia-ban={}", encode(area))
        };
        let whole = total || !by_area;
        let area = if whole { &self.place.code } else { &code };
        let cells = self.names.iter().zip(row).skip(2).map(|(column, value)| {
            let some = matches!(value, Value::Number(number) if *number != 0);
            let there = some.then(|| self.behind(column, &code, total)).flatten();
            Cell {
                text: shown(column, value),
                people: there.and_then(|there| there.address(self.place, area)),
            }
        });
        Row {
            name,
            inside: below.then(|| {
                format!(
                    "{}&theo={}",
                    address(self.which.page(), &code),
                    self.which.code()
                )
            }),
            cells: cells.collect(),
        }
    }

    /// What is behind a number of a column.
    fn behind(&self, column: &str, code: &str, total: bool) -> Option<Behind> {
        let people = match self.which {
            Which::Settlement => return Some(Behind::Results),
            Which::Cashless | Which::Quality => {
                let group = Group::from_code(column)?;
                format!("nhom={}", group.code())
            }
            Which::Exchange => {
                let group = exchange::Group::from_code(column)?;
                return Some(Behind::Dossiers(group));
            }
            _ if column != "recipients" => return None,
            Which::Benefits if !total => {
                let hidden = Benefit::from_code(code).is_some_and(Benefit::reveals_hiv);
                if hidden && !self.place.handler {
                    return None;
                }
                format!("theo=chinh-sach&dong={}", encode(code))
            }
            Which::Standards if !total => format!("theo=muc-chuan&dong={}", encode(code)),
            Which::Channels if !total => format!("theo=hinh-thuc&dong={}", encode(code)),
            _ => "theo=dia-ban".to_owned(),
        };
        Some(Behind::People(people))
    }
}

/// What a number leads to.
enum Behind {
    /// The people it counts: the part of an address that names them.
    People(String),
    /// The dossiers it counts.
    Dossiers(exchange::Group),
    /// Results line by line, where they are settled by areas of the month.
    Results,
}

impl Behind {
    fn address(&self, place: &Place, area: &str) -> Option<String> {
        let (month, code) = (place.month, encode(area));
        match self {
            Behind::People(people) => Some(format!(
                "/bao-cao/nguoi?thang={month}&dia-ban={code}&{people}"
            )),
            Behind::Dossiers(group) => Some(format!(
                "/lien-thong/ho-so?thang={month}&dia-ban={code}&nhom={}",
                group.code()
            )),
            Behind::Results if area.contains('@') => None,
            Behind::Results => Some(format!("/ky-chi/{month}/doi-soat?dia-ban={code}")),
        }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number.to_string(),
    }
}

/// Numbers by size, shares too; names by the letters of their search key.
fn sort_key(value: &Value) -> (i64, String) {
    match value {
        Value::Number(number) => (*number, String::new()),
        Value::Text(text) => match text.replace('.', "").parse() {
            Ok(hundredths) => (hundredths, String::new()),
            Err(_) => (0, search_key(text)),
        },
    }
}

fn shown(column: &str, value: &Value) -> String {
    match value {
        Value::Number(number) => Dong(*number).to_string(),
        Value::Text(share) if column.ends_with("_percent") && !share.is_empty() => {
            share.replace('.', ",")
        }
        Value::Text(text) => text.clone(),
    }
}
