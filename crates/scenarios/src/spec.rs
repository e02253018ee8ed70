//! What a scenario fixes: month, districts, and how many people are in which circumstances. Every
//! published figure is met by inventing so many people, never by writing it into a report.

use jiff::civil::Date;
use kernel::Month;

use crate::circumstance::Setting;
use crate::dossiers::Online;
use crate::id_number::Malformed;
use crate::kind::{Kind, Turn};
use crate::place::{District, share_out};

/// One scenario.
#[derive(Clone, Debug)]
pub struct Spec {
    /// `quang-ngai-2024-05`.
    pub name: &'static str,
    /// What users read.
    pub title: &'static str,
    /// The area whose list is made.
    pub area: &'static str,
    /// Beginning of every person's key.
    pub prefix: &'static str,
    /// Month and days.
    pub setting: Setting,
    /// Districts, in order of code.
    pub districts: Vec<District>,
    /// How many families of each kind draw a benefit in the month.
    pub kinds: Vec<(Kind, u32)>,
    /// How often what happens in the month. Families that draw nothing any more come on top of
    /// `kinds`.
    pub turns: Vec<(Turn, u32)>,
    /// What is known of identity.
    pub identity: IdentityFigures,
    /// People with an account, and of them those whose money still goes to the post office.
    pub accounts: (u32, u32),
    /// Who was asked whether they wish an account.
    pub wishes: Wishes,
    /// Percent of the people the area is to pay by account by the end of the month's year.
    pub target: Option<u8>,
    /// Half coefficients the list of the month must add up to, arrears included; `None` when no
    /// sum is prescribed.
    pub halves: Option<u32>,
    /// Where dossiers are carried through in the system; `None` when the scenario has no dossiers.
    pub online: Option<Online>,
}

/// Who was asked whether they wish an account, and what they said.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Wishes {
    /// A third of those without one; a few of those with one do not want to be paid into it.
    #[default]
    Asked,
    /// Only those who opened one, all of whom wish to be paid into it.
    OfHolders,
    /// Nobody.
    NotAsked,
}

/// How many of the people who draw a benefit have which state of identity.
#[derive(Clone, Debug, Default)]
pub struct IdentityFigures {
    /// No number.
    pub missing: u32,
    /// A number that is not twelve digits.
    pub malformed: Vec<(Malformed, u32)>,
    /// The population database finds nothing.
    pub not_found: u32,
    /// Fields differ.
    pub mismatch: u32,
    /// Not yet asked.
    pub pending: u32,
    /// Nobody is asked at all: before the population database answers.
    pub nobody_asked: bool,
}

impl Spec {
    /// How many people draw a benefit in the month.
    pub fn people(&self) -> u32 {
        self.kinds
            .iter()
            .map(|(kind, count)| kind.people() * count)
            .sum()
    }

    /// The last month the earlier system paid.
    pub fn opening(&self) -> Month {
        self.setting.month.previous()
    }

    /// The last day the earlier system knew.
    pub const fn known_before(&self) -> Date {
        self.setting.known_before
    }

    /// The same scenario with so many people, every figure in proportion.
    pub fn scaled(mut self, people: u32) -> Spec {
        let whole = self.people();
        if people == whole {
            return self;
        }
        let part = |count: u32| scale(count, people, whole);
        let families = |kinds: &[(Kind, u32)]| kinds.iter().map(|(_, count)| *count).collect();
        let counts: Vec<u32> = families(&self.kinds);
        let shares = share_out(part(counts.iter().sum()), &counts);
        for (kind, share) in self.kinds.iter_mut().zip(shares) {
            kind.1 = share;
        }
        self.meet(people);
        for turn in &mut self.turns {
            turn.1 = part(turn.1);
        }
        let identity = &mut self.identity;
        for malformed in &mut identity.malformed {
            malformed.1 = part(malformed.1);
        }
        for count in [
            &mut identity.missing,
            &mut identity.not_found,
            &mut identity.mismatch,
            &mut identity.pending,
            &mut self.accounts.0,
            &mut self.accounts.1,
        ] {
            *count = part(*count);
        }
        self.halves = None;
        self
    }

    /// Rounding of families of two leaves a few people too many or too few: the most frequent kind
    /// takes the difference.
    fn meet(&mut self, people: u32) {
        let have = self.people();
        let single = self.kinds.iter_mut().filter(|(kind, _)| kind.people() == 1);
        if let Some((_, count)) = single.max_by_key(|(_, count)| *count) {
            *count = (*count + people).saturating_sub(have);
        }
    }
}

fn scale(count: u32, people: u32, whole: u32) -> u32 {
    (u64::from(count) * u64::from(people) / u64::from(whole.max(1))) as u32
}
