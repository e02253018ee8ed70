//! The invented country: its people, and 24 months of lists that pay what they were owed.

use kernel::{ListId, Month, MonthSpan};
use registry::copy::CopyWriter;
use registry::roll::{Communes, Known, Roll};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

use super::{MONTHS_LISTED, month};
use crate::office::last_approval;
use crate::partition::Target;
use crate::{Office, Refused};

/// Fills an empty practice database with so many people: a disability certificate or the age of 80,
/// a decision, a payee for every second one, three events each.
///
/// # Errors
/// [`Refused::Inconsistent`] when the database is not an empty practice database.
pub(super) async fn people(
    pool: &PgPool,
    people: i64,
    identity: Identity,
    progress: impl Fn(&str),
) -> Result<(), Refused> {
    let usable = sqlx::query_scalar!(
        r#"select exists(select from practice) and not exists(select from person) as "usable!""#
    )
    .fetch_one(pool)
    .await?;
    if !usable {
        let why = "measuring needs an empty practice database";
        return Err(Refused::Inconsistent(why.to_owned()));
    }
    for (statement, number) in FILL.into_iter().zip(1..) {
        progress(&format!(
            "Đang tạo {people} người ({number}/{})…",
            FILL.len()
        ));
        let [id_number, id_state, check] = identity.columns();
        let statement = statement
            .replace("{people}", &people.to_string())
            .replace("{id_number}", id_number)
            .replace("{id_state}", id_state)
            .replace("{check}", check);
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// What is known of the people's identity.
#[derive(Clone, Copy, Debug)]
pub(super) enum Identity {
    /// Nobody has a number.
    Missing,
    /// Most are verified; every trouble occurs, rare ones rarely.
    Varied,
}

impl Identity {
    /// Expressions for the three columns.
    const fn columns(self) -> [&'static str; 3] {
        match self {
            Identity::Missing => ["null", "'missing'", "'not_sent'"],
            Identity::Varied => [
                "case when person % 200 = 0 then null when person % 350 = 1 then '999'
                      else '999' || lpad(person::text, 9, '0') end",
                "case when person % 200 = 0 then 'missing' when person % 350 = 1 then 'malformed'
                      when person % 900 = 2 then 'held_by_another' else 'plausible' end",
                "case when person % 9 = 3 then 'not_sent' when person % 130 = 4 then 'mismatch'
                      when person % 4000 = 5 then 'not_found' else 'verified' end",
            ],
        }
    }
}

/// Statements in order; `{people}` is a number, the others are expressions.
const FILL: [&str; 8] = [
    // Searching is not measured; its indexes would make filling slow.
    "drop index person_by_name_search, person_by_name_key, person_by_id_number,
         person_with_id_fault",
    "insert into person (person_id, person_key, full_name, name_key, birth_date, birth_precision,
         sex, id_number, id_state, identity_check, area_code, area_valid_from, moves)
     with commune as (
         select code, row_number() over (order by code) - 1 as number
         from area where level = 'commune' and valid_from = date '1900-01-01')
     select person, 'b' || person, 'Nguyễn Thị ' || person, 'nguyen thi ' || person,
            case when person % 5 < 2 then date '1980-01-01' else date '1935-01-01' end
                + (person % 2500)::integer, 'd', 1 + person % 2, {id_number}, {id_state}, {check}, code,
            date '1900-01-01', 0
     from generate_series(1, {people}) as person
         join commune on number = person * (select count(*) from commune) / ({people} + 1)
     order by person",
    "insert into residence (person_id, from_date, area_code, area_valid_from)
     select person_id, date '2020-01-10', area_code, area_valid_from from person order by person_id",
    "insert into fact (person_id, fact_no, fact_id, kind, from_date, variant)
     select person_id, 1, 'f1', 'disability', date '2020-01-15',
            case when person_id % 3 = 0 then 'extremely_severe' else 'severe' end
     from person where person_id % 5 < 2 order by person_id",
    "insert into enrolment (person_id, benefit, enrolment_no, from_month, decision_number,
         decision_date, event_id)
     select person_id, case when person_id % 5 < 2 then 9 else 7 end, 1, 202205, '1/QĐ',
            date '2022-05-05', gen_random_uuid()
     from person order by person_id",
    "insert into payee (person_id, channel, holder, account_number, since)
     select person_id, 'account', 'self', '0000' || person_id, date '2022-05-05'
     from person where person_id % 2 = 0 order by person_id",
    "insert into event (person_id, event_id, kind, effective, recorded_at, source, actor, body)
     select person_id, gen_random_uuid(), kind, date '2022-05-05',
            timestamptz '2022-05-06T08:00:00+07:00', 'bench', 'bench',
            jsonb_build_object('kind', kind, 'person', person_key, 'source', 'bench')
     from unnest(array['person_registered', 'enrolled', 'payee_set']) as kind, person",
    "analyze",
];

/// What the people are owed for the months before, as approved lists hold it: one run a person and
/// spell in `listed`.
///
/// # Errors
/// Those of the database.
pub(super) async fn listed(office: &Office<'_>) -> Result<(), Refused> {
    let law = office.law.in_force(office.clock.today());
    let mut tx = office.pool.begin().await?;
    let mut roll = Roll::open(office.pool, &Communes::everywhere(), month(), Known::Now).await?;
    let mut rows = CopyWriter::begin(
        &mut tx,
        "copy listed (person_id, benefit, from_month, to_month, amount, coefficient, standard,
                      opening) from stdin (format binary)",
    )
    .await?;
    let mut spells = Vec::new();
    while let Some(case) = roll.next().await? {
        law.owed(&case.person, months_listed(), &mut spells);
        for spell in &spells {
            rows.row().await?;
            rows.put_i64(case.id.0);
            rows.put_i16(spell.benefit.number());
            rows.put_i32(spell.from.yyyymm());
            rows.put_i32(spell.to.yyyymm());
            rows.put_i64(spell.amount.0);
            rows.put_i16(spell.coefficient.tenths() as i16);
            rows.put_i32(spell.standard.0 as i32);
            rows.put_bool(false);
        }
    }
    rows.finish().await?;
    tx.commit().await?;
    sqlx::query!("analyze listed").execute(office.pool).await?;
    Ok(())
}

/// The months with an approved list before the one that is measured.
pub(super) fn months_listed() -> MonthSpan {
    MonthSpan {
        from: month().plus(-MONTHS_LISTED),
        to: month().previous(),
    }
}

/// The approved list of one earlier month: every line in its partition, with the keys, indexes and
/// triggers of any list, and a head with the right counts and sums. Its three fingerprints are left
/// empty: nothing here verifies it.
///
/// # Errors
/// Those of the database.
pub(super) async fn approved_list(office: &Office<'_>, of: Month) -> Result<(), Refused> {
    let mut tx = office.pool.begin().await?;
    let list = sqlx::query_scalar("select nextval('list_id')")
        .fetch_one(&mut *tx)
        .await
        .map(ListId)?;
    let based_on = last_approval(&mut tx).await?;
    let target = Target::prepare(&mut tx, of, list, None).await?;
    let table = target.table().to_owned();
    let number = of.yyyymm();
    let lines = format!(
        "insert into {table} (list_month, person_id, line_no, list_id, benefit, kind, for_month,
             amount, coefficient, standard, channel, reason, area_code, area_valid_from)
         select {number}, person_id, 1, {list}, benefit, 1, {number}, amount, coefficient, standard,
                case channel when 'account' then 1 else 0 end, 0, area_code, area_valid_from
         from listed join person using (person_id) left join payee using (person_id)
         where from_month <= {number} and to_month >= {number}
         order by person_id"
    );
    run(&mut tx, lines).await?;
    target.put_in_place(&mut tx).await?;
    let day = format!("{}-{:02}-20", number / 100, number % 100);
    let head = format!(
        "insert into payment_list (list_id, month, area_code, made_by, made_at, known_through,
             based_on, results_through, law_as_of, law_fingerprint, inputs_fingerprint,
             lines_fingerprint, people, lines, payable, recoverable, approved_by, approved_at,
             approval_no)
         select {list}, {number}, '', 'lap', timestamptz '{day}T08:00:00+07:00',
                (select last_value from event_no), {based_on}, 0, date '{day}', '', '', '',
                count(distinct person_id), count(*), coalesce(sum(amount), 0), 0, 'duyet',
                timestamptz '{day}T14:00:00+07:00', nextval('approval_no')
         from {table}"
    );
    run(&mut tx, head).await?;
    tx.commit().await?;
    Ok(())
}

/// One person in a hundred is corrected after the last list: what the next one calls news.
///
/// # Errors
/// Those of the database.
pub(super) async fn news(pool: &PgPool) -> Result<(), Refused> {
    let corrected = "insert into event (person_id, event_id, kind, effective, recorded_at, source,
             actor, body)
         select person_id, gen_random_uuid(), 'person_corrected', date '2024-05-02',
                timestamptz '2024-05-02T08:00:00+07:00', 'bench', 'bench', '{}'
         from person where person_id % 100 = 0";
    sqlx::raw_sql(corrected).execute(pool).await?;
    Ok(())
}

/// Statements made of numbers and of names this module made of numbers.
async fn run(tx: &mut PgConnection, statement: String) -> Result<(), Refused> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(tx).await?;
    Ok(())
}
