//! What a citizen is told of the money of their dossier: month by month, and where it stands.

use access::audit::Action;
use access::citizen::Citizen;
use jiff::civil::Date;
use kernel::{Dong, Month};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::header::month_of;
use crate::line::channel_of;
use crate::results::{Status, reason};
use crate::{Channel, LineKind, Office, Refused};

/// Most payments shown: two years of a benefit with its arrears.
const MOST: i64 = 60;

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Month of the list.
    pub list_month: Month,
    /// The month it is for.
    pub for_month: Month,
    /// What kind.
    pub kind: LineKind,
    /// Đồng.
    pub amount: Dong,
    /// How it is paid, if set.
    pub channel: Option<Channel>,
    /// Where it stands.
    pub state: State,
}

/// Where a payment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// On an approved list.
    Approved,
    /// Handed over to the provider, to be paid from this day on.
    Ordered {
        /// Name of the provider.
        provider: String,
        /// From when on.
        from: Date,
    },
    /// The provider said what became of it.
    Told {
        /// What.
        status: Status,
        /// When.
        day: Date,
        /// Why not, in words.
        reason: Option<String>,
    },
}

/// Whom the citizen's dossier is about, and the benefit it names. Of a dossier that did not name a person
/// the registry knew, whoever its approval registered or enrolled: an event of an approval has an id that
/// follows from the step.
async fn beneficiary(
    tx: &mut PgConnection,
    citizen: &Citizen,
) -> sqlx::Result<Option<(i64, Option<i16>)>> {
    let found = sqlx::query!(
        r#"select d.person_id, coalesce(d.benefit, a.benefit) as "benefit?",
                  (select event_id from dossier_step s
                   where s.dossier_id = d.dossier_id and kind = 'decided') as step
           from dossier d
                left join lateral (select benefit from dossier_answers
                                   where dossier_answers.dossier_id = d.dossier_id
                                   order by version desc limit 1) a on true
           where d.dossier_id = $1"#,
        citizen.dossier().0
    )
    .fetch_one(&mut *tx)
    .await?;
    let person = match (found.person_id, found.step) {
        (None, Some(step)) => {
            let enrolled = Uuid::new_v5(&step, b"enrolled");
            sqlx::query_scalar!(
                "select person_id from event_claim where event_id = $1",
                enrolled
            )
            .fetch_optional(tx)
            .await?
        }
        (person, _) => person,
    };
    Ok(person.map(|person| (person, found.benefit)))
}

/// The payments of the person the citizen's dossier is about, of its benefit where it names one, the
/// newest first. Money owed back is not among them. Looking is recorded in the audit log.
///
/// # Errors
/// Those of the database.
pub async fn payments(office: &Office<'_>, citizen: &Citizen) -> Result<Vec<Payment>, Refused> {
    let mut tx = office.pool.begin().await?;
    let (person, benefit) = beneficiary(&mut tx, citizen).await?.unzip();
    let rows = sqlx::query!(
        r#"select l.list_month, l.for_month, l.kind, l.amount, l.channel, p.name as "provider?",
                  o.pay_on as "pay_on?: jiff_sqlx::Date", r.status as "status?",
                  r.happened_on as "happened_on?: jiff_sqlx::Date", r.reason
           from list_line l
                join payment_list a on a.list_id = l.list_id and a.approved_at is not null
                left join order_line i on i.list_month = l.list_month and i.person_id = l.person_id
                                       and i.line_no = l.line_no
                left join payment_order o on o.order_no = i.order_no
                left join provider p on p.code = o.provider
                left join lateral
                    (select status, happened_on, reason from payment_result s
                     where s.person_id = l.person_id and s.list_month = l.list_month
                       and s.line_no = l.line_no
                     order by result_no desc limit 1) r on true
           where l.person_id = $1 and ($2::smallint is null or l.benefit = $2) and l.amount > 0
           order by l.list_month desc, l.for_month desc, l.line_no limit $3"#,
        person,
        benefit.flatten(),
        MOST
    )
    .fetch_all(&mut *tx)
    .await?;
    let broken = |what: &str| Refused::Inconsistent(format!("payment: {what}"));
    let mut payments = Vec::with_capacity(rows.len());
    for row in rows {
        let state = match (row.status, row.happened_on, row.provider, row.pay_on) {
            (Some(status), Some(day), _, _) => State::Told {
                status: Status::from_code(&status).ok_or_else(|| broken(&status))?,
                day: day.to_jiff(),
                reason: row.reason.map(|code| reason::vietnamese(&code).to_owned()),
            },
            (_, _, Some(provider), Some(from)) => State::Ordered {
                provider,
                from: from.to_jiff(),
            },
            _ => State::Approved,
        };
        payments.push(Payment {
            list_month: month_of(row.list_month)?,
            for_month: month_of(row.for_month)?,
            kind: LineKind::from_number(row.kind).ok_or_else(|| broken("kind"))?,
            amount: Dong(row.amount),
            channel: channel_of(row.channel),
            state,
        });
    }
    let object = format!("dossier no {}", citizen.dossier());
    let (now, action, who) = (office.clock.now(), Action::CitizenPayments, citizen.actor());
    access::audit::record(&mut tx, now, who, action, &object, None, json!({})).await?;
    tx.commit().await?;
    Ok(payments)
}

/// Names of the points that pay cash in the commune where the person of the dossier lives.
///
/// # Errors
/// Those of the database.
pub async fn pay_points(office: &Office<'_>, citizen: &Citizen) -> Result<Vec<String>, Refused> {
    let mut tx = office.pool.begin().await?;
    let person = beneficiary(&mut tx, citizen)
        .await?
        .map(|(person, _)| person);
    Ok(sqlx::query_scalar!(
        "select point.name from person p
              join pay_point point on point.area_code = p.area_code
                                   and point.area_valid_from = p.area_valid_from
         where p.person_id = $1 order by point.name limit 5",
        person
    )
    .fetch_all(&mut *tx)
    .await?)
}
