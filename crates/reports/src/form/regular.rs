//! Form 10a: results of regular assistance.
//!
//! People are those whom the lists of the last month pay for that month, by age on its last day,
//! and of grants paid once those of all the months; money is what the lists of all months order for the first time: what is carried over was
//! ordered before, and what is owed back is not set off. A carer's allowance stands in the row of
//! whoever is cared for, the first of several.

use kernel::{Actor, Dong, Month, Sex};
use law::Benefit;
use payments::{LineKind, Office, Refused};

use super::{Band, Figures, Form, Row, Which, half_year, of_drafts};
use crate::caseload::CARERS;
use crate::question::ByArea;

/// Lines of one benefit, age and so on, added up.
#[derive(Clone, Copy, Debug)]
struct Group {
    benefit: Benefit,
    /// Age of whoever is counted, on the last day of the month.
    band: Band,
    /// Whether the certificate says extremely severe; `None` without one.
    extremely: Option<bool>,
    poor: bool,
    figures: Figures,
}

/// Fills the form in for an area and month; money counts from `from`, or from the beginning of the
/// half-year.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn form_10a(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
    from: Option<Month>,
) -> Result<Form, Refused> {
    let (scope, lists) = super::sources(office, actor, of).await?;
    let from = from.unwrap_or_else(|| half_year(of.month)).min(of.month);
    let groups = groups(office, &scope, from).await?;
    let unknown: i64 = groups
        .iter()
        .map(|it| it.figures.people - it.figures.male - it.figures.female)
        .sum();
    let mut notes = vec![
        "Trợ cấp của người, hộ nhận chăm sóc tính theo người được chăm sóc (mục II). Không gồm tiền chuyển kỳ trước; không trừ tiền phải thu hồi.".to_owned(),
    ];
    if unknown > 0 {
        notes.push(format!(
            "{unknown} người chưa ghi giới tính, chỉ có trong cột tổng số."
        ));
    }
    notes.extend(of_drafts(&lists));
    Ok(Form {
        which: Which::Regular,
        report: "form-10a",
        number: "Mẫu số 10a",
        title: "SỐ LIỆU KẾT QUẢ THỰC HIỆN TRỢ GIÚP XÃ HỘI THƯỜNG XUYÊN",
        area: scope.area,
        from,
        month: of.month,
        lists,
        rows: rows(office.law, &groups),
        notes,
    })
}

/// A row and which groups it counts.
struct Line<'a> {
    groups: &'a [Group],
    rows: Vec<Row>,
}

impl Line<'_> {
    fn add(
        &mut self,
        number: &'static str,
        label: &str,
        sum: bool,
        counts: impl Fn(&Group) -> bool,
    ) {
        let mut figures = Figures::default();
        for group in self.groups.iter().filter(|group| counts(group)) {
            figures += group.figures;
        }
        self.rows.push(Row {
            number,
            label: label.to_owned(),
            sum,
            unit: None,
            figures: Some(figures),
        });
    }

    fn not_recorded(&mut self, number: &'static str, label: &str) {
        self.rows.push(Row {
            number,
            label: label.to_owned(),
            sum: false,
            unit: None,
            figures: None,
        });
    }

    /// Under 16, 16 to 59, 60 and over, of the groups that count.
    fn bands(&mut self, counts: impl Fn(&Group) -> bool + Copy) {
        for (number, label, wanted) in [
            ("a", "Dưới 16 tuổi", [Band::Under4, Band::Under16]),
            ("b", "Từ đủ 16 tuổi đến dưới 60 tuổi", [Band::Under60; 2]),
            ("c", "Từ đủ 60 tuổi trở lên", [Band::From60; 2]),
        ] {
            self.add(number, label, false, |group| {
                counts(group) && wanted.contains(&group.band)
            });
        }
    }
}

const HIV: [Benefit; 2] = [Benefit::ChildWithHiv, Benefit::PoorAdultWithHiv];
const ELDERLY: [Benefit; 3] = [
    Benefit::OlderPoorWithoutSupport,
    Benefit::Older80WithoutPension,
    Benefit::OlderFostered,
];

/// The monthly allowances the form has rows for.
fn monthly(benefit: Benefit) -> bool {
    use Benefit::*;
    matches!(
        benefit,
        ChildWithoutSupport | StudentWithoutSupport | PoorSingleParent | Disability
    ) || HIV.contains(&benefit)
        || ELDERLY.contains(&benefit)
}

/// What the form has no row for.
fn outside(benefit: Benefit) -> bool {
    let inside = monthly(benefit)
        || CARERS.contains(&benefit)
        || matches!(benefit, Benefit::FacilityCare | Benefit::Funeral);
    !inside
}

fn rows(law: &law::Law, groups: &[Group]) -> Vec<Row> {
    let mut form = Line {
        groups,
        rows: Vec::new(),
    };
    allowances(&mut form);
    care(&mut form);
    facilities(&mut form);
    form.add("IV", "Hỗ trợ chi phí mai táng", true, |it| {
        it.benefit == Benefit::Funeral
    });
    form.add("", "Ngoài các mục của mẫu 10a", true, |it| {
        outside(it.benefit)
    });
    for benefit in Benefit::ALL.into_iter().filter(|it| outside(*it)) {
        if groups.iter().any(|it| it.benefit == benefit) {
            form.add("", law.name(benefit), false, |it| it.benefit == benefit);
        }
    }
    form.add("", "Tổng cộng (lượt chính sách)", true, |_| true);
    form.rows
}

fn allowances(form: &mut Line<'_>) {
    let of = |wanted: Benefit| move |it: &Group| it.benefit == wanted;
    form.add("I", "Trợ cấp xã hội hằng tháng", true, |it| {
        monthly(it.benefit)
    });
    let child = of(Benefit::ChildWithoutSupport);
    form.add("1", "Trẻ em không có nguồn nuôi dưỡng", false, child);
    form.add("", "Trong đó: dưới 4 tuổi", false, |it| {
        child(it) && it.band == Band::Under4
    });
    form.add(
        "2",
        "Người từ 16 đến 22 tuổi không có nguồn nuôi dưỡng đang đi học",
        false,
        of(Benefit::StudentWithoutSupport),
    );
    let hiv = |it: &Group| HIV.contains(&it.benefit);
    form.add("3", "Người nhiễm HIV/AIDS thuộc hộ nghèo", false, hiv);
    form.add("3.1", "Dưới 4 tuổi", false, |it| {
        hiv(it) && it.band == Band::Under4
    });
    form.add(
        "3.2",
        "Từ đủ 4 tuổi đến dưới 16 tuổi",
        false,
        |it| hiv(it) && it.band == Band::Under16,
    );
    form.add("3.3", "Từ đủ 16 tuổi trở lên", false, |it| {
        hiv(it) && !it.band.is_child()
    });
    form.add(
        "4",
        "Người đơn thân nghèo đang nuôi con",
        false,
        of(Benefit::PoorSingleParent),
    );
    form.add("5", "Người cao tuổi", false, |it| {
        ELDERLY.contains(&it.benefit)
    });
    form.add(
        "5.1",
        "Thuộc hộ nghèo, không có người phụng dưỡng",
        false,
        of(Benefit::OlderPoorWithoutSupport),
    );
    let over_80 = of(Benefit::Older80WithoutPension);
    form.add(
        "5.2",
        "Từ đủ 80 tuổi không có lương hưu, trợ cấp bảo hiểm xã hội",
        false,
        over_80,
    );
    form.add("", "Trong đó: thuộc hộ nghèo", false, |it| {
        over_80(it) && it.poor
    });
    form.add(
        "5.3",
        "Được nhận chăm sóc tại cộng đồng",
        false,
        of(Benefit::OlderFostered),
    );
    let disabled = of(Benefit::Disability);
    form.add("6", "Người khuyết tật", false, disabled);
    let extremely = |it: &Group| disabled(it) && it.extremely == Some(true);
    form.add("6.1", "Đặc biệt nặng", false, extremely);
    form.bands(extremely);
    let severe = |it: &Group| disabled(it) && it.extremely != Some(true);
    form.add("6.2", "Nặng", false, severe);
    form.bands(severe);
}

fn care(form: &mut Line<'_>) {
    form.add(
        "II",
        "Chăm sóc, nuôi dưỡng tại cộng đồng",
        true,
        |it| CARERS.contains(&it.benefit),
    );
    let child = |it: &Group| it.benefit == Benefit::CarerChild;
    form.add("1", "Trẻ em", false, child);
    form.add("", "Trong đó: dưới 4 tuổi", false, |it| {
        child(it) && it.band == Band::Under4
    });
    let disabled = |it: &Group| {
        matches!(
            it.benefit,
            Benefit::CarerDisability | Benefit::HouseholdCarer
        )
    };
    form.add("2", "Người khuyết tật đặc biệt nặng", false, disabled);
    form.bands(disabled);
    form.add("3", "Người cao tuổi", false, |it| {
        it.benefit == Benefit::CarerOlder
    });
}

/// Of people in a facility the records say no more than that they are there.
fn facilities(form: &mut Line<'_>) {
    form.add(
        "III",
        "Nuôi dưỡng tại cơ sở trợ giúp xã hội",
        true,
        |it| it.benefit == Benefit::FacilityCare,
    );
    for (number, label) in [
        ("1", "Trẻ em"),
        ("2", "Người từ 16 đến 22 tuổi đang đi học"),
        ("3", "Người nhiễm HIV/AIDS"),
        ("4", "Người cao tuổi"),
        ("5", "Người khuyết tật đặc biệt nặng"),
        ("6", "Đối tượng cần bảo vệ khẩn cấp"),
    ] {
        form.not_recorded(number, label);
    }
}

async fn groups(
    office: &Office<'_>,
    scope: &payments::Scope,
    from: Month,
) -> Result<Vec<Group>, Refused> {
    let (everywhere, codes, since) = super::columns(scope);
    let mut tx = office
        .pool
        .begin_with("begin; set local plan_cache_mode = force_custom_plan")
        .await?;
    let rows = sqlx::query!(
        r#"with line as (
               select l.list_month, l.person_id, l.benefit, l.kind, l.amount,
                      make_date(l.list_month / 100, l.list_month % 100, 1) as first_day,
                      (make_date(l.list_month / 100, l.list_month % 100, 1)
                          + interval '1 month' - interval '1 day')::date as last_day
               from list_line l
               where l.list_month between $1 and $2 and l.kind = any($6)
                 and ($3 or (l.area_code, l.area_valid_from)
                            in (select * from unnest($4::text[], $5::date[])))),
           counted as (
               select line.*, coalesce(cared.cared_person_id, line.person_id) as subject
               from line left join lateral (
                   select f.cared_person_id from fact f
                   where f.person_id = line.person_id and f.kind = 'cares_for'
                     and f.from_date <= line.last_day
                     and (f.to_date is null or f.to_date >= line.first_day)
                   order by f.fact_no limit 1) cared on line.benefit = any($7))
           select benefit as "benefit!",
                  least(extract(year from age(last_day, p.birth_date)), 60)::int as "years!",
                  grade.variant as "grade?", poverty.poor is not null as "poor!", p.sex as "sex?",
                  count(*) filter (where counted.kind = $8 and list_month = $2
                                      or counted.kind = $11) as "people!",
                  sum(amount)::bigint as "amount!"
           from counted join person p on p.person_id = subject
           left join lateral (
               select f.variant from fact f
               where f.person_id = subject and f.kind = 'disability' and f.from_date <= last_day
               order by f.from_date desc, f.fact_no desc limit 1) grade on benefit = $9
           left join lateral (
               select true as poor from fact f
               where f.person_id = subject and f.kind = 'poverty' and f.variant = 'poor'
                 and f.from_date <= last_day and (f.to_date is null or f.to_date >= first_day)
               limit 1) poverty on benefit = $10
           group by 1, 2, 3, 4, 5"#,
        from.yyyymm(),
        scope.month.yyyymm(),
        everywhere,
        &codes,
        &since as _,
        &[
            LineKind::Regular.number(),
            LineKind::Arrears.number(),
            LineKind::OneOff.number()
        ][..],
        &CARERS.map(Benefit::number)[..],
        LineKind::Regular.number(),
        Benefit::Disability.number(),
        Benefit::Older80WithoutPension.number(),
        LineKind::OneOff.number(),
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        let no_benefit = || Refused::Inconsistent(format!("no benefit {}", row.benefit));
        let sex = row.sex.and_then(Sex::from_code);
        let of = |wanted| if sex == Some(wanted) { row.people } else { 0 };
        groups.push(Group {
            benefit: Benefit::from_number(row.benefit).ok_or_else(no_benefit)?,
            band: Band::of(row.years),
            extremely: row
                .grade
                .as_deref()
                .map(|grade| grade == "extremely_severe"),
            poor: row.poor,
            figures: Figures {
                people: row.people,
                male: of(Sex::Male),
                female: of(Sex::Female),
                amount: Dong(row.amount),
            },
        });
    }
    Ok(groups)
}
