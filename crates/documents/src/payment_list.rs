//! What is printed of a month's list: the same header and rows for Excel, CSV and paper.
//!
//! Rows come commune by commune, and within a commune person by person; every writer takes them
//! one at a time, so that a province never has to fit in memory, and checks at the end that they
//! add up to the header: a paper broken off half-way is never taken for a whole one. As JSON, one object a line (first
//! the [`ListPaper`], then each [`Row`]), they are what the printing program reads.

use jiff::Timestamp;
use kernel::{Coefficient, Dong, Month, MonthSpan, PartialDate, PersonId};
use serde::{Deserialize, Serialize};

/// The head of a list: whose, of which month, how much, and who answers for it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ListPaper {
    /// The agency that issues the list, one line each, as printed at the top left.
    pub agency: Vec<String>,
    /// Where it is signed, without the kind of area: `Quảng Ngãi`.
    pub place: String,
    /// Code of the list's area; empty for the whole country.
    pub area_code: String,
    /// The area with what it lies in: `Huyện Ba Tơ, Tỉnh Quảng Ngãi`.
    pub area_name: String,
    /// The month paid.
    pub month: Month,
    /// Who made the list, and when.
    pub made: Signed,
    /// Who approved it, and when; none while it is a draft.
    pub approved: Option<Signed>,
    /// SHA-256 of the lines, 64 hexadecimal digits.
    pub fingerprint: String,
    /// People with at least one line.
    pub people: u64,
    /// All money to pay; recoveries are not in it.
    pub payable: Dong,
    /// All money owed back, zero or negative; not set off.
    pub recoverable: Dong,
    /// When this paper was printed.
    pub printed_at: Timestamp,
}

/// A name and a time under a list.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Signed {
    /// The name as it should be read: full name, or sign-in name if that is all there is.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl ListPaper {
    /// The issuing agency of an area by its full name (`Tỉnh Quảng Ngãi`): the people's committee.
    pub fn agency_of(area_full_name: &str) -> Vec<String> {
        vec!["ỦY BAN NHÂN DÂN".to_owned(), area_full_name.to_uppercase()]
    }

    /// What the list is: a draft, or approved.
    pub const fn status(&self) -> &'static str {
        match self.approved {
            Some(_) => "Đã duyệt",
            None => "Bản nháp, chưa duyệt",
        }
    }

    /// The first sixteen digits of the fingerprint in groups of four: enough to compare by eye.
    pub fn short_fingerprint(&self) -> String {
        let digits: Vec<char> = self.fingerprint.chars().take(16).collect();
        let groups: Vec<String> = digits.chunks(4).map(|four| four.iter().collect()).collect();
        groups.join(" ")
    }
}

/// One person and benefit on the list: what several lines of the list add up to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Code of the commune the money is paid in.
    pub commune_code: String,
    /// The commune with what it lies in: `Xã Ba Vì, Huyện Ba Tơ`.
    pub commune_name: String,
    /// The person's number in the commune, from 1; the rows of one person share it.
    pub seq: u32,
    /// Which person; people are counted by it.
    pub person: PersonId,
    /// The caller's own key of the person.
    pub person_key: String,
    /// Name as declared.
    pub full_name: String,
    /// Birth date as far as it is known.
    pub birth: PartialDate,
    /// ID number as the reader may see it, masked or whole; empty if there is none.
    pub id_number: String,
    /// Number of the benefit, or of what it is masked as: summaries are in its order.
    pub benefit_no: i16,
    /// Stable code of the benefit, or the code of what it is masked as.
    pub benefit_code: String,
    /// The benefit in words, or what it is masked as.
    pub benefit: String,
    /// Coefficient of the month; none where the row has only money of other months.
    pub coefficient: Option<Coefficient>,
    /// Standard amount of the month, đồng; zero where `coefficient` is none.
    pub standard: Dong,
    /// What this month owes.
    pub regular: Dong,
    /// What earlier months still owe.
    pub arrears: Dong,
    /// First and last month of the arrears.
    pub arrears_span: Option<MonthSpan>,
    /// Paid once: funeral, emergency.
    pub one_off: Dong,
    /// Money of earlier lists that was not collected.
    pub carried_over: Dong,
    /// Money owed back, zero or negative; not set off against `total`.
    pub recovery: Dong,
    /// What is paid out: regular, arrears, one-off and carried over.
    pub total: Dong,
    /// Who receives: `Chính chủ`, or guardian or authorised person with name.
    pub payee: String,
    /// How: account, wallet, post office, at home.
    pub channel: String,
    /// Account or wallet number as the reader may see it; empty for cash.
    pub account: String,
    /// Anything the payer must know.
    pub note: String,
}

impl Row {
    /// One-off money and money carried over, as papers with a single column print them.
    pub fn other(&self) -> Dong {
        self.one_off + self.carried_over
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use kernel::{Dong, Month};

    use super::{ListPaper, Signed};

    fn draft() -> ListPaper {
        ListPaper {
            agency: ListPaper::agency_of("Tỉnh Quảng Ngãi"),
            place: "Quảng Ngãi".to_owned(),
            area_code: "51".to_owned(),
            area_name: "Tỉnh Quảng Ngãi".to_owned(),
            month: Month::new(2024, 5).expect("a month"),
            made: Signed {
                by: "an.nguyen".to_owned(),
                at: Timestamp::UNIX_EPOCH,
            },
            approved: None,
            fingerprint: "0123456789abcdef".repeat(4),
            people: 1,
            payable: Dong(360_000),
            recoverable: Dong::ZERO,
            printed_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn upper_case_keeps_vietnamese_marks() {
        assert_eq!(draft().agency[1], "TỈNH QUẢNG NGÃI");
    }

    #[test]
    fn the_short_fingerprint_is_read_in_fours() {
        assert_eq!(draft().short_fingerprint(), "0123 4567 89ab cdef");
    }

    #[test]
    fn a_header_survives_the_way_to_the_printing_program() {
        let line = serde_json::to_string(&draft()).expect("plain data");
        assert!(!line.contains('\n'));
        assert_eq!(
            serde_json::from_str::<ListPaper>(&line).expect("the same"),
            draft()
        );
    }
}
