//! What the provider took, paid and has to tell.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use g2p::disburse::{CURRENCY, read_amount, write_amount};
use g2p::{DisburseRequest, DisbursementStatus, ErrorCode, Progress};
use jiff::civil::Date;
use kernel::Dong;
use payments::results::{Reported, Status};
use payments::sandbox::{Chance, Instruction, fate};
use serde::Serialize;

use super::Manner;

/// What the provider knows.
pub struct Book {
    /// What goes wrong next.
    pub chance: Chance,
    /// Messages taken, by their names.
    messages: HashMap<String, ([u8; 32], String)>,
    payments: BTreeMap<String, Payment>,
}

/// A payment, asked for at least once and made at most once.
struct Payment {
    amount: i64,
    asked: u32,
    paid: u32,
    /// What became of it, in the order it happened.
    fate: Vec<Reported>,
}

/// A payment as told at `/sandbox/paid`.
#[derive(Debug, Serialize)]
pub struct Paid {
    /// The payer's name of it.
    reference_id: String,
    /// Đồng.
    amount: i64,
    /// How often it was asked for.
    asked: u32,
    /// How often money went out.
    paid: u32,
    /// What became of it in the end.
    status: &'static str,
}

/// What is told of a message: at once, and later.
#[derive(Debug, Default)]
pub struct Told {
    /// At once.
    pub now: Vec<DisbursementStatus>,
    /// Later.
    pub late: Vec<DisbursementStatus>,
}

/// A message that was taken.
pub enum Known {
    /// For the first time.
    New {
        /// The provider's name of what follows.
        correlation: String,
        /// What follows.
        told: Told,
    },
    /// Before: nothing is done again.
    Before {
        /// The provider's name of what follows.
        correlation: String,
    },
}

impl Book {
    /// Empty.
    pub fn new(seed: u64) -> Book {
        Book {
            chance: Chance(seed),
            messages: HashMap::new(),
            payments: BTreeMap::new(),
        }
    }

    /// Takes a message: what is new in it is paid, or not, and what is told of it is settled.
    ///
    /// # Errors
    /// When another message had its name, or an amount cannot be.
    pub fn take(
        &mut self,
        message_id: &str,
        digest: [u8; 32],
        request: &DisburseRequest,
        (manner, day): (&Manner, Date),
    ) -> Result<Known, ErrorCode> {
        if let Some((known, correlation)) = self.messages.get(message_id) {
            let correlation = correlation.clone();
            if *known != digest {
                return Err(ErrorCode::BadRequest);
            }
            for asked in &request.disbursements {
                if let Some(payment) = self.payments.get_mut(&asked.reference_id) {
                    payment.asked += 1;
                }
            }
            return Ok(Known::Before { correlation });
        }
        let amounts: Option<Vec<Dong>> = request
            .disbursements
            .iter()
            .map(|asked| read_amount(&asked.amount))
            .collect();
        let amounts = amounts.ok_or(ErrorCode::BadRequest)?;
        let references: Vec<&String> = request
            .disbursements
            .iter()
            .map(|asked| &asked.reference_id)
            .collect();
        for (reference, amount) in references.iter().zip(amounts) {
            self.pay(reference, amount, (manner, day));
        }
        let correlation = format!("LL-{}", self.messages.len() + 1);
        let known = (digest, correlation.clone());
        self.messages.insert(message_id.to_owned(), known);
        let told = self.tell(&references, manner);
        Ok(Known::New { correlation, told })
    }

    fn pay(&mut self, reference: &str, amount: Dong, (manner, day): (&Manner, Date)) {
        let known = self.payments.get_mut(reference);
        if let Some(payment) = known {
            payment.asked += 1;
            return;
        }
        // The same reference has the same fate, in whatever order messages come.
        let mut hasher = DefaultHasher::new();
        (manner.seed, reference).hash(&mut hasher);
        let instruction = Instruction {
            line: reference.to_owned(),
            amount: amount.0,
        };
        let mut chance = Chance(hasher.finish());
        let fate = fate(&instruction, &manner.payments, day, &mut chance);
        let paid = fate.iter().filter(|it| it.status == Status::Paid).count();
        let payment = Payment {
            amount: amount.0,
            asked: 1,
            paid: u32::try_from(paid).unwrap_or(u32::MAX),
            fate,
        };
        self.payments.insert(reference.to_owned(), payment);
    }

    /// What is told of payments by itself: some of it twice, late, wrong or never.
    fn tell(&mut self, references: &[&String], manner: &Manner) -> Told {
        let behaviour = &manner.payments;
        let (mut told, chance) = (Told::default(), &mut self.chance);
        if chance.hits(manner.silent) {
            return told;
        }
        let payments = references.iter().filter_map(|it| self.payments.get(*it));
        for result in payments.flat_map(|payment| &payment.fate) {
            if chance.hits(behaviour.lost) {
                continue;
            }
            let mut status = status(result);
            if chance.hits(behaviour.wrong_amount) {
                status.amount = Some(write_amount(Dong(result.amount + 1_000)));
            }
            let times = 1 + usize::from(chance.hits(behaviour.twice));
            for _ in 0..times {
                let late = chance.hits(behaviour.late);
                let to = if late { &mut told.late } else { &mut told.now };
                to.push(status.clone());
            }
        }
        if behaviour.shuffled {
            chance.shuffle(&mut told.now);
            chance.shuffle(&mut told.late);
        }
        told
    }

    /// The truth about payments, some of it lost on the way.
    pub fn truth(&mut self, references: &[String], lost: u8) -> Vec<DisbursementStatus> {
        let mut told = Vec::new();
        for payment in references.iter().filter_map(|it| self.payments.get(it)) {
            if !self.chance.hits(lost) {
                told.extend(payment.fate.iter().map(status));
            }
        }
        told
    }

    /// Everything, by reference.
    pub fn paid(&self) -> Vec<Paid> {
        let all = self.payments.iter().map(|(reference, payment)| Paid {
            reference_id: reference.clone(),
            amount: payment.amount,
            asked: payment.asked,
            paid: payment.paid,
            status: payment.fate.last().map_or("", |it| it.status.code()),
        });
        all.collect()
    }
}

/// A result in the words of the interface.
fn status(result: &Reported) -> DisbursementStatus {
    let done = result.status == Status::Paid;
    let reason = result.reason.as_deref().unwrap_or("unspecified");
    let instruction = format!("result={};reason={reason}", result.status.code());
    DisbursementStatus {
        reference_id: result.line.clone(),
        timestamp: format!("{}T10:00:00+07:00", result.date),
        status: if done { Progress::Succ } else { Progress::Rjct },
        status_reason_code: None,
        instruction: (!done).then_some(instruction),
        amount: Some(write_amount(Dong(result.amount))),
        currency_code: Some(CURRENCY.to_owned()),
    }
}
