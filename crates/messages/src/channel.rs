//! The ways a message travels, and how patient each is.

use std::sync::OnceLock;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

const FILE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../reference/messages/channels.toml"
));

/// A way a message travels.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Text message of a telephone.
    Sms,
    /// The Vietnamese messenger, by telephone number.
    Zalo,
    /// Electronic mail.
    Email,
    /// On paper, to the home.
    Letter,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 4] = [Channel::Sms, Channel::Zalo, Channel::Email, Channel::Letter];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Zalo => "zalo",
            Channel::Email => "email",
            Channel::Letter => "letter",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|it| it.code() == code)
    }

    /// What users see.
    pub fn vietnamese(self) -> &'static str {
        &self.patience().name
    }

    /// How patient it is.
    pub fn patience(self) -> &'static Patience {
        let known = rules().channels.iter().find(|it| it.code == self);
        known.expect("the tests of this module find every channel in the file")
    }
}

/// How often a channel is tried.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Patience {
    /// Of which channel.
    pub code: Channel,
    /// What users see.
    pub name: String,
    /// So many tries, then it is given up.
    pub tries: i16,
    /// Minutes from each failed try to the next; the last one is used again.
    pub pauses: Vec<i64>,
    /// Where a message goes on that was given up here.
    pub falls_back_to: Option<Channel>,
}

impl Patience {
    /// How long after the failed try with the number (from 1) the next one is due.
    pub fn pause(&self, tries: i16) -> SignedDuration {
        let at = usize::try_from(tries.max(1) - 1).unwrap_or(0);
        let minutes = self.pauses.get(at).or(self.pauses.last());
        SignedDuration::from_mins(minutes.copied().unwrap_or(1))
    }
}

/// What holds for every channel.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Steps that happened longer ago, in days, are not told of.
    pub told_within_days: i32,
    /// Minutes after which a message in the hands of a program that died is sent again.
    pub lost_after_minutes: i64,
    /// Each channel.
    #[serde(rename = "channel")]
    pub channels: Vec<Patience>,
}

/// The rules of the file.
pub fn rules() -> &'static Rules {
    static RULES: OnceLock<Rules> = OnceLock::new();
    RULES.get_or_init(|| toml::from_str(FILE).expect("the tests of this module read the same file"))
}

#[cfg(test)]
mod tests {
    use super::{Channel, rules};

    #[test]
    fn every_channel_has_rules_and_every_way_ends() {
        assert_eq!(rules().channels.len(), Channel::ALL.len());
        for channel in Channel::ALL {
            let (mut now, mut hops) = (channel, 0);
            while let Some(next) = now.patience().falls_back_to {
                (now, hops) = (next, hops + 1);
                assert!(hops < Channel::ALL.len(), "{}", channel.code());
            }
            assert!(channel.patience().tries > 0);
            assert!(!channel.patience().pauses.is_empty());
            assert_eq!(Channel::from_code(channel.code()), Some(channel));
        }
    }
}
