//! Vietnamese names: one spelling to store, a key to search by, the order of lists.
//!
//! Names are stored in NFC as declared. `Hoà` and `Hòa` are the same word with the tone written in
//! two places and stay different in NFC; search and order do not see the difference.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The letters in the order of the Vietnamese alphabet, with the foreign f j w z in their Latin
/// places.
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

/// Tone marks in the order of dictionaries; no mark (ngang) comes first.
const TONES: [char; 5] = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];

/// NFC, with outer space and repeated spaces (of every kind) removed.
pub fn tidy(text: &str) -> String {
    let text = text.trim();
    let spaced = |pair: &[u8]| pair == b"  ";
    let plain_spaces = !text.as_bytes().windows(2).any(spaced)
        && !text.chars().any(|sign| sign != ' ' && sign.is_whitespace());
    if plain_spaces && is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return text.to_owned();
    }
    let composed: String = text.nfc().collect();
    let mut tidy = String::with_capacity(composed.len());
    for word in composed.split_whitespace() {
        if !tidy.is_empty() {
            tidy.push(' ');
        }
        tidy.push_str(word);
    }
    tidy
}

/// The key by which names are searched: lower case, no marks (so no tone placement either), đ as
/// d, apostrophes dropped, hyphens and other signs as one space. `Y-Hoà K'Đăm` → `y hoa kdam`.
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let mut gap = false;
    for letter in text.nfd() {
        let plain = match letter {
            'đ' | 'Đ' | 'ð' | 'Ð' => 'd',
            'a'..='z' | '0'..='9' => letter,
            'A'..='Z' => letter.to_ascii_lowercase(),
            '\'' | '’' | '‘' | 'ʼ' | '`' | '´' => continue,
            other if is_combining_mark(other) => continue,
            other if other.is_alphanumeric() => {
                push_gap(&mut key, &mut gap);
                key.extend(other.to_lowercase());
                continue;
            }
            _ => {
                gap = true;
                continue;
            }
        };
        push_gap(&mut key, &mut gap);
        key.push(plain);
    }
    key
}

fn push_gap(key: &mut String, gap: &mut bool) {
    if std::mem::take(gap) && !key.is_empty() {
        key.push(' ');
    }
}

/// [`search_key`] without its spaces: `Khơ-me`, `Khơ me` and `Khơme` are one.
pub fn compact_key(text: &str) -> String {
    let mut key = search_key(text);
    key.retain(|letter| letter != ' ');
    key
}

/// A name in its parts, in the order they are written: surname, middle, given. A single word is a
/// given name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Họ: the first word.
    pub surname: &'a str,
    /// Chữ đệm: the words between; may be empty.
    pub middle: &'a str,
    /// Tên: the last word.
    pub given: &'a str,
}

/// Splits a tidy name at its first and last space.
pub fn split(name: &str) -> Parts<'_> {
    let name = name.trim();
    let Some((before, given)) = name.rsplit_once(' ') else {
        return Parts {
            surname: "",
            middle: "",
            given: name,
        };
    };
    let (surname, middle) = before.split_once(' ').unwrap_or((before, ""));
    Parts {
        surname,
        middle,
        given,
    }
}

/// A key whose byte order is the order of Vietnamese lists: by given name, then surname, then
/// middle; in each the letters in the order of the alphabet, then the tones (ngang huyền hỏi ngã
/// sắc nặng). ASCII, so that a database compares it in collation C.
pub fn sort_key(name: &str) -> String {
    let parts = split(name);
    let mut key = String::with_capacity(name.len() + 8);
    let mut tones = String::with_capacity(8);
    for part in [parts.given, parts.surname, parts.middle] {
        for (i, word) in part.split_whitespace().enumerate() {
            if i > 0 {
                key.push('!');
            }
            let syllable = Syllable::of(word);
            key.extend(syllable.letters.chars().filter_map(weight));
            tones.push(char::from(b'0' + syllable.tone));
        }
        key.push(' ');
        key.push_str(&tones);
        key.push(' ');
        tones.clear();
    }
    key
}

/// A letter's place as an ASCII character after the space and `!`; digits before letters.
fn weight(letter: char) -> Option<char> {
    if letter.is_ascii_digit() {
        return Some(letter);
    }
    let place = ALPHABET.chars().position(|known| known == letter)?;
    Some(char::from(b'A' + place as u8))
}

/// Whether two names differ, letter case aside, in nothing but where tones are written: `Hoà` and
/// `Hòa`. False for equal names.
pub fn same_but_tone_placement(one: &str, other: &str) -> bool {
    let lower = |name: &str| tidy(name).to_lowercase();
    let (one, other) = (lower(one), lower(other));
    let syllables = |name: &str| -> Vec<Syllable> { name.split(' ').map(Syllable::of).collect() };
    one != other && syllables(&one) == syllables(&other)
}

/// A word as letters (ă, ơ, đ kept) and the one tone it carries.
#[derive(PartialEq, Eq)]
struct Syllable {
    letters: String,
    tone: u8,
}

impl Syllable {
    fn of(word: &str) -> Syllable {
        let mut tone = 0;
        let toneless = word.nfd().filter(|mark| {
            let place = TONES.iter().position(|known| known == mark);
            if let Some(place) = place {
                tone = place as u8 + 1;
            }
            place.is_none()
        });
        let letters = toneless.nfc().flat_map(char::to_lowercase).collect();
        Syllable { letters, tone }
    }
}

#[cfg(test)]
mod tests {
    use super::{Parts, compact_key, same_but_tone_placement, search_key, sort_key, split, tidy};
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn searches_without_marks_and_tone_placement() {
        for (name, key) in [
            ("Trần Thị Ân", "tran thi an"),
            ("ĐỖ VĂN ĐÀO", "do van dao"),
            ("Nguyễn Thị Hoà", "nguyen thi hoa"),
            ("Nguyễn  Thị\u{a0}Hòa ", "nguyen thi hoa"),
            ("H’Bia Niê-Kdăm", "hbia nie kdam"),
            ("K'Đăm", "kdam"),
            ("", ""),
        ] {
            assert_eq!(search_key(name), key);
            let decomposed: String = name.nfd().collect();
            assert_eq!(search_key(&decomposed), key);
        }
        assert_eq!(compact_key("H'Mông"), compact_key("Hmông"));
    }

    #[test]
    fn splits_at_first_and_last_word() {
        let whole = Parts {
            surname: "Nguyễn",
            middle: "Thị Minh",
            given: "Khai",
        };
        assert_eq!(split("Nguyễn Thị Minh Khai"), whole);
        assert_eq!(split("Siu").given, "Siu");
        assert_eq!(split("Rơ Châm").surname, "Rơ");
    }

    #[test]
    fn sorts_by_given_name_in_the_vietnamese_alphabet() {
        let sorted = [
            "Nguyễn Văn An",
            "Trần Thị An",
            "Trần Văn An",
            "Lê Văn Ân",
            "Nguyễn Văn Ba",
            "Nguyễn Văn Bà",
            "Trần Văn Dũng",
            "Trần Văn Đào",
            "Nguyễn Thị Hoa",
            "Lê Thị Hoà",
            "Nguyễn Thị Hòa",
            "Nguyễn Thị Hoá",
            "Lê Thị Ơn",
        ];
        let mut names = sorted;
        names.reverse();
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, sorted);
        assert!(sort_key("Lê Thị Hoà").is_ascii());
    }

    #[test]
    fn tells_tone_placement_from_other_differences() {
        assert!(same_but_tone_placement("Nguyễn Thị Hoà", "Nguyễn Thị Hòa"));
        assert!(same_but_tone_placement("THUỶ", "Thủy"));
        assert!(!same_but_tone_placement("Hoà", "Hoà"));
        assert!(!same_but_tone_placement("Hoà", "Hoá"));
        assert!(!same_but_tone_placement("Dao", "Đao"));
    }

    #[test]
    fn tidies_spaces_and_composes() {
        let decomposed: String = "  Trần\u{a0} Ân ".nfd().collect();
        assert_eq!(tidy(&decomposed), "Trần Ân");
    }
}
