//! Boards as tables: the same columns and rows for pages, Excel and the command line.

use documents::board_workbook::{Board, Value};
use documents::format;
use jiff::Timestamp;
use kernel::Month;
use kernel::area::Areas;
use payments::results::{Outcome, Part};

use crate::reach::former_area;
use crate::trend::Point;
use crate::{
    AreaRow, Caseload, Cashless, DataQuality, ExchangeBoard, HigherStandard, Settlement, Source,
    caseload, cashless, data_quality, exchange, higher_standard,
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
    let former = area
        .split_once('@')
        .and_then(|(code, era)| former_area(code, era));
    let place = former.or_else(|| areas.on(area, month.first_day()));
    let mut place = place.map_or("Cả nước".to_owned(), |area| areas.written_path(area));
    if former.is_some() {
        place.push_str(" trước khi sắp xếp");
    }
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
            figures.mismatch_full_name,
            figures.mismatch_birth_date,
            figures.mismatch_sex,
            figures.pending,
            figures.verified,
            figures.doubtful_id,
            figures.missing_sex,
            figures.missing_ethnicity,
            figures.missing_phone,
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
            ("mismatch_full_name", "Lệch họ tên", 12),
            ("mismatch_birth_date", "Lệch ngày sinh", 12),
            ("mismatch_sex", "Lệch giới tính", 12),
            ("pending", "Chờ đối chiếu", 12),
            ("verified", "Đã khớp", 12),
            ("doubtful_id", "Số định danh đáng ngờ", 12),
            ("missing_sex", "Thiếu giới tính", 12),
            ("missing_ethnicity", "Thiếu dân tộc", 12),
            ("missing_phone", "Thiếu điện thoại", 12),
            ("partial_birth_date", "Ngày sinh chưa đủ", 12),
            ("missing_channel", "Chưa có hình thức nhận", 12),
        ],
        by_area(&found.rows, cells),
        row("total", "Tổng cộng", cells(&found.total)),
        exported,
    )
}

/// The board of exchange with one-stop systems.
pub fn of_exchange(found: &ExchangeBoard, exported: Timestamp) -> Sheet {
    let cells = |figures: &exchange::Figures| {
        let counts = figures.counts;
        let number = Value::Number;
        let days = |days: Option<u16>| {
            days.map_or_else(|| Value::Text(String::new()), |it| number(it.into()))
        };
        let words = |words: Option<&str>| Value::Text(words.unwrap_or_default().to_owned());
        vec![
            words(figures.mode.map(|mode| mode.vietnamese())),
            words(figures.official_case.as_deref()),
            number(counts.dossiers),
            number(counts.dossiers_in),
            number(counts.incomplete),
            number(counts.completed_by_hand),
            number(counts.processed_twice),
            number(counts.dossiers_out),
            number(counts.waiting),
            number(counts.failed),
            number(counts.decided),
            number(counts.decided_online),
            Value::Text(figures.decided_online_percent.clone()),
            number(counts.asked_again),
            number(counts.keyed_twice),
            number(counts.repeated),
            days(figures.days_median),
            days(figures.days_p90),
            number(figures.communes_online),
            number(figures.communes),
        ]
    };
    let connections = &found.connections;
    let modes = ::exchange::Mode::ALL.iter().map(|mode| {
        let count = connections.modes.get(mode.code()).copied();
        format!("{}: {}", mode.vietnamese(), count.unwrap_or_default())
    });
    let cases = connections.official_cases.iter();
    let cases = cases.map(|(case, count)| format!("trường hợp {case}: {count}"));
    let parts: Vec<String> = modes.chain(cases).collect();
    let mut notes = notes(
        &found.area,
        found.month,
        &[],
        "Đơn vị tính: hồ sơ; tỷ lệ: %",
    );
    // Dossiers are not of a list, so nothing is a draft.
    notes.remove(1);
    notes.push(format!(
        "Tỉnh đã kết nối: {}/{} ({})",
        connections.connected,
        connections.provinces,
        parts.join(", ")
    ));
    notes.push(format!(
        "Địa bàn giải quyết hồ sơ trực tuyến: {}/{}",
        found.areas_online, found.areas_total
    ));
    sheet(
        "LIÊN THÔNG VỚI HỆ THỐNG MỘT CỬA",
        notes,
        &[
            ("mode", "Kết nối", 16),
            ("official_case", "Trường hợp", 12),
            ("dossiers", "Hồ sơ nộp", 12),
            ("dossiers_in", "Từ một cửa", 12),
            ("incomplete", "Thiếu bản số hóa", 12),
            ("completed_by_hand", "Bổ sung bằng tay", 12),
            ("processed_twice", "Xử lý hai lần", 12),
            ("dossiers_out", "Đã báo một cửa", 12),
            ("waiting", "Đang chờ", 12),
            ("failed", "Lỗi", 12),
            ("decided", "Đã giải quyết", 12),
            ("decided_online", "Giải quyết trực tuyến", 12),
            ("decided_online_percent", "Trực tuyến (%)", 12),
            ("asked_again", "Mục phải hỏi lại", 12),
            ("keyed_twice", "Mục gõ lại", 12),
            ("repeated", "Tại quầy dù một cửa đã gửi", 14),
            ("days_median", "Ngày làm việc, một nửa", 12),
            ("days_p90", "Ngày làm việc, 9/10", 12),
            ("communes_online", "Số xã trực tuyến", 12),
            ("communes", "Số xã", 12),
        ],
        by_area(&found.rows, cells),
        row("total", "Tổng cộng", cells(&found.total)),
        exported,
    )
}

/// What became of the money.
pub fn of_settlement(found: &Settlement, exported: Timestamp) -> Sheet {
    let cells = |outcome: &Outcome| {
        [
            outcome.ordered,
            outcome.paid,
            outcome.failed,
            outcome.returned,
            outcome.not_collected,
            outcome.not_reported,
        ]
        .map(Value::Number)
        .to_vec()
    };
    sheet(
        "KẾT QUẢ CHI TRẢ",
        notes(
            &found.area,
            found.month,
            &found.lists,
            "Chỉ tính các danh sách đã duyệt. Tiền: đồng",
        ),
        &[
            ("ordered", "Phải chi (đồng)", 18),
            ("paid", "Đã chi (đồng)", 18),
            ("failed", "Thất bại (đồng)", 16),
            ("returned", "Hoàn trả (đồng)", 16),
            ("not_collected", "Chưa nhận (đồng)", 16),
            ("not_reported", "Chưa báo (đồng)", 18),
        ],
        by_area(&found.rows, cells),
        row("total", "Tổng cộng", cells(&found.outcome)),
        exported,
    )
}

/// What became of the money, by provider or by area.
pub fn of_parts(
    (area, month): (&str, Month),
    parts: &[Part],
    whole: &Outcome,
    exported: Timestamp,
) -> Sheet {
    let cells = |outcome: &Outcome, open_lines: i64| {
        [
            outcome.ordered,
            outcome.paid,
            outcome.failed,
            outcome.returned,
            outcome.not_collected,
            outcome.not_reported,
            open_lines,
        ]
        .map(Value::Number)
    };
    let line = |part: &Part| {
        let name = match part.code.as_str() {
            "" => "Chưa giao",
            _ => &part.name,
        };
        row(&part.code, name, cells(&part.outcome, part.open_lines))
    };
    let open = parts.iter().map(|part| part.open_lines).sum();
    sheet(
        "ĐỐI SOÁT KẾT QUẢ CHI TRẢ",
        notes(
            area,
            month,
            &[],
            "Giao = đã trả + không thành + hoàn trả + chưa nhận + chưa báo. Tiền: đồng",
        ),
        &[
            ("ordered", "Giao (đồng)", 18),
            ("paid", "Đã trả", 18),
            ("failed", "Không thành", 16),
            ("returned", "Hoàn trả", 16),
            ("not_collected", "Chưa nhận", 16),
            ("not_reported", "Chưa báo", 16),
            ("open_lines", "Khoản chưa trả", 12),
        ],
        parts.iter().map(line).collect(),
        row("total", "Tổng cộng", cells(whole, open)),
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
            Value::Number(point.verified),
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
            ("verified", "Đã khớp đến nay", 12),
            ("amount", "Số tiền chi trả (đồng)", 20),
        ],
        found.iter().map(line).collect(),
        Vec::new(),
        exported,
    )
}
