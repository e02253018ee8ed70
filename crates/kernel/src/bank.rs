//! Banks and wallets that can receive a transfer.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::name::compact_key;

const TABLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/banks.csv"
));

/// A bank or wallet. Banks that changed their name share a number with their former self.
#[derive(Debug, PartialEq, Eq)]
pub struct Bank {
    /// Unique.
    pub key: &'static str,
    /// The six-digit number of transfers (BIN), if it has one.
    pub bin: Option<&'static str>,
    /// Name of daily use: `Vietcombank`.
    pub short_name: &'static str,
    /// Registered name.
    pub name: &'static str,
    /// SWIFT code, if known.
    pub swift: Option<&'static str>,
    /// A name no longer used.
    pub is_former_name: bool,
}

impl Bank {
    /// What a payee's `provider` holds: the number, or the key where there is none.
    pub fn provider_code(&self) -> &'static str {
        self.bin.unwrap_or(self.key)
    }

    /// Finds a bank by number, key, short name, name or SWIFT code, spelled in any way; of several
    /// with one number the present name.
    pub fn find(text: &str) -> Option<&'static Bank> {
        static BY_NAME: OnceLock<HashMap<String, &'static Bank>> = OnceLock::new();
        let by_name = BY_NAME.get_or_init(|| {
            let mut by_name = HashMap::with_capacity(banks().len() * 5);
            // Present names last: they take the place of former ones.
            let (former, present): (Vec<_>, Vec<_>) =
                banks().iter().partition(|bank| bank.is_former_name);
            for bank in former.into_iter().chain(present) {
                let codes = [bank.bin, bank.swift].into_iter().flatten();
                for name in codes.chain([bank.key, bank.short_name, bank.name]) {
                    by_name.insert(compact_key(name), bank);
                }
            }
            by_name
        });
        by_name.get(&compact_key(text)).copied()
    }
}

/// Every bank of the list.
pub fn banks() -> &'static [Bank] {
    static BANKS: OnceLock<Vec<Bank>> = OnceLock::new();
    BANKS.get_or_init(|| TABLE.lines().skip(1).filter_map(read).collect())
}

fn read(line: &'static str) -> Option<Bank> {
    let filled = |text: &'static str| (!text.is_empty()).then_some(text);
    let mut fields = line.split(',');
    Some(Bank {
        key: fields.next()?,
        bin: filled(fields.next()?),
        short_name: fields.next()?,
        name: fields.next()?,
        swift: filled(fields.next()?),
        is_former_name: fields.next()? == "yes",
    })
}

#[cfg(test)]
mod tests {
    use super::{Bank, banks};

    #[test]
    fn reads_the_whole_list() {
        assert_eq!(banks().len(), 62);
        let six_digits = |bin: &str| bin.len() == 6 && bin.bytes().all(|b| b.is_ascii_digit());
        assert!(banks().iter().all(|bank| bank.bin.is_none_or(six_digits)));
    }

    #[test]
    fn finds_by_number_and_by_every_name() {
        for text in ["970405", "Agribank", "agri bank", "VBAAVNVX"] {
            assert_eq!(Bank::find(text).map(|bank| bank.key), Some("agribank"));
        }
        assert_eq!(Bank::find("970449").map(|bank| bank.key), Some("lpbank"));
        assert_eq!(Bank::find("Ngân hàng không có"), None);
        assert_eq!(Bank::find(""), None);
    }
}
