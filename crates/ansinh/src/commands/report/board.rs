//! Boards as Excel shows them.

use documents::board_workbook::{Board, Value};
use documents::format;
use jiff::Timestamp;
use kernel::area::Areas;
use reports::caseload::{Caseload, Figures};

/// The caseload with its headings.
pub(super) fn of_caseload(found: &Caseload, exported: Timestamp) -> Board {
    let areas = Areas::embedded();
    let area = areas.on(&found.area, found.month.first_day());
    let place = area.map_or("Cả nước".to_owned(), |area| areas.written_path(area));
    let draft = found.lists.iter().filter(|list| !list.approved).count();
    let state = match draft {
        0 => "Các danh sách đã duyệt".to_owned(),
        _ => format!("Có {draft} danh sách còn là bản nháp: số liệu còn thay đổi"),
    };
    let row = |code: &str, name: &str, figures: Figures| {
        let text = [code, name].map(|text| Value::Text(text.to_owned()));
        let numbers = [
            figures.people,
            figures.households,
            figures.recipients,
            figures.amount.value(),
            figures.recoverable.value(),
        ];
        text.into_iter().chain(numbers.map(Value::Number)).collect()
    };
    Board {
        title: format!(
            "SỐ ĐỐI TƯỢNG VÀ KINH PHÍ CHI TRẢ THÁNG {}",
            format::month(found.month)
        ),
        notes: vec![
            format!("Địa bàn: {place}"),
            state,
            "Người nhận chăm sóc được tính theo hộ, không tính theo người".to_owned(),
            format!(
                "Đơn vị tính: người, hộ, đồng. Xuất lúc {}",
                format::moment(exported)
            ),
        ],
        columns: vec![
            ("Mã", 28),
            ("Tên", 52),
            ("Số người", 12),
            ("Số hộ", 12),
            ("Số người, hộ nhận", 14),
            ("Số tiền chi trả (đồng)", 20),
            ("Phải thu hồi (đồng)", 18),
        ],
        rows: found
            .rows
            .iter()
            .map(|line| row(line.key.code(), &line.name, line.figures))
            .collect(),
        total: row("", "Tổng cộng", found.total),
    }
}
