//! Reading the two headers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Signed;

pub(super) fn signed(input: &str, signature: &str) -> Option<Signed> {
    let (label, params) = input.trim().split_once('=')?;
    let (same, value) = signature.trim().split_once('=')?;
    let of_label = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'*');
    if label != same || label.is_empty() || !label.bytes().all(of_label) {
        return None;
    }
    let value = value.strip_prefix(':')?.strip_suffix(':')?;
    let (list, rest) = params.strip_prefix('(')?.split_once(')')?;
    let mut signed = Signed {
        components: components(list)?,
        params: params.to_owned(),
        created: None,
        expires: None,
        nonce: None,
        key_id: None,
        signature: STANDARD.decode(value).ok()?,
    };
    let mut rest = rest;
    while !rest.is_empty() {
        let (name, after) = rest.strip_prefix(';')?.split_once('=')?;
        let (value, after) = bare_item(after)?;
        rest = after;
        match (name, value) {
            ("created", Item::Number(at)) if signed.created.is_none() => signed.created = Some(at),
            ("expires", Item::Number(at)) if signed.expires.is_none() => signed.expires = Some(at),
            ("nonce", Item::Text(text)) if signed.nonce.is_none() => {
                signed.nonce = Some(text.to_owned());
            }
            ("keyid", Item::Text(text)) if signed.key_id.is_none() => {
                signed.key_id = Some(text.to_owned());
            }
            ("alg", Item::Text("ed25519")) | ("tag", Item::Text(_)) => {}
            _ => return None,
        }
    }
    Some(signed)
}

/// Names in quotation marks, one space between; none twice, none with parameters of its own.
fn components(list: &str) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for quoted in list.split(' ') {
        let name = quoted.strip_prefix('"')?.strip_suffix('"')?;
        let of_name = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'@');
        if name.is_empty() || !name.bytes().all(of_name) || names.iter().any(|it| it == name) {
            return None;
        }
        names.push(name.to_owned());
    }
    Some(names)
}

enum Item<'a> {
    Number(i64),
    Text(&'a str),
}

/// A number or a text, and what follows it.
fn bare_item(text: &str) -> Option<(Item<'_>, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (value, rest) = quoted.split_once('"')?;
        let plain = value
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'\\');
        return plain.then_some((Item::Text(value), rest));
    }
    let end = text.find(';').unwrap_or(text.len());
    let digits = &text[..end];
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    Some((
        Item::Number(digits.parse().ok().filter(|_| number)?),
        &text[end..],
    ))
}
