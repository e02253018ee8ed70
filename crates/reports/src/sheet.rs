//! Boards as tables: the same columns and rows for pages, Excel and the command line.

use documents::board_workbook::{Board, Value};
use documents::format;
use jiff::Timestamp;
use kernel::Month;
use kernel::area::Areas;

use crate::trend::Point;
use crate::{
    AreaRow, Caseload, Cashless, DataQuality, HigherStandard, Settlement, Source, caseload,
    cashless, data_quality, higher_standard,
};

/// A board, and the stable names of its columns for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// In the order of the board's columns; the first two are `code` and `name`.
    pub names: Vec<&'static str>,
    /// What is shown.
    pub board: Board,
}

/// Stable name, heading and width of a column.
type Column = (&'static str, &'static str, u8);

fn sheet(
    title: &str,
    mut notes: Vec<String>,
    columns: &[Column],
    rows: Vec<Vec<Value>>,
    total: Vec<Value>,
    exported: Timestamp,
) -> Sheet {
    notes.push(format!("Xuất lúc {}", format::moment(exported)));
    let place = [("code", "Mã", 28), ("name", "Tên", 52)];
    let columns = || place.iter().chain(columns);
    Sheet {
        names: columns().map(|column| column.0).collect(),
        board: Board {
            title: title.to_owned(),
            notes,
            columns: columns().map(|column| (column.1, column.2)).collect(),
            rows,
            total,
        },
    }
}

/// Of where, and whether it can still change.
fn notes(area: &str, month: Month, lists: &[Source], more: &str) -> Vec<String> {
    let areas = Areas::embedded();
    let place = areas.on(area, month.first_day());
    let place = place.map_or("Cả nước".to_owned(), |area| areas.written_path(area));
    let state = match lists.iter().filter(|list| !list.approved).count() {
        0 => "Các danh sách đã duyệt".to_owned(),
        drafts => format!("Có {drafts} danh sách còn là bản nháp: số liệu còn thay đổi"),
    };
    vec![
        format!("Địa bàn: {place}. Tháng {}", format::month(month)),
        state,
        more.to_owned(),
    ]
}

fn row(code: &str, name: &str, numbers: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let text = [code, name].map(|text| Value::Text(text.to_owned()));
    text.into_iter().chain(numbers).collect()
}

fn by_area<F>(rows: &[AreaRow<F>], cells: impl Fn(&F) -> Vec<Value>) -> Vec<Vec<Value>> {
    let of = |line: &AreaRow<F>| row(&line.area, &line.name, cells(&line.figures));
    rows.iter().map(of).collect()
}

/// The caseload.
pub fn of_caseload(found: &Caseload, exported: Timestamp) -> Sheet {
    let cells = |figures: caseload::Figures| {
        [
            figures.people,
            figures.households,
            figures.recipients,
            figures.amount.value(),
            figures.recoverable.value(),
        ]
        .map(Value::Number)
    };
    let rows = found.rows.iter();
    sheet(
        "SỐ ĐỐI TƯỢNG VÀ KINH PHÍ CHI TRẢ",
        notes(
            &found.area,
            found.month,
            &found.lists,
            "Người nhận chăm sóc được tính theo hộ, không tính theo người. Tiền: đồng",
        ),
        &[
            ("people", "Số người", 12),
            ("households", "Số hộ", 12),
            ("recipients", "Người, hộ nhận tiền", 14),
            ("amount", "Số tiền chi trả (đồng)", 20),
            ("recoverable", "Phải thu hồi (đồng)", 18),
        ],
        rows.map(|line| row(line.key.code(), &line.name, cells(line.figures)))
            .collect(),
        row("total", "Tổng cộng", cells(found.total)),
        exported,
    )
}

/// Who is paid by a higher standard.
pub fn of_higher_standard(found: &HigherStandard, exported: Timestamp) -> Sheet {
    let cells = |figures: &higher_standard::Figures| {
        [
            figures.month.people,
            figures.month.households,
            figures.month.amount.value(),
            figures.amount_of_a_year.value(),
        ]
        .map(Value::Number)
        .to_vec()
    };
    let national = format!(
        "Chỉ gồm những dòng có mức chuẩn cao hơn mức toàn quốc {} đồng. Tiền: đồng",
        found.national
    );
    sheet(
        "CHI TRẢ THEO MỨC CHUẨN CAO HƠN CỦA ĐỊA PHƯƠNG",
        notes(&found.area, found.month, &found.lists, &national),
        &[
            ("people", "Số người", 12),
            ("households", "Số hộ", 12),
            ("amount", "Số tiền trong tháng (đồng)", 20),
            ("amount_of_a_year", "Số tiền 12 tháng như vậy (đồng)", 22),
        ],
        by_area(&found.rows, cells),
        row("total", "Tổng cộng", cells(&found.total)),
        exported,
    )
}

/// The board of accounts.
pub fn of_cashless(found: &Cashless, exported: Timestamp) -> Sheet {
    let cells = |figures: &cashless::Figures| {
        let counts = figures.counts;
        let number = Value::Number;
        let share = |percent: &str| Value::Text(percent.to_owned());
        let known = |figure: Option<i64>| figure.map_or(Value::Text(String::new()), number);
        vec![
            number(counts.beneficiaries),
            number(counts.with_account),
            share(&figures.with_account_percent),
            number(counts.own_account),
            number(counts.guardian_account),
            number(counts.authorised_account),
            number(counts.wants_account),
            number(counts.paid_by_account),
            share(&figures.paid_by_account_percent),
            number(counts.gap),
            known(figures.target_percent.map(i64::from)),
            known(figures.target_people),
            known(figures.missing_to_target),
        ]
    };
    sheet(
        "CHI TRẢ KHÔNG DÙNG TIỀN MẶT",
        notes(
            &found.area,
            found.month,
            &found.lists,
            "Đơn vị tính: người; tỷ lệ: %",
        ),
        &[
            ("beneficiaries", "Đang hưởng", 12),
            ("with_account", "Có tài khoản", 12),
            ("with_account_percent", "Có tài khoản (%)", 12),
            ("own_account", "Chính chủ", 12),
            ("guardian_account", "Người giám hộ", 12),
            ("authorised_account", "Người được ủy quyền", 12),
            ("wants_account", "Muốn có tài khoản", 12),
            ("paid_by_account", "Chi qua tài khoản", 12),
            ("paid_by_account_percent", "Chi qua tài khoản (%)", 12),
            ("gap", "Có tài khoản, chưa chi qua", 14),
            ("target_percent", "Mục tiêu (%)", 12),
            ("target_people", "Mục tiêu (người)", 12),
            ("missing_to_target", "Còn thiếu so với mục tiêu", 14),
        ],
        by_area(&found.rows, cells),
        row("total", "Tổng cộng", cells(&found.total)),
        exported,
    )
}

/// The board of identity data.
pub fn of_data_quality(found: &DataQuality, exported: Timestamp) -> Sheet {
    let cells = |figures: &data_quality::Figures| {
        [
            figures.beneficiaries,
            figures.missing_id,
            figures.malformed_id,
            figures.not_found,
            figures.mismatch,
            figures.pending,
            figures.verified,
            figures.doubtful_id,
            figures.missing_sex,
            figures.missing_ethnicity,
            figures.partial_birth_date,
            figures.missing_channel,
        ]
        .map(Value::Number)
        .to_vec()
    };
    let complete = format!(
        "Đơn vị tính: người. Địa bàn đã đối chiếu xong: {}/{}",
        found.areas_complete, found.areas_total
    );
    sheet(
        "CHẤT LƯỢNG DỮ LIỆU ĐỊNH DANH",
        notes(&found.area, found.month, &found.lists, &complete),
        &[
            ("beneficiaries", "Đang hưởng", 12),
            ("missing_id", "Thiếu số định danh", 12),
            ("malformed_id", "Không đủ 12 số", 12),
            ("not_found", "Không tìm thấy", 12),
            ("mismatch", "Lệch thông tin", 12),
            ("pending", "Chờ đối chiếu", 12),
            ("verified", "Đã khớp", 12),
            ("doubtful_id", "Số định danh đáng ngờ", 12),
            ("missing_sex", "Thiếu giới tính", 12),
            ("missing_ethnicity", "Thiếu dân tộc", 12),
            ("partial_birth_date", "Ngày sinh chưa đủ", 12),
            ("missing_channel", "Chưa có hình thức nhận", 12),
        ],
        by_area(&found.rows, cells),
        row("total", "Tổng cộng", cells(&found.total)),
        exported,
    )
}

/// What became of the money.
pub fn of_settlement(found: &Settlement, exported: Timestamp) -> Sheet {
    let outcome = &found.outcome;
    let parts = [
        ("paid", "Đã chi", outcome.paid),
        ("failed", "Thất bại", outcome.failed),
        ("returned", "Hoàn trả", outcome.returned),
        ("not_collected", "Chưa nhận", outcome.not_collected),
        ("not_reported", "Chưa báo", outcome.not_reported),
    ];
    let line = |(code, name, amount): (&str, &str, i64)| row(code, name, [Value::Number(amount)]);
    sheet(
        "KẾT QUẢ CHI TRẢ",
        notes(
            &found.area,
            found.month,
            &found.lists,
            "Chỉ tính các danh sách đã duyệt. Tiền: đồng",
        ),
        &[("amount", "Số tiền (đồng)", 20)],
        parts.map(line).into(),
        line(("ordered", "Phải chi", outcome.ordered)),
        exported,
    )
}

/// Month by month.
pub fn of_trend(area: &str, month: Month, found: &[Point], exported: Timestamp) -> Sheet {
    let line = |point: &Point| {
        let numbers = [
            Value::Number(point.beneficiaries),
            Value::Number(point.paid_by_account),
            Value::Text(point.paid_by_account_percent.clone()),
            Value::Number(point.amount.value()),
        ];
        row(
            &point.month.to_string(),
            if point.approved {
                "Đã duyệt"
            } else {
                "Bản nháp"
            },
            numbers,
        )
    };
    sheet(
        "DIỄN BIẾN THEO THÁNG",
        notes(area, month, &[], "Đơn vị tính: người, đồng; tỷ lệ: %"),
        &[
            ("beneficiaries", "Đang hưởng", 12),
            ("paid_by_account", "Chi qua tài khoản", 12),
            ("paid_by_account_percent", "Chi qua tài khoản (%)", 12),
            ("amount", "Số tiền chi trả (đồng)", 20),
        ],
        found.iter().map(line).collect(),
        Vec::new(),
        exported,
    )
}
