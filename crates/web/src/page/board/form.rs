//! Statistical forms: as a page and as files.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use documents::board_workbook::{self, Value};
use kernel::Dong;
use payments::Refused;
use reports::Form;
use reports::form::{self, Which};
use tempfile::NamedTempFile;

use super::{Place, Wanted};
use crate::Server;
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::page::export::Broken;
use crate::page::import::XLSX;
use crate::page::{Page, page};

#[derive(Template)]
#[template(path = "board_form.html")]
struct FormPage {
    frame: Frame,
    place: Place,
    which: Which,
    /// `None` where the area has no list of the month.
    sheet: Option<Sheet>,
}

/// The form as the page shows it.
struct Sheet {
    title: &'static str,
    number: &'static str,
    notes: Vec<String>,
    headings: Vec<&'static str>,
    rows: Vec<Row>,
}

struct Row {
    sum: bool,
    number: &'static str,
    label: String,
    /// What stands there, whether it is a figure, and the way to the people it counts.
    cells: Vec<(String, bool, Option<String>)>,
}

impl FormPage {
    fn address(&self, kind: &str) -> String {
        format!(
            "/bao-cao/mau/{}{kind}?{}",
            self.which.code(),
            self.place.query()
        )
    }
}

impl Sheet {
    fn of(form: &Form, place: &Place, now: jiff::Timestamp) -> Sheet {
        let board = form.board(now);
        let lines = board.rows.iter().chain(Some(&board.total));
        let lines = lines.filter(|line| !line.is_empty());
        let row = |(at, (row, line)): (usize, (&form::Row, &Vec<Value>))| Row {
            sum: row.sum,
            number: row.number,
            label: row.label.clone(),
            cells: line[2..]
                .iter()
                .map(|value| match value {
                    Value::Text(text) => (text.clone(), false, None),
                    Value::Number(number) => {
                        let people = row.figures.is_some_and(|it| it.people == *number);
                        let links = people && *number > 0 && form.which != Which::Regular;
                        let address = format!(
                            "/bao-cao/nguoi?{}&mau={}&dong={at}",
                            place.query(),
                            form.which.code()
                        );
                        (Dong(*number).to_string(), true, links.then_some(address))
                    }
                })
                .collect(),
        };
        let columns = board.columns.iter().skip(2);
        Sheet {
            title: form.title,
            number: form.number,
            notes: board.notes.clone(),
            headings: columns.map(|column| column.0).collect(),
            rows: form.rows.iter().zip(lines).enumerate().map(row).collect(),
        }
    }
}

/// `GET /bao-cao/mau/{số}`.
pub(crate) async fn look(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let asked = (wanted.thang.as_str(), wanted.dia_ban.as_str());
    let place = Place::of(&server, &who.actor, asked).await?;
    let which = Which::from_code(&number).ok_or_else(Failure::not_found)?;
    let office = server.office();
    let sheet = match form::fill(&office, &who.actor, which, &place.by_area(), None).await {
        Ok(form) => Some(Sheet::of(&form, &place, server.clock.now())),
        Err(Refused::NoList { .. }) => None,
        Err(refused) => return Err(refused.into()),
    };
    page(&FormPage {
        frame: Frame::inside(&server, &who, Section::Reports),
        place,
        which,
        sheet,
    })
}

/// `GET /bao-cao/mau/{số}/{dạng}`: `xlsx` or `pdf`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((number, kind)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let asked = (wanted.thang.as_str(), wanted.dia_ban.as_str());
    let place = Place::of(&server, &who.actor, asked).await?;
    let which = Which::from_code(&number).ok_or_else(Failure::not_found)?;
    if !matches!(kind.as_str(), "xlsx" | "pdf") {
        return Err(Failure::not_found());
    }
    let office = server.office();
    let form = form::fill(&office, &who.actor, which, &place.by_area(), None).await?;
    let object = format!("form {number}");
    let told = (object.as_str(), Some(place.code.as_str()));
    let (action, more) = (
        access::audit::Action::ReportExport,
        serde_json::json!({ "month": place.month, "file": kind }),
    );
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    let now = server.clock.now();
    let (media_type, body) = match kind.as_str() {
        "xlsx" => {
            let mut body = std::io::Cursor::new(Vec::new());
            let written = board_workbook::write(&form.board(now), &mut body);
            written.map_err(|error| Failure::internal(&error))?;
            (XLSX, body.into_inner())
        }
        _ => {
            let paper = form.paper(now);
            let printing = tokio::task::spawn_blocking(move || -> Result<Vec<u8>, Broken> {
                let file = NamedTempFile::new()?;
                documents::pdf::print_form(paper, file.path())?;
                Ok(std::fs::read(file.path())?)
            });
            let printed = printing.await.map_err(|error| Failure::internal(&error))?;
            ("application/pdf", printed?)
        }
    };
    let (month, code) = (place.month, &place.code);
    let kept_as = format!("attachment; filename=\"mau-{number}-{month}-{code}.{kind}\"");
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, kept_as),
    ];
    Ok((headers, body).into_response())
}
