//! Why two records look like one person, field by field.

use serde::{Deserialize, Serialize};

/// How far a field agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreement {
    /// The same.
    Same,
    /// One slip of the pen apart.
    Close,
    /// Alike.
    Like,
    /// In each other's place: surname and given name, day and month.
    Swapped,
    /// Not alike.
    Different,
}

impl Agreement {
    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Agreement::Same => "giống nhau",
            Agreement::Close => "gần như giống, lệch một chỗ",
            Agreement::Like => "na ná",
            Agreement::Swapped => "đảo chỗ cho nhau",
            Agreement::Different => "khác nhau",
        }
    }
}

/// What a field says of a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code of the field.
    pub field: String,
    /// How far it agrees.
    pub agreement: Agreement,
    /// How many times likelier it makes one person than two; negative: how many times less likely.
    /// Estimated from the records themselves.
    pub times: i32,
}

impl Reason {
    /// The field, as users know it.
    pub fn vietnamese(&self) -> &'static str {
        match self.field.as_str() {
            "full_name" => "Họ và tên",
            "given_name" => "Tên",
            "surname" => "Họ",
            "middle_name" => "Chữ đệm",
            "marks" => "Dấu của họ tên",
            "birth_date" => "Ngày sinh",
            "sex" => "Giới tính",
            "ethnicity" => "Dân tộc",
            "id_number" => "Số định danh",
            "phone" => "Số điện thoại",
            "area" => "Xã",
            "address" => "Địa chỉ",
            _ => "Thông tin khác",
        }
    }

    /// What its agreement weighs, in a few words.
    pub fn weight(&self) -> String {
        /// From here on the number itself says nothing more.
        const MOST: u32 = 1_000_000;
        match (self.times, self.times.unsigned_abs()) {
            (_, 0 | 1) => "hầu như không nói lên điều gì".to_owned(),
            (1.., MOST..) => "tăng khả năng là một người hơn một triệu lần".to_owned(),
            (_, MOST..) => "giảm khả năng là một người hơn một triệu lần".to_owned(),
            (1.., times) => format!("tăng khả năng là một người khoảng {times} lần"),
            (_, times) => format!("giảm khả năng là một người khoảng {times} lần"),
        }
    }
}
