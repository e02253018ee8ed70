//! The text that is signed (RFC 9421 section 2.5).

/// What of a request can be signed.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// `POST`.
    pub method: &'a str,
    /// Host and port as the caller wrote them.
    pub authority: &'a str,
    /// From the first `/`.
    pub path: &'a str,
    /// After `?`.
    pub query: Option<&'a str>,
    /// The value of a header by its name in small letters; several are joined by comma and space.
    pub header: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

/// The text; `None` when the request lacks a component, or it is none that can be signed.
pub(super) fn text(
    request: &Request<'_>,
    scheme: &str,
    components: &[String],
    params: &str,
) -> Option<String> {
    let mut text = String::new();
    for name in components {
        let value = value(request, scheme, name)?;
        if value.contains('\n') {
            return None;
        }
        text.push_str(&format!("\"{name}\": {value}\n"));
    }
    text.push_str(&format!("\"@signature-params\": {params}"));
    Some(text)
}

fn value(request: &Request<'_>, scheme: &str, name: &str) -> Option<String> {
    let path = match request.path {
        "" => "/",
        path => path,
    };
    let query = request.query.map(|query| format!("?{query}"));
    let target = || format!("{path}{}", query.as_deref().unwrap_or_default());
    let authority = request.authority.to_ascii_lowercase();
    match name {
        "@method" => Some(request.method.to_owned()),
        "@scheme" => Some(scheme.to_owned()),
        "@authority" => Some(authority),
        "@path" => Some(path.to_owned()),
        "@query" => Some(query.unwrap_or_else(|| "?".to_owned())),
        "@request-target" => Some(target()),
        "@target-uri" => Some(format!("{scheme}://{authority}{}", target())),
        _ if name.starts_with('@') => None,
        _ => (request.header)(name).map(|value| value.trim().to_owned()),
    }
}
