//! The circumstances families are invented in.

use law::person::Grade;

/// Why a family is in the scenario. Each kind fixes which benefits its people draw.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// Somebody of 80 or more without pension.
    Older80,
    /// A poor older person without support.
    OlderPoor,
    /// Somebody of 75 to 79 in a difficult area.
    Older75,
    /// An older person fostered by somebody else's household, who draws for it too.
    OlderFostered,
    /// A disabled person for whom nobody else draws a benefit.
    Disabled(Grade, Age),
    /// An extremely severely disabled person and the own household that cares for them.
    CaredAtHome(Age),
    /// An extremely severely disabled person taken in by somebody else.
    CaredByOthers(Age),
    /// A child without support living with relatives.
    Orphan,
    /// A child without support and the household that took it in.
    OrphanTakenIn,
    /// Once a child without support, now 16 or more and at school.
    Student,
    /// A poor child with HIV.
    ChildWithHiv,
    /// A poor adult with HIV.
    AdultWithHiv,
    /// A poor single parent.
    SingleParent,
    /// A poor single parent who is disabled.
    SingleParentDisabled,
    /// A poor child under three in a difficult area.
    ChildUnder3,
    /// A disabled parent of small children.
    DisabledParent,
}

/// Age as the coefficients of disability see it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Age {
    /// Under 16.
    Child,
    /// 16 to 59.
    Adult,
    /// 60 and over.
    Older,
}

impl Kind {
    /// How many people of the family draw a benefit.
    pub const fn people(self) -> u32 {
        match self {
            Kind::OlderFostered
            | Kind::CaredAtHome(_)
            | Kind::CaredByOthers(_)
            | Kind::OrphanTakenIn => 2,
            _ => 1,
        }
    }

    /// Whether the benefit exists in difficult areas only.
    pub const fn difficult_area_only(self) -> bool {
        matches!(self, Kind::Older75 | Kind::ChildUnder3)
    }

    /// Whether somebody else must act for the first person of the family.
    pub const fn needs_guardian(self) -> bool {
        matches!(
            self,
            Kind::Disabled(_, Age::Child)
                | Kind::Disabled(Grade::ExtremelySevere, _)
                | Kind::CaredAtHome(_)
                | Kind::CaredByOthers(_)
                | Kind::Orphan
                | Kind::OrphanTakenIn
                | Kind::ChildWithHiv
                | Kind::ChildUnder3
        )
    }

    /// Whether the first person is old enough that somebody often collects the money for them.
    pub const fn is_older(self) -> bool {
        matches!(
            self,
            Kind::Older80
                | Kind::OlderPoor
                | Kind::Older75
                | Kind::OlderFostered
                | Kind::Disabled(_, Age::Older)
        )
    }
}

/// What goes on around a family in the month.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Turn {
    /// Nothing.
    Calm,
    /// Decided this month, from this month.
    New,
    /// Decided this month, owed from an earlier one: arrears.
    Late,
    /// Payment rested two months and goes on, unchanged: arrears.
    Resumed,
    /// Died this month.
    Died,
    /// Moved to another commune of the province this month.
    MovedWithin,
    /// The disability was found to be graver two months ago: arrears.
    Graver,
    /// An inspection found the disability lighter since three months ago: money is owed back.
    Lighter,
    /// A child born two months ago is told of only now: arrears.
    Born,
    /// The same person as the family before, registered twice.
    Twice,
    /// Died last month; known this month. Draws nothing any more.
    DiedLastMonth,
    /// Payment rests from this month.
    Resting,
    /// Left the province last month.
    MovedAway,
    /// Found by review or inspection not to be entitled, from this month.
    Ended,
}

impl Turn {
    /// Whether the family is among the scenario's beneficiaries of the month.
    pub const fn draws(self) -> bool {
        !matches!(
            self,
            Turn::DiedLastMonth | Turn::Resting | Turn::MovedAway | Turn::Ended
        )
    }

    /// Whether the registry hears of the family in the month itself.
    pub const fn is_new(self) -> bool {
        matches!(self, Turn::New | Turn::Late)
    }

    /// Whether it can happen to a family of the kind.
    pub const fn fits(self, kind: Kind) -> bool {
        match self {
            Turn::Calm | Turn::MovedWithin | Turn::MovedAway => true,
            Turn::New => !matches!(kind, Kind::Student),
            Turn::Late => matches!(kind, Kind::Older80 | Kind::Disabled(..)),
            Turn::Graver => matches!(kind, Kind::Disabled(Grade::ExtremelySevere, _)),
            Turn::Lighter => matches!(kind, Kind::Disabled(Grade::Severe, _)),
            Turn::Born => matches!(kind, Kind::SingleParent),
            Turn::Twice | Turn::Died | Turn::DiedLastMonth => {
                matches!(
                    kind,
                    Kind::Older80 | Kind::OlderPoor | Kind::Disabled(_, Age::Older)
                )
            }
            Turn::Resumed | Turn::Resting => kind.people() == 1 && !matches!(kind, Kind::Student),
            Turn::Ended => {
                matches!(
                    kind,
                    Kind::OlderPoor | Kind::SingleParent | Kind::AdultWithHiv
                )
            }
        }
    }
}
