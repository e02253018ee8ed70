//! The columns of the list.

/// A column by what it holds, in the order of the blank form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Column {
    PersonKey,
    IdNumber,
    FullName,
    Channel,
    Provider,
    AccountNumber,
    Holder,
    HolderName,
    HolderIdNumber,
    AuthorisedUntil,
    Since,
    Note,
}

impl Column {
    pub(super) const ALL: [Column; 12] = [
        Column::PersonKey,
        Column::IdNumber,
        Column::FullName,
        Column::Channel,
        Column::Provider,
        Column::AccountNumber,
        Column::Holder,
        Column::HolderName,
        Column::HolderIdNumber,
        Column::AuthorisedUntil,
        Column::Since,
        Column::Note,
    ];

    /// As the first row of the sheet has it.
    pub(super) const fn heading(self) -> &'static str {
        match self {
            Column::PersonKey => "Mã người nhận",
            Column::IdNumber => "Số định danh",
            Column::FullName => "Họ và tên",
            Column::Channel => "Hình thức nhận",
            Column::Provider => "Ngân hàng",
            Column::AccountNumber => "Số tài khoản",
            Column::Holder => "Chủ tài khoản",
            Column::HolderName => "Tên người nhận",
            Column::HolderIdNumber => "Số định danh người nhận",
            Column::AuthorisedUntil => "Ủy quyền đến",
            Column::Since => "Từ ngày",
            Column::Note => "Ghi chú",
        }
    }

    /// How it is written.
    pub(super) const fn help(self) -> &'static str {
        match self {
            Column::PersonKey => {
                "Mã hồ sơ của người hưởng như trong danh sách, hoặc # và số hồ sơ."
            }
            Column::IdNumber => "12 chữ số của người hưởng; cần khi không có mã người nhận.",
            Column::FullName => "Họ và tên người hưởng.",
            Column::Channel => "Để trống là Tài khoản ngân hàng.",
            Column::Provider => {
                "Tên viết tắt hoặc mã 6 chữ số; để trống là ngân hàng gửi danh sách."
            }
            Column::AccountNumber => "6 đến 19 chữ số hoặc chữ cái.",
            Column::Holder => {
                "Chính chủ, Người giám hộ hoặc Người được ủy quyền; cũng có thể ghi tên chủ tài khoản khi là chính chủ."
            }
            Column::HolderName => "Bắt buộc khi người khác đứng tên.",
            Column::HolderIdNumber => "Số định danh của người đứng tên thay.",
            Column::AuthorisedUntil => "Bắt buộc với người được ủy quyền, dd/mm/yyyy.",
            Column::Since => "Ngày nhận qua tài khoản này, dd/mm/yyyy; để trống là ngày nhập.",
            Column::Note => "Chương trình không đọc cột này.",
        }
    }

    /// Width in characters.
    pub(super) const fn width(self) -> u16 {
        match self {
            Column::FullName | Column::HolderName | Column::Note => 26,
            Column::Provider | Column::Channel | Column::Holder => 20,
            _ => 17,
        }
    }

    /// The heading that a field of `payee_set` comes from, for refusals of the registry.
    pub(super) fn of_field(field: &str) -> Option<Column> {
        Some(match field {
            "person" => Column::PersonKey,
            "channel" => Column::Channel,
            "holder" => Column::Holder,
            "holder_name" => Column::HolderName,
            "holder_id_number" => Column::HolderIdNumber,
            "provider" => Column::Provider,
            "account_number" => Column::AccountNumber,
            "authorised_until" => Column::AuthorisedUntil,
            "effective" => Column::Since,
            _ => return None,
        })
    }
}
