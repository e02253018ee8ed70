//! From figures to families: which family lives where, in which circumstances, and what is known
//! of each of its people. Small enough to keep for a whole nation; the people themselves are
//! invented when they are needed.

use crate::id_number::Malformed;
use crate::kind::{Kind, Turn};
use crate::payee::Account;
use crate::place::{Place, places, share_out};
use crate::random::Random;
use crate::spec::Spec;

/// One family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Family {
    pub(crate) place: u16,
    pub(crate) kind: Kind,
    pub(crate) turn: Turn,
    /// The first of its people in [`Plan::slots`].
    pub(crate) first: u32,
}

/// What is known of one person of a family.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slot {
    pub(crate) account: Account,
    pub(crate) identity: IdentityState,
}

/// How a person stands to the population database.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum IdentityState {
    #[default]
    Verified,
    Missing,
    Malformed(Malformed),
    NotFound,
    Mismatch,
    Pending,
}

/// Every family of a scenario.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) spec: Spec,
    pub(crate) seed: u64,
    pub(crate) places: Vec<Place>,
    pub(crate) families: Vec<Family>,
    pub(crate) slots: Vec<Slot>,
    /// Of a part of a nation: how many people the parts before it have.
    pub(crate) first_serial: u32,
    /// Of a part of a nation: what tells its people's ID numbers from all others', by slot.
    pub(crate) id_serials: Vec<u32>,
}

impl Plan {
    /// Lays the families of a scenario out.
    pub fn new(spec: Spec, seed: u64) -> Plan {
        let places = places(&spec.districts, spec.setting.known_before, seed);
        let mut plan = Plan {
            spec,
            seed,
            places,
            families: Vec::new(),
            slots: Vec::new(),
            first_serial: 0,
            id_serials: Vec::new(),
        };
        plan.settle();
        plan.turn();
        plan.number();
        plan.identify();
        plan.bank();
        plan.solve();
        plan
    }

    /// How many people there are, with those who draw nothing any more.
    pub fn people(&self) -> usize {
        self.slots.len()
    }

    /// Gives every family a home; the families of a commune come in no order of kind.
    fn settle(&mut self) {
        let mut at: Vec<Vec<(Kind, Turn)>> = vec![Vec::new(); self.places.len()];
        for (kind, count) in &self.spec.kinds {
            let weights: Vec<u32> = self
                .places
                .iter()
                .map(|place| self.weight(place, *kind))
                .collect();
            for (home, share) in at.iter_mut().zip(share_out(*count, &weights)) {
                home.extend((0..share).map(|_| (*kind, Turn::Calm)));
            }
        }
        let weights: Vec<(usize, u32)> = self
            .places
            .iter()
            .enumerate()
            .map(|(index, place)| (index, self.weight(place, Kind::Older80)))
            .collect();
        let mut chance = Random::new(self.seed, &[u64::from(b'x')]);
        for (turn, count) in self.spec.turns.iter().filter(|(turn, _)| !turn.draws()) {
            let kinds: Vec<(Kind, u32)> = self
                .spec
                .kinds
                .iter()
                .filter(|(kind, _)| leaves(*turn, *kind))
                .copied()
                .collect();
            for _ in 0..*count {
                let kind = chance.weighted(&kinds).copied().unwrap_or(Kind::Older80);
                let home = chance.weighted(&weights).copied().unwrap_or(0);
                at[home].push((kind, *turn));
            }
        }
        for (place, mut families) in at.into_iter().enumerate() {
            for last in (1..families.len()).rev() {
                families.swap(last, chance.below(last as u32 + 1) as usize);
            }
            let place = place as u16;
            let family = |(kind, turn)| Family {
                place,
                kind,
                turn,
                first: 0,
            };
            self.families.extend(families.into_iter().map(family));
        }
    }

    fn weight(&self, place: &Place, kind: Kind) -> u32 {
        if kind.difficult_area_only() && !place.difficult {
            return 0;
        }
        let district = &self.spec.districts[place.district];
        let around = self
            .places
            .iter()
            .filter(|other| other.district == place.district);
        let sum: u32 = around.map(|other| other.weight).sum();
        let poor = matches!(
            kind,
            Kind::OlderPoor | Kind::SingleParent | Kind::OrphanTakenIn
        );
        let factor = if poor && place.difficult { 2 } else { 1 };
        district.weight * 1_000 * factor * place.weight / sum.max(1)
    }

    /// Decides in which families something happens in the month.
    fn turn(&mut self) {
        let turns = self.spec.turns.clone();
        for (turn, count) in turns.into_iter().filter(|(turn, _)| turn.draws()) {
            let fitting = self.families.iter().enumerate().filter(|(index, family)| {
                let calm = family.turn == Turn::Calm && turn.fits(family.kind);
                calm && (turn != Turn::Twice || self.follows_its_like(*index))
            });
            let fitting: Vec<(usize, u32)> = fitting.map(|(index, _)| (index, 1)).collect();
            for index in self.choose(&fitting, count, turn as u64) {
                // The family before a double stays as it is: it is the same person.
                if turn != Turn::Twice || self.follows_its_like(index) {
                    self.families[index].turn = turn;
                }
            }
        }
    }

    /// Whether the family can be the one before it, written down twice. A finished district has
    /// found its doubles.
    fn follows_its_like(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1).map(|before| self.families[before]) else {
            return false;
        };
        let family = self.families[index];
        let alike = before.kind == family.kind && before.place == family.place;
        before.turn == Turn::Calm && alike && !self.is_finished(&family)
    }

    fn is_finished(&self, family: &Family) -> bool {
        let district = self.places[usize::from(family.place)].district;
        self.spec.districts[district].finished
    }

    fn number(&mut self) {
        let mut next = 0;
        for family in &mut self.families {
            family.first = next;
            next += family.kind.people();
        }
        self.slots = vec![Slot::default(); next as usize];
    }

    /// Gives people the states of identity. Those who draw nothing any more, and the finished
    /// districts, have nothing open.
    fn identify(&mut self) {
        let figures = self.spec.identity.clone();
        let states = [
            (IdentityState::Missing, figures.missing),
            (IdentityState::NotFound, figures.not_found),
            (IdentityState::Mismatch, figures.mismatch),
        ];
        let malformed = figures.malformed.iter();
        let malformed = malformed.map(|(how, count)| (IdentityState::Malformed(*how), *count));
        let mut states: Vec<(IdentityState, u32)> = states.into_iter().chain(malformed).collect();
        states.push((IdentityState::Pending, figures.pending));
        let doubles = self.slots_of(|family, _| family.turn == Turn::Twice);
        for (slot, _) in &doubles {
            self.slots[*slot].identity = IdentityState::Missing;
        }
        states[0].1 = states[0].1.saturating_sub(doubles.len() as u32);
        for (salt, (state, count)) in states.into_iter().enumerate() {
            let open =
                self.slots_of(|family, plan| family.turn.draws() && !plan.is_finished(family));
            let untouched =
                |slot: &(usize, u32)| self.slots[slot.0].identity == IdentityState::Verified;
            let open: Vec<(usize, u32)> = open.into_iter().filter(untouched).collect();
            for slot in self.choose(&open, count, 100 + salt as u64) {
                self.slots[slot].identity = state;
            }
        }
    }

    /// Gives people accounts: more where banks are near, and to those who collect for themselves.
    fn bank(&mut self) {
        let (with, unused) = self.spec.accounts;
        let drawing = self.slots_of(|family, _| family.turn.draws());
        let weighted: Vec<(usize, u32)> = drawing
            .into_iter()
            .map(|(slot, banked)| (slot, banked.max(1)))
            .collect();
        let holders = self.choose(&weighted, with, 200);
        for slot in &holders {
            self.slots[*slot].account = Account::Paid;
        }
        let holders: Vec<(usize, u32)> = holders.into_iter().map(|slot| (slot, 1)).collect();
        for slot in self.choose(&holders, unused, 201) {
            self.slots[slot].account = Account::Unused;
        }
    }

    /// The slots of all people of the families that pass, with how likely an account is.
    fn slots_of(&self, passes: impl Fn(&Family, &Plan) -> bool) -> Vec<(usize, u32)> {
        let mut slots = Vec::new();
        for family in self.families.iter().filter(|family| passes(family, self)) {
            let district = self.places[usize::from(family.place)].district;
            let banked = self.spec.districts[district].banked;
            for person in 0..family.kind.people() {
                let harder =
                    person == 0 && (family.kind.needs_guardian() || family.kind.is_older());
                let weight = if harder { banked * 3 / 4 } else { banked };
                slots.push(((family.first + person) as usize, weight));
            }
        }
        slots
    }

    /// So many of the given, the heavier more often; the same for the same seed and salt.
    pub(crate) fn choose(&self, among: &[(usize, u32)], count: u32, salt: u64) -> Vec<usize> {
        let rank = |(index, weight): &(usize, u32)| {
            let mut chance = Random::new(self.seed, &[salt, *index as u64]);
            (
                (chance.next_number() >> 24) / u64::from((*weight).max(1)),
                *index,
            )
        };
        let mut ranked: Vec<(u64, usize)> = among.iter().map(rank).collect();
        ranked.sort_unstable();
        ranked.truncate(count as usize);
        ranked.into_iter().map(|(_, index)| index).collect()
    }
}

/// Kinds in which somebody stops drawing in the way of the turn.
fn leaves(turn: Turn, kind: Kind) -> bool {
    let plain = kind.people() == 1 && kind != Kind::Student && !kind.difficult_area_only();
    plain && turn.fits(kind)
}
