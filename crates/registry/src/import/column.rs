//! The columns of the form.

/// A column of the form by what it holds. The order is the order of the blank form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(usize)]
pub enum Column {
    /// Code of the commune.
    Commune,
    /// Name.
    FullName,
    /// Birth date, or month, or year.
    BirthDate,
    /// Nam or Nữ.
    Sex,
    /// Ethnic group.
    Ethnicity,
    /// ID number.
    IdNumber,
    /// Benefit awarded.
    Benefit,
    /// Grade of the disability certificate.
    DisabilityGrade,
    /// Day of the disability certificate.
    DisabilityDate,
    /// Poor, near-poor or not.
    Poverty,
    /// How many children are raised.
    Children,
    /// Number of the decision.
    DecisionNumber,
    /// Day the decision was signed.
    DecisionDate,
    /// First month paid.
    From,
    /// How the money is received.
    Channel,
    /// Whose account it is.
    Holder,
    /// Name of the receiver.
    HolderName,
    /// Bank or wallet.
    Provider,
    /// Account or wallet number.
    AccountNumber,
    /// Telephone.
    Phone,
    /// Not read: for the officer's own notes.
    Note,
    /// ID number of the person cared for, in rows of carers.
    CaredIdNumber,
}

impl Column {
    /// Every column.
    pub const ALL: [Column; 22] = [
        Column::Commune,
        Column::FullName,
        Column::BirthDate,
        Column::Sex,
        Column::Ethnicity,
        Column::IdNumber,
        Column::Benefit,
        Column::DisabilityGrade,
        Column::DisabilityDate,
        Column::Poverty,
        Column::Children,
        Column::DecisionNumber,
        Column::DecisionDate,
        Column::From,
        Column::Channel,
        Column::Holder,
        Column::HolderName,
        Column::Provider,
        Column::AccountNumber,
        Column::Phone,
        Column::Note,
        Column::CaredIdNumber,
    ];

    /// As the first row of the sheet has it.
    pub const fn heading(self) -> &'static str {
        match self {
            Column::Commune => "Mã xã",
            Column::FullName => "Họ và tên",
            Column::BirthDate => "Ngày sinh",
            Column::Sex => "Giới tính",
            Column::Ethnicity => "Dân tộc",
            Column::IdNumber => "Số định danh",
            Column::Benefit => "Chính sách",
            Column::DisabilityGrade => "Mức độ khuyết tật",
            Column::DisabilityDate => "Ngày xác nhận khuyết tật",
            Column::Poverty => "Hộ nghèo",
            Column::Children => "Số con đang nuôi",
            Column::DecisionNumber => "Số quyết định",
            Column::DecisionDate => "Ngày quyết định",
            Column::From => "Hưởng từ tháng",
            Column::Channel => "Hình thức nhận",
            Column::Holder => "Chủ tài khoản",
            Column::HolderName => "Tên người nhận",
            Column::Provider => "Ngân hàng",
            Column::AccountNumber => "Số tài khoản",
            Column::Phone => "Số điện thoại",
            Column::Note => "Ghi chú",
            Column::CaredIdNumber => "Số định danh người được chăm sóc",
        }
    }

    /// Whether a sheet without the column is refused.
    pub const fn is_required(self) -> bool {
        matches!(
            self,
            Column::Commune
                | Column::FullName
                | Column::BirthDate
                | Column::Sex
                | Column::IdNumber
                | Column::Benefit
                | Column::DecisionNumber
                | Column::DecisionDate
        )
    }

    /// The heading that a field of an event comes from, for refusals of the registry.
    pub fn of_field(field: &str) -> Option<Column> {
        Some(match field {
            "area" => Column::Commune,
            "full_name" => Column::FullName,
            "birth_date" => Column::BirthDate,
            "sex" => Column::Sex,
            "ethnicity" => Column::Ethnicity,
            "id_number" => Column::IdNumber,
            "benefit" => Column::Benefit,
            "from" => Column::From,
            "decision" | "decision.number" => Column::DecisionNumber,
            "decision.date" | "effective" => Column::DecisionDate,
            "fact.person" => Column::CaredIdNumber,
            "channel" => Column::Channel,
            "holder" => Column::Holder,
            "holder_name" => Column::HolderName,
            "provider" => Column::Provider,
            "account_number" => Column::AccountNumber,
            "phone" => Column::Phone,
            _ => return None,
        })
    }
}
