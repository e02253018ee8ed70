//! People as the tables of the registry say now.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::area::Area;
use kernel::{Month, MonthSpan, PartialDate, PersonId, Sex};
use law::person::PovertyStatus;
use law::{Benefit, CaredPerson, Enrolment, Fact, FactKind, Person};
use sqlx::PgPool;

use super::place::{Communes, Place, Places};
use super::{Case, Merged, inconsistent};
use crate::apply::ApplyError;
use crate::copy::{CopyReader, CopyRow};
use crate::event::Channel;
use crate::fact;

pub(super) struct Tables {
    communes: Communes,
    people: CopyReader<'static>,
    enrolments: Beside,
    facts: Beside,
    /// Homes of those who moved.
    homes: HashMap<i64, Vec<(Date, &'static Area)>>,
    cared: HashMap<i64, CaredPerson>,
    merged: Merged,
    places: Places,
    case: Option<Case>,
}

/// A table read beside the people: its next row and whose it is.
struct Beside {
    rows: CopyReader<'static>,
    next: Option<(i64, CopyRow)>,
}

impl Beside {
    async fn open(pool: &PgPool, statement: &str) -> sqlx::Result<Beside> {
        let mut beside = Beside {
            rows: CopyReader::of_pool(pool, statement).await?,
            next: None,
        };
        beside.step().await?;
        Ok(beside)
    }

    async fn step(&mut self) -> sqlx::Result<()> {
        self.next = match self.rows.next().await? {
            None => None,
            Some(mut row) => Some((row.i64()?, row)),
        };
        Ok(())
    }

    /// The next row of the person, if there is one more.
    async fn of(&mut self, person: i64) -> sqlx::Result<Option<CopyRow>> {
        while self.next.as_ref().is_some_and(|(whose, _)| *whose < person) {
            self.step().await?;
        }
        match self.next.take_if(|(whose, _)| *whose == person) {
            None => Ok(None),
            Some((_, row)) => {
                self.step().await?;
                Ok(Some(row))
            }
        }
    }
}

const FACT_COLUMNS: &str = "f.kind, f.from_date, f.to_date, f.variant, f.birth_date, \
    f.birth_precision, f.study_until, f.care_until, f.cared_person_id, f.relation, f.reason";

pub(super) async fn open(
    pool: &PgPool,
    communes: &Communes,
    month: Month,
) -> Result<Tables, ApplyError> {
    let mut places = Places::new(month);
    let homes = homes(pool, communes, &mut places).await?;
    let cared = cared(pool, communes).await?;
    let merged = merged(pool, communes).await?;
    let here = communes.condition("p.person_id");
    let people = format!(
        "copy (select p.person_id, p.birth_date, p.birth_precision, p.sex, p.death_date, \
         p.area_code, p.area_valid_from, p.moves, p.merged_into, y.channel \
         from person p left join payee y on y.person_id = p.person_id \
         where {here} order by p.person_id) to stdout (format binary)"
    );
    let enrolments = format!(
        "copy (select e.person_id, e.benefit, e.from_month, e.to_month, e.suspended \
         from enrolment e where {} order by e.person_id, e.benefit, e.enrolment_no) \
         to stdout (format binary)",
        communes.condition("e.person_id")
    );
    let facts = format!(
        "copy (select f.person_id, {FACT_COLUMNS} from fact f where {} \
         order by f.person_id, f.fact_no) to stdout (format binary)",
        communes.condition("f.person_id")
    );
    Ok(Tables {
        communes: communes.clone(),
        people: CopyReader::of_pool(pool, &people).await?,
        enrolments: Beside::open(pool, &enrolments).await?,
        facts: Beside::open(pool, &facts).await?,
        homes,
        cared,
        merged,
        places,
        case: None,
    })
}

/// The records merged into somebody who ever lived here.
async fn merged(pool: &PgPool, communes: &Communes) -> Result<Merged, ApplyError> {
    let statement = format!(
        "copy (select person_id, merged_into from person \
         where merged_into is not null and {}) to stdout (format binary)",
        communes.condition("merged_into")
    );
    let mut rows = CopyReader::of_pool(pool, &statement).await?;
    let mut merged = Merged::new();
    while let Some(mut row) = rows.next().await? {
        merged.insert(PersonId(row.i64()?), PersonId(row.i64()?));
    }
    Ok(merged)
}

/// Where those lived who moved at least once.
async fn homes(
    pool: &PgPool,
    communes: &Communes,
    places: &mut Places,
) -> Result<HashMap<i64, Vec<(Date, &'static Area)>>, ApplyError> {
    let statement = format!(
        "copy (select r.person_id, r.from_date, r.area_code, r.area_valid_from \
         from residence r join person p on p.person_id = r.person_id \
         where p.moves > 0 and {} order by r.person_id, r.from_date) to stdout (format binary)",
        communes.condition("r.person_id")
    );
    let mut rows = CopyReader::of_pool(pool, &statement).await?;
    let mut homes: HashMap<i64, Vec<(Date, &'static Area)>> = HashMap::new();
    while let Some(mut row) = rows.next().await? {
        let (person, since) = (row.i64()?, row.date()?);
        let place = place(places, person, &mut row)?;
        homes.entry(person).or_default().push((since, place.area));
    }
    Ok(homes)
}

/// The record itself, or the one it was merged into, which has its facts.
const KEPT: &str = "join person o on o.person_id = w.person_id \
    join person p on p.person_id = coalesce(o.merged_into, o.person_id)";

/// Birth, death and facts of everybody somebody here cares for.
async fn cared(
    pool: &PgPool,
    communes: &Communes,
) -> Result<HashMap<i64, CaredPerson>, ApplyError> {
    let wanted = format!(
        "(select distinct cared_person_id as person_id from fact \
         where cared_person_id is not null and {})",
        communes.condition("person_id")
    );
    let statement = format!(
        "copy (select w.person_id, p.person_key, p.birth_date, p.birth_precision, p.death_date \
         from {wanted} w {KEPT}) to stdout (format binary)"
    );
    let mut cared = HashMap::new();
    let mut rows = CopyReader::of_pool(pool, &statement).await?;
    while let Some(mut row) = rows.next().await? {
        let id = row.i64()?;
        let person = row.text()?.to_string();
        let birth = PartialDate::from_parts(row.date()?, &row.text()?);
        let death_date = row.opt_date()?;
        let birth_date = Some(birth);
        cared.insert(
            id,
            CaredPerson {
                person,
                birth_date,
                death_date,
                ..CaredPerson::default()
            },
        );
    }
    let statement = format!(
        "copy (select w.person_id, {FACT_COLUMNS} \
         from {wanted} w {KEPT} join fact f on f.person_id = p.person_id \
         order by w.person_id, f.fact_no) to stdout (format binary)"
    );
    let mut rows = CopyReader::of_pool(pool, &statement).await?;
    let nobody = HashMap::new();
    while let Some(mut row) = rows.next().await? {
        let id = row.i64()?;
        // Whom they care for in turn makes no difference to their carer.
        let fact = read_fact(id, &mut row, &nobody)?;
        if let (Some(it), Some(fact)) = (cared.get_mut(&id), fact) {
            it.facts.push(fact);
        }
    }
    Ok(cared)
}

fn place(places: &mut Places, person: i64, row: &mut CopyRow) -> Result<Place, ApplyError> {
    let (code, from) = (row.text()?, row.date()?);
    places
        .get(&code, from)
        .ok_or_else(|| inconsistent(person, format!("không có xã mang mã {}", &*code)))
}

impl Tables {
    pub(super) const fn merged(&self) -> &Merged {
        &self.merged
    }

    pub(super) async fn next(&mut self) -> Result<Option<&Case>, ApplyError> {
        while let Some(mut row) = self.people.next().await? {
            let mut case = self.case.take().unwrap_or_else(blank);
            let inside = self.read_person(&mut row, &mut case)?;
            if inside {
                self.read_enrolments(&mut case).await?;
                self.read_facts(&mut case).await?;
                return Ok(Some(self.case.insert(case)));
            }
            self.case = Some(case);
        }
        Ok(None)
    }

    /// Fills in the person's own row; false when they live elsewhere in the month.
    fn read_person(&mut self, row: &mut CopyRow, case: &mut Case) -> Result<bool, ApplyError> {
        let id = row.i64()?;
        case.id = PersonId(id);
        case.person.birth_date = PartialDate::from_parts(row.date()?, &row.text()?);
        case.person.sex = row.opt_i16()?.and_then(Sex::from_code);
        case.person.death_date = row.opt_date()?;
        let home = place(&mut self.places, id, row)?;
        case.residences.clear();
        if row.i16()? == 0 {
            case.residences.push((Date::MIN, home.area));
        } else {
            let homes = self.homes.get(&id);
            let homes = homes.ok_or_else(|| inconsistent(id, "thiếu nơi ở"))?;
            case.residences.extend_from_slice(homes);
        }
        case.merged_into = row.opt_i64()?.map(PersonId);
        case.channel = match row.opt_text()? {
            None => None,
            Some(code) => Some(
                Channel::from_code(&code)
                    .ok_or_else(|| inconsistent(id, "hình thức nhận không rõ"))?,
            ),
        };
        (case.commune, case.commune_confirmed) = self.places.commune(&case.residences);
        if !self.communes.contains(case.commune) {
            return Ok(false);
        }
        self.places
            .provinces(&case.residences, &mut case.person.provinces);
        Ok(true)
    }

    async fn read_enrolments(&mut self, case: &mut Case) -> Result<(), ApplyError> {
        let id = case.id.0;
        case.person.enrolments.clear();
        while let Some(mut row) = self.enrolments.of(id).await? {
            let benefit = Benefit::from_number(row.i16()?)
                .ok_or_else(|| inconsistent(id, "chính sách không rõ"))?;
            let month = |number| {
                Month::from_yyyymm(number).map_err(|bad| inconsistent(id, bad.to_string()))
            };
            let from = month(row.i32()?)?;
            let to = row.opt_i32()?.map(month).transpose()?;
            let mut suspended = Vec::new();
            for pair in row.i32_array()?.chunks_exact(2) {
                suspended.push(MonthSpan {
                    from: month(pair[0])?,
                    to: month(pair[1])?,
                });
            }
            case.person.enrolments.push(Enrolment {
                benefit,
                from,
                to,
                suspended,
            });
        }
        Ok(())
    }

    async fn read_facts(&mut self, case: &mut Case) -> Result<(), ApplyError> {
        let id = case.id.0;
        case.person.facts.clear();
        while let Some(mut row) = self.facts.of(id).await? {
            let fact = read_fact(id, &mut row, &self.cared)?;
            case.person.facts.extend(fact);
        }
        Ok(())
    }
}

fn blank() -> Case {
    Case {
        id: PersonId(0),
        person: Person {
            birth_date: PartialDate::Year(1900),
            death_date: None,
            sex: None,
            provinces: Vec::new(),
            difficult_area: false,
            enrolments: Vec::new(),
            facts: Vec::new(),
        },
        residences: Vec::new(),
        commune: &kernel::area::Areas::embedded().all()[0],
        commune_confirmed: true,
        channel: None,
        merged_into: None,
    }
}

/// A row of `fact`; `None` for a cared-for person who is not in `cared`.
fn read_fact(
    id: i64,
    row: &mut CopyRow,
    cared: &HashMap<i64, CaredPerson>,
) -> Result<Option<Fact>, ApplyError> {
    let unknown = || inconsistent(id, "tình trạng không rõ");
    let kind = row.text()?;
    let (from, to) = (row.date()?, row.opt_date()?);
    let variant = row.opt_text()?;
    let variant = variant.as_deref().unwrap_or_default();
    let (birth, precision) = (row.opt_date()?, row.opt_text()?);
    let birth = birth.zip(precision);
    let (study_until, care_until) = (row.opt_date()?, row.opt_date()?);
    let kind = match &*kind {
        "without_support" => FactKind::WithoutSupport {
            basis: fact::basis_from_code(variant).ok_or_else(unknown)?,
        },
        "studying" => FactKind::Studying { until: study_until },
        "hiv" => FactKind::Hiv,
        "poverty" if variant == "poor" => FactKind::Poverty {
            status: PovertyStatus::Poor,
        },
        "poverty" => FactKind::Poverty {
            status: fact::status_from_code(variant).ok_or_else(unknown)?,
        },
        "single" => FactKind::Single,
        "child" => FactKind::Child {
            birth_date: birth.map(|(day, precision)| PartialDate::from_parts(day, &precision)),
            studying_until: study_until,
            until: care_until,
        },
        "no_supporter" => FactKind::NoSupporter,
        "supporter_on_allowance" => FactKind::SupporterOnAllowance,
        "fostered_in_community" => FactKind::FosteredInCommunity,
        "disability" => FactKind::Disability {
            grade: fact::grade_from_code(variant).ok_or_else(unknown)?,
        },
        "pension" => FactKind::Pension,
        "stable_income" => FactKind::StableIncome,
        "pregnant" => FactKind::Pregnant,
        "in_facility" => FactKind::InFacility,
        "in_prison" => FactKind::InPrison,
        "suspended" => {
            let (_, _) = (row.opt_i64()?, row.opt_text()?);
            FactKind::Suspended {
                reason: row.text()?.to_string(),
            }
        }
        "cares_for" => {
            let (person, relation) = (row.i64()?, row.text()?);
            let Some(person) = cared.get(&person) else {
                return Ok(None);
            };
            let relation = relation.to_string();
            FactKind::CaresFor(Box::new(CaredPerson {
                relation,
                ..person.clone()
            }))
        }
        _ => return Err(unknown()),
    };
    Ok(Some(Fact { from, to, kind }))
}
