//! The pull-and-acknowledge dialect, as the dossier services of provincial platforms have it: nhanHoSo,
//! traTrangThaiHs, traDsTrangThaiHs, traHoSo, danhDauHsThanhCong, danhMuc. Only words: what comes becomes
//! messages of the inbox, what is handed out are messages of the outbox.

pub mod client;
mod list;
mod read;
pub mod shape;
mod write;

use casework::Status;
use kernel::area::Areas;
use kernel::{Actor, Clock};
use registry::refusal::Fault;
use sqlx::PgPool;
use uuid::Uuid;

use crate::message::Sent;
use crate::outbox::offered_of;
use crate::{Answer, Offered, Refused, receive};
use read::Place;
use shape::Sending;

pub use list::{Listed, list};
pub use write::{changed, handed_out};

/// How often a sending without a number looks for its place anew.
const TRIES: u32 = 8;

/// Stable code of a unit that is none of the province's.
const AGENCY: &str = "agency_id_incorrect";

/// Codes of errors, as the guide has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Token or signature.
    Authen = 100,
    /// The address. We look at none and never say it.
    Ip = 101,
    /// The unit is none of the province's.
    Agency = 106,
    /// Not decided yet.
    Uncomplete = 200,
    /// No such dossier.
    NotFound = 201,
    /// No such list.
    DataType = 302,
    /// Anything else, with details.
    Data = 500,
}

impl Code {
    /// Number.
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// What the guide calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Code::Authen => "AUTHEN_ERROR",
            Code::Ip => "IP_DISALLOWED",
            Code::Agency => "AGENCY_ID_INCORRECT",
            Code::Uncomplete => "RECORD_UNCOMPLETE",
            Code::NotFound => "RECORD_NOT_FOUND",
            Code::DataType => "DATA_TYPE_INVALID",
            Code::Data => "DATA_INCORRECT",
        }
    }
}

/// Where a dossier stands in this dialect: 1 received and waiting, 2 to be supplemented, 3 in order and worked on,
/// 4 finished, however it ended.
pub const fn status(of: Status) -> (i16, &'static str) {
    match of {
        Status::Registered | Status::Received => (1, "Đã tiếp nhận hồ sơ, chờ xử lý"),
        Status::SupplementAsked => (2, "Hồ sơ cần bổ sung thông tin"),
        Status::InProcess | Status::PaymentAsked | Status::WithdrawalAsked => {
            (3, "Hồ sơ đủ điều kiện giải quyết")
        }
        Status::NotAccepted | Status::Stopped | Status::Processed | Status::ResultReturned => {
            (4, "Đã hoàn thành")
        }
    }
}

/// What became of a sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Id of the message it became.
    pub id: Uuid,
    /// What is answered; the same sending again gets the same.
    pub answer: Answer,
}

/// Takes a sending of a province, with everything [`receive`] holds of messages.
///
/// # Errors
/// As [`receive`].
pub async fn take(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    sending: &Sending,
) -> Result<Taken, Refused> {
    let id = sending.message_id(province);
    let areas = Areas::embedded();
    let unit = areas.on(&sending.ma_don_vi, clock.today());
    let unit = unit.or_else(|| areas.latest(&sending.ma_don_vi));
    if unit.is_none_or(|unit| areas.province_of(unit).code != province) {
        let message = "không phải mã xã của tỉnh này";
        let fault = Fault::new("maDonVi", AGENCY, message);
        return Ok(refused(id, &fault));
    }
    for _ in 0..TRIES {
        let seq = match sending.lan_nop {
            Some(number) => number,
            None => place(pool, province, &sending.ma_ho_so, id).await?,
        };
        let message = match sending.message(Place { seq, id }) {
            Ok(message) if seq > 0 => message,
            Ok(_) => return Ok(refused(id, &wrong_number())),
            Err(fault) => return Ok(refused(id, &fault)),
        };
        let sent = [Sent { row: 1, message }];
        let received = receive(pool, actor, clock, province, &sent).await?;
        let answer = received.answers.into_iter().next();
        let answer = answer.ok_or_else(|| Refused::Inconsistent("no answer".to_owned()))?;
        let taken_meanwhile = matches!(&answer,
            Answer::Refused { code, .. } if code == "sequence_reused");
        if sending.lan_nop.is_some() || !taken_meanwhile {
            return Ok(Taken { id, answer });
        }
    }
    Err(Refused::Busy)
}

fn wrong_number() -> Fault {
    Fault::new("lanNop", "malformed", "không đúng dạng")
}

fn refused(id: Uuid, fault: &Fault) -> Taken {
    let message = format!("{}: {}", fault.field, fault.message);
    let code = fault.code.to_owned();
    let answer = Answer::Refused { code, message };
    Taken { id, answer }
}

/// The number of a sending without one: the one it has, or the next of its dossier.
async fn place(pool: &PgPool, province: &str, dossier: &str, id: Uuid) -> Result<i32, Refused> {
    let place = sqlx::query_scalar!(
        r#"select coalesce(max(seq) filter (where message_id = $3), max(seq) + 1, 1) as "seq!"
           from exchange_inbox where province_code = $1 and dossier_code = $2"#,
        province,
        dossier,
        id
    )
    .fetch_one(pool)
    .await?;
    Ok(place)
}

/// Dossiers that begin here, for the province's one-stop system to take: what `traHoSo` hands out.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn beginnings(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    limit: i64,
) -> Result<Vec<Offered>, Refused> {
    offered_of(pool, actor, clock, province, (0, limit), Some(true)).await
}

/// What happened in dossiers the one-stop system knows: what `traDsTrangThaiHs` lists.
///
/// # Errors
/// [`Refused::Denied`].
pub async fn changes(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    limit: i64,
) -> Result<Vec<Offered>, Refused> {
    offered_of(pool, actor, clock, province, (0, limit), Some(false)).await
}
