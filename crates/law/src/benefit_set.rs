//! Sets of benefits in one machine word.

use crate::Benefit;

/// A set of benefits, iterated in the order of the table.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct BenefitSet(u32);

impl BenefitSet {
    pub(crate) const EMPTY: BenefitSet = BenefitSet(0);

    pub(crate) fn insert(&mut self, benefit: Benefit) {
        self.0 |= 1 << benefit.number();
    }

    pub(crate) const fn contains(self, benefit: Benefit) -> bool {
        self.0 & (1 << benefit.number()) != 0
    }

    pub(crate) const fn and(self, other: BenefitSet) -> BenefitSet {
        BenefitSet(self.0 & other.0)
    }

    pub(crate) const fn without(self, benefit: Benefit) -> BenefitSet {
        BenefitSet(self.0 & !(1 << benefit.number()))
    }

    pub(crate) const fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Benefit> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = left.trailing_zeros() as i16;
            left &= left.wrapping_sub(1);
            Benefit::from_number(number)
        })
    }
}

impl FromIterator<Benefit> for BenefitSet {
    fn from_iter<I: IntoIterator<Item = Benefit>>(benefits: I) -> BenefitSet {
        let mut set = BenefitSet::EMPTY;
        for benefit in benefits {
            set.insert(benefit);
        }
        set
    }
}
