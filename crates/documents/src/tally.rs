//! Adding up a list while it goes by: by commune, by benefit, and all of it.

use std::collections::{BTreeMap, HashMap};
use std::ops::AddAssign;

use kernel::{Dong, PersonId};

use crate::payment_list::{ListPaper, Row};

/// People and đồng of some rows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Sums {
    /// People, each counted once.
    pub people: u64,
    /// Regular money of the month.
    pub regular: Dong,
    /// Arrears.
    pub arrears: Dong,
    /// One-off money.
    pub one_off: Dong,
    /// Money carried over from earlier lists.
    pub carried_over: Dong,
    /// All that is paid out.
    pub total: Dong,
    /// Money owed back, zero or negative; not in `total`.
    pub recovery: Dong,
}

impl Sums {
    /// One-off money and money carried over together.
    pub fn other(&self) -> Dong {
        self.one_off + self.carried_over
    }

    /// Adds the đồng of a row; people are counted apart.
    pub fn add_money(&mut self, row: &Row) {
        self.regular += row.regular;
        self.arrears += row.arrears;
        self.one_off += row.one_off;
        self.carried_over += row.carried_over;
        self.total += row.total;
        self.recovery += row.recovery;
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Sums) {
        self.people += other.people;
        self.regular += other.regular;
        self.arrears += other.arrears;
        self.one_off += other.one_off;
        self.carried_over += other.carried_over;
        self.total += other.total;
        self.recovery += other.recovery;
    }
}

/// What a commune or a benefit adds up to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subtotal {
    /// Code of the commune or benefit.
    pub code: String,
    /// Its name as printed.
    pub name: String,
    /// People and đồng.
    pub sums: Sums,
}

/// Rows that do not add up to what the header says: the list is not whole.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "danh sách không khớp với phần đầu: phần đầu ghi {told_people} người, {told_payable} đồng, \
     thu hồi {told_recoverable} đồng; các dòng cộng lại {people} người, {payable} đồng, \
     thu hồi {recoverable} đồng. Tài liệu chưa được ghi, hãy xuất lại"
)]
pub struct DoesNotAddUp {
    /// People by the header.
    pub told_people: u64,
    /// Money to pay by the header.
    pub told_payable: Dong,
    /// Money owed back by the header.
    pub told_recoverable: Dong,
    /// People by the rows.
    pub people: u64,
    /// Money to pay by the rows.
    pub payable: Dong,
    /// Money owed back by the rows.
    pub recoverable: Dong,
}

/// A running total of rows that come commune by commune and person by person.
#[derive(Debug, Default)]
pub struct Tally {
    communes: Vec<Subtotal>,
    commune_at: HashMap<String, usize>,
    benefits: BTreeMap<(i16, String), Subtotal>,
    all: Sums,
    last_person: Option<PersonId>,
}

impl Tally {
    /// Adds one row. A person counts once in the list and in the commune, and once in each benefit.
    pub fn add(&mut self, row: &Row) {
        let new_person = u64::from(self.last_person.replace(row.person) != Some(row.person));
        let commune = self.commune_of(row);
        commune.people += new_person;
        commune.add_money(row);
        let benefit = self
            .benefits
            .entry((row.benefit_no, row.benefit_code.clone()))
            .or_insert_with(|| Subtotal::empty(&row.benefit_code, &row.benefit));
        benefit.sums.people += 1;
        benefit.sums.add_money(row);
        self.all.people += new_person;
        self.all.add_money(row);
    }

    fn commune_of(&mut self, row: &Row) -> &mut Sums {
        let at = match self.commune_at.get(&row.commune_code) {
            Some(at) => *at,
            None => {
                let at = self.communes.len();
                self.commune_at.insert(row.commune_code.clone(), at);
                self.communes
                    .push(Subtotal::empty(&row.commune_code, &row.commune_name));
                at
            }
        };
        &mut self.communes[at].sums
    }

    /// Each commune, in the order of the list.
    pub fn communes(&self) -> &[Subtotal] {
        &self.communes
    }

    /// Each benefit, in the order of the law's table.
    pub fn benefits(&self) -> impl Iterator<Item = &Subtotal> {
        self.benefits.values()
    }

    /// The whole list.
    pub fn all(&self) -> Sums {
        self.all
    }

    /// Whether the rows are the whole list the header speaks of.
    ///
    /// # Errors
    /// [`DoesNotAddUp`] when people or money differ.
    pub fn agrees_with(&self, header: &ListPaper) -> Result<(), DoesNotAddUp> {
        let Sums {
            people,
            total,
            recovery,
            ..
        } = self.all;
        let told = (header.people, header.payable, header.recoverable);
        if told == (people, total, recovery) {
            return Ok(());
        }
        Err(DoesNotAddUp {
            told_people: header.people,
            told_payable: header.payable,
            told_recoverable: header.recoverable,
            people,
            payable: total,
            recoverable: recovery,
        })
    }
}

impl Subtotal {
    fn empty(code: &str, name: &str) -> Subtotal {
        Subtotal {
            code: code.to_owned(),
            name: name.to_owned(),
            sums: Sums::default(),
        }
    }
}
