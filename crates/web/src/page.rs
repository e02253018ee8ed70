//! Pages. Each module holds its handlers beside the templates they fill.

pub(crate) mod account;
pub(crate) mod administration;
pub(crate) mod audit;
pub(crate) mod board;
pub(crate) mod change;
pub(crate) mod citizen;
pub(crate) mod collective;
pub(crate) mod contracts;
pub(crate) mod correct;
pub(crate) mod counter;
pub(crate) mod dossier;
pub(crate) mod duplicates;
pub(crate) mod exchange;
pub(crate) mod export;
pub(crate) mod help;
pub(crate) mod home;
pub(crate) mod import;
pub(crate) mod law;
pub(crate) mod letters;
pub(crate) mod lines;
pub(crate) mod messages;
pub(crate) mod month;
pub(crate) mod months;
pub(crate) mod order;
pub(crate) mod order_file;
pub(crate) mod orders;
mod pair_pages;
pub(crate) mod papers;
pub(crate) mod partner;
pub(crate) mod payee;
pub(crate) mod payee_import;
pub(crate) mod payees;
pub(crate) mod person;
pub(crate) mod population;
pub(crate) mod programme_import;
pub(crate) mod programmes;
pub(crate) mod quality;
pub(crate) mod quality_work;
pub(crate) mod register;
pub(crate) mod registries;
pub(crate) mod results;
pub(crate) mod search;
pub(crate) mod sign;
pub(crate) mod sign_in;
pub(crate) mod soon;
pub(crate) mod stages;
pub(crate) mod transfer;
pub(crate) mod transfers;
pub(crate) mod treasury;
pub(crate) mod undo;
pub(crate) mod work;

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};

use documents::format;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Coefficient, Dong, Month, PartialDate};

use crate::failure::Failure;

/// What a page handler answers.
pub(crate) type Page = Result<Response, Failure>;

/// A filled template as a page.
pub(crate) fn page(template: &impl askama::Template) -> Page {
    Ok(Html(template.render()?).into_response())
}

/// A page that shows errors of a form.
pub(crate) fn refused_page(template: &impl askama::Template) -> Page {
    let html = Html(template.render()?);
    Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}

/// Where a form leads; a refusal of what was asked is told on the page it was asked from, which `shown`
/// fills with the sentence.
pub(crate) async fn leads_on<T: askama::Template>(
    done: Page,
    shown: impl AsyncFnOnce(String) -> Result<T, Failure>,
) -> Page {
    match done {
        Err(failure) if failure.is_refusal() => {
            refused_page(&shown(failure.message().to_owned()).await?)
        }
        done => done,
    }
}

/// A file to be kept under a name.
pub(crate) fn attachment(media_type: &'static str, name: &str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, body).into_response()
}

/// `2024-06-05`, as browsers with a day field send it, or `05/06/2024`, as people type it.
pub(crate) fn read_day(text: &str) -> Option<Date> {
    let mut parts = text.split('/');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(day), Some(month), Some(year), None) => {
            format!("{year}-{month:0>2}-{day:0>2}").parse().ok()
        }
        _ => text.parse().ok(),
    }
}

// What templates write figures and days with; templates hand everything over by reference.

/// `86.504`.
pub(crate) fn count<N: Copy + Into<i64>>(number: &N) -> Dong {
    Dong((*number).into())
}

/// `86.504`, of what cannot be negative.
pub(crate) fn number(number: &u64) -> String {
    format::count(*number)
}

/// `+1.234`, `−1.234` or `0`: changes carry their sign.
pub(crate) fn signed(number: &i64) -> String {
    match *number {
        0 => "0".to_owned(),
        more if more > 0 => format!("+{}", Dong(more)),
        less => format!("−{}", Dong(-less)),
    }
}

/// `05/2024`.
pub(crate) fn month_of(month: &Month) -> String {
    format::month(*month)
}

/// `06/06/2024`.
pub(crate) fn date(day: &Date) -> String {
    format::date(*day)
}

/// As much of a birth date as is known.
pub(crate) fn birth(born: &PartialDate) -> String {
    format::birth(*born)
}

/// `1,5`.
pub(crate) fn coefficient(coefficient: &Coefficient) -> String {
    format::coefficient(*coefficient)
}

/// `14:05 06/06/2024`.
pub(crate) fn moment(at: &Timestamp) -> String {
    format::moment(*at)
}

/// Bytes as digits, in groups to be compared by eye.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let groups: Vec<String> = bytes.chunks(4).map(hex::encode).collect();
    groups.join(" ")
}
