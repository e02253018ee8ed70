//! A list as it is printed and handed on: one row for each person and benefit, commune by commune.

use std::collections::BTreeSet;

use access::audit::Action;
use documents::payment_list::{ListPaper, Row, Signed};
use futures_util::TryStreamExt;
use jiff::civil::Date;
use kernel::actor::Role;
use kernel::area::{Area, Areas};
use kernel::{Actor, Dong, Month, MonthSpan, PartialDate, PersonId, personal_id};
use law::Benefit;
use registry::event::Holder;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::header::month_of;
use crate::line::channel_of;
use crate::listed::{benefit_of, coefficient_of};
use crate::{Header, LineKind, Office, Reason, Refused, Scope, show};

/// What the reader of a paper may see.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Disclosure {
    /// Everything the office itself works with.
    Whole,
    /// For others: no benefit that reveals an infection, only the end of ID and account numbers.
    Masked,
}

/// What a benefit that reveals an infection is handed on as.
pub(crate) const MASKED_NUMBER: i16 = 99;
pub(crate) const MASKED_CODE: &str = "social_assistance";
pub(crate) const MASKED_NAME: &str = "Trợ cấp xã hội hằng tháng";

/// The head of the paper of an area and month, and the rows it has, one after the other.
pub struct Paper<'a> {
    /// The head.
    pub header: ListPaper,
    scope: Scope,
    disclosure: Disclosure,
    office: Office<'a>,
}

/// Begins the paper of a month and area: of one list, a part of one, or several together. Exports
/// are logged.
///
/// # Errors
/// As [`show::lists`]; whole papers need a role that works with lists.
pub async fn paper<'a>(
    office: &Office<'a>,
    actor: &Actor,
    month: Month,
    area: &str,
    disclosure: Disclosure,
) -> Result<Paper<'a>, Refused> {
    let lists = show::lists(office, actor, month, area).await?;
    let scope = Scope::of(area, month)?;
    if disclosure == Disclosure::Whole {
        let workers = [Role::Officer, Role::ListMaker, Role::Approver];
        access::require(actor, &workers, &scope.area)?;
    }
    let header = header(office, &scope, &lists).await?;
    let mut tx = office.pool.begin().await?;
    access::audit::record(
        &mut tx,
        office.clock.now(),
        actor,
        Action::ListExport,
        &month.to_string(),
        Some(&scope.area),
        json!({ "people": header.people, "masked": disclosure == Disclosure::Masked }),
    )
    .await?;
    tx.commit().await?;
    Ok(Paper {
        header,
        scope,
        disclosure,
        office: *office,
    })
}

async fn header(
    office: &Office<'_>,
    scope: &Scope,
    lists: &[Header],
) -> Result<ListPaper, Refused> {
    let (codes, since) = scope.columns().unwrap_or_default();
    let sums = sqlx::query!(
        r#"select count(distinct person_id) as "people!",
                  coalesce(sum(amount) filter (where kind <> 3), 0)::bigint as "payable!",
                  coalesce(sum(amount) filter (where kind = 3), 0)::bigint as "recoverable!"
           from list_line
           where list_month = $1
             and ($2 or (area_code, area_valid_from)
                        in (select * from unnest($3::text[], $4::date[])))"#,
        scope.month.yyyymm(),
        scope.is_country(),
        &codes,
        &since as _
    )
    .fetch_one(office.pool)
    .await?;
    let areas = Areas::embedded();
    let area = areas.on(&scope.area, scope.month.first_day());
    let name = area.map_or("Cả nước", |area| &area.full_name);
    let approved: Option<Vec<Signed>> = lists.iter().map(approval).collect();
    Ok(ListPaper {
        agency: area.map_or_else(
            || vec!["DANH SÁCH CẢ NƯỚC".to_owned()],
            |_| ListPaper::agency_of(name),
        ),
        place: area
            .map_or("Hà Nội", |area| areas.province_of(area).name)
            .to_owned(),
        area_code: scope.area.clone(),
        area_name: area.map_or_else(|| name.to_owned(), |area| areas.written_path(area)),
        month: scope.month,
        made: Signed {
            by: names(lists.iter().map(|list| list.made_by.as_str())),
            at: lists
                .iter()
                .map(|list| list.made_at)
                .max()
                .unwrap_or(office.clock.now()),
        },
        approved: approved.and_then(|signed| {
            let at = signed.iter().map(|signed| signed.at).max()?;
            let by = names(signed.iter().map(|signed| signed.by.as_str()));
            Some(Signed { by, at })
        }),
        fingerprint: hex::encode(fingerprint(scope, lists)),
        people: sums.people.unsigned_abs(),
        payable: Dong(sums.payable),
        recoverable: Dong(sums.recoverable),
        printed_at: office.clock.now(),
    })
}

fn approval(list: &Header) -> Option<Signed> {
    Some(Signed {
        by: list.approved_by.clone()?,
        at: list.approved_at?,
    })
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let all: BTreeSet<&str> = all.collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}

/// Of exactly one list its own; otherwise one over the area and the lists the paper is taken from.
fn fingerprint(scope: &Scope, lists: &[Header]) -> Vec<u8> {
    match lists {
        [only] if only.area == scope.area => only.lines_fingerprint.clone(),
        _ => {
            let mut hash = Sha256::new();
            hash.update(scope.area.as_bytes());
            for list in lists {
                hash.update(&list.lines_fingerprint);
            }
            hash.finalize().to_vec()
        }
    }
}

impl Paper<'_> {
    /// Hands every row to `take`: commune by commune, in it by name.
    ///
    /// # Errors
    /// Those of the database and of `take`.
    pub async fn rows<E: From<Refused>>(
        &self,
        mut take: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let places = places(&self.scope);
        let codes: Vec<String> = places.iter().map(|place| place.code.to_owned()).collect();
        let since: Vec<jiff_sqlx::Date> =
            places.iter().map(|place| place.valid_from.into()).collect();
        let mut rows = sqlx::query!(
            r#"with place as (
                   select * from unnest($2::text[], $3::date[]) with ordinality
                   as place(area_code, area_valid_from, number))
               select number as "number!", person_id as "person_id!", benefit as "benefit!",
                      max(coefficient) filter (where kind = 1) as coefficient,
                      max(standard) filter (where kind = 1) as standard,
                      coalesce(sum(amount) filter (where kind = 1), 0)::bigint as "regular!",
                      coalesce(sum(amount) filter (where kind = 2), 0)::bigint as "arrears!",
                      min(for_month) filter (where kind = 2) as arrears_from,
                      max(for_month) filter (where kind = 2) as arrears_to,
                      coalesce(sum(amount) filter (where kind = 3), 0)::bigint as "recovery!",
                      coalesce(sum(amount) filter (where kind = 4), 0)::bigint as "carried_over!",
                      coalesce(sum(amount) filter (where kind = 5), 0)::bigint as "one_off!",
                      min(list_line.channel) as "channel!",
                      array_agg(distinct kind * 100 + reason) filter (where reason <> 0) as reasons,
                      person_key as "person_key!", full_name as "full_name!",
                      birth_date as "birth_date!: jiff_sqlx::Date",
                      birth_precision as "birth_precision!", id_number, holder, holder_name,
                      account_number
               from list_line join place using (area_code, area_valid_from)
                   join person using (person_id) left join payee using (person_id)
               where list_month = $1
               group by number, person_id, benefit, person_key, full_name, name_key, birth_date,
                        birth_precision, id_number, holder, holder_name, account_number
               order by number, name_key, person_id, benefit"#,
            self.scope.month.yyyymm(),
            &codes,
            &since as _
        )
        .fetch(self.office.pool);
        let mut seq = Numbering::default();
        while let Some(row) = rows.try_next().await.map_err(Refused::from)? {
            let place = places.get(row.number.unsigned_abs() as usize - 1);
            let place = place.ok_or_else(|| Refused::Inconsistent("no such commune".to_owned()))?;
            let (benefit, person) = (benefit_of(row.benefit)?, PersonId(row.person_id));
            let (benefit_no, benefit_code, name) = self.benefit(benefit);
            let arrears_span = match (row.arrears_from, row.arrears_to) {
                (Some(from), Some(to)) => Some(MonthSpan {
                    from: month_of(from)?,
                    to: month_of(to)?,
                }),
                _ => None,
            };
            let birth_date: Date = row.birth_date.to_jiff();
            take(Row {
                commune_code: place.code.to_owned(),
                commune_name: within_province(place),
                seq: seq.of(row.number, person),
                person,
                person_key: row.person_key,
                full_name: row.full_name,
                birth: PartialDate::from_parts(birth_date, &row.birth_precision),
                id_number: self.number(row.id_number.as_deref()),
                benefit_no,
                benefit_code,
                benefit: name,
                coefficient: row.coefficient.map(coefficient_of),
                standard: Dong(i64::from(row.standard.unwrap_or_default())),
                regular: Dong(row.regular),
                arrears: Dong(row.arrears),
                arrears_span,
                one_off: Dong(row.one_off),
                carried_over: Dong(row.carried_over),
                recovery: Dong(row.recovery),
                total: Dong(row.regular + row.arrears + row.one_off + row.carried_over),
                payee: payee(row.holder.as_deref(), row.holder_name.as_deref()),
                channel: channel_of(row.channel)
                    .map_or("Chưa có", |c| c.vietnamese())
                    .to_owned(),
                account: self.number(row.account_number.as_deref()),
                note: self.note(row.reasons.as_deref().unwrap_or_default()),
            })?;
        }
        Ok(())
    }

    fn benefit(&self, benefit: Benefit) -> (i16, String, String) {
        if self.disclosure == Disclosure::Masked && benefit.reveals_hiv() {
            (
                MASKED_NUMBER,
                MASKED_CODE.to_owned(),
                MASKED_NAME.to_owned(),
            )
        } else {
            let name = self.office.law.name(benefit);
            (benefit.number(), benefit.code().to_owned(), name.to_owned())
        }
    }

    fn number(&self, number: Option<&str>) -> String {
        let number = number.unwrap_or_default();
        match self.disclosure {
            Disclosure::Masked if !number.is_empty() => personal_id::masked(number),
            _ => number.to_owned(),
        }
    }

    /// Why there are arrears or recoveries. Handed on, a reason could say what must not be said.
    fn note(&self, reasons: &[i32]) -> String {
        if self.disclosure == Disclosure::Masked {
            return String::new();
        }
        let in_words = reasons.iter().filter_map(|both| {
            let kind = LineKind::from_number((both / 100) as i16)?;
            let reason = Reason::from_number((both % 100) as i16)?;
            Some(format!("{}: {}", kind.vietnamese(), reason.vietnamese()))
        });
        in_words.collect::<Vec<_>>().join("; ")
    }
}

/// The communes of the scope in the order of a paper: by province, district, commune.
pub(crate) fn places(scope: &Scope) -> Vec<&'static Area> {
    let areas = Areas::embedded();
    let lowest = areas.all().iter().filter(|area| area.lowest);
    let mut inside: Vec<&Area> = lowest
        .filter(|area| scope.holds(area.code, area.valid_from))
        .collect();
    inside.sort_by_cached_key(|area| {
        let path = areas.path(area);
        let codes: Vec<&str> = path.iter().map(|area| area.code).collect();
        (codes, area.valid_from)
    });
    inside
}

/// The commune with the district around it, without the province.
pub(crate) fn within_province(place: &Area) -> String {
    let path = Areas::embedded().path(place);
    let names: Vec<&str> = path[1..]
        .iter()
        .rev()
        .map(|area| area.full_name.as_str())
        .collect();
    names.join(", ")
}

fn payee(holder: Option<&str>, name: Option<&str>) -> String {
    match holder.and_then(Holder::from_code) {
        None | Some(Holder::Itself) => Holder::Itself.vietnamese().to_owned(),
        Some(other) => {
            let kind = other.vietnamese();
            name.map_or(kind.to_owned(), |name| format!("{kind}: {name}"))
        }
    }
}

/// Numbers people within each commune.
#[derive(Default)]
struct Numbering {
    place: i64,
    person: Option<PersonId>,
    seq: u32,
}

impl Numbering {
    fn of(&mut self, place: i64, person: PersonId) -> u32 {
        if self.place != place {
            (self.place, self.person, self.seq) = (place, None, 0);
        }
        if self.person != Some(person) {
            self.person = Some(person);
            self.seq += 1;
        }
        self.seq
    }
}
