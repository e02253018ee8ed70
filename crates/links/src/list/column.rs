//! The columns of the list.

/// A column by what it holds, in the order of the blank form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Column {
    FileNumber,
    FullName,
    BirthDate,
    Sex,
    IdNumber,
    Phone,
    Commune,
    Since,
    Note,
}

impl Column {
    pub(super) const ALL: [Column; 9] = [
        Column::FileNumber,
        Column::FullName,
        Column::BirthDate,
        Column::Sex,
        Column::IdNumber,
        Column::Phone,
        Column::Commune,
        Column::Since,
        Column::Note,
    ];

    /// As the first row of the sheet has it.
    pub(super) const fn heading(self) -> &'static str {
        match self {
            Column::FileNumber => "Số hồ sơ",
            Column::FullName => "Họ và tên",
            Column::BirthDate => "Ngày sinh",
            Column::Sex => "Giới tính",
            Column::IdNumber => "Số định danh",
            Column::Phone => "Số điện thoại",
            Column::Commune => "Xã",
            Column::Since => "Hưởng từ ngày",
            Column::Note => "Ghi chú",
        }
    }

    /// How it is written.
    pub(super) const fn help(self) -> &'static str {
        match self {
            Column::FileNumber => "Số mà chương trình kia gọi người này, ví dụ số sổ bảo hiểm.",
            Column::FullName => "Họ và tên như trong danh sách.",
            Column::BirthDate => "dd/mm/yyyy, mm/yyyy hoặc năm sinh.",
            Column::Sex => "Nam hoặc Nữ.",
            Column::IdNumber => "12 chữ số, hoặc số chứng minh nhân dân 9 chữ số.",
            Column::Phone => "Để trống nếu không có.",
            Column::Commune => "Mã xã 5 chữ số, hoặc tên xã trong địa bàn.",
            Column::Since => "dd/mm/yyyy; để trống là ngày của danh sách.",
            Column::Note => "Chương trình không đọc cột này.",
        }
    }

    /// Width in characters.
    pub(super) const fn width(self) -> u16 {
        match self {
            Column::FullName | Column::Commune | Column::Note => 26,
            _ => 16,
        }
    }

    /// Of somebody who is not real.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Column::FileNumber => "HT-000148",
            Column::FullName => "Trần Thị Ân",
            Column::BirthDate => "09/02/1948",
            Column::Sex => "Nữ",
            Column::IdNumber => "999148000001",
            Column::Commune => "21031",
            Column::Since => "01/03/2003",
            Column::Phone | Column::Note => "",
        }
    }
}
