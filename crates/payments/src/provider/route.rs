//! Which contract a line is paid under: of the contracts that hold for its commune, way of paying
//! and bank the one of the smallest area, and there one for the bank before one for any.

use std::collections::HashMap;

use jiff::civil::Date;
use kernel::Month;
use kernel::area::{Areas, Level};

use super::contract::{self, Contract};
use crate::{Channel, Office, Refused};

/// The contracts of a month, by commune.
pub(crate) struct Routes {
    contracts: Vec<Contract>,
    /// By first day and code.
    offers: HashMap<Date, HashMap<&'static str, Vec<Offer>>>,
}

/// A contract that holds in a commune.
#[derive(Clone, Copy)]
struct Offer {
    /// How small its area is.
    depth: u8,
    contract: usize,
}

impl Routes {
    /// Everything that holds in a month.
    pub(crate) async fn of(office: &Office<'_>, month: Month) -> Result<Routes, Refused> {
        let mut contracts = contract::read(office, month).await?;
        contracts.retain(|contract| !contract.holds_for.is_empty());
        let areas = Areas::embedded();
        let mut offers: HashMap<Date, HashMap<&'static str, Vec<Offer>>> = HashMap::new();
        for (number, contract) in contracts.iter().enumerate() {
            let area = &contract.terms.area;
            let level = areas.on(area, month.first_day()).map(|area| area.level);
            let depth = match level {
                None => 0,
                Some(Level::Province) => 1,
                Some(Level::District) => 2,
                Some(Level::Commune) => 3,
            };
            for (code, since) in areas.communes_under(area, month) {
                let there = offers.entry(since).or_default().entry(code).or_default();
                there.push(Offer {
                    depth,
                    contract: number,
                });
            }
        }
        Ok(Routes { contracts, offers })
    }

    /// The contract under which somebody in a commune is paid in a way, at a bank.
    pub(crate) fn find(
        &self,
        (code, since): (&str, Date),
        channel: Channel,
        bank: &str,
    ) -> Option<&Contract> {
        let offers = self.offers.get(&since)?.get(code)?;
        let best = offers
            .iter()
            .filter_map(|offer| {
                let contract = &self.contracts[offer.contract];
                let own_bank = match contract.terms.bank.as_deref() {
                    None => false,
                    Some(only) if only == bank => true,
                    Some(_) => return None,
                };
                let suits = contract.holds_for.contains(&channel);
                suits.then_some(((offer.depth, own_bank), contract))
            })
            .max_by_key(|(rank, contract)| (*rank, contract.contract_no));
        best.map(|(_, contract)| contract)
    }

    /// The contracts that hold in any of the communes.
    pub(crate) fn within(&self, holds: impl Fn(&str, Date) -> bool) -> Vec<&Contract> {
        let mut met = vec![false; self.contracts.len()];
        for (since, communes) in &self.offers {
            for (_, offers) in communes.iter().filter(|(code, _)| holds(code, *since)) {
                offers.iter().for_each(|offer| met[offer.contract] = true);
            }
        }
        let met = self.contracts.iter().zip(met).filter(|(_, met)| *met);
        met.map(|(contract, _)| contract).collect()
    }
}
