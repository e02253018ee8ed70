//! An order as a file to download: the same for whoever hands it over and for who receives it.

use std::fs;
use std::path::Path as FilePath;

use access::session::SignedIn;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use documents::pdf::PrintError;
use payments::order::OrderNo;
use payments::order::file::{self, FileError, Form, Handed};
use payments::partner;
use payments::provider::ProviderKind;
use tempfile::NamedTempFile;

use super::import::XLSX;
use super::{Page, attachment};
use crate::Server;
use crate::failure::Failure;

/// Forms of files, the one mostly handed over first.
const FORMS: [(Form, &str, &str); 4] = [
    (Form::Transfers, "xml", "XML (ISO 20022)"),
    (Form::Workbook, "xlsx", "Excel"),
    (Form::AtPayPoint, "tai-diem.pdf", "Bản in tại điểm"),
    (Form::AtHome, "tai-nha.pdf", "Bản in tại nhà"),
];

/// The files an order to a provider of a kind is handed over as: what they are called in addresses,
/// and in words.
pub(crate) fn files_of(kind: ProviderKind) -> Vec<(&'static str, &'static str)> {
    let suits = |(form, _, _): &(Form, &str, &str)| form.suits(kind);
    let all = FORMS.into_iter().filter(suits);
    all.map(|(_, code, name)| (code, name)).collect()
}

/// The order and form of an address.
fn asked(number: &str, wanted: &str) -> Result<(OrderNo, Form), Failure> {
    let order_no: OrderNo = number.parse().map_err(|_| Failure::not_found())?;
    let form = FORMS.iter().find(|(_, code, _)| *code == wanted);
    let (form, ..) = *form.ok_or_else(Failure::not_found)?;
    Ok((order_no, form))
}

fn answer(form: Form, handed: &Handed, path: &FilePath) -> Page {
    let body = fs::read(path).map_err(|error| Failure::internal(&error))?;
    let media_type = match form {
        Form::Transfers => "application/xml",
        Form::Workbook => XLSX,
        Form::AtPayPoint | Form::AtHome => "application/pdf",
    };
    Ok(attachment(media_type, &handed.name, body))
}

fn temporary() -> Result<NamedTempFile, Failure> {
    NamedTempFile::new().map_err(|error| Failure::internal(&error))
}

/// `GET /ky-chi/{kỳ}/lenh/{số}/{dạng}`: the file that is handed over.
pub(crate) async fn download(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((_, number, wanted)): Path<(String, String, String)>,
) -> Page {
    let ((order_no, form), kept) = (asked(&number, &wanted)?, temporary()?);
    let handed = file::write(&server.office(), &who.actor, order_no, form, kept.path()).await?;
    answer(form, &handed, kept.path())
}

/// `GET /doi-tac/lenh/{số}/{dạng}`: the same file, for the provider it was handed to.
pub(crate) async fn download_own(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((number, wanted)): Path<(String, String)>,
) -> Page {
    let ((order_no, form), kept) = (asked(&number, &wanted)?, temporary()?);
    let office = server.office();
    let handed = partner::write(&office, &who.actor, order_no, form, kept.path()).await?;
    answer(form, &handed, kept.path())
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Failure {
        match error {
            FileError::Refused(refused) => refused.into(),
            FileError::NotItsForm => Failure::not_found(),
            FileError::Print(PrintError::Missing) => Failure::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "printing_unavailable",
                "Phần in PDF chưa sẵn sàng; hãy tải Excel hoặc thử lại sau",
            ),
            other => Failure::internal(&other),
        }
    }
}
