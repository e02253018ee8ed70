//! The standard amount of a province, a month and a benefit.

use jiff::civil::Date;
use kernel::{Dong, Month, ProvinceCode};

use crate::files::ProvincialStandard;
use crate::glance::Glance;
use crate::timeline::Timeline;
use crate::{Benefit, Law};

/// A standard amount and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standard {
    pub(crate) amount: Dong,
    pub(crate) law: String,
}

/// Number of province codes, 00–99.
const PROVINCES: usize = 100;

/// Standards by province and benefit, worked out once for a day.
#[derive(Clone, Debug)]
pub(crate) struct Standards {
    /// The national one first, then one for each combination that differs.
    timelines: Vec<Timeline<Standard>>,
    /// By province and benefit, the place in `timelines`.
    place: Vec<u16>,
}

const fn cell(province: ProvinceCode, benefit: Benefit) -> usize {
    province.number() as usize * (Benefit::ALL.len() + 1) + benefit.number() as usize
}

impl Standards {
    pub(crate) fn compile(law: &Law, as_of: Date) -> Standards {
        let mut national: Vec<_> = law
            .national
            .iter()
            .filter(|s| s.in_force <= as_of)
            .collect();
        national.sort_by_key(|s| s.in_force);
        let national = Timeline::new(national.into_iter().map(|s| {
            let (amount, law) = (s.amount, s.law.clone());
            (s.from, Standard { amount, law })
        }));
        let mut standards = Standards {
            timelines: vec![national],
            place: vec![0; PROVINCES * (Benefit::ALL.len() + 1)],
        };
        for number in 0..PROVINCES as u8 {
            let Some(province) = ProvinceCode::parse(&format!("{number:02}")) else {
                continue;
            };
            let own: Vec<_> = law
                .provincial
                .iter()
                .filter(|s| s.province == province.to_string() && s.in_force <= as_of)
                .collect();
            if !own.is_empty() {
                standards.add(province, &own);
            }
        }
        standards
    }

    fn add(&mut self, province: ProvinceCode, own: &[&ProvincialStandard]) {
        for benefit in Benefit::ALL {
            let applies = |s: &&&ProvincialStandard| {
                s.benefits
                    .as_ref()
                    .is_none_or(|only| only.contains(&benefit))
            };
            let mine: Vec<&ProvincialStandard> = own.iter().filter(applies).copied().collect();
            if !mine.is_empty() {
                let timeline = higher_of(&self.timelines[0], &mine);
                self.place[cell(province, benefit)] = self.timelines.len() as u16;
                self.timelines.push(timeline);
            }
        }
    }

    /// The standard that governs; `None` before the first one.
    pub(crate) fn at(
        &self,
        province: Option<ProvinceCode>,
        benefit: Benefit,
        glance: &mut Glance,
    ) -> Option<&Standard> {
        let place = province.map_or(0, |province| self.place[cell(province, benefit)]);
        self.timelines[usize::from(place)].at(glance)
    }

    /// First month with a national standard.
    pub(crate) fn first_month(&self) -> Option<Month> {
        self.timelines[0].first().map(|(from, _)| *from)
    }
}

/// Month by month the highest of the national and the province's own standards
/// (20/2021/NĐ-CP Điều 4 khoản 3: never below the national one).
fn higher_of(national: &Timeline<Standard>, own: &[&ProvincialStandard]) -> Timeline<Standard> {
    let mut turns: Vec<Month> = national.months().collect();
    for standard in own {
        turns.push(standard.from);
        turns.extend(standard.to.map(Month::next));
    }
    turns.sort_unstable();
    let first = national.first().map(|(from, _)| *from);
    turns.retain(|turn| Some(*turn) >= first && first.is_some());
    Timeline::new(turns.into_iter().filter_map(|turn| {
        let base = national.at(&mut Glance::at(turn))?.clone();
        let governing =
            |s: &&&ProvincialStandard| s.from <= turn && s.to.is_none_or(|to| turn <= to);
        let highest = own
            .iter()
            .filter(governing)
            .max_by_key(|s| s.amount)
            .filter(|s| s.amount > base.amount);
        let standard = highest.map_or(base, |s| Standard {
            amount: s.amount,
            law: s.law.clone(),
        });
        Some((turn, standard))
    }))
}
