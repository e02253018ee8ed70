//! What the month brings to people: deaths, moves, rests, ends.

use jiff::civil::Date;
use kernel::{Month, ProvinceCode};
use law::Benefit;
use registry::event::Decision;

use crate::invent::Home;
use crate::kind::Turn;
use crate::person::{Award, Ended, Invented, Rest, When};
use crate::random::Random;

impl Home<'_> {
    /// What the month brings.
    pub(crate) fn happens(&self, person: &mut Invented, chance: &mut Random) {
        let month = self.setting().month;
        let day_of =
            |month: Month, chance: &mut Random| chance.day(month.first_day(), month.last_day());
        match self.family.turn {
            Turn::Died => {
                let day = chance.day(month.first_day(), self.setting().known);
                person.death = Some(day);
                person.awards.push(self.funeral(day, chance));
            }
            Turn::DiedLastMonth => person.death = Some(day_of(month.previous(), chance)),
            Turn::Resumed => {
                let found_unchanged = self.office().change(chance);
                person.rest = Some(rest(When::Before, month.plus(-2), Some(found_unchanged)));
            }
            Turn::Resting => person.rest = Some(rest(When::InMonth, month, None)),
            Turn::MovedWithin => person.moved = self.elsewhere(chance),
            Turn::MovedAway => {
                let day = day_of(month.previous(), chance);
                person.moved = Some((day, TO_THE_CITY.0, city()));
            }
            Turn::Ended => self.end(person, month.previous(), chance),
            // The rest is in the circumstances themselves.
            _ => {}
        }
    }

    fn funeral(&self, death: Date, chance: &mut Random) -> Award {
        let (when, benefit, from) = (When::InMonth, Benefit::Funeral, Month::of(death));
        let decision = self.office().award(benefit, from, when, death, chance);
        Award {
            when,
            benefit,
            from,
            decision,
            ended: None,
        }
    }

    /// The yearly review, or an inspection, found somebody not entitled.
    fn end(&self, person: &mut Invented, last: Month, chance: &mut Random) {
        let reason = if chance.per_mille(600) {
            "Không còn thuộc hộ nghèo"
        } else {
            "Không đủ điều kiện theo kết quả kiểm tra"
        };
        for award in &mut person.awards {
            let decision = Some(self.office().change(chance));
            award.ended = Some(Ended {
                when: When::InMonth,
                last,
                reason,
                decision,
            });
        }
    }

    /// Another commune of the province.
    fn elsewhere(&self, chance: &mut Random) -> Option<(Date, &'static str, ProvinceCode)> {
        let mut to = chance.pick(&self.plan.places)?;
        if to.code == self.place.code {
            to = self
                .plan
                .places
                .iter()
                .find(|place| place.code != self.place.code)?;
        }
        let day = chance.day(self.setting().month.first_day(), self.setting().known);
        Some((day, to.code, self.province()))
    }
}

/// People who leave the province go to Bình Hưng Hoà B, a commune of Hồ Chí Minh City.
const TO_THE_CITY: (&str, &str) = ("27442", "79");

fn city() -> ProvinceCode {
    ProvinceCode::parse(TO_THE_CITY.1).expect("two digits")
}

fn rest(when: When, from: Month, resumed: Option<Decision>) -> Rest {
    Rest {
        when,
        from,
        reason: "Chưa có mặt khi rà soát",
        resumed,
    }
}
