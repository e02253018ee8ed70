//! What a password may be. Long rather than intricate, none of those everybody tries first, and not
//! made of the words of this place; no rule about kinds of characters, and none ever expires by age.

use std::collections::HashSet;
use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::PasswordHasher;
use kernel::name;

use crate::user::UserError;

/// Shortest password accepted, in characters.
pub const SHORTEST: usize = 12;
/// Longest password accepted, in characters: far beyond any phrase, well below what would cost.
pub const LONGEST: usize = 256;
/// What must remain of a password that holds words of this place, without them, in letters and digits.
const OWN: usize = 8;

/// The 10,000 most common ones of at least twelve characters, in small letters.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../../reference/common_passwords.txt")
        .lines()
        .collect()
});

/// Words of this place (ASVS 6.1.2): the system, the office, its people and what passwords are
/// called, without marks and spaces.
pub const WORDS: [&str; 24] = [
    "ansinh",
    "thuchanh",
    "xahoi",
    "trogiup",
    "baotro",
    "huutri",
    "chitra",
    "danhsach",
    "uybannhandan",
    "ubnd",
    "laodong",
    "thuongbinh",
    "noivu",
    "yte",
    "canbo",
    "lanhdao",
    "vanthu",
    "quantri",
    "admin",
    "matkhau",
    "password",
    "vietnam",
    "abc123",
    "123456",
];

/// Refuses a password that is too short, too long, common, or made of words of this place and of
/// its owner: their sign-in name, their name, their unit.
///
/// # Errors
/// [`UserError::ShortPassword`], [`UserError::LongPassword`], [`UserError::CommonPassword`],
/// [`UserError::GuessablePassword`].
pub fn check(password: &str, owner: &[&str]) -> Result<(), UserError> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(UserError::ShortPassword);
    }
    if length > LONGEST {
        return Err(UserError::LongPassword);
    }
    if is_common(&password.to_lowercase()) {
        return Err(UserError::CommonPassword);
    }
    if !has_own(password, owner) {
        return Err(UserError::GuessablePassword);
    }
    Ok(())
}

/// Whether everybody tries it: on the list, on it but for figures and signs around it, or a short
/// piece over and over.
fn is_common(password: &str) -> bool {
    let bare = password.trim_matches(|letter: char| !letter.is_alphabetic());
    COMMON.contains(password) || COMMON.contains(bare) || repeats(password)
}

fn repeats(password: &str) -> bool {
    let letters: Vec<char> = password.chars().collect();
    (1..=letters.len() / 3).any(|period| {
        letters
            .iter()
            .zip(&letters[period..])
            .all(|(one, next)| one == next)
    })
}

/// Whether enough remains without the words of this place and of the owner.
fn has_own(password: &str, owner: &[&str]) -> bool {
    let whole = bare(password);
    let mut left = whole.clone();
    let mut words: Vec<String> = WORDS.map(str::to_owned).into();
    for text in owner {
        words.push(bare(text));
        words.extend(
            text.split(|letter: char| !letter.is_alphanumeric())
                .map(bare),
        );
    }
    words.retain(|word| word.len() >= 3);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        left = left.replace(&word, " ");
    }
    left == whole || left.chars().filter(|letter| *letter != ' ').count() >= OWN
}

/// Letters and digits, small, without marks.
fn bare(text: &str) -> String {
    name::compact_key(text)
}

/// Argon2id with a random salt, as a PHC string.
pub(crate) fn hash(password: &str) -> Result<String, UserError> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| UserError::Hash(error.to_string()))
}

/// The same, off the threads that serve others.
pub(crate) async fn hash_in_background(password: String) -> Result<String, UserError> {
    let hashed = tokio::task::spawn_blocking(move || hash(&password)).await;
    hashed.map_err(|error| UserError::Hash(error.to_string()))?
}
