//! What a one-stop system may know of a dossier of its province.

use casework::{Outcome, Status, Step};
use files::FileHash;
use jiff::civil::Date;
use kernel::Actor;
use serde::Serialize;
use sqlx::PgPool;

use crate::outbox::TOLD;
use crate::{Refused, file};

/// Where a dossier stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// Its code.
    pub dossier: String,
    /// National status.
    pub status: Status,
    /// What the portal calls it.
    pub status_name: &'static str,
    /// Last day to decide.
    pub due_on: Option<Date>,
    /// The decision, once there is one.
    pub decision: Option<Outcome>,
    /// The last message about it that has an answer: the next one has the number after.
    pub last_seq: i32,
    /// Messages held back until an earlier one comes.
    pub held: i64,
    /// SHA-256 of files its messages name that have not come.
    pub missing_files: Vec<FileHash>,
}

/// Where a dossier that the province's one-stop system sent, or is told of, stands.
///
/// # Errors
/// [`Refused::UnknownDossier`] also for one of another province, [`Refused::Denied`].
pub async fn standing(
    pool: &PgPool,
    actor: &Actor,
    province: &str,
    code: &str,
) -> Result<Standing, Refused> {
    access::require(actor, &TOLD, province)?;
    let row = sqlx::query!(
        r#"select last.status, last.due_on as "due_on: jiff_sqlx::Date",
                  (select body from dossier_step s
                   where s.dossier_id = d.dossier_id and kind = 'decided')
                      as "decided: sqlx::types::Json<Step>",
                  (select coalesce(max(seq), 0) from exchange_inbox
                   join exchange_inbox_outcome using (inbox_no)
                   where province_code = $1 and dossier_code = $2) as "last_seq!",
                  (select count(*) from exchange_inbox
                   left join exchange_inbox_outcome o using (inbox_no)
                   where province_code = $1 and dossier_code = $2 and o.inbox_no is null) as "held!"
           from dossier d cross join lateral
                (select status, due_on from dossier_step s
                 where s.dossier_id = d.dossier_id order by seq desc limit 1) last
           where d.code = $2 and d.province_code = $1
             and (d.origin = 'one_stop'
                  or exists (select from exchange_outbox o where o.dossier_id = d.dossier_id))"#,
        province,
        code
    )
    .fetch_optional(pool)
    .await?;
    let row = row.ok_or(Refused::UnknownDossier)?;
    let status = Status::from_number(row.status);
    let status = status.ok_or_else(|| Refused::Inconsistent(code.to_owned()))?;
    Ok(Standing {
        dossier: code.to_owned(),
        status,
        status_name: status.vietnamese(),
        due_on: row.due_on.map(|day| day.to_jiff()),
        decision: row.decided.and_then(|step| match step.0 {
            Step::Decided(outcome) => Some(outcome),
            _ => None,
        }),
        last_seq: row.last_seq,
        held: row.held,
        missing_files: file::missing(pool, actor, province, code).await?,
    })
}
