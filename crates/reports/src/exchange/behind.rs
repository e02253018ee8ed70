//! The dossiers behind a number of the board of exchange.

use ::exchange::practice;
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
        /// Keyed although a one-stop system had sent one.
        Repeated = "repeated" / "Hồ sơ nhận tại quầy dù một cửa đã gửi",
    }
}

/// A dossier in a group, or one that messages name and that never came to be.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct DossierBehind {
    /// Its code.
    pub dossier: String,
    /// How much of the figure it is: of [`Group::AskedAgain`] and [`Group::KeyedTwice`] what was asked for or typed,
    /// otherwise 1.
    pub counts: i64,
    /// Commune, with what it lies in; the province of what never came to be.
    pub commune: String,
    /// Day of submission, or of the first message.
    pub submitted_on: Date,
    /// What is known of it; `None` when it never came to be.
    pub known: Option<Known>,
    /// Of [`Group::Repeated`], the dossier of the one-stop system.
    pub repeats: Option<String>,
}

/// What is known of a dossier.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Known {
    /// Code of the procedure.
    pub procedure: String,
    /// National status now.
    pub status: Status,
}

/// What is behind a figure of a group in the month and area, by day and code: so many, after passing over some.
/// What they count for adds up to the figure.
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
    let last = scope.month.last_day();
    let found = sqlx::query!(
        r#"with counted as (
               select dossier_id, 1 as counts, null::bigint as repeats from exchange_of_month($1, $2) m
               where case $6
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
                     else false end
               union all
               select dossier_id, case $6 when 'asked_again' then asked_again else keyed_twice end, null
               from exchange_fields_of_month($1, $2)
               where case $6 when 'asked_again' then asked_again > 0
                             when 'keyed_twice' then keyed_twice > 0 else false end
               union all
               select dossier_id, 1, repeats from repeats_of_month($1, $2, $9) where $6 = 'repeated')
           select d.code as "code!", d.area_code as "area_code!",
                  d.area_valid_from as "since: jiff_sqlx::Date",
                  d.submitted_on as "submitted_on!: jiff_sqlx::Date", counts as "counts!",
                  d.procedure_code as "procedure?", s.status as "status?", o.code as "repeats?"
           from counted join dossier d using (dossier_id) join dossier_state s using (dossier_id)
                left join dossier o on o.dossier_id = counted.repeats
           where $3 or (d.area_code, d.area_valid_from)
                       in (select * from unnest($4::text[], $5::date[]))
           union all
           select i.dossier_code, i.province_code, null, min(i.day), 1, null, null, null
           from exchange_inbox i left join exchange_inbox_outcome o using (inbox_no)
           where i.day between $1 and $2 and ($3 or i.province_code = $10)
             and case $6 when 'waiting' then o.inbox_no is null
                         when 'failed' then o.code is not null else false end
             and not exists (select from dossier d where d.code = i.dossier_code
                               and d.province_code = i.province_code)
           group by i.dossier_code, i.province_code
           order by 4, 1 offset $7 limit $8"#,
        scope.month.first_day().to_sqlx() as _,
        last.to_sqlx() as _,
        columns.everywhere,
        &columns.codes,
        &columns.since as _,
        group.code(),
        offset,
        limit,
        practice::on(last).repeat_days,
        scope.area
    )
    .fetch_all(office.pool)
    .await?;
    let areas = Areas::embedded();
    found
        .into_iter()
        .map(|row| {
            let since = row.since.map_or(last, |day| day.to_jiff());
            let area = areas
                .get(&row.area_code, since)
                .or_else(|| areas.on(&row.area_code, last));
            let known = match row.procedure.zip(row.status) {
                None => None,
                Some((procedure, status)) => Some(Known {
                    procedure,
                    status: status_of(status)?,
                }),
            };
            Ok(DossierBehind {
                commune: area.map_or(row.area_code, |area| areas.written_path(area)),
                dossier: row.code,
                counts: row.counts.into(),
                submitted_on: row.submitted_on.to_jiff(),
                known,
                repeats: row.repeats,
            })
        })
        .collect()
}

/// The national status of a stored number.
fn status_of(number: i16) -> Result<Status, Refused> {
    let status = Status::from_number(number);
    status.ok_or_else(|| Refused::Inconsistent(format!("status {number}")))
}
