//! The columns a list has in Excel and in CSV: one table, so that both say the same.

use std::borrow::Cow;

use kernel::Dong;

use crate::format;
use crate::payment_list::Row;

/// One column of the exported list.
pub(crate) struct Column {
    /// Heading, with the unit where there is one.
    pub heading: &'static str,
    /// Width in Excel, in characters.
    pub width: u8,
}

/// What stands in a cell.
pub(crate) enum Cell<'a> {
    /// Text of the program: codes, labels, months.
    Text(Cow<'a, str>),
    /// Text somebody typed once, which may look like a formula.
    Declared(&'a str),
    /// Đồng that are always shown.
    Amount(Dong),
    /// Đồng left blank in Excel when there are none.
    AmountIfAny(Dong),
}

const fn column(heading: &'static str, width: u8) -> Column {
    Column { heading, width }
}

/// In the order of the export.
pub(crate) const COLUMNS: [Column; 22] = [
    column("STT", 6),
    column("Mã xã", 8),
    column("Xã, phường, thị trấn", 28),
    column("Mã đối tượng", 14),
    column("Họ và tên", 26),
    column("Ngày sinh", 12),
    column("Số định danh", 15),
    column("Mã chính sách", 20),
    column("Chính sách", 34),
    column("Hệ số", 7),
    column("Mức chuẩn (đồng)", 13),
    column("Trợ cấp tháng (đồng)", 14),
    column("Truy lĩnh (đồng)", 14),
    column("Truy lĩnh từ–đến", 17),
    column("Một lần (đồng)", 14),
    column("Chuyển kỳ trước (đồng)", 14),
    column("Tổng chi trả (đồng)", 15),
    column("Phải thu hồi (đồng)", 14),
    column("Người nhận", 26),
    column("Hình thức nhận", 18),
    column("Số tài khoản", 18),
    column("Ghi chú", 30),
];

/// The cells of a row, column by column.
pub(crate) fn cells(row: &Row) -> [Cell<'_>; 22] {
    [
        Cell::Text(row.seq.to_string().into()),
        Cell::Text(row.commune_code.as_str().into()),
        Cell::Text(row.commune_name.as_str().into()),
        Cell::Declared(&row.person_key),
        Cell::Declared(&row.full_name),
        Cell::Text(format::birth(row.birth).into()),
        Cell::Declared(&row.id_number),
        Cell::Text(row.benefit_code.as_str().into()),
        Cell::Text(row.benefit.as_str().into()),
        Cell::Text(
            row.coefficient
                .map(format::coefficient)
                .unwrap_or_default()
                .into(),
        ),
        Cell::AmountIfAny(row.standard),
        Cell::Amount(row.regular),
        Cell::AmountIfAny(row.arrears),
        Cell::Text(
            row.arrears_span
                .map(format::span)
                .unwrap_or_default()
                .into(),
        ),
        Cell::AmountIfAny(row.one_off),
        Cell::AmountIfAny(row.carried_over),
        Cell::Amount(row.total),
        Cell::AmountIfAny(row.recovery),
        Cell::Declared(&row.payee),
        Cell::Text(row.channel.as_str().into()),
        Cell::Declared(&row.account),
        Cell::Declared(&row.note),
    ]
}
