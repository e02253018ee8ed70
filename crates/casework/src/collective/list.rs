//! People stopped or adjusted by one decision, from a list: read row by row, each checked, and worked
//! out together.

mod column;
mod sheet;
mod stored;
mod work;

use jiff::civil::Date;
use kernel::Month;
use kernel::form::{Form, FormColumn};
use law::{Benefit, FactKind, Law};
use registry::Refusal;
use serde::{Deserialize, Serialize};

use crate::change::{Ground, grounds};
use column::Column;

pub use sheet::ListSheet;
pub use work::look;
pub(super) use work::{Worked, work};

/// A list as read.
#[derive(Clone, Debug, Default)]
pub struct ReadList {
    /// Rows below the heading.
    pub rows: u64,
    pub(super) entries: Vec<Entry>,
    pub(super) refused: Vec<Refusal>,
}

/// A row that could be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) row: u64,
    pub(super) person_key: Option<String>,
    pub(super) id_number: Option<String>,
    pub(super) name_key: String,
    pub(super) deed: Deed,
}

/// What is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Deed {
    /// Ends a benefit, or every one.
    Stop {
        benefit: Option<Benefit>,
        last_month: Month,
        #[serde(with = "stored::ground")]
        ground: &'static Ground,
    },
    /// A grade or a list of poverty takes the place of the one before.
    Adjust {
        #[serde(with = "stored::fact")]
        fact: FactKind,
        from: Date,
    },
}

/// The blank form of the list.
pub fn form(law: &Law) -> Form {
    let columns = Column::ALL.into_iter().map(|column| FormColumn {
        heading: column.heading(),
        required: matches!(column, Column::FullName | Column::Task),
        help: column.help(),
        width: column.width(),
        choices: choices(column, law),
    });
    Form {
        title: "Quyết định chung",
        columns: columns.collect(),
        notes: vec![
            "Mỗi người một dòng; không đổi tên cột, không gộp ô.",
            "Cần mã người hưởng hoặc số định danh; họ và tên phải đúng người đó.",
            "Quyết định chỉ ghi được khi không còn dòng nào bị từ chối.",
            "Người trong ví dụ dưới đây không có thật.",
        ],
        examples: vec![example()],
    }
}

fn choices(column: Column, law: &Law) -> Vec<String> {
    match column {
        Column::Task => vec![column::STOP.to_owned(), column::ADJUST.to_owned()],
        Column::Benefit => {
            let monthly = Benefit::ALL
                .into_iter()
                .filter(|benefit| !benefit.is_one_off());
            monthly
                .map(|benefit| law.name(benefit).to_owned())
                .collect()
        }
        Column::Fact => {
            let facts = column::facts().into_iter();
            facts
                .map(|fact| registry::fact::vietnamese(&fact).to_owned())
                .collect()
        }
        Column::Ground => grounds("stop").map(|ground| ground.name.clone()).collect(),
        _ => Vec::new(),
    }
}

fn example() -> Vec<String> {
    let cell = |column: Column| match column {
        Column::IdNumber => "999148000001",
        Column::FullName => "Trần Thị Ân",
        Column::Task => column::STOP,
        Column::LastMonth => "05/2024",
        Column::Ground => "Từ chối nhận",
        _ => "",
    };
    Column::ALL.map(|column| cell(column).to_owned()).into()
}
