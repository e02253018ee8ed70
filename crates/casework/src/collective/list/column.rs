//! The columns of the list.

use law::FactKind;
use law::person::{Grade, PovertyStatus};

/// A column by what it holds, in the order of the blank form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Column {
    PersonKey,
    IdNumber,
    FullName,
    Task,
    Benefit,
    LastMonth,
    Fact,
    Since,
    Ground,
    Note,
}

/// A benefit ends.
pub(super) const STOP: &str = "Thôi hưởng";
/// What is true changes.
pub(super) const ADJUST: &str = "Điều chỉnh";

/// What a row may say is true now.
pub(super) fn facts() -> [FactKind; 5] {
    let grade = |grade| FactKind::Disability { grade };
    let poverty = |status| FactKind::Poverty { status };
    [
        grade(Grade::Severe),
        grade(Grade::ExtremelySevere),
        grade(Grade::Mild),
        poverty(PovertyStatus::Poor),
        poverty(PovertyStatus::NearPoor),
    ]
}

impl Column {
    pub(super) const ALL: [Column; 10] = [
        Column::PersonKey,
        Column::IdNumber,
        Column::FullName,
        Column::Task,
        Column::Benefit,
        Column::LastMonth,
        Column::Fact,
        Column::Since,
        Column::Ground,
        Column::Note,
    ];

    /// As the first row of the sheet has it.
    pub(super) const fn heading(self) -> &'static str {
        match self {
            Column::PersonKey => "Mã người hưởng",
            Column::IdNumber => "Số định danh",
            Column::FullName => "Họ và tên",
            Column::Task => "Việc",
            Column::Benefit => "Chính sách",
            Column::LastMonth => "Tháng cuối",
            Column::Fact => "Tình trạng mới",
            Column::Since => "Từ ngày",
            Column::Ground => "Lý do",
            Column::Note => "Ghi chú",
        }
    }

    /// How it is written.
    pub(super) const fn help(self) -> &'static str {
        match self {
            Column::PersonKey => "Mã hồ sơ như trong danh sách, hoặc # và số hồ sơ.",
            Column::IdNumber => "12 chữ số; cần khi không có mã người hưởng.",
            Column::FullName => "Họ và tên người hưởng.",
            Column::Task => "Thôi hưởng hoặc Điều chỉnh.",
            Column::Benefit => "Chính sách thôi hưởng; để trống là mọi chính sách đang hưởng.",
            Column::LastMonth => "Khi thôi hưởng: tháng cuối được trả, mm/yyyy.",
            Column::Fact => "Khi điều chỉnh: mức độ khuyết tật hoặc diện hộ nghèo mới.",
            Column::Since => "Khi điều chỉnh: ngày bắt đầu tình trạng mới, dd/mm/yyyy.",
            Column::Ground => "Khi thôi hưởng; để trống là không còn đủ điều kiện hưởng.",
            Column::Note => "Chương trình không đọc cột này.",
        }
    }

    /// Width in characters.
    pub(super) const fn width(self) -> u16 {
        match self {
            Column::FullName | Column::Benefit | Column::Fact | Column::Ground => 28,
            _ => 17,
        }
    }
}
