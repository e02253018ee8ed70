//! Envelopes of the X-Road message protocol 4.0.

use kernel::xml::{self, Element, escaped};
use serde_json::{Map, Value};

use super::id::{ClientId, ServiceId, checked};
use super::{BadXRoad, OURS, Service, body};

/// Namespace of SOAP 1.1.
pub const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Namespace of X-Road headers.
pub const HEADERS: &str = "http://x-road.eu/xsd/xroad.xsd";
/// Namespace of X-Road identifiers.
pub const IDENTIFIERS: &str = "http://x-road.eu/xsd/identifiers";
/// Bytes of a request.
pub const LARGEST: usize = 1 << 20;

/// A request as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Every header as written, to be said again in the answer.
    pub headers: Vec<Element>,
    /// Who calls.
    pub client: ClientId,
    /// What is called.
    pub service: ServiceId,
    /// The same, as one of ours.
    pub operation: Service,
    /// The fields of the message.
    pub fields: Map<String, Value>,
}

/// Reads a request.
///
/// # Errors
/// What is wrong with it, with the headers as far as they were understood.
pub fn read(bytes: &[u8]) -> Result<Envelope, BadXRoad> {
    let whole = xml::read(bytes, LARGEST)?;
    if whole.name == "Envelope" && whole.namespace != SOAP {
        return Err(BadXRoad::SoapVersion);
    }
    if !whole.is(SOAP, "Envelope") {
        return Err(BadXRoad::Namespace);
    }
    let (header, inside) = match &whole.children[..] {
        [header, body] if header.is(SOAP, "Header") && body.is(SOAP, "Body") => (header, body),
        [body] if body.is(SOAP, "Body") => return Err(BadXRoad::Header("client")),
        _ => return Err(BadXRoad::Body),
    };
    let must = |it: &&(String, String, String)| it.0 == SOAP && it.1 == "mustUnderstand";
    for entry in &header.children {
        let unknown = entry.namespace != HEADERS;
        let must = entry.qualified.iter().find(must);
        if unknown && must.is_some_and(|it| matches!(it.2.trim(), "1" | "true")) {
            return Err(BadXRoad::MustUnderstand);
        }
    }
    let once = |name: &'static str| {
        let mut found = header.children.iter().filter(|it| it.is(HEADERS, name));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            _ => Err(BadXRoad::Header(name)),
        }
    };
    let version = once("protocolVersion")?.text.trim();
    if version != "4.0" && !version.starts_with("4.") {
        return Err(BadXRoad::ProtocolVersion);
    }
    let id = once("id")?.text.trim();
    if id.is_empty() || id.len() > 200 {
        return Err(BadXRoad::Header("id"));
    }
    let client = client(once("client")?, &["MEMBER", "SUBSYSTEM"])?;
    let asked = once("service")?;
    let service = ServiceId {
        provider: self::client(asked, &["SERVICE"])?,
        code: part(asked, "serviceCode")?.ok_or(BadXRoad::Identifier)?,
        version: part(asked, "serviceVersion")?,
    };
    let operation = Service::from_code(&service.code).ok_or(BadXRoad::Service)?;
    let [wrapper] = &inside.children[..] else {
        return Err(BadXRoad::Body);
    };
    if wrapper.namespace != OURS {
        return Err(BadXRoad::Namespace);
    }
    if wrapper.name != service.code {
        return Err(BadXRoad::Wrapper);
    }
    Ok(Envelope {
        fields: body::fields(wrapper)?,
        headers: header.children.clone(),
        client,
        service,
        operation,
    })
}

fn client(element: &Element, kinds: &[&str]) -> Result<ClientId, BadXRoad> {
    let kind = element.qualified.iter();
    let mut kind = kind.filter(|it| it.0 == IDENTIFIERS && it.1 == "objectType");
    if !kind.next().is_some_and(|it| kinds.contains(&it.2.trim())) {
        return Err(BadXRoad::Identifier);
    }
    let whole = |name| part(element, name)?.ok_or(BadXRoad::Identifier);
    Ok(ClientId {
        instance: whole("xRoadInstance")?,
        class: whole("memberClass")?,
        member: whole("memberCode")?,
        subsystem: part(element, "subsystemCode")?,
    })
}

fn part(element: &Element, name: &str) -> Result<Option<String>, BadXRoad> {
    let mut found = element
        .children
        .iter()
        .filter(|it| it.is(IDENTIFIERS, name));
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => checked(one.text.trim()).map(Some),
        _ => Err(BadXRoad::Identifier),
    }
}

/// The answer to a request: its headers again, in their order, and what was asked for. A `requestHash` is
/// left out: the security server makes it.
pub fn answer(asked: &Envelope, value: &Value) -> String {
    enveloped(
        &again(&asked.headers),
        &response(asked, &body::written(value)),
    )
}

/// The answer that something sound is not done, and why.
pub fn refusal(asked: &Envelope, code: &str, message: &str) -> String {
    let (code, message) = (escaped(code), escaped(message));
    let fault = format!(
        "<x:fault><x:faultCode>{code}</x:faultCode><x:faultString>{message}</x:faultString></x:fault>"
    );
    enveloped(&again(&asked.headers), &response(asked, &fault))
}

fn response(asked: &Envelope, inside: &str) -> String {
    let name = asked.operation.code();
    format!("<x:{name}Response>{inside}</x:{name}Response>")
}

fn again(headers: &[Element]) -> String {
    let kept = headers.iter().filter(|it| !it.is(HEADERS, "requestHash"));
    kept.map(Element::written).collect()
}

/// A request that cannot be handled (SOAP 1.1 section 4.4): whose fault it is, a code, a sentence.
pub fn fault(whose: &str, code: &str, message: &str) -> String {
    let (code, message) = (escaped(code), escaped(message));
    let fault = format!(
        "<s:Fault><faultcode>s:{whose}</faultcode><faultstring>{message}</faultstring><detail><faultDetail>{code}</faultDetail></detail></s:Fault>"
    );
    enveloped("", &fault)
}

/// A request, as a client writes it.
pub fn request(
    (client, service): (&ClientId, &ServiceId),
    (id, user, issue): (&str, Option<&str>, Option<&str>),
    fields: &Value,
) -> String {
    let kind = if client.subsystem.is_some() {
        "SUBSYSTEM"
    } else {
        "MEMBER"
    };
    let field = |name: &str, value: Option<&str>| match value {
        Some(value) => format!("<r:{name}>{}</r:{name}>", escaped(value)),
        None => String::new(),
    };
    let version = service
        .version
        .as_deref()
        .map_or_else(String::new, |version| {
            format!("<i:serviceVersion>{}</i:serviceVersion>", escaped(version))
        });
    let headers = format!(
        "<r:client i:objectType=\"{kind}\">{}</r:client><r:service i:objectType=\"SERVICE\">{}<i:serviceCode>{}</i:serviceCode>{version}</r:service>{}{}{}<r:protocolVersion>4.0</r:protocolVersion>",
        parts(client),
        parts(&service.provider),
        escaped(&service.code),
        field("id", Some(id)),
        field("userId", user),
        field("issue", issue),
    );
    let name = &service.code;
    enveloped(
        &headers,
        &format!("<x:{name}>{}</x:{name}>", body::written(fields)),
    )
}

fn parts(client: &ClientId) -> String {
    let subsystem = client.subsystem.as_deref().map_or_else(String::new, |it| {
        format!("<i:subsystemCode>{}</i:subsystemCode>", escaped(it))
    });
    format!(
        "<i:xRoadInstance>{}</i:xRoadInstance><i:memberClass>{}</i:memberClass><i:memberCode>{}</i:memberCode>{subsystem}",
        escaped(&client.instance),
        escaped(&client.class),
        escaped(&client.member),
    )
}

fn enveloped(headers: &str, inside: &str) -> String {
    let headers = match headers {
        "" => String::new(),
        headers => format!("<s:Header>{headers}</s:Header>"),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"{SOAP}\" xmlns:r=\"{HEADERS}\" xmlns:i=\"{IDENTIFIERS}\" xmlns:x=\"{OURS}\">{headers}<s:Body>{inside}</s:Body></s:Envelope>"
    )
}
