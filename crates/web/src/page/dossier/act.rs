//! One step of one dossier, from the form that offers it.

use access::session::SignedIn;
use axum::extract::{Path, State};
use axum::{Extension, Form};
use casework::act::{self, Ask};
use casework::step::{Conclusion, Paper, Proposal};
use casework::{Step, act::Standing};
use jiff::civil::Date;
use kernel::Month;
use serde::Deserialize;
use uuid::Uuid;

use super::dossier_page;
use crate::Server;
use crate::address::encode;
use crate::failure::{Failure, sentence};
use crate::once::form_once;
use crate::page::{Page, leads_on, read_day};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    khoa: String,
    viec: String,
    /// Number of the last step that was shown.
    thay: i32,
    buoc: String,
    ly_do: String,
    giay_to: String,
    giao_cho: String,
    tu_ngay: String,
    den_ngay: String,
    huong: String,
    tu_thang: String,
    dieu_kien: String,
    can_cu: String,
    dung: String,
    so: String,
    ngay: String,
}

/// `POST /ho-so/{mã}/buoc`.
pub(crate) async fn save(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(code): Path<String>,
    Form(asked): Form<Asked>,
) -> Page {
    let work = async {
        take(&server, &who, &code, &asked).await?;
        Ok(format!("/ho-so/{}?xong=1", encode(&code)))
    };
    let seen = asked.thay.to_string();
    let request = [&["step", code.as_str(), &seen], asked.parts().as_slice()].concat();
    let done = form_once(&server, &who.actor, &asked.khoa, &request, work).await;
    let shown = async |error| dossier_page(&server, &who, &code, "", Some(error)).await;
    leads_on(done, shown).await
}

async fn take(server: &Server, who: &SignedIn, code: &str, asked: &Asked) -> Result<(), Failure> {
    let standing = act::standing(&server.pool, &who.actor, code).await?;
    let ask = Ask {
        dossier: code.to_owned(),
        seen: asked.thay,
        step: asked.step(who, &standing)?,
    };
    let key = Uuid::parse_str(&asked.khoa);
    let key = key.map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng"))?;
    one(server, who, key, ask).await
}

/// Takes one step; a refusal is told in its own words.
pub(crate) async fn one(
    server: &Server,
    who: &SignedIn,
    key: Uuid,
    ask: Ask,
) -> Result<(), Failure> {
    let applied = act::act(&server.pool, &who.actor, &server.clock, key, &[ask]).await?;
    match applied.refused.first() {
        Some(refusal) => Err(Failure::refused(refusal.code, sentence(&refusal.message))),
        None => Ok(()),
    }
}

fn wrong(field: &str, why: &str) -> Failure {
    Failure::refused("malformed", format!("{field}: {why}"))
}

/// A day of a form.
pub(crate) fn day(field: &str, text: &str) -> Result<Date, Failure> {
    read_day(text.trim()).ok_or_else(|| wrong(field, "ghi dạng 31/12/2024"))
}

impl Asked {
    fn parts(&self) -> [&str; 14] {
        [
            &self.viec,
            &self.buoc,
            &self.ly_do,
            &self.giay_to,
            &self.giao_cho,
            &self.tu_ngay,
            &self.den_ngay,
            &self.huong,
            &self.tu_thang,
            &self.dieu_kien,
            &self.can_cu,
            &self.dung,
            &self.so,
            &self.ngay,
        ]
    }

    fn papers(&self) -> Vec<String> {
        let names = self.giay_to.split(';').map(str::trim);
        let named = names.filter(|name| !name.is_empty());
        named.map(str::to_owned).collect()
    }

    fn step(&self, who: &SignedIn, standing: &Standing) -> Result<Step, Failure> {
        let reason = self.ly_do.trim().to_owned();
        Ok(match self.viec.as_str() {
            "received" => Step::Received {},
            "not_accepted" => Step::NotAccepted { reason },
            "taken_up" => Step::TakenUp {
                holder: who.actor.name.clone(),
            },
            "assigned" => Step::Assigned {
                holder: self.giao_cho.trim().to_owned(),
            },
            "stage_done" => Step::StageDone {
                stage: self.buoc.clone(),
            },
            "supplement_asked" => Step::SupplementAsked {
                papers: self.papers(),
                reason,
            },
            "supplemented" => {
                let paper = |name| Paper { name, file: None };
                let papers = self.papers().into_iter().map(paper).collect();
                Step::Supplemented { papers }
            }
            "posted" => Step::Posted {
                from: day("Từ ngày", &self.tu_ngay)?,
                to: day("Đến hết ngày", &self.den_ngay)?,
            },
            "complained" => Step::Complained { reason },
            "complaint_concluded" => Step::ComplaintConcluded {
                outcome: match self.dung.as_str() {
                    "co" => Conclusion::Upheld,
                    _ => Conclusion::Dismissed,
                },
                reason,
            },
            "extended" => Step::Extended {
                due_on: day("Hẹn lại ngày", &self.den_ngay)?,
                reason,
            },
            "proposed" => Step::Proposed(self.proposal()?),
            "agreed" => Step::Agreed { by: None },
            "sent_back" => Step::SentBack { reason },
            "decided" => {
                let signed = day("Ngày ký", &self.ngay)?;
                let outcome = standing.decided(self.so.trim(), signed);
                let none = || Failure::refused("no_proposal", "Chưa có đề xuất nào được đồng ý");
                Step::Decided(outcome.ok_or_else(none)?)
            }
            "withdrawal_asked" => Step::WithdrawalAsked { reason },
            "stopped" => Step::Stopped { reason },
            "result_returned" => Step::ResultReturned {},
            _ => return Err(Failure::bad_request("Không rõ cần làm việc gì")),
        })
    }

    fn proposal(&self) -> Result<Proposal, Failure> {
        if self.huong == "khong" {
            return Ok(Proposal::Refused {
                condition: self.dieu_kien.trim().to_owned(),
                law: self.can_cu.trim().to_owned(),
                by: None,
            });
        }
        let from = match self.tu_thang.trim() {
            "" => None,
            text => {
                let month: Option<Month> = crate::page::months::read_month(text);
                Some(month.ok_or_else(|| wrong("Hưởng từ tháng", "ghi dạng 05/2024"))?)
            }
        };
        Ok(Proposal::Approved { from, by: None })
    }
}
