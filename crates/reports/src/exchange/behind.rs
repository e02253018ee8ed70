//! The dossiers behind a number of the board of exchange.

use casework::Status;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Actor;
use kernel::area::Areas;
use payments::{Office, Refused};
use serde::Serialize;

use crate::counted::groups;
use crate::question::ByArea;

groups! {
    /// Dossiers that a figure counts.
    pub enum Group {
        /// Submitted in the month.
        Dossiers = "dossiers" / "Hồ sơ nộp trong tháng",
        /// Sent by a one-stop system.
        In = "dossiers_in" / "Hồ sơ từ hệ thống một cửa",
        /// With papers without a file.
        Incomplete = "incomplete" / "Hồ sơ đến thiếu bản số hóa",
        /// Digitised by an officer.
        CompletedByHand = "completed_by_hand" / "Hồ sơ phải bổ sung bằng tay",
        /// Of which the one-stop system was told.
        Out = "dossiers_out" / "Hồ sơ đã báo cho hệ thống một cửa",
        /// Processed in both systems.
        ProcessedTwice = "processed_twice" / "Hồ sơ phải xử lý trên cả hai hệ thống",
        /// With a message on its way.
        Waiting = "waiting" / "Hồ sơ có thông điệp đang chờ",
        /// With a message that failed.
        Failed = "failed" / "Hồ sơ có thông điệp lỗi",
        /// Decided.
        Decided = "decided" / "Hồ sơ đã giải quyết",
        /// Decided online.
        DecidedOnline = "decided_online" / "Hồ sơ giải quyết trực tuyến",
        /// Asked for something again.
        AskedAgain = "asked_again" / "Hồ sơ phải hỏi lại người dân",
        /// With fields typed again.
        KeyedTwice = "keyed_twice" / "Hồ sơ có mục phải gõ lại",
    }
}

/// A dossier in a group.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct DossierBehind {
    /// Its code.
    pub dossier: String,
    /// Code of the procedure.
    pub procedure: String,
    /// Commune, with what it lies in.
    pub commune: String,
    /// Day of submission.
    pub submitted_on: Date,
    /// National status now.
    pub status: Status,
}

/// The dossiers of a group in the month and area, by day and code: so many, after passing over some.
/// Messages about dossiers that never came to be have none.
///
/// # Errors
/// As the board itself.
pub async fn dossiers(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
    group: Group,
    (offset, limit): (i64, i64),
) -> Result<Vec<DossierBehind>, Refused> {
    let reach = super::reach(actor, of)?;
    let (scope, columns) = (&reach.scope, reach.columns());
    let found = sqlx::query!(
        r#"select d.code, d.procedure_code, d.area_code, d.area_valid_from as "since: jiff_sqlx::Date",
                  d.submitted_on as "submitted_on: jiff_sqlx::Date", last.status
           from exchange_of_month($1, $2) m
                full join (select dossier_id, asked_again > 0 as asked_again, keyed_twice > 0 as keyed_twice
                           from exchange_fields_of_month($1, $2)) f using (dossier_id)
                join dossier d using (dossier_id) cross join lateral
                (select status from dossier_step s
                 where s.dossier_id = d.dossier_id order by seq desc limit 1) last
           where ($3 or (d.area_code, d.area_valid_from)
                        in (select * from unnest($4::text[], $5::date[])))
             and case $6
                 when 'dossiers' then m.dossiers
                 when 'dossiers_in' then m.dossiers_in
                 when 'incomplete' then m.incomplete
                 when 'completed_by_hand' then m.completed_by_hand
                 when 'dossiers_out' then m.dossiers_out
                 when 'processed_twice' then m.processed_twice
                 when 'waiting' then m.waiting
                 when 'failed' then m.failed
                 when 'decided' then m.decided
                 when 'decided_online' then m.decided_online
                 when 'asked_again' then f.asked_again
                 when 'keyed_twice' then f.keyed_twice
                 else false end
           order by d.submitted_on, d.code offset $7 limit $8"#,
        scope.month.first_day().to_sqlx() as _,
        scope.month.last_day().to_sqlx() as _,
        columns.everywhere,
        &columns.codes,
        &columns.since as _,
        group.code(),
        offset,
        limit
    )
    .fetch_all(office.pool)
    .await?;
    let areas = Areas::embedded();
    found
        .into_iter()
        .map(|row| {
            let area = areas.get(&row.area_code, row.since.to_jiff());
            Ok(DossierBehind {
                commune: area.map_or(row.area_code, |area| areas.written_path(area)),
                dossier: row.code,
                procedure: row.procedure_code,
                submitted_on: row.submitted_on.to_jiff(),
                status: status_of(row.status)?,
            })
        })
        .collect()
}

/// The national status of a stored number.
fn status_of(number: i16) -> Result<Status, Refused> {
    let status = Status::from_number(number);
    status.ok_or_else(|| Refused::Inconsistent(format!("status {number}")))
}
