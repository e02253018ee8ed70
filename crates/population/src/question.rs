//! What is asked and answered, and how it is written as SOAP (as read in public client code).

use jiff::civil::Date;
use kernel::name::{search_key, tidy};
use kernel::{PartialDate, Sex};

use crate::compare::{Citizen, Death};
use crate::settings::Settings;
use kernel::xml::{self, BadXml, Element, escaped};

/// Bytes of an answer: one person's answer has about four thousand.
pub const LARGEST: usize = 1 << 18;
/// Namespace of requests.
pub const ASKED: &str = "http://dancuquocgia.bca";
/// Namespace of the people answered.
pub const ANSWERED: &str = "http://www.mic.gov.vn/dancu/1.0";
/// Namespace of SOAP 1.1 envelopes.
pub const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// By what a person is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The personal ID number of twelve digits.
    Number(String),
    /// The old identity card of nine digits.
    OldCard(String),
}

/// A question about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Service 037: who is it, when number, name and birth agree.
    Who {
        /// By what.
        key: Key,
        /// As declared; sent in capitals without marks.
        name: String,
        /// The whole date, or the year alone.
        birth: PartialDate,
    },
    /// Service 033: whether number and name belong together; without a name, whether the number is
    /// anybody's.
    Exists {
        /// The number.
        number: String,
        /// As declared.
        name: Option<String>,
    },
}

impl Question {
    /// The number of the service.
    pub const fn service(&self) -> &'static str {
        match self {
            Question::Who { .. } => "037",
            Question::Exists { .. } => "033",
        }
    }

    /// Which fields of the person go out, by their names in `person_registered`.
    pub fn fields(&self) -> Vec<&'static str> {
        match self {
            Question::Who { birth, .. } if birth.is_assumed() => {
                vec!["id_number", "full_name", "birth_year"]
            }
            Question::Who { .. } => vec!["id_number", "full_name", "birth_date"],
            Question::Exists { name: Some(_), .. } => vec!["id_number", "full_name"],
            Question::Exists { name: None, .. } => vec!["id_number"],
        }
    }

    /// As it is sent.
    pub fn to_soap(&self, code: &str, officer: &str, settings: &Settings) -> String {
        let field = |name: &str, value: &str| format!("<d:{name}>{}</d:{name}>", escaped(value));
        let (operation, inside) = match self {
            Question::Who { key, name, birth } => {
                let (number, card) = match key {
                    Key::Number(number) => (number.as_str(), ""),
                    Key::OldCard(card) => ("", card.as_str()),
                };
                let born = match birth {
                    PartialDate::Day(day) => field("NgayThangNam", &compact(*day)),
                    other => field("Nam", &format!("{:04}", other.year())),
                };
                let inside = [
                    field("MaYeuCau", code),
                    field("MaDVC", &settings.admitted_as),
                    field("MaTichHop", "037"),
                    field("MaCanBo", officer),
                    field("MaDonVi", &settings.unit),
                    field("TaiKhoan", &settings.account),
                    field("SoDienThoai", &settings.phone),
                    field("SoDinhDanh", number),
                    field("SoCMND", card),
                    field("HoVaTen", &capitals(name)),
                    format!("<d:NgayThangNamSinh>{born}</d:NgayThangNamSinh>"),
                ];
                ("TraCuuThongTinCongDan", inside.concat())
            }
            Question::Exists { number, name } => {
                let inside = [
                    field("MaYeuCau", code),
                    field("MaDichVu", "033"),
                    field("MaCanBo", officer),
                    field("SoDinhDanh", number),
                    field("SoCMND", ""),
                    field(
                        "HoVaTen",
                        &name.as_deref().map(capitals).unwrap_or_default(),
                    ),
                ];
                ("XacThucThongTinCongDan", inside.concat())
            }
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"{SOAP}\" xmlns:d=\"{ASKED}\"><s:Header/><s:Body><d:{operation}>{inside}</d:{operation}></s:Body></s:Envelope>"
        )
    }

    /// What the body of an answer says. Whatever cannot be understood is an error of the service, never
    /// an empty answer.
    pub fn read(&self, body: &[u8]) -> Reply {
        self.understood(body).unwrap_or_else(Reply::Failed)
    }

    fn understood(&self, body: &[u8]) -> Result<Reply, &'static str> {
        let whole = xml::read(body, LARGEST).map_err(bad_answer)?;
        if !whole.is(SOAP, "Envelope") {
            return Err("answer_namespace");
        }
        let body = whole.child("Body").ok_or("answer_unreadable")?;
        if body.child("Fault").is_some() {
            return Err("service_fault");
        }
        match self {
            Question::Exists { .. } => {
                let said = body.find(ASKED, "TonTai").map(|it| it.text.trim());
                match said {
                    Some("true") => Ok(Reply::Exists),
                    Some("false") => Ok(Reply::Nothing),
                    _ => Err("answer_unreadable"),
                }
            }
            Question::Who { key, .. } => {
                let people = body.find(ANSWERED, "CongdanCollection");
                let people = people.ok_or("answer_unreadable")?;
                match &people.children[..] {
                    [] => Ok(Reply::Nothing),
                    [one] if one.is(ANSWERED, "CongDan") => {
                        let citizen = citizen(one)?;
                        let theirs = match key {
                            Key::Number(number) => citizen.number.as_deref() == Some(number),
                            Key::OldCard(card) => citizen.old_card.as_deref() == Some(card),
                        };
                        if theirs {
                            Ok(Reply::Found(Box::new(citizen)))
                        } else {
                            Err("answer_of_another_person")
                        }
                    }
                    [_] => Err("answer_unreadable"),
                    _ => Err("answer_of_several_people"),
                }
            }
        }
    }
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Service 037 found the person.
    Found(Box<Citizen>),
    /// Service 033: there is such a person.
    Exists,
    /// Nothing agrees with what was asked.
    Nothing,
    /// The service did not answer: a stable code. Says nothing about the person.
    Failed(&'static str),
}

const fn bad_answer(bad: BadXml) -> &'static str {
    match bad {
        BadXml::TooLarge => "answer_too_large",
        BadXml::NotUtf8 => "answer_not_utf8",
        BadXml::Damaged => "answer_damaged",
        BadXml::Entities => "answer_entities",
        BadXml::Namespace => "answer_namespace",
        BadXml::Empty => "answer_empty",
    }
}

fn citizen(said: &Element) -> Result<Citizen, &'static str> {
    let name = said.child("HoVaTen").ok_or("answer_unreadable")?;
    let words = ["Ho", "ChuDem", "Ten"].into_iter();
    let words: Vec<&str> = words.filter_map(|part| name.said(part)).collect();
    let full_name = tidy(&words.join(" "));
    if full_name.is_empty() {
        return Err("answer_unreadable");
    }
    let birth = match said.child("NgayThangNamSinh") {
        None => None,
        Some(birth) => match (birth.said("NgayThangNam"), birth.said("Nam")) {
            (Some(day), _) => Some(PartialDate::Day(
                from_compact(day).ok_or("answer_unreadable")?,
            )),
            (None, Some(year)) => {
                let year = year
                    .parse()
                    .ok()
                    .filter(|year| (1800..=2200).contains(year));
                Some(PartialDate::Year(year.ok_or("answer_unreadable")?))
            }
            (None, None) => None,
        },
    };
    let sex = match said.said("GioiTinh") {
        Some("1") => Some(Sex::Male),
        Some("2" | "0") => Some(Sex::Female),
        _ => None,
    };
    Ok(Citizen {
        number: said.said("SoDinhDanh").map(str::to_owned),
        old_card: said.said("SoCMND").map(str::to_owned),
        full_name,
        birth,
        sex,
        death: said.attribute("GhiChu").and_then(death),
    })
}

/// What a note says of a death: the words, and the first date written in it. How the real service reports
/// deaths is not public; this is what the sandbox does and what is looked for.
fn death(note: &str) -> Option<Death> {
    let key = search_key(note);
    let said = ["da chet", "da mat", "qua doi", "tu vong", "khai tu"];
    if !said.iter().any(|words| key.contains(words)) {
        return None;
    }
    let day = note
        .split(|letter: char| !(letter.is_ascii_digit() || letter == '/' || letter == '-'))
        .find_map(written_day);
    Some(Death { day })
}

fn written_day(text: &str) -> Option<Date> {
    if let Some(day) = from_compact(text) {
        return Some(day);
    }
    let mut parts = text.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `yyyyMMdd`.
pub(crate) fn compact(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// Back from `yyyyMMdd`.
pub(crate) fn from_compact(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range);
    let year = number(0..4)?.parse().ok()?;
    Date::new(
        year,
        number(4..6)?.parse().ok()?,
        number(6..8)?.parse().ok()?,
    )
    .ok()
}

/// As names are sent: capitals without marks.
pub(crate) fn capitals(name: &str) -> String {
    search_key(name).to_uppercase()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{ANSWERED, Key, Question, Reply, SOAP, capitals, death, from_compact};
    use kernel::PartialDate;

    fn question() -> Question {
        Question::Who {
            key: Key::Number("999150000001".to_owned()),
            name: "Đỗ Thị Bưởi".to_owned(),
            birth: PartialDate::Year(1950),
        }
    }

    fn answered(inside: &str) -> Reply {
        let text = format!(
            "<e:Envelope xmlns:e=\"{SOAP}\"><e:Body><CongdanCollection xmlns=\"{ANSWERED}\">{inside}</CongdanCollection></e:Body></e:Envelope>"
        );
        question().read(text.as_bytes())
    }

    #[test]
    fn another_person_several_people_and_half_an_answer_say_nothing() {
        let name = "<HoVaTen><Ho>Đỗ</Ho><ChuDem>Thị</ChuDem><Ten>Bưởi</Ten></HoVaTen>";
        let one = format!("<CongDan><SoDinhDanh>999150000001</SoDinhDanh>{name}</CongDan>");
        assert!(matches!(answered(&one), Reply::Found(_)));
        assert_eq!(answered(""), Reply::Nothing);
        let other = one.replace("0001<", "0002<");
        assert_eq!(answered(&other), Reply::Failed("answer_of_another_person"));
        let two = format!("{one}{one}");
        assert_eq!(answered(&two), Reply::Failed("answer_of_several_people"));
        let half = "<CongDan><SoDinhDanh>999150000001</SoDinhDanh></CongDan>";
        assert_eq!(answered(half), Reply::Failed("answer_unreadable"));
        let wrong_day = one.replace(
            "</CongDan>",
            "<NgayThangNamSinh><NgayThangNam>19501332</NgayThangNam></NgayThangNamSinh></CongDan>",
        );
        assert_eq!(answered(&wrong_day), Reply::Failed("answer_unreadable"));
        let text = format!("<e:Envelope xmlns:e=\"{SOAP}\"><e:Body/></e:Envelope>");
        let empty = question().read(text.as_bytes());
        assert_eq!(
            empty,
            Reply::Failed("answer_unreadable"),
            "not an empty collection"
        );
    }

    #[test]
    fn names_go_out_in_capitals_without_marks() {
        assert_eq!(capitals("Đặng Hữu-Hoà"), "DANG HUU HOA");
    }

    #[test]
    fn a_note_tells_of_a_death_and_its_day() {
        let told = death("Đã chết ngày 03/02/2024").expect("told");
        assert_eq!(told.day, Some(date(2024, 2, 3)));
        assert_eq!(death("Đã khai tử").expect("told").day, None);
        assert_eq!(death("Đã chết 31/02/2024").expect("told").day, None);
        assert_eq!(death("Tạm trú"), None);
        assert_eq!(from_compact("20240203"), Some(date(2024, 2, 3)));
        assert_eq!(from_compact("20240230"), None);
    }
}
