//! The same people as rows of the import form, as far as its columns can say who they are.

use jiff::civil::Date;
use kernel::{Month, PartialDate};
use law::person::{Grade, PovertyStatus};
use law::{Benefit, FactKind, Law};
use registry::event::{Channel, Holder};
use registry::import::Column;

use crate::person::{Award, Invented, When};
use crate::plan::Plan;

impl Plan {
    /// A row for every person who draws one benefit in the month, in the order of the form's
    /// columns. Left out are people whom one row cannot describe: those with two benefits or
    /// former ones, and carers of somebody without a number to name them by.
    pub fn sheet(&self, law: &Law) -> impl Iterator<Item = Vec<String>> {
        let families = self.families.iter().enumerate();
        let drawing = families.filter(|(_, family)| family.turn.draws());
        drawing.flat_map(move |(index, _)| {
            let people = self.family(index);
            let rows = people
                .iter()
                .map(|person| row(person, people.first(), law, self.month()));
            rows.flatten().collect::<Vec<_>>()
        })
    }
}

fn row(
    person: &Invented,
    first: Option<&Invented>,
    law: &Law,
    month: Month,
) -> Option<Vec<String>> {
    let monthly = person
        .awards
        .iter()
        .filter(|award| !award.benefit.is_one_off());
    let [award] = monthly.collect::<Vec<_>>()[..] else {
        return None;
    };
    let mut row = vec![String::new(); Column::ALL.len()];
    let mut put = |column: Column, text: String| row[column as usize] = text;
    let who = &person.registration;
    put(Column::Commune, who.area.0.clone());
    put(Column::FullName, who.full_name.clone());
    put(Column::BirthDate, birth_in_sheet(who.birth_date));
    put(Column::Sex, person.sex().vietnamese().to_owned());
    put(Column::Ethnicity, who.ethnicity.clone().unwrap_or_default());
    put(Column::IdNumber, who.id_number.clone().unwrap_or_default());
    put(Column::Phone, who.phone.clone().unwrap_or_default());
    put(Column::Benefit, law.name(award.benefit).to_owned());
    put_decision(award, &mut put);
    put_facts(person, month, &mut put);
    put_payee(person, &mut put);
    if matches!(
        award.benefit,
        Benefit::HouseholdCarer
            | Benefit::CarerChild
            | Benefit::CarerOlder
            | Benefit::CarerDisability
    ) {
        let number = first?.registration.id_number.clone()?;
        put(
            Column::CaredIdNumber,
            Some(number).filter(|number| number.len() == 12)?,
        );
    }
    Some(row)
}

fn put_decision(award: &Award, put: &mut impl FnMut(Column, String)) {
    put(Column::DecisionNumber, award.decision.number.clone());
    put(Column::DecisionDate, day_in_sheet(award.decision.date));
    put(Column::From, month_in_sheet(award.from));
}

/// The facts the form has columns for, as they stand in the month.
fn put_facts(person: &Invented, month: Month, put: &mut impl FnMut(Column, String)) {
    let seen = person.as_the_law_sees(When::InMonth);
    let mut children = 0;
    for fact in seen.facts.iter().filter(|fact| fact.to.is_none()) {
        match &fact.kind {
            FactKind::Disability { grade } => {
                let grade = match grade {
                    Grade::Mild => "Nhẹ",
                    Grade::Severe => "Nặng",
                    Grade::ExtremelySevere => "Đặc biệt nặng",
                };
                put(Column::DisabilityGrade, grade.to_owned());
                put(Column::DisabilityDate, day_in_sheet(fact.from));
            }
            FactKind::Poverty { status } => {
                let status = match status {
                    PovertyStatus::Poor => "Nghèo",
                    PovertyStatus::NearPoor => "Cận nghèo",
                };
                put(Column::Poverty, status.to_owned());
            }
            FactKind::Child {
                birth_date: Some(birth),
                ..
            } => {
                children += u32::from(month.since(birth.assumed_month()) < 12 * 16);
            }
            _ => {}
        }
    }
    if children > 0 {
        put(Column::Children, children.to_string());
    }
}

fn put_payee(person: &Invented, put: &mut impl FnMut(Column, String)) {
    let payee = &person.payee;
    let channel = match payee.channel {
        Channel::Account => "Tài khoản",
        Channel::EWallet => "Ví điện tử",
        Channel::MobileMoney => "Tiền di động",
        Channel::PostOffice => "Bưu điện",
        Channel::Home => "Tại nhà",
    };
    let holder = match payee.holder {
        Holder::Itself => "Bản thân",
        Holder::Guardian => "Người giám hộ",
        Holder::Authorised => "Người được ủy quyền",
    };
    put(Column::Channel, channel.to_owned());
    put(Column::Holder, holder.to_owned());
    put(
        Column::HolderName,
        payee.holder_name.clone().unwrap_or_default(),
    );
    put(Column::Provider, payee.provider.clone().unwrap_or_default());
    put(
        Column::AccountNumber,
        payee.account_number.clone().unwrap_or_default(),
    );
}

fn day_in_sheet(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

fn month_in_sheet(month: Month) -> String {
    format!("{:02}/{}", month.number(), month.year())
}

fn birth_in_sheet(birth: PartialDate) -> String {
    match birth {
        PartialDate::Day(day) => day_in_sheet(day),
        PartialDate::Month(month) => month_in_sheet(month),
        PartialDate::Year(year) => year.to_string(),
    }
}
