//! From where somebody acts.

use std::fmt;
use std::net::IpAddr;

/// From where something is asked for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Origin {
    /// The program itself: what it does by the clock.
    #[default]
    System,
    /// The command line.
    CommandLine,
    /// A page or the interface for programs.
    Request {
        /// Address of the browser or program, if it is known.
        address: Option<IpAddr>,
        /// What the browser says it is, as sent.
        agent: String,
    },
}

/// As the audit log writes it: `system`, `command_line`, the address, or `request` of one whose
/// address is not known.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.address()) {
            (Origin::System, _) => f.write_str("system"),
            (Origin::CommandLine, _) => f.write_str("command_line"),
            (Origin::Request { .. }, Some(address)) => address.fmt(f),
            (Origin::Request { .. }, None) => f.write_str("request"),
        }
    }
}

impl Origin {
    /// The address a request came from, if it is known.
    pub fn address(&self) -> Option<IpAddr> {
        match self {
            Origin::Request { address, .. } => address.map(|address| address.to_canonical()),
            Origin::System | Origin::CommandLine => None,
        }
    }

    /// The address, by which tries of those are counted who are known by nothing else; empty when it is
    /// not known.
    pub fn place(&self) -> String {
        self.address().map_or_else(String::new, |it| it.to_string())
    }

    /// The network without its last part: enough to recognise one's own office by.
    pub fn roughly(&self) -> String {
        match self.address() {
            None => String::new(),
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.*")
            }
            Some(IpAddr::V6(address)) => {
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::*")
            }
        }
    }

    /// By what failed tries of an address are counted: IPv6 users hold a whole network, so the network
    /// is what counts.
    pub fn counted(&self) -> Option<String> {
        match self.address()? {
            IpAddr::V4(address) => Some(address.to_string()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Some(format!("{a:x}:{b:x}:{c:x}:{d:x}::"))
            }
        }
    }

    /// Kind of browser and machine, as people call them.
    pub fn browser(&self) -> String {
        let agent = match self {
            Origin::Request { agent, .. } => agent.as_str(),
            Origin::System | Origin::CommandLine => "",
        };
        let first = |known: &[(&str, &'static str)]| {
            let found = known.iter().find(|(part, _)| agent.contains(part));
            found.map(|(_, name)| *name)
        };
        // Each says it is all of those after it too.
        let browser = first(&[
            ("Edg/", "Edge"),
            ("coc_coc", "Cốc Cốc"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ]);
        let machine = first(&[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("Windows", "Windows"),
            ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ]);
        match (browser, machine) {
            (Some(browser), Some(machine)) => format!("{browser}, {machine}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "Trình duyệt khác".to_owned(),
        }
    }
}
