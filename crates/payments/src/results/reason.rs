//! Why a line did not reach the person: our stable codes, and what banks call the same.

use std::collections::HashMap;
use std::sync::OnceLock;

use kernel::name::search_key;

const TABLE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/result_reasons.csv"
));

/// Somebody is said to have died: nothing follows from it before a person has looked.
pub const DECEASED: &str = "deceased";

/// A reason of the list.
#[derive(Debug, PartialEq, Eq)]
pub struct ResultReason {
    /// Stable code.
    pub code: &'static str,
    /// What users see.
    pub vietnamese: &'static str,
    /// Codes of ISO 20022 that say the same.
    pub iso: Vec<&'static str>,
}

/// Every reason of the list, in its order.
pub fn reasons() -> &'static [ResultReason] {
    static REASONS: OnceLock<Vec<ResultReason>> = OnceLock::new();
    REASONS.get_or_init(|| TABLE.lines().skip(1).filter_map(read).collect())
}

fn read(line: &'static str) -> Option<ResultReason> {
    let mut fields = line.split(',');
    Some(ResultReason {
        code: fields.next()?,
        vietnamese: fields.next()?,
        iso: fields.next()?.split_whitespace().collect(),
    })
}

/// The stable code of what a provider wrote: our own code, the words of the form, or a code of
/// ISO 20022. What is in no list stays as it came.
pub fn stable(written: &str) -> &str {
    static CODES: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    let codes = CODES.get_or_init(|| {
        let mut codes = HashMap::new();
        for reason in reasons() {
            codes.insert(search_key(reason.code), reason.code);
            codes.insert(search_key(reason.vietnamese), reason.code);
            codes.extend(reason.iso.iter().map(|iso| (search_key(iso), reason.code)));
        }
        codes
    });
    codes.get(&search_key(written)).copied().unwrap_or(written)
}

/// What users see for a stored reason.
pub fn vietnamese(code: &str) -> &str {
    let mut all = reasons().iter();
    all.find(|reason| reason.code == code)
        .map_or(code, |reason| reason.vietnamese)
}

#[cfg(test)]
mod tests {
    use super::{reasons, stable, vietnamese};

    #[test]
    fn every_code_means_one_thing() {
        let mut written: Vec<&str> = Vec::new();
        for reason in reasons() {
            written.push(reason.code);
            written.push(reason.vietnamese);
            written.extend(&reason.iso);
        }
        let count = written.len();
        written.sort_unstable();
        written.dedup();
        assert_eq!(written.len(), count);
        assert!(
            reasons()
                .iter()
                .all(|it| it.iso.iter().all(|iso| iso.len() == 4))
        );
    }

    #[test]
    fn reads_codes_of_banks_and_words_of_the_form() {
        for (written, code) in [
            ("AC04", "account_closed"),
            ("MD07", "deceased"),
            ("BE01", "name_mismatch"),
            ("Tài khoản đã đóng", "account_closed"),
            ("nguoi nhan vang mat", "absent"),
            ("ZZ99", "ZZ99"),
        ] {
            assert_eq!(stable(written), code);
        }
        assert_eq!(vietnamese("absent"), "Người nhận vắng mặt");
        assert_eq!(vietnamese("ZZ99"), "ZZ99");
    }
}
