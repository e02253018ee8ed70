//! Amounts written out in Vietnamese words, as under every list.

use crate::Dong;

const DIGITS: [&str; 10] = [
    "không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín",
];

const BILLION: u64 = 1_000_000_000;

/// The amount in words, the first letter a capital:
/// `Sáu trăm sáu mươi hai triệu bảy trăm mười lăm nghìn đồng`. A negative amount begins with `Âm`.
pub fn dong_in_words(amount: Dong) -> String {
    let mut words = Vec::with_capacity(24);
    if amount.0 < 0 {
        words.push("âm");
    }
    match amount.0.unsigned_abs() {
        0 => words.push(DIGITS[0]),
        number => read_number(number, &mut words),
    }
    words.push("đồng");
    let text = words.join(" ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// From a billion up, the billions are read like a number of their own: một nghìn tỷ.
fn read_number(number: u64, words: &mut Vec<&'static str>) {
    let (billions, rest) = (number / BILLION, number % BILLION);
    if billions > 0 {
        read_number(billions, words);
        words.push("tỷ");
    }
    let mut leads = billions == 0;
    for (size, name) in [(1_000_000, "triệu"), (1_000, "nghìn"), (1, "")] {
        let group = (rest / size % 1_000) as usize;
        if group == 0 {
            continue;
        }
        read_group(group, leads, words);
        leads = false;
        if !name.is_empty() {
            words.push(name);
        }
    }
}

/// Three digits. Only the leading group leaves out a zero of the hundreds.
fn read_group(group: usize, leads: bool, words: &mut Vec<&'static str>) {
    let (hundreds, tens, units) = (group / 100, group / 10 % 10, group % 10);
    let says_hundreds = hundreds > 0 || !leads;
    if says_hundreds {
        words.extend([DIGITS[hundreds], "trăm"]);
    }
    match tens {
        0 if units > 0 && says_hundreds => words.push("linh"),
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([DIGITS[tens], "mươi"]),
    }
    match (tens, units) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (2.., 4) => words.push("tư"),
        (0, 4) if says_hundreds => words.push("tư"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(DIGITS[units]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::dong_in_words;
    use crate::Dong;

    #[test]
    fn reads_as_officers_do() {
        for (amount, words) in [
            (0, "Không đồng"),
            (5, "Năm đồng"),
            (10, "Mười đồng"),
            (15, "Mười lăm đồng"),
            (21, "Hai mươi mốt đồng"),
            (104, "Một trăm linh tư đồng"),
            (505_005, "Năm trăm linh năm nghìn không trăm linh năm đồng"),
            (810_000, "Tám trăm mười nghìn đồng"),
            (
                662_715_000,
                "Sáu trăm sáu mươi hai triệu bảy trăm mười lăm nghìn đồng",
            ),
            (-40_000, "Âm bốn mươi nghìn đồng"),
            (1_000_000_000, "Một tỷ đồng"),
            (1_000_005_000, "Một tỷ không trăm linh năm nghìn đồng"),
            (
                27_024_000_000_000,
                "Hai mươi bảy nghìn không trăm hai mươi tư tỷ đồng",
            ),
        ] {
            assert_eq!(dong_in_words(Dong(amount)), words);
        }
    }

    /// Reads words back by their place alone: the inverse that proves no two amounts share words.
    fn read_back(words: &str) -> i128 {
        let words = words.to_lowercase();
        let (sign, words) = match words.strip_prefix("âm ") {
            Some(rest) => (-1, rest.to_owned()),
            None => (1, words),
        };
        let (mut billions, mut rest, mut group) = (0_i128, 0_i128, 0_i128);
        for word in words.split(' ') {
            match word {
                "đồng" | "linh" => {}
                "tỷ" => {
                    billions = (billions + rest + group) * 1_000_000_000;
                    (rest, group) = (0, 0);
                }
                "triệu" => (rest, group) = (rest + group * 1_000_000, 0),
                "nghìn" => (rest, group) = (rest + group * 1_000, 0),
                "trăm" => group *= 100,
                "mươi" => group = group / 100 * 100 + group % 100 * 10,
                "mười" => group += 10,
                "mốt" => group += 1,
                "tư" => group += 4,
                "lăm" => group += 5,
                digit => {
                    let known = super::DIGITS.iter().position(|known| known == &digit);
                    group += known.expect("a digit") as i128;
                }
            }
        }
        sign * (billions + rest + group)
    }

    proptest! {
        #[test]
        fn no_two_amounts_share_their_words(amount in any::<i64>(), bits in 0_u32..63) {
            let amount = amount >> bits;
            prop_assert_eq!(read_back(&dong_in_words(Dong(amount))), i128::from(amount));
        }
    }
}
