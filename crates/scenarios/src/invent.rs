//! A family's people, whole: circumstances, names, numbers, home, receiver, and what happens to
//! them in the month.

use kernel::{AreaCode, Month, ProvinceCode};
use law::FactKind;
use registry::event::{CheckResult, Holder, Registration};

use crate::circumstance::{Draft, Setting, drafts};
use crate::decision::Office;
use crate::id_number::{self, Malformed};
use crate::kind::Turn;
use crate::names::{Group, full_name, surname};
use crate::payee::{Account, Receiver};
use crate::person::{Award, Ended, Identity, Invented, When};
use crate::place::Place;
use crate::plan::{Family, IdentityState, Plan, Slot};
use crate::random::Random;
use crate::spec::Wishes;

impl Plan {
    /// Every person, in order of key. People of one family follow each other, the cared-for
    /// before the carer.
    pub fn invent(&self) -> impl Iterator<Item = Invented> + '_ {
        (0..self.families.len()).flat_map(|index| self.family(index))
    }

    /// Who a family are and in which circumstances, before names and numbers.
    pub(crate) fn drawn(&self, index: usize) -> Drawn {
        let family = self.families[index];
        // A double is the person of the family before, written down again.
        let twice = family.turn == Turn::Twice;
        let drawn = if twice { index - 1 } else { index };
        let mut chance = Random::new(self.seed, &[u64::from(b'f'), drawn as u64]);
        let place = &self.places[usize::from(family.place)];
        let group = place.group(&mut chance);
        let head = surname(group, place.custom(), &mut chance);
        let turn = if twice { Turn::Calm } else { family.turn };
        Drawn {
            group,
            head,
            drafts: drafts(family.kind, turn, &self.spec.setting, &mut chance),
            chance,
        }
    }

    /// The people of one family.
    pub(crate) fn family(&self, index: usize) -> Vec<Invented> {
        let family = self.families[index];
        let place = &self.places[usize::from(family.place)];
        let Drawn {
            group,
            head,
            drafts,
            mut chance,
        } = self.drawn(index);
        let mut people: Vec<Invented> = Vec::with_capacity(drafts.len());
        for (number, draft) in drafts.into_iter().enumerate() {
            let home = Home {
                plan: self,
                place,
                family,
                group,
                head,
                number: number as u32,
            };
            let mut person = home.person(draft, people.first(), &mut chance);
            home.happens(&mut person, &mut chance);
            people.push(person);
        }
        if let [cared, carer] = people.as_mut_slice() {
            carer_collects(cared, carer);
        }
        people
    }
}

/// The beginning of a family.
pub(crate) struct Drawn {
    group: Group,
    head: &'static str,
    pub(crate) drafts: Vec<Draft>,
    /// What the rest is drawn from.
    chance: Random,
}

/// Where one person of a family stands.
pub(crate) struct Home<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) place: &'a Place,
    pub(crate) family: Family,
    group: Group,
    head: &'static str,
    /// 0 the first person of the family, 1 the carer.
    number: u32,
}

impl Home<'_> {
    pub(crate) fn setting(&self) -> &Setting {
        &self.plan.spec.setting
    }

    fn serial(&self) -> u32 {
        self.family.first + self.number
    }

    /// Tells ID numbers of the same sex and year of birth apart.
    fn id_serial(&self) -> u32 {
        let serial = self.serial();
        let given = self.plan.id_serials.get(serial as usize);
        given.copied().unwrap_or(serial)
    }

    fn slot(&self) -> Slot {
        self.plan.slots[self.serial() as usize]
    }

    fn key(&self, serial: u32) -> String {
        format!("{}{serial:06}", self.plan.spec.prefix, serial = serial + 1)
    }

    pub(crate) fn office(&self) -> Office<'_> {
        let (seed, district) = (self.plan.seed, self.place.district);
        Office {
            setting: self.setting(),
            seed,
            district,
        }
    }

    fn person(&self, mut draft: Draft, first: Option<&Invented>, chance: &mut Random) -> Invented {
        let when = if self.family.turn.is_new() {
            When::InMonth
        } else {
            When::Before
        };
        let (surname, group) = self.descent(&draft, chance);
        name_cared_person(&mut draft, first);
        let awards = self.awards(&draft, when, chance);
        let began = awards.iter().map(|award| award.from).min();
        let registration = self.registration(&draft, surname, group, chance);
        let receiver = Receiver {
            account: self.slot().account,
            setting: self.setting(),
            kind: (self.number == 0).then_some(self.family.kind),
            birth: draft.birth.assumed_day(),
            group,
            custom: self.place.custom(),
            surname,
            serial: self.plan.first_serial + self.serial(),
        };
        let payee = receiver.choose(chance);
        Invented {
            key: self.key(self.serial()),
            when,
            since: began.unwrap_or(self.setting().month).first_day(),
            registration,
            difficult_area: self.place.difficult,
            province: self.province(),
            facts: draft.facts,
            awards,
            rest: None,
            death: None,
            moved: None,
            identity: self.identity(chance),
            payee,
            wants_account: self.wish(chance),
        }
    }

    pub(crate) fn province(&self) -> ProvinceCode {
        let areas = kernel::area::Areas::embedded();
        let area = areas.on(self.place.code, self.setting().known_before);
        area.map(|area| areas.province_code_of(area))
            .expect("places are read from the table of areas for this day")
    }

    /// Surname by relation: fathers, brothers and sisters share it, spouses and mothers do not.
    fn descent(&self, draft: &Draft, chance: &mut Random) -> (&'static str, Group) {
        let shares = matches!(draft.relation, "" | "father" | "sibling" | "child");
        if shares {
            return (self.head, self.group);
        }
        let group = match draft.relation {
            "taken_in" => self.place.group(chance),
            _ => self.group,
        };
        (surname(group, self.place.custom(), chance), group)
    }

    fn registration(
        &self,
        draft: &Draft,
        surname: &'static str,
        group: Group,
        chance: &mut Random,
    ) -> Registration {
        let year = draft.birth.year();
        let full_name = full_name(group, surname, draft.sex, year, chance);
        let household = self.key(self.family.first);
        let reachable = self.number == 1 || !self.family.kind.needs_guardian();
        let phone = reachable && chance.per_mille(if year < 1950 { 250 } else { 700 });
        Registration {
            full_name: if self.family.turn == Turn::Twice {
                other_tone_place(&full_name)
            } else {
                full_name
            },
            birth_date: draft.birth,
            sex: Some(draft.sex),
            ethnicity: Some(group.code().to_owned()),
            id_number: self.id_number(draft),
            area: AreaCode::from(self.place.code),
            household_id: Some(format!("H{household}")),
            // No network numbers begin with 010 any more.
            phone: phone.then(|| format!("0100{:06}", self.serial())),
        }
    }

    fn id_number(&self, draft: &Draft) -> Option<String> {
        let birth = draft.birth.assumed_day();
        let right = id_number::invented(draft.sex, birth, self.id_serial());
        let child = birth.year() + 15 > self.setting().month.year();
        match self.slot().identity {
            IdentityState::Missing => None,
            // Children had no card.
            IdentityState::Malformed(Malformed::OldCard) if child => {
                Some(Malformed::Cut.of(&right))
            }
            IdentityState::Malformed(how) => Some(how.of(&right)),
            _ => Some(right),
        }
    }

    fn awards(&self, draft: &Draft, when: When, chance: &mut Random) -> Vec<Award> {
        let mut awards = Vec::with_capacity(draft.benefits.len() + draft.former.len());
        let office = self.office();
        for (benefit, from, last) in &draft.former {
            let decision = office.award(*benefit, *from, when, from.first_day(), chance);
            let reason = "Đủ 16 tuổi";
            let ended = Some(Ended {
                when,
                last: *last,
                reason,
                decision: None,
            });
            awards.push(Award {
                when,
                benefit: *benefit,
                from: *from,
                decision,
                ended,
            });
        }
        for (benefit, from) in &draft.benefits {
            let facts = draft.facts.iter().map(|note| note.fact.from);
            let true_since = facts.filter(|day| *day <= from.last_day()).max();
            let not_before = true_since.unwrap_or_else(|| from.first_day());
            let decision = office.award(*benefit, *from, when, not_before, chance);
            awards.push(Award {
                when,
                benefit: *benefit,
                from: *from,
                decision,
                ended: None,
            });
        }
        awards
    }

    fn identity(&self, chance: &mut Random) -> Option<Identity> {
        if self.plan.spec.identity.nobody_asked {
            return None;
        }
        let (result, fields) = match self.slot().identity {
            IdentityState::Missing | IdentityState::Malformed(_) | IdentityState::Pending => {
                return None;
            }
            IdentityState::Verified => (CheckResult::Verified, Vec::new()),
            IdentityState::NotFound => (CheckResult::NotFound, Vec::new()),
            IdentityState::Mismatch => (CheckResult::Mismatch, differing_fields(chance)),
        };
        let known = if self.family.turn.is_new() {
            (self.setting().month.first_day(), self.setting().known)
        } else {
            let known = self.setting().known_before;
            (Month::of(known).plus(-2).first_day(), known)
        };
        Some(Identity {
            result,
            fields,
            day: chance.day(known.0, known.1),
        })
    }

    fn wish(&self, chance: &mut Random) -> Option<bool> {
        match (self.plan.spec.wishes, self.slot().account) {
            (Wishes::NotAsked, _) => None,
            (_, Account::Paid) | (Wishes::OfHolders, Account::Unused) => Some(true),
            (Wishes::OfHolders, Account::None) => None,
            (Wishes::Asked, Account::Unused) => Some(chance.per_mille(650)),
            (Wishes::Asked, Account::None) => chance.per_mille(340).then(|| chance.per_mille(230)),
        }
    }
}

/// The guardian of somebody cared for is the carer.
fn carer_collects(cared: &mut Invented, carer: &Invented) {
    if cared.payee.holder == Holder::Guardian {
        cared.payee.holder_name = Some(carer.registration.full_name.clone());
        cared
            .payee
            .holder_id_number
            .clone_from(&carer.registration.id_number);
    }
}

/// A carer's fact names the person cared for, invented just before.
fn name_cared_person(draft: &mut Draft, first: Option<&Invented>) {
    for note in &mut draft.facts {
        if let (FactKind::CaresFor(cared), Some(first)) = (&mut note.fact.kind, first) {
            cared.person = first.key.clone();
        }
    }
}

/// Which fields differ: names most of all, then birth dates.
fn differing_fields(chance: &mut Random) -> Vec<&'static str> {
    let sets: [(&[&str], u32); 5] = [
        (&["full_name"], 47),
        (&["birth_date"], 33),
        (&["full_name", "birth_date"], 9),
        (&["ethnicity"], 7),
        (&["sex"], 4),
    ];
    chance
        .weighted(&sets)
        .map_or_else(Vec::new, |set| set.to_vec())
}

/// The name as another clerk writes it: the tone mark on the other letter, if a
/// syllable allows it.
fn other_tone_place(name: &str) -> String {
    let pairs = [
        ("òa", "oà"),
        ("óa", "oá"),
        ("ùy", "uỳ"),
        ("úy", "uý"),
        ("ủy", "uỷ"),
        ("òe", "oè"),
    ];
    pairs
        .iter()
        .fold(name.to_owned(), |name, (new, old)| name.replace(new, old))
}
