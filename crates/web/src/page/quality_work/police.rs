//! Lists for the police of a commune: made, handed out, answered.

use std::fs::File;
use std::io::BufReader;

use access::session::SignedIn;
use axum::extract::multipart::Multipart;
use axum::extract::{Path, State};
use axum::{Extension, Form};
use documents::sheet::{self, SheetError};
use population::quality::police::{self, ReadAnswers};
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::{WorkPage, work_page};
use crate::Server;
use crate::address::encode;
use crate::failure::Failure;
use crate::once::form_once;
use crate::page::export::Broken;
use crate::page::import::{XLSX, receive};
use crate::page::{Page, attachment, leads_on, page, refused_page};

#[derive(Deserialize)]
pub(crate) struct Sending {
    khoa: String,
    #[serde(rename = "dia-ban")]
    dia_ban: String,
}

/// `POST /chat-luong/cong-an`: a list of the commune.
pub(crate) async fn send(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(order): Form<Sending>,
) -> Page {
    let work = async {
        police::send(&server.pool, &who.actor, &server.clock, &order.dia_ban).await?;
        let area = encode(&order.dia_ban);
        Ok(format!("/chat-luong/viec?dia-ban={area}&xong=gui"))
    };
    let request = ["police", &order.dia_ban];
    let done = form_once(&server, &who.actor, &order.khoa, &request, work).await;
    let again = async |error| work_page(&server, &who, (&order.dia_ban, 1), Some(error)).await;
    leads_on(done, again).await
}

/// `GET /chat-luong/cong-an/{số}/{dạng}`: the list as Excel, to be filled in, or PDF.
pub(crate) async fn export(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path((number, form)): Path<(i64, String)>,
) -> Page {
    if !matches!(form.as_str(), "xlsx" | "pdf") {
        return Err(Failure::not_found());
    }
    let list = police::read(&server.pool, &who.actor, &server.clock, number).await?;
    let name = format!("cong-an-xa-{number}.{form}");
    if form == "xlsx" {
        let mut body = Vec::new();
        police::workbook(&list, &mut body)?;
        return Ok(attachment(XLSX, &name, body));
    }
    let paper = police::paper(&list);
    let printing = tokio::task::spawn_blocking(move || -> Result<Vec<u8>, Broken> {
        let file = NamedTempFile::new()?;
        documents::pdf::print_form(paper, file.path())?;
        Ok(std::fs::read(file.path())?)
    });
    let printed = printing.await.map_err(|error| Failure::internal(&error))?;
    Ok(attachment("application/pdf", &name, printed?))
}

/// `POST /chat-luong/cong-an/{số}`: the sheet the police sent back.
pub(crate) async fn bring(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(number): Path<i64>,
    form: Multipart,
) -> Page {
    let (pool, clock) = (&server.pool, &server.clock);
    let list = police::read(pool, &who.actor, clock, number).await?;
    let at = (list.area.as_str(), 1);
    let received = receive(form).await?;
    let refuse = async |error: &str| {
        refused_page(&work_page(&server, &who, at, Some(error.to_owned())).await?)
    };
    let Some((_, file)) = received.file else {
        return refuse("Chưa chọn tệp công an xã gửi lại").await;
    };
    let path = file.path().to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        let mut answers = ReadAnswers::default();
        let file = File::open(&path).map(BufReader::new)?;
        sheet::read(file, |row, cells| {
            answers.take(row, cells);
            Ok::<_, SheetError>(())
        })?;
        Ok::<_, SheetError>(answers)
    });
    let answers = match reading.await.map_err(|error| Failure::internal(&error))? {
        Ok(answers) if answers.has_heading() => answers,
        Ok(_) => return refuse("Tệp không có dòng tiêu đề của danh sách gửi công an xã").await,
        Err(error) => return refuse(&crate::failure::sentence(&error.to_string())).await,
    };
    let answered = match police::bring(pool, &who.actor, clock, &list, answers).await {
        Ok(answered) => Some(answered),
        Err(refused) => {
            let failure = Failure::from(refused);
            if failure.is_refusal() {
                return refuse(failure.message()).await;
            }
            return Err(failure);
        }
    };
    let shown = work_page(&server, &who, at, None).await?;
    page(&WorkPage { answered, ..shown })
}
