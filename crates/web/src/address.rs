//! Addresses: encoding of query values, and which addresses may be returned to.

/// A value for a query string.
pub(crate) fn encode(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The address if it leads to a page of this site, otherwise the home page: nobody is sent to
/// another site after signing in.
pub(crate) fn within_site(back: &str) -> &str {
    let inside = back.starts_with('/')
        && !back.starts_with("//")
        && !back.starts_with("/dang-")
        && !back.contains('\\')
        && back.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if inside { back } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::{encode, within_site};

    #[test]
    fn leads_back_only_within_the_site() {
        assert_eq!(
            within_site("/ky-chi/2024-05?dia-ban=51"),
            "/ky-chi/2024-05?dia-ban=51"
        );
        for elsewhere in [
            "https://x.vn",
            "//x.vn",
            "/\\x.vn",
            "x",
            "",
            "/a\nb",
            "/dang-xuat",
        ] {
            assert_eq!(within_site(elsewhere), "/", "{elsewhere}");
        }
    }

    #[test]
    fn encodes_what_a_query_reserves() {
        assert_eq!(encode("/tim?t=a&b=ờ"), "/tim%3Ft%3Da%26b%3D%E1%BB%9D");
    }
}
