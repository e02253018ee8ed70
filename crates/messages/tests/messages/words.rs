//! What messages say, and to which numbers and addresses.

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
