//! The programmes whose lists are held against the registry.

use serde::Serialize;

/// A programme of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Programme {
    /// People with merit to the revolution.
    Merit,
    /// Pensions of the state.
    Pension,
    /// Monthly social insurance.
    SocialInsurance,
}

impl Programme {
    /// Every one of them.
    pub const ALL: [Programme; 3] = [
        Programme::Merit,
        Programme::Pension,
        Programme::SocialInsurance,
    ];

    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            Programme::Merit => "merit",
            Programme::Pension => "pension",
            Programme::SocialInsurance => "social_insurance",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<Programme> {
        Programme::ALL.into_iter().find(|it| it.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Programme::Merit => "Người có công",
            Programme::Pension => "Lương hưu",
            Programme::SocialInsurance => "Bảo hiểm xã hội hằng tháng",
        }
    }

    /// Whether whoever is on it draws a pension or monthly social insurance: the fact `pension`, which the law
    /// asks about.
    pub const fn is_pension(self) -> bool {
        matches!(self, Programme::Pension | Programme::SocialInsurance)
    }
}

/// Where a pair with another programme stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PairState {
    /// Nobody decided, a link was taken back, or the record changed since.
    Open,
    /// One person in both.
    Linked,
    /// Two people.
    Dismissed,
}

impl PairState {
    /// Every one of them.
    pub const ALL: [PairState; 3] = [PairState::Open, PairState::Linked, PairState::Dismissed];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            PairState::Open => "open",
            PairState::Linked => "linked",
            PairState::Dismissed => "dismissed",
        }
    }

    /// From its code.
    pub fn from_code(code: &str) -> Option<PairState> {
        PairState::ALL.into_iter().find(|it| it.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            PairState::Open => "Chờ quyết định",
            PairState::Linked => "Đã liên kết",
            PairState::Dismissed => "Là hai người",
        }
    }
}
