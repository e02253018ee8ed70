//! Who calls and what is called, as X-Road names them.

use std::fmt;

use super::BadXRoad;

/// An information system: instance, class of member, member and, if it has parts, which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId {
    /// `VN`.
    pub instance: String,
    /// `GOV`.
    pub class: String,
    /// Code of the member.
    pub member: String,
    /// Code of the subsystem.
    pub subsystem: Option<String>,
}

/// A service of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceId {
    /// Whose.
    pub provider: ClientId,
    /// Its code.
    pub code: String,
    /// Its version, in SOAP only.
    pub version: Option<String>,
}

impl ClientId {
    /// Reads `instance/class/member[/subsystem]`, each part percent-encoded.
    ///
    /// # Errors
    /// [`BadXRoad::Identifier`].
    pub fn of_path(text: &str) -> Result<ClientId, BadXRoad> {
        let parts: Result<Vec<String>, BadXRoad> = text.split('/').map(part).collect();
        let mut parts = parts?.into_iter();
        let client = (parts.next(), parts.next(), parts.next(), parts.next());
        match (client, parts.next()) {
            ((Some(instance), Some(class), Some(member), subsystem), None) => Ok(ClientId {
                instance,
                class,
                member,
                subsystem,
            }),
            _ => Err(BadXRoad::Identifier),
        }
    }
}

impl ServiceId {
    /// Reads a service from parts of an address, already decoded.
    ///
    /// # Errors
    /// [`BadXRoad::Identifier`].
    pub fn of_parts(parts: [&str; 5]) -> Result<ServiceId, BadXRoad> {
        let [instance, class, member, subsystem, code] = parts.map(checked);
        Ok(ServiceId {
            provider: ClientId {
                instance: instance?,
                class: class?,
                member: member?,
                subsystem: Some(subsystem?),
            },
            code: code?,
            version: None,
        })
    }
}

/// One part, decoded.
fn part(text: &str) -> Result<String, BadXRoad> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let both = digit(left.next()).zip(digit(left.next()));
        let (high, low) = both.ok_or(BadXRoad::Identifier)?;
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| BadXRoad::Identifier)?);
    }
    let text = String::from_utf8(bytes).map_err(|_| BadXRoad::Identifier)?;
    checked(&text)
}

/// A code of the letters that X-Road allows in identifiers (message protocol 2.7).
pub(super) fn checked(text: &str) -> Result<String, BadXRoad> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+,-.=?".contains(&byte);
    match (1..=100).contains(&text.len()) && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err(BadXRoad::Identifier),
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    text.bytes()
        .map(|byte| match plain(byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.instance, &self.class, &self.member].map(|it| encoded(it));
        f.write_str(&parts.join("/"))?;
        match &self.subsystem {
            Some(subsystem) => write!(f, "/{}", encoded(subsystem)),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ServiceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, encoded(&self.code))
    }
}

#[cfg(test)]
mod tests {
    use super::ClientId;

    #[test]
    fn identifiers_are_read_as_they_are_written_and_others_refused() {
        for text in ["VN/GOV/51", "VN/GOV/51/MOT-CUA", "VN-test/GOV/00.H48/A%2BB"] {
            let read = ClientId::of_path(text).expect("sound");
            assert_eq!(read.to_string(), text);
        }
        for text in [
            "",
            "VN",
            "VN/GOV",
            "VN/GOV/51/A/B",
            "VN//51",
            "VN/GOV/5%",
            "VN/GOV/%zz",
            "VN/GOV/a_b",
            "VN/GOV/%2F",
            "VN/GOV/%ff",
            "VN/GOV/a b",
            "VN%2FGOV%2F51",
        ] {
            assert!(ClientId::of_path(text).is_err(), "{text}");
        }
    }
}
