//! How a dossier was submitted.

use serde::{Deserialize, Serialize};

/// The three ways of the National Public Service Portal.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// At the counter: 1.
    Direct,
    /// 2.
    Online,
    /// By public post: 3.
    Post,
}

impl Channel {
    /// Number of the national list.
    pub const fn number(self) -> i16 {
        match self {
            Channel::Direct => 1,
            Channel::Online => 2,
            Channel::Post => 3,
        }
    }

    /// Back from the number.
    pub const fn from_number(number: i16) -> Option<Channel> {
        match number {
            1 => Some(Channel::Direct),
            2 => Some(Channel::Online),
            3 => Some(Channel::Post),
            _ => None,
        }
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Channel::Direct => "Trực tiếp",
            Channel::Online => "Trực tuyến",
            Channel::Post => "Bưu chính công ích",
        }
    }
}
