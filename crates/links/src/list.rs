//! Lists of other programmes: read row by row, held against the registry, and of them kept what may be somebody
//! we know.

mod column;
mod read;
mod record;

use kernel::form::{Form, FormColumn};

use column::Column;

pub use read::{ProgrammeSheet, ReadRows};
pub use record::{Bringing, Brought, Head, bring, lists, may_bring};

/// The blank form of such a list.
pub fn form() -> Form {
    let columns = Column::ALL.into_iter().map(|column| FormColumn {
        heading: column.heading(),
        required: matches!(column, Column::FullName),
        help: column.help(),
        width: column.width(),
        choices: Vec::new(),
    });
    Form {
        title: "Chương trình khác",
        columns: columns.collect(),
        notes: vec![
            "Mỗi người một dòng; không đổi tên cột, không gộp ô.",
            "Mọi ô đều là văn bản để Excel không bỏ số 0 ở đầu số định danh.",
            "Chỉ những dòng có thể là người trong sổ được giữ lại; các dòng khác không lưu.",
            "Không dòng nào được gộp hay liên kết tự động: cán bộ xem từng cặp rồi quyết định.",
            "Người trong ví dụ dưới đây không có thật.",
        ],
        examples: vec![Column::ALL.map(|column| column.example().to_owned()).into()],
    }
}
