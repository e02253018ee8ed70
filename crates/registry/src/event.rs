//! Everything that happens to people, as callers tell it (contracts, events).

mod json;
mod read;
mod write;

use jiff::civil::Date;
use kernel::{AreaCode, EventId, Month, PartialDate, Sex};
use law::{Benefit, FactKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::refusal::{Fault, Refusal};

pub use read::{MAX_KEY, MAX_TEXT};

/// One thing that happened to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The caller's identity of the event: the same one twice changes nothing.
    pub event_id: EventId,
    /// The system or file it comes from; person keys are unique within it.
    pub source: String,
    /// The caller's key of the person, or `#` and the person's number in the registry.
    pub person: String,
    /// The day it is true from.
    pub effective: Date,
    /// What happened.
    pub kind: EventKind,
}

/// An event with the line of the file or the row of the sheet it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted {
    /// Counted from 1; several events may come from one row.
    pub row: u64,
    /// The event.
    pub event: Event,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The person enters the registry.
    PersonRegistered(Box<Registration>),
    /// Fields of the registration get new values.
    PersonCorrected(Box<Correction>),
    /// Something becomes true on the effective day.
    FactStarted {
        /// The caller's key for the fact, unique for the person.
        fact_id: String,
        /// What is true. For `cares_for` only `person` and `relation` are filled.
        fact: FactKind,
        /// Last day it is true, when known already.
        to: Option<Date>,
    },
    /// The effective day is the last day the fact is true.
    FactEnded {
        /// The fact.
        fact_id: String,
    },
    /// A benefit is awarded.
    Enrolled {
        /// Which.
        benefit: Benefit,
        /// First month paid; when not given, contracts/benefits, months, rule 6.
        from: Option<Month>,
        /// By which decision.
        decision: Decision,
    },
    /// A benefit stops for good.
    EnrolmentEnded {
        /// Which.
        benefit: Benefit,
        /// Last month paid.
        last_month: Month,
        /// Why, in the officer's words.
        reason: String,
        /// By which decision.
        decision: Option<Decision>,
    },
    /// Payment rests.
    Suspended(Pause),
    /// Payment goes on. With the reason `unchanged`, or from the suspension's own month or
    /// earlier, the suspended months become due again.
    Resumed(Pause),
    /// The person lives in another commune.
    Moved {
        /// The commune, as coded on the effective day.
        area: AreaCode,
    },
    /// The person died.
    Died {
        /// On this day.
        date: Date,
    },
    /// The population database was asked.
    IdentityChecked(Box<IdentityCheck>),
    /// An earlier event of the person was wrong and has no effect.
    EventCancelled {
        /// Which.
        cancels: EventId,
    },
    /// Who receives the money and how.
    PayeeSet(Box<PayeeChoice>),
    /// Whether the person wishes an account.
    PayeeWish {
        /// Yes or no.
        wants_account: bool,
    },
    /// Somebody found the person to be the same as another one, who is kept.
    Merged {
        /// The kept person, `#` and the number in the registry.
        into: String,
        /// Why, in the officer's words.
        reason: String,
    },
}

/// Who somebody is when registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// As declared.
    pub full_name: String,
    /// As far as known.
    pub birth_date: PartialDate,
    /// If declared.
    pub sex: Option<Sex>,
    /// Code of the ethnic group, if declared.
    pub ethnicity: Option<String>,
    /// Exactly as received, even when it cannot be right.
    pub id_number: Option<String>,
    /// The commune, as coded on the effective day.
    pub area: AreaCode,
    /// The caller's key of the household.
    pub household_id: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// New values of fields of the registration; `None` leaves a field, `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// New name.
    pub full_name: Option<String>,
    /// New birth date.
    pub birth_date: Option<PartialDate>,
    /// New sex.
    pub sex: Option<Option<Sex>>,
    /// New ethnic group.
    pub ethnicity: Option<Option<String>>,
    /// New ID number.
    pub id_number: Option<Option<String>>,
    /// The commune that should have been registered; a move is another event.
    pub area: Option<AreaCode>,
    /// New household.
    pub household_id: Option<Option<String>>,
    /// New telephone number.
    pub phone: Option<Option<String>>,
}

/// A written decision.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Number as printed: `123/QĐ-UBND`.
    pub number: String,
    /// Day it was signed.
    pub date: Date,
    /// Who signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// A suspension or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Which benefit; every one of the person when not given.
    pub benefit: Option<Benefit>,
    /// First month not paid, or paid again.
    pub from: Month,
    /// Why; `unchanged` in a resumption makes the suspended months due again.
    pub reason: String,
    /// By which decision.
    pub decision: Option<Decision>,
}

/// The reason of a resumption that makes the suspended months due again.
pub const UNCHANGED: &str = "unchanged";

/// An answer of the population database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityCheck {
    /// What it said.
    pub result: CheckResult,
    /// Which fields differ, by their names in `person_registered`.
    pub fields: Vec<String>,
    /// Code of the request.
    pub request_code: Option<String>,
    /// Officer or batch that asked.
    pub checked_by: Option<String>,
}

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal / $vi:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $code)] $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// Stable code of contracts and database.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)* }
            }

            /// Back from the code.
            pub fn from_code(code: &str) -> Option<$name> {
                match code { $($code => Some($name::$variant),)* _ => None }
            }

            /// What users see.
            pub const fn vietnamese(self) -> &'static str {
                match self { $($name::$variant => $vi,)* }
            }
        }
    };
}

codes! {
    /// What the population database said.
    CheckResult {
        /// Number, name and birth agree.
        Verified = "verified" / "Đã xác thực",
        /// The number exists, fields differ.
        Mismatch = "mismatch" / "Lệch thông tin",
        /// Nothing found.
        NotFound = "not_found" / "Không tìm thấy",
        /// The service did not answer: says nothing about the person.
        ServiceError = "service_error" / "Dịch vụ lỗi",
    }
}

codes! {
    /// How money reaches a person.
    Channel {
        /// Bank account.
        Account = "account" / "Tài khoản ngân hàng",
        /// Electronic wallet.
        EWallet = "e_wallet" / "Ví điện tử",
        /// Mobile money.
        MobileMoney = "mobile_money" / "Tiền di động",
        /// At a post office.
        PostOffice = "post_office" / "Bưu điện",
        /// Brought home.
        Home = "home" / "Tại nhà",
    }
}

codes! {
    /// Whose name the money goes to.
    Holder {
        /// The beneficiary.
        Itself = "self" / "Chính chủ",
        /// A guardian.
        Guardian = "guardian" / "Người giám hộ",
        /// Somebody authorised in writing.
        Authorised = "authorised" / "Người được ủy quyền",
    }
}

/// Who receives a person's money and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayeeChoice {
    /// The way.
    pub channel: Channel,
    /// Whose name.
    pub holder: Holder,
    /// The name; may be left out when the beneficiary receives it.
    pub holder_name: Option<String>,
    /// The receiver's ID number, exactly as received.
    pub holder_id_number: Option<String>,
    /// Bank number or wallet code.
    pub provider: Option<String>,
    /// Account or wallet number.
    pub account_number: Option<String>,
    /// Last day of the authorisation.
    pub authorised_until: Option<Date>,
}

impl Event {
    /// Reads one line of NDJSON.
    ///
    /// # Errors
    /// The first field that cannot be read, with a stable code and the reason.
    pub fn parse(line: &[u8]) -> Result<Event, Fault> {
        read::parse(line)
    }

    /// The event as one line of JSON without the line end, as stored and as `parse` reads it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings, numbers and string keys always serialise")
    }

    /// The event's identity as a UUID.
    pub fn uuid(&self) -> Uuid {
        Uuid::from_u128(self.event_id.0)
    }
}

impl EventKind {
    /// Stable code of the contract.
    pub const fn code(&self) -> &'static str {
        match self {
            EventKind::PersonRegistered(_) => "person_registered",
            EventKind::PersonCorrected(_) => "person_corrected",
            EventKind::FactStarted { .. } => "fact_started",
            EventKind::FactEnded { .. } => "fact_ended",
            EventKind::Enrolled { .. } => "enrolled",
            EventKind::EnrolmentEnded { .. } => "enrolment_ended",
            EventKind::Suspended(_) => "suspended",
            EventKind::Resumed(_) => "resumed",
            EventKind::Moved { .. } => "moved",
            EventKind::Died { .. } => "died",
            EventKind::IdentityChecked(_) => "identity_checked",
            EventKind::EventCancelled { .. } => "event_cancelled",
            EventKind::PayeeSet(_) => "payee_set",
            EventKind::PayeeWish { .. } => "payee_wish",
            EventKind::Merged { .. } => "merged",
        }
    }

    /// What users see.
    pub const fn vietnamese(&self) -> &'static str {
        match self {
            EventKind::PersonRegistered(_) => "Đăng ký",
            EventKind::PersonCorrected(_) => "Sửa thông tin",
            EventKind::FactStarted { .. } => "Bắt đầu tình trạng",
            EventKind::FactEnded { .. } => "Kết thúc tình trạng",
            EventKind::Enrolled { .. } => "Quyết định hưởng",
            EventKind::EnrolmentEnded { .. } => "Thôi hưởng",
            EventKind::Suspended(_) => "Tạm dừng",
            EventKind::Resumed(_) => "Hưởng lại",
            EventKind::Moved { .. } => "Chuyển nơi ở",
            EventKind::Died { .. } => "Qua đời",
            EventKind::IdentityChecked(_) => "Đối chiếu định danh",
            EventKind::EventCancelled { .. } => "Hủy sự kiện",
            EventKind::PayeeSet(_) => "Hình thức nhận",
            EventKind::PayeeWish { .. } => "Nguyện vọng mở tài khoản",
            EventKind::Merged { .. } => "Gộp hồ sơ trùng",
        }
    }
}

/// Reads NDJSON: each line that is not blank is one event. A line that cannot be read is refused
/// and the rest goes on. A byte order mark and CRLF are passed over.
pub fn read_lines(text: &[u8]) -> (Vec<Submitted>, Vec<Refusal>) {
    let (read, refused) = read_rows(text, Event::parse);
    let submitted = |(row, event)| Submitted { row, event };
    (read.into_iter().map(submitted).collect(), refused)
}

/// The same of anything that stands on lines of its own, each with its row from 1.
pub fn read_rows<T>(
    text: &[u8],
    parse: impl Fn(&[u8]) -> Result<T, Fault>,
) -> (Vec<(u64, T)>, Vec<Refusal>) {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let (mut read, mut refused) = (Vec::new(), Vec::new());
    for (row, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        match parse(line) {
            Ok(found) => read.push((row, found)),
            Err(fault) => refused.push(fault.in_row(row, None)),
        }
    }
    (read, refused)
}
