//! The benefits, in the order that settles ties (contracts, rule 9).

use serde::{Deserialize, Serialize};

/// A benefit by its stable code. The order is the order of the law's table: of two equal amounts
/// the earlier one is paid.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Benefit {
    /// Trẻ em không có nguồn nuôi dưỡng.
    ChildWithoutSupport = 1,
    /// Người từ 16 tuổi đang học, trước là trẻ em không có nguồn nuôi dưỡng.
    StudentWithoutSupport = 2,
    /// Trẻ em nhiễm HIV thuộc hộ nghèo.
    ChildWithHiv = 3,
    /// Người đơn thân nghèo đang nuôi con.
    PoorSingleParent = 4,
    /// Người cao tuổi nghèo không có người phụng dưỡng.
    OlderPoorWithoutSupport = 5,
    /// Người từ 75 đến dưới 80 tuổi ở địa bàn đặc biệt khó khăn.
    #[serde(rename = "older_75_difficult_area")]
    Older75DifficultArea = 6,
    /// Người từ 80 tuổi không có lương hưu.
    #[serde(rename = "older_80_without_pension")]
    Older80WithoutPension = 7,
    /// Người cao tuổi được nhận chăm sóc tại cộng đồng.
    OlderFostered = 8,
    /// Người khuyết tật nặng, đặc biệt nặng.
    Disability = 9,
    /// Trẻ em dưới 3 tuổi nghèo ở địa bàn đặc biệt khó khăn.
    #[serde(rename = "poor_child_under_3")]
    PoorChildUnder3 = 10,
    /// Người nhiễm HIV thuộc hộ nghèo.
    PoorAdultWithHiv = 11,
    /// Trợ cấp hưu trí xã hội.
    SocialPension = 12,
    /// Nhận chăm sóc trẻ em.
    CarerChild = 13,
    /// Nhận chăm sóc người cao tuổi.
    CarerOlder = 14,
    /// Nhận chăm sóc người khuyết tật đặc biệt nặng.
    CarerDisability = 15,
    /// Hộ gia đình trực tiếp chăm sóc người khuyết tật đặc biệt nặng.
    HouseholdCarer = 16,
    /// Người khuyết tật mang thai hoặc nuôi con dưới 36 tháng.
    DisabledParent = 17,
    /// Nuôi dưỡng trong cơ sở trợ giúp xã hội.
    FacilityCare = 18,
    /// Hỗ trợ chi phí mai táng (một lần).
    Funeral = 19,
    /// Hỗ trợ khẩn cấp khi có người chết, mất tích (một lần).
    EmergencyDeath = 20,
    /// Hỗ trợ khẩn cấp khi bị thương nặng (một lần).
    EmergencyInjury = 21,
}

impl Benefit {
    /// Every benefit, in the order of the table.
    pub const ALL: [Benefit; 21] = [
        Benefit::ChildWithoutSupport,
        Benefit::StudentWithoutSupport,
        Benefit::ChildWithHiv,
        Benefit::PoorSingleParent,
        Benefit::OlderPoorWithoutSupport,
        Benefit::Older75DifficultArea,
        Benefit::Older80WithoutPension,
        Benefit::OlderFostered,
        Benefit::Disability,
        Benefit::PoorChildUnder3,
        Benefit::PoorAdultWithHiv,
        Benefit::SocialPension,
        Benefit::CarerChild,
        Benefit::CarerOlder,
        Benefit::CarerDisability,
        Benefit::HouseholdCarer,
        Benefit::DisabledParent,
        Benefit::FacilityCare,
        Benefit::Funeral,
        Benefit::EmergencyDeath,
        Benefit::EmergencyInjury,
    ];

    /// As the database keeps it, 1–21.
    pub const fn number(self) -> i16 {
        self as i16
    }

    /// Back from the database.
    pub fn from_number(number: i16) -> Option<Benefit> {
        usize::try_from(number)
            .ok()
            .and_then(|n| Benefit::ALL.get(n.checked_sub(1)?).copied())
    }

    /// The stable code of contracts and interfaces.
    pub const fn code(self) -> &'static str {
        match self {
            Benefit::ChildWithoutSupport => "child_without_support",
            Benefit::StudentWithoutSupport => "student_without_support",
            Benefit::ChildWithHiv => "child_with_hiv",
            Benefit::PoorSingleParent => "poor_single_parent",
            Benefit::OlderPoorWithoutSupport => "older_poor_without_support",
            Benefit::Older75DifficultArea => "older_75_difficult_area",
            Benefit::Older80WithoutPension => "older_80_without_pension",
            Benefit::OlderFostered => "older_fostered",
            Benefit::Disability => "disability",
            Benefit::PoorChildUnder3 => "poor_child_under_3",
            Benefit::PoorAdultWithHiv => "poor_adult_with_hiv",
            Benefit::SocialPension => "social_pension",
            Benefit::CarerChild => "carer_child",
            Benefit::CarerOlder => "carer_older",
            Benefit::CarerDisability => "carer_disability",
            Benefit::HouseholdCarer => "household_carer",
            Benefit::DisabledParent => "disabled_parent",
            Benefit::FacilityCare => "facility_care",
            Benefit::Funeral => "funeral",
            Benefit::EmergencyDeath => "emergency_death",
            Benefit::EmergencyInjury => "emergency_injury",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Benefit> {
        Benefit::ALL
            .into_iter()
            .find(|benefit| benefit.code() == code)
    }

    /// Paid once, not monthly.
    pub const fn is_one_off(self) -> bool {
        matches!(
            self,
            Benefit::Funeral | Benefit::EmergencyDeath | Benefit::EmergencyInjury
        )
    }

    /// Whether naming the benefit reveals an HIV infection: masked in postings, provider files and
    /// searches (20/2021/NĐ-CP Điều 8 khoản 1 điểm b).
    pub const fn reveals_hiv(self) -> bool {
        matches!(self, Benefit::ChildWithHiv | Benefit::PoorAdultWithHiv)
    }
}
