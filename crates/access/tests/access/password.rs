//! What a password may be.

use access::password::{LONGEST, SHORTEST, check};
use access::user::{UserError, generate_password};

const OWNER: [&str; 3] = ["can.bo", "Trần Thị Hương Giang", "Xã Trà Bồng"];

fn code(password: &str) -> &'static str {
    check(password, &OWNER).map_or_else(|error| error.code(), |()| "")
}

#[test]
fn length_counts_in_characters_and_nothing_is_cut_off() {
    const { assert!(SHORTEST >= 12 && LONGEST >= 64) };
    assert_eq!(code("ghế gỗ xanh"), "short_password");
    assert_eq!(code("ghế gỗ xanh."), "");
    let phrase = "mười hai con vịt bơi qua sông lúc trời vừa sáng; ".repeat(2);
    assert!(phrase.chars().count() > 64);
    assert_eq!(code(&phrase), "");
    let long: String = ('!'..='~').chain('À'..='ỹ').take(LONGEST + 1).collect();
    assert_eq!(code(&long), "long_password");
    let just: String = long.chars().take(LONGEST).collect();
    assert_eq!(code(&just), "");
}

#[test]
fn no_kind_of_character_is_asked_for() {
    for password in [
        "thuyềnnanvượtsóng",
        "THUYENNANVUOTSONG",
        "830417592604",
        "🐂🐃🌾🌾🐟🛶🏡🌧🌞🎋🪷🧺",
        "   cau   vong  ",
        r#"}{:?><|~]["^#"#,
    ] {
        assert_eq!(code(password), "", "{password}");
    }
}

#[test]
fn what_everybody_tries_is_refused_whatever_stands_around_it() {
    for password in [
        "123qweasdzxc",
        "1qaz2wsx3edc",
        "LeaveMeAlone",
        "leavemealone!!99",
        "qwertyqwerty",
        "aaaaaaaaaaaaaa",
        "xinxinxinxinxin",
        "121212121212",
    ] {
        assert_eq!(code(password), "common_password", "{password}");
    }
    let list = include_str!("../../../../reference/common_passwords.txt");
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines.len() >= 3000, "{}", lines.len());
    for line in lines {
        assert!(
            matches!(check(line, &[]), Err(UserError::CommonPassword)),
            "{line}"
        );
    }
}

#[test]
fn words_of_the_place_and_of_the_owner_do_not_make_one() {
    for password in [
        "an-sinh-thuc-hanh",
        "AnSinh@2024.vn",
        "Mật khẩu 123456",
        "quantri.ansinh",
        "can.bo-can.bo.1",
        "HuongGiang@1990",
        "tran thi huong giang 9",
        "trabong_trabong2024",
        "Xã Trà Bồng 2025",
    ] {
        assert_eq!(code(password), "guessable_password", "{password}");
    }
}

#[test]
fn what_is_made_up_for_somebody_passes() {
    for _ in 0..50 {
        let password = generate_password().expect("random bytes");
        assert_eq!(check(&password, &OWNER).map_err(|it| it.code()), Ok(()));
    }
}
