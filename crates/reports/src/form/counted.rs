//! People of an area in a month, counted by what forms ask of them.
//!
//! Who lives in the area and is in the register, with the facts that hold on some day of the month
//! as known now; and whom the month's lists pay. Money is what the lists of all months order for
//! the first time. A carer's allowance counts for whoever is cared for, the first of several.

use access::audit::Action;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Dong, Month, PersonId, Sex};
use law::Benefit;
use law::person::Grade;
use payments::{LineKind, Office, Refused, Scope};
use serde_json::json;

use super::line::Table;
use super::{Band, Figures, Form, Member, columns, half_year, of_drafts, sources};
use crate::caseload::CARERS;
use crate::question::ByArea;

/// People who are the same in everything a form asks.
#[derive(Clone, Debug)]
pub(super) struct Group {
    sex: Option<Sex>,
    /// Age on the last day of the month.
    pub(super) band: Band,
    /// Lives in the area in the month; otherwise only a list pays them there.
    pub(super) registered: bool,
    /// By the certificate that holds in the month.
    pub(super) grade: Option<Grade>,
    /// By the last certificate begun, whether or not it has ended.
    pub(super) certificate: Option<Grade>,
    pub(super) poor: bool,
    pub(super) no_supporter: bool,
    pub(super) pension: bool,
    in_facility: bool,
    /// What lists pay for the month, to this person or to whoever cares for them.
    benefits: Vec<Benefit>,
    people: i64,
    amount: Dong,
    /// The first after the one asked for, in order.
    ids: Vec<i64>,
}

impl Group {
    pub(super) fn figures(&self) -> Figures {
        let of = |wanted| {
            if self.sex == Some(wanted) {
                self.people
            } else {
                0
            }
        };
        Figures {
            people: self.people,
            male: of(Sex::Male),
            female: of(Sex::Female),
            amount: self.amount,
        }
    }

    pub(super) fn draws(&self, benefit: Benefit) -> bool {
        self.benefits.contains(&benefit)
    }

    /// Whether a list pays a monthly allowance of their own.
    pub(super) fn on_allowance(&self) -> bool {
        let other = |it: &Benefit| CARERS.contains(it) || *it == Benefit::FacilityCare;
        self.benefits.iter().any(|benefit| !other(benefit))
    }

    /// Whether a list pays somebody for taking care of them.
    pub(super) fn is_cared_for(&self) -> bool {
        self.is_cared_for_as(&CARERS)
    }

    pub(super) fn is_cared_for_as(&self, benefits: &[Benefit]) -> bool {
        benefits.iter().any(|benefit| self.draws(*benefit))
    }

    pub(super) fn is_in_facility(&self) -> bool {
        self.registered && self.in_facility || self.draws(Benefit::FacilityCare)
    }
}

/// Fills a form in.
///
/// # Errors
/// As [`crate::caseload()`].
pub(super) async fn fill(
    office: &Office<'_>,
    actor: &Actor,
    table: &Table,
    of: &ByArea,
    from: Option<Month>,
) -> Result<Form, Refused> {
    let (scope, lists) = sources(office, actor, of).await?;
    let from = from.unwrap_or_else(|| half_year(of.month)).min(of.month);
    let groups = groups(office, &scope, from, Wanted::default()).await?;
    let mut notes: Vec<String> = table.notes.iter().map(|it| (*it).to_owned()).collect();
    notes.push(
        "Người chưa ghi giới tính chỉ có trong cột tổng số. Ô «không ghi nhận» là nội dung hệ thống không lưu, cần ghi tay.".to_owned(),
    );
    notes.extend(of_drafts(&lists));
    Ok(Form {
        which: table.which,
        report: table.report,
        number: table.number,
        title: table.title,
        area: scope.area,
        from,
        month: of.month,
        lists,
        rows: table.rows(&groups),
        notes,
    })
}

/// The people a row counts.
///
/// # Errors
/// As [`crate::caseload()`].
pub(super) async fn members(
    office: &Office<'_>,
    actor: &Actor,
    (table, row): (&Table, usize),
    of: &ByArea,
    after: Option<PersonId>,
    at_most: u16,
) -> Result<Vec<Member>, Refused> {
    let (scope, _) = sources(office, actor, of).await?;
    let Some(line) = table.lines.get(row) else {
        return Ok(Vec::new());
    };
    let wanted = Wanted {
        after: after.map_or(0, |person| person.0),
        at_most: at_most.into(),
    };
    let groups = groups(office, &scope, of.month, wanted).await?;
    let counted = groups.into_iter().filter(|group| line.counts(group));
    let mut ids: Vec<i64> = counted.flat_map(|group| group.ids).collect();
    ids.sort_unstable();
    ids.truncate(at_most.into());
    let mut tx = office.pool.begin().await?;
    let found = sqlx::query!(
        r#"select person_id, person_key, full_name,
                  extract(year from birth_date)::smallint as "birth_year!", area_code,
                  area_valid_from as "since: jiff_sqlx::Date"
           from person where person_id = any($1) order by person_id"#,
        &ids
    )
    .fetch_all(&mut *tx)
    .await?;
    let detail = json!({"month": scope.month, "row": row, "people": found.len()});
    let area = (!scope.is_country()).then_some(scope.area.as_str());
    let (now, action) = (office.clock.now(), Action::ReportPeople);
    access::audit::record(&mut tx, now, actor, action, table.report, area, detail).await?;
    tx.commit().await?;
    let areas = Areas::embedded();
    let commune = |code: &str, since| {
        let area = areas.get(code, since);
        area.map_or(code.to_owned(), |area| areas.written_path(area))
    };
    let member = found.into_iter().map(|row| Member {
        person_id: PersonId(row.person_id),
        person: row.person_key,
        full_name: row.full_name,
        birth_year: row.birth_year,
        commune: commune(&row.area_code, row.since.to_jiff()),
    });
    Ok(member.collect())
}

/// Which people to name in each group; nobody unless said.
#[derive(Clone, Copy, Default)]
struct Wanted {
    /// Those with a higher number.
    after: i64,
    /// So many of a group.
    at_most: i32,
}

async fn groups(
    office: &Office<'_>,
    scope: &Scope,
    from: Month,
    wanted: Wanted,
) -> Result<Vec<Group>, Refused> {
    let (everywhere, codes, since) = columns(scope);
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    // Whoever moved lives where they moved to last, counted from the month after.
    let rows = sqlx::query!(
        r#"with inside as (select * from unnest($3::text[], $4::date[]) as i (code, since)),
           resident as (
               select person_id from person
               where moves = 0
                 and ($2 or (area_code, area_valid_from) in (select code, since from inside))
               union all
               select r.person_id from residence r join person p using (person_id)
               where p.moves > 0
                 and ($2 or (r.area_code, r.area_valid_from) in (select code, since from inside))
                 and not exists (select from residence n
                                 where n.person_id = r.person_id
                                   and n.from_date > r.from_date and n.from_date <= $5)
                 and (r.from_date <= $5
                      or not exists (select from residence n
                                     where n.person_id = r.person_id
                                       and n.from_date < r.from_date))),
           line as (
               select l.person_id, l.benefit, l.amount, l.list_month = $1 and l.kind = $9 as drawn
               from list_line l
               where l.list_month between $7 and $1 and l.kind = any($8)
                 and ($2 or (l.area_code, l.area_valid_from) in (select code, since from inside))),
           paid as (
               select coalesce(cared.cared_person_id, line.person_id) as person_id,
                      array_agg(distinct benefit order by benefit) filter (where drawn) as benefits,
                      sum(amount)::bigint as amount
               from line left join lateral (
                   select f.cared_person_id from fact f
                   where f.person_id = line.person_id and f.kind = 'cares_for'
                     and f.from_date <= $6 and (f.to_date is null or f.to_date >= $5)
                   order by f.fact_no limit 1) cared on benefit = any($10)
               group by 1),
           known as (
               select p.person_id, p.sex,
                      least(extract(year from age($6::date, p.birth_date)), 60)::int as years,
                      resident.person_id is not null and p.merged_into is null
                          and (p.death_date is null or p.death_date >= $5) as registered,
                      coalesce(paid.benefits, '{}') as benefits, coalesce(paid.amount, 0) as amount,
                      f.grade, f.certificate, coalesce(f.poor, false) as poor,
                      coalesce(f.no_supporter, false) as no_supporter,
                      coalesce(f.pension, false) as pension,
                      coalesce(f.in_facility, false) as in_facility
               from resident full join paid using (person_id)
               join person p using (person_id)
               left join lateral (
                   select (array_agg(variant order by from_date desc, fact_no desc)
                               filter (where kind = 'disability' and holds))[1] as grade,
                          (array_agg(variant order by from_date desc, fact_no desc)
                               filter (where kind = 'disability'))[1] as certificate,
                          bool_or(kind = 'poverty' and variant = 'poor' and holds) as poor,
                          bool_or(kind = 'no_supporter' and holds) as no_supporter,
                          bool_or(kind = 'pension' and holds) as pension,
                          bool_or(kind = 'in_facility' and holds) as in_facility
                   from (select kind, variant, from_date, fact_no,
                                to_date is null or to_date >= $5 as holds
                         from fact
                         where fact.person_id = p.person_id and from_date <= $6) begun) f on true)
           select sex, years as "years!", registered as "registered!", grade, certificate,
                  poor as "poor!", no_supporter as "no_supporter!", pension as "pension!",
                  in_facility as "in_facility!", benefits as "benefits!", count(*) as "people!",
                  sum(amount)::bigint as "amount!",
                  coalesce((array_agg(person_id order by person_id)
                               filter (where $12 > 0 and person_id > $11))[1:$12], '{}') as "ids!"
           from known
           where registered or benefits <> '{}' or amount <> 0
           group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"#,
        scope.month.yyyymm(),
        everywhere,
        &codes,
        &since as _,
        scope.month.first_day().to_sqlx() as _,
        scope.month.last_day().to_sqlx() as _,
        from.yyyymm(),
        &[
            LineKind::Regular.number(),
            LineKind::Arrears.number(),
            LineKind::OneOff.number()
        ][..],
        LineKind::Regular.number(),
        &CARERS.map(Benefit::number)[..],
        wanted.after,
        wanted.at_most,
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let benefit = |number: &i16| {
        let no_benefit = || Refused::Inconsistent(format!("no benefit {number}"));
        Benefit::from_number(*number).ok_or_else(no_benefit)
    };
    let grade = |code: Option<String>| code.as_deref().and_then(registry::fact::grade_from_code);
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        groups.push(Group {
            sex: row.sex.and_then(Sex::from_code),
            band: Band::of(row.years),
            registered: row.registered,
            grade: grade(row.grade),
            certificate: grade(row.certificate),
            poor: row.poor,
            no_supporter: row.no_supporter,
            pension: row.pension,
            in_facility: row.in_facility,
            benefits: row.benefits.iter().map(benefit).collect::<Result<_, _>>()?,
            people: row.people,
            amount: Dong(row.amount),
            ids: row.ids,
        });
    }
    Ok(groups)
}
