//! The list a provider returns after opening accounts, one person a row: each row becomes a
//! `payee_set` event.
//!
//! As with every sheet nothing is repaired: a row that cannot be read, or whose person is not
//! found for certain, is refused with row, heading, code and sentence, and the others go in. The
//! same file a second time changes nothing.

mod column;
mod read;
mod record;

use kernel::form::{Form, FormColumn};

use crate::event::{Channel, Holder};
use column::Column;

pub use read::{PayeeList, ReadList};
pub use record::record_list;

/// The blank form of the list.
pub fn form() -> Form {
    let columns = Column::ALL.into_iter().map(|column| FormColumn {
        heading: column.heading(),
        required: matches!(column, Column::FullName | Column::AccountNumber),
        help: column.help(),
        width: column.width(),
        choices: choices(column),
    });
    Form {
        title: "Tài khoản",
        columns: columns.collect(),
        notes: vec![
            "Mỗi người hưởng một dòng; không đổi tên cột, không gộp ô.",
            "Mọi ô đều là văn bản để Excel không bỏ số 0 ở đầu số định danh, số tài khoản.",
            "Cần mã người nhận hoặc số định danh; họ và tên phải đúng người đó (không phân biệt dấu, chữ hoa).",
            "Dòng có lỗi bị từ chối kèm lý do, các dòng khác vẫn được ghi. Nhập lại đúng tệp này không làm thay đổi gì thêm.",
            "Người trong ví dụ dưới đây không có thật.",
        ],
        examples: vec![example()],
    }
}

fn choices(column: Column) -> Vec<String> {
    match column {
        Column::Channel => Channel::ALL
            .iter()
            .map(|it| it.vietnamese().to_owned())
            .collect(),
        Column::Holder => Holder::ALL
            .iter()
            .map(|it| it.vietnamese().to_owned())
            .collect(),
        _ => Vec::new(),
    }
}

fn example() -> Vec<String> {
    let cell = |column: Column| match column {
        Column::IdNumber => "999148000001",
        Column::FullName => "Trần Thị Ân",
        Column::Channel => Channel::Account.vietnamese(),
        Column::Provider => "Agribank",
        Column::AccountNumber => "9999000000003",
        Column::Holder => Holder::Guardian.vietnamese(),
        Column::HolderName => "Đỗ Văn Đào",
        Column::Since => "15/05/2024",
        _ => "",
    };
    Column::ALL.map(|column| cell(column).to_owned()).into()
}
