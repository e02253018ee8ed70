//! Other systems that are talked to.

use http::Uri;

/// Whether something is the address of another system's interface to which what is known here may be
/// sent: over TLS, or on this machine; no names or passwords, nothing after the path.
pub fn is_address(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let Some(authority) = uri.authority() else {
        return false;
    };
    let here = matches!(authority.host(), "127.0.0.1" | "localhost" | "[::1]");
    let safe = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => here,
        _ => false,
    };
    safe && !authority.as_str().contains('@') && uri.query().is_none() && !text.contains('#')
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_are_safe_or_on_this_machine() {
        for good in [
            "https://vi.example.vn/g2p",
            "http://127.0.0.1:8081",
            "http://localhost:1/x",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "http://vi.example.vn",
            "https://ai:khoa@vi.example.vn",
            "https://vi.example.vn/?a=1",
            "https://vi.example.vn/#a",
            "ftp://127.0.0.1",
            "/disburse",
            "",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
