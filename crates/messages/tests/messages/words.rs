//! What messages say, and to which numbers and addresses.

use proptest::prelude::*;

use super::*;

#[test]
fn no_message_says_anything_about_a_person() {
    // What would tell the holder of the phone why somebody is helped, or lead them elsewhere.
    let never = [
        "hiv",
        "aids",
        "khuyết tật",
        "tâm thần",
        "bệnh",
        "nghèo",
        "mồ côi",
        "cao tuổi",
        "trẻ em",
        "đơn thân",
        "mai táng",
        "trợ cấp",
        " ông ",
        " bà ",
        "cccd",
        "định danh",
        "http",
        "www",
        ".vn",
        "đồng",
    ];
    let facts = Facts {
        dossier: &"9".repeat(64),
        commune: "Thị trấn Nông Trường Việt Lâm",
        day: date(2024, 12, 31),
        due_on: Some(date(2024, 12, 31)),
    };
    for template in template::all() {
        let without_day = Facts {
            due_on: None,
            ..facts.clone()
        };
        let told = template::fill(&template.step, &without_day);
        assert!(
            told.is_some(),
            "{}: also where no day is appointed",
            template.step
        );
        let (_, filled) =
            template::fill(&template.step, &facts).expect("every placeholder is known");
        assert!(
            filled.chars().count() <= template::LONGEST,
            "{}",
            template.code
        );
        assert!(!filled.contains(['{', '}']), "{}", template.code);
        let said = format!("{} {}", template.subject, template.text).to_lowercase();
        for word in never {
            assert!(!said.contains(word), "{}: {word}", template.code);
        }
        let allowed = ["{ho_so}", "{xa}", "{ngay}", "{ngay_hen}"];
        let bare = allowed
            .iter()
            .fold(template.text.clone(), |text, name| text.replace(name, ""));
        assert!(!bare.contains(['{', '}']), "{}", template.code);
    }
}

/// Facts as they may be: any code, any commune, any day.
fn facts() -> impl Strategy<Value = (String, String, i16, i8, i8, bool)> {
    (
        "H[0-9]{2}-[0-9]{6}-[0-9]{4}",
        prop::sample::select(vec![
            "Xã Tịnh Khê",
            "Phường 1",
            "Thị trấn Nông Trường Việt Lâm",
        ]),
        2021..2040i16,
        1..=12i8,
        1..=28i8,
        any::<bool>(),
    )
        .prop_map(|(code, commune, year, month, day, due)| {
            (code, commune.to_owned(), year, month, day, due)
        })
}

proptest! {
    // Whatever the facts, what is said beside them is the template's own words: the code, the commune and
    // days are all that goes in, and nothing in it is a number of a person or of money.
    #[test]
    fn only_the_code_the_commune_and_days_go_into_a_message(
        (code, commune, year, month, day, due) in facts(),
    ) {
        let told = Facts {
            dossier: &code,
            commune: &commune,
            day: date(year, month, day),
            due_on: due.then(|| date(year, month, 28)),
        };
        for template in template::all() {
            let (used, said) = template::fill(&template.step, &told).expect("a template fits");
            prop_assert!(said.chars().count() <= template::LONGEST, "{}", used.code);
            let days = [date(year, month, day), date(year, month, 28)]
                .map(|day| format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()));
            let mut left = said.replace(&code, "").replace(&commune, "");
            for day in &days {
                left = left.replace(day, "");
            }
            prop_assert!(!left.contains(|sign: char| sign.is_ascii_digit()), "{left}");
            prop_assert!(!left.contains(['{', '}', '@', '/']), "{left}");
        }
    }
}

#[test]
fn what_is_no_number_or_address_is_refused() {
    for (channel, phone, email) in [
        (Channel::Sms, "", ""),
        (Channel::Sms, "12", ""),
        (Channel::Sms, "84912345678", ""),
        (Channel::Email, "", ""),
        (Channel::Email, "", "a@b@c.vn"),
        (Channel::Email, "", "a@x.vn\r\nBcc: b@x.vn"),
        (Channel::Zalo, "", "a@x.vn"),
    ] {
        assert!(
            Contact::of(channel, phone, email).is_err(),
            "{phone} {email}"
        );
    }
    assert!(Contact::of(Channel::Letter, "", "").is_ok());
}
