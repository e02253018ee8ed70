//! Facts by the codes that contracts and the database keep them under.

use law::FactKind;
use law::person::{Basis, Grade, PovertyStatus};

/// Stable code of a kind of fact.
pub const fn code(kind: &FactKind) -> &'static str {
    match kind {
        FactKind::WithoutSupport { .. } => "without_support",
        FactKind::Studying { .. } => "studying",
        FactKind::Hiv => "hiv",
        FactKind::Poverty { .. } => "poverty",
        FactKind::Single => "single",
        FactKind::Child { .. } => "child",
        FactKind::NoSupporter => "no_supporter",
        FactKind::SupporterOnAllowance => "supporter_on_allowance",
        FactKind::FosteredInCommunity => "fostered_in_community",
        FactKind::Disability { .. } => "disability",
        FactKind::Pension => "pension",
        FactKind::StableIncome => "stable_income",
        FactKind::Pregnant => "pregnant",
        FactKind::InFacility => "in_facility",
        FactKind::InPrison => "in_prison",
        FactKind::Suspended { .. } => "suspended",
        FactKind::CaresFor(_) => "cares_for",
    }
}

/// Basis, status or grade, for the kinds that have one.
pub const fn variant(kind: &FactKind) -> Option<&'static str> {
    match kind {
        FactKind::WithoutSupport { basis } => Some(basis_code(*basis)),
        FactKind::Poverty {
            status: PovertyStatus::Poor,
        } => Some("poor"),
        FactKind::Poverty {
            status: PovertyStatus::NearPoor,
        } => Some("near_poor"),
        FactKind::Disability { grade: Grade::Mild } => Some("mild"),
        FactKind::Disability {
            grade: Grade::Severe,
        } => Some("severe"),
        FactKind::Disability {
            grade: Grade::ExtremelySevere,
        } => Some("extremely_severe"),
        _ => None,
    }
}

/// What users see.
pub const fn vietnamese(kind: &FactKind) -> &'static str {
    match kind {
        FactKind::WithoutSupport { .. } => "Trẻ em không có nguồn nuôi dưỡng",
        FactKind::Studying { .. } => "Đang đi học",
        FactKind::Hiv => "Nhiễm HIV",
        FactKind::Poverty {
            status: PovertyStatus::Poor,
        } => "Hộ nghèo",
        FactKind::Poverty {
            status: PovertyStatus::NearPoor,
        } => "Hộ cận nghèo",
        FactKind::Single => "Đơn thân",
        FactKind::Child { .. } => "Đang nuôi con",
        FactKind::NoSupporter => "Không có người phụng dưỡng",
        FactKind::SupporterOnAllowance => "Người phụng dưỡng đang hưởng trợ cấp",
        FactKind::FosteredInCommunity => "Được nhận chăm sóc tại cộng đồng",
        FactKind::Disability { grade: Grade::Mild } => "Khuyết tật nhẹ",
        FactKind::Disability {
            grade: Grade::Severe,
        } => "Khuyết tật nặng",
        FactKind::Disability {
            grade: Grade::ExtremelySevere,
        } => "Khuyết tật đặc biệt nặng",
        FactKind::Pension => "Hưởng lương hưu, bảo hiểm xã hội hằng tháng",
        FactKind::StableIncome => "Có thu nhập ổn định hằng tháng",
        FactKind::Pregnant => "Mang thai",
        FactKind::InFacility => "Ở cơ sở trợ giúp xã hội",
        FactKind::InPrison => "Đang chấp hành án phạt tù",
        FactKind::Suspended { .. } => "Tạm dừng chi trả",
        FactKind::CaresFor(_) => "Nhận chăm sóc người khác",
    }
}

const BASES: [(Basis, &str); 11] = [
    (Basis::A, "a"),
    (Basis::B, "b"),
    (Basis::C, "c"),
    (Basis::D, "d"),
    (Basis::Dd, "đ"),
    (Basis::E, "e"),
    (Basis::G, "g"),
    (Basis::H, "h"),
    (Basis::I, "i"),
    (Basis::K, "k"),
    (Basis::L, "l"),
];

const fn basis_code(basis: Basis) -> &'static str {
    // The table is in the order of the enum.
    BASES[basis as usize].1
}

pub(crate) fn basis_from_code(code: &str) -> Option<Basis> {
    let code = if code == "dd" { "đ" } else { code };
    BASES
        .into_iter()
        .find(|(_, letter)| *letter == code)
        .map(|(basis, _)| basis)
}

pub(crate) fn status_from_code(code: &str) -> Option<PovertyStatus> {
    match code {
        "poor" => Some(PovertyStatus::Poor),
        "near_poor" => Some(PovertyStatus::NearPoor),
        _ => None,
    }
}

/// A grade of disability by its code.
pub fn grade_from_code(code: &str) -> Option<Grade> {
    match code {
        "mild" => Some(Grade::Mild),
        "severe" => Some(Grade::Severe),
        "extremely_severe" => Some(Grade::ExtremelySevere),
        _ => None,
    }
}
