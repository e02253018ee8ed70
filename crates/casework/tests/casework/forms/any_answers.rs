//! Whatever is answered is taken or said to be wrong, and what is nobody else's business is masked.

use super::*;

#[test]
fn what_reveals_an_illness_and_whole_numbers_are_masked() {
    let form = form::by_code("d20-1b").expect("a form");
    let masked = form.masked(&answers(&[("hiv", "yes"), ("hiv_found_on", "2023-01-02")]));
    assert_eq!(masked.text("hiv"), None);
    assert_eq!(masked.text("id_number"), Some("•••• 0011"));
}

fn any_fields() -> impl Strategy<Value = Vec<(String, String)>> {
    let codes: Vec<String> = form::all()
        .iter()
        .flat_map(Form::fields)
        .map(|field| field.code.clone())
        .chain(["children.0.birth_date", "children.49.x", "a.b.c.d", ""].map(str::to_owned))
        .collect();
    let value = prop_oneof![
        Just("yes".to_owned()),
        Just("poor".to_owned()),
        Just("severe".to_owned()),
        Just("31/12/1950".to_owned()),
        Just("1950".to_owned()),
        Just("29/02/2023".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("1.000.000".to_owned()),
        "\\PC{0,30}",
        ".{0,600}",
    ];
    prop::collection::vec((prop::sample::select(codes), value), 0..60)
}

proptest! {
    /// Any answers are either sound, and then state facts, or at fault by field; never a panic.
    #[test]
    fn any_answers_are_sound_or_refused_by_field(fields in any_fields()) {
        let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let given = Answers::of_fields(pairs);
        let day = clock().today();
        for form in form::all() {
            match form.check(&given, day) {
                Ok(kept) => {
                    casework::stated::stated(form, &kept, day).expect("sound answers state facts");
                    prop_assert_eq!(form.check(&kept, day).expect("stays sound"), kept);
                }
                Err(faults) => {
                    prop_assert!(!faults.is_empty());
                    for fault in faults {
                        prop_assert!(!fault.field.is_empty() && !fault.message.is_empty());
                    }
                }
            }
        }
    }
}
