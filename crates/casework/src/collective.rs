//! One decision for many people: the amounts of a whole area after a standard or the law changed, and
//! people stopped or adjusted from a list. Ten thousand people are decided about as easily as one.
//!
//! Where only the law changed nothing is told to the registry: lists pay what the law owes anyway. What
//! is kept is the decision and what it means for each person.

mod answer;
mod find;
mod laid;
pub mod list;
mod number;
mod propose;
mod re_rate;
mod record;
mod show;

use jiff::civil::Date;
use kernel::area::Area;
use kernel::{Clock, Dong, Month, PersonId};
use law::{Benefit, Law};
use registry::Refusal;
use registry::event::Decision;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use uuid::Uuid;

use crate::apply::ApplyError;

pub use answer::{Answer, answer};
pub use laid::{Laid, State, Wanted, laid, laid_rows};
pub use list::{ListSheet, ReadList};
pub use number::number;
pub use propose::{Proposed, propose};
pub use re_rate::ReRating;
pub use record::{Recorded, record_list, record_re_rating};
pub use show::{OfPerson, ShownRow, Told, all, names, of_person, one, rows, vietnamese};

/// The database, the time, the law.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The database.
    pub pool: &'a PgPool,
    /// What time it is.
    pub clock: &'a Clock,
    /// The law data.
    pub law: &'a Law,
}

/// Whose amounts are looked at anew, because a standard or the law changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Code of the area in the month; empty or `VN` is the whole country.
    pub area: String,
    /// One benefit, or every monthly one.
    pub benefit: Option<Benefit>,
    /// First month of the new amounts; the old ones are those of the month before.
    pub from: Month,
}

/// What is done about one person and benefit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// The law or a standard changed.
    ReRate,
    /// The benefit ends.
    Stop,
    /// What is true of the person changes.
    Adjust,
}

impl RowKind {
    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            RowKind::ReRate => "re_rate",
            RowKind::Stop => "stop",
            RowKind::Adjust => "adjust",
        }
    }
}

/// What a decision means for one person and benefit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whom.
    pub person: PersonId,
    /// Which benefit.
    pub benefit: Benefit,
    /// What is done.
    pub kind: RowKind,
    /// The commune that pays in the month.
    pub commune: &'static Area,
    /// First month of the new amount.
    pub month: Month,
    /// Đồng a month before.
    pub old: Dong,
    /// Đồng a month from then on.
    pub new: Dong,
    /// Articles of the new amount, or of the stop.
    pub law: String,
    /// Events the registry is told of the person.
    pub events: Vec<Uuid>,
}

/// What a decision comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// People, each counted once.
    pub people: i64,
    /// Rows: one for each person and benefit.
    pub rows: i64,
    /// Đồng a month before.
    pub old_total: Dong,
    /// Đồng a month from then on.
    pub new_total: Dong,
    /// SHA-256 of the rows: what was looked at is what is recorded.
    pub fingerprint: [u8; 32],
    /// Rows of the list that are refused.
    pub refused: Vec<Refusal>,
}

/// Sums rows up, given person by person.
#[derive(Default)]
struct Sums {
    summary: Summary,
    last: Option<PersonId>,
    hash: Sha256,
}

impl Sums {
    fn add(&mut self, row: &Row) {
        let it = &mut self.summary;
        it.people += i64::from(self.last != Some(row.person));
        self.last = Some(row.person);
        it.rows += 1;
        it.old_total += row.old;
        it.new_total += row.new;
        for number in [
            row.person.0,
            i64::from(row.benefit.number()),
            i64::from(row.month.yyyymm()),
            row.old.0,
            row.new.0,
        ] {
            self.hash.update(number.to_be_bytes());
        }
    }

    fn finish(mut self) -> Summary {
        self.summary.fingerprint = self.hash.finalize().into();
        self.summary
    }
}

/// Why a collective decision is not recorded.
#[derive(Debug, thiserror::Error)]
pub enum CollectiveRefused {
    /// The actor is no officer of the area.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// No such area.
    #[error("không có địa bàn mã {0} trong tháng này")]
    UnknownArea(String),
    /// Number or signer is missing, or the day is to come.
    #[error("quyết định cần số, ngày ký (không sau hôm nay) và người ký")]
    Decision,
    /// Nobody is concerned.
    #[error("không có ai thay đổi, nên không có gì để quyết định")]
    Nobody,
    /// Rows of the list are refused.
    #[error("có {0} dòng bị từ chối: hãy sửa hoặc bỏ khỏi tệp rồi xem lại")]
    RowsRefused(usize),
    /// Not what was looked at.
    #[error("dữ liệu đã thay đổi sau khi xem; hãy xem lại rồi ghi")]
    ChangedSince,
    /// The number is used.
    #[error("quyết định số này của địa bàn và ngày ký này đã được ghi")]
    NumberUsed,
    /// No book of numbers: the whole country, or an area that is no more.
    #[error(
        "trình lãnh đạo thì cần một địa bàn còn hoạt động hôm nay, để có lãnh đạo và sổ văn bản"
    )]
    NoBook,
    /// Whoever agrees is who proposed, also by delegation.
    #[error("người trình không tự đồng ý, kể cả khi được ủy quyền")]
    OwnProposal,
    /// The leader or the records office has answered.
    #[error("việc trình này đã được trả lời")]
    Answered,
    /// The leader has not agreed.
    #[error("lãnh đạo chưa đồng ý nên chưa vào sổ được")]
    NotAgreed,
    /// A proposal is sent back without a reason, or with too long a one.
    #[error("trả lại thì cần lý do, không quá 2.000 ký tự")]
    Reason,
    /// No such number.
    #[error("không có quyết định chung số {0}")]
    Unknown(i64),
    /// The database failed or does not add up.
    #[error(transparent)]
    Failed(#[from] ApplyError),
}

impl CollectiveRefused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            CollectiveRefused::Denied(denied) => denied.code(),
            CollectiveRefused::UnknownArea(_) => "unknown_area",
            CollectiveRefused::Decision => "decision_incomplete",
            CollectiveRefused::Nobody => "nobody_concerned",
            CollectiveRefused::RowsRefused(_) => "rows_refused",
            CollectiveRefused::ChangedSince => "changed_since",
            CollectiveRefused::NumberUsed => "number_used",
            CollectiveRefused::NoBook => "no_book",
            CollectiveRefused::OwnProposal => "own_proposal",
            CollectiveRefused::Answered => "already_answered",
            CollectiveRefused::NotAgreed => "not_agreed",
            CollectiveRefused::Reason => "reason_missing",
            CollectiveRefused::Unknown(_) => "unknown_decision",
            CollectiveRefused::Failed(error) => error.code(),
        }
    }
}

impl From<sqlx::Error> for CollectiveRefused {
    fn from(error: sqlx::Error) -> CollectiveRefused {
        let rule = error
            .as_database_error()
            .and_then(|error| error.constraint());
        match rule {
            Some("collective_decision_area_code_number_signed_on_key") => {
                CollectiveRefused::NumberUsed
            }
            Some("collective_answer_pkey" | "collective_decision_key_key") => {
                CollectiveRefused::Answered
            }
            Some("collective_takes_two") => CollectiveRefused::OwnProposal,
            _ => CollectiveRefused::Failed(error.into()),
        }
    }
}

impl From<registry::ApplyError> for CollectiveRefused {
    fn from(error: registry::ApplyError) -> CollectiveRefused {
        CollectiveRefused::Failed(error.into())
    }
}

/// Whether a decision says number, signer and a day that has come.
fn is_complete(decision: &Decision, today: Date) -> bool {
    let signer = decision.signed_by.as_deref().unwrap_or_default();
    !decision.number.trim().is_empty() && !signer.trim().is_empty() && decision.date <= today
}
