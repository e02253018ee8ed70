//! The blank form that [`super::Sheet`] reads when filled in.

use kernel::ethnic_group::ethnic_groups;
use kernel::form::{Form, FormColumn};
use law::Law;

use super::column::Column;

/// The form with the benefits of a law to choose from.
pub fn form(law: &Law) -> Form {
    let columns = Column::ALL.into_iter().map(|column| FormColumn {
        heading: column.heading(),
        required: matches!(
            column,
            Column::Commune | Column::FullName | Column::BirthDate
        ),
        help: help(column),
        width: width(column),
        choices: choices(column, law),
    });
    Form {
        title: "Danh sách",
        columns: columns.collect(),
        notes: vec![
            "Điền vào trang Danh sách, mỗi người một dòng; không đổi tên cột, không gộp ô, không để dòng tổng cộng.",
            "Mọi ô đều là văn bản để Excel không bỏ số 0 ở đầu mã xã, số định danh, số tài khoản.",
            "Chương trình không tự sửa dữ liệu: dòng có lỗi bị từ chối kèm lý do, các dòng khác vẫn được nhập.",
            "Nhập lại đúng tệp này không làm thay đổi gì thêm.",
            "Hai người trong ví dụ dưới đây không có thật.",
        ],
        examples: examples(law),
    }
}

const fn help(column: Column) -> &'static str {
    match column {
        Column::Commune => "Mã xã 5 chữ số theo danh mục hành chính, ví dụ 00004.",
        Column::FullName => "Họ và tên đầy đủ, có dấu.",
        Column::BirthDate => "dd/mm/yyyy; chỉ biết tháng: mm/yyyy; chỉ biết năm: yyyy.",
        Column::Sex => "Nam hoặc Nữ.",
        Column::Ethnicity => "Tên dân tộc.",
        Column::IdNumber => "12 chữ số; chưa có thì để trống.",
        Column::Benefit => "Chính sách được hưởng theo quyết định; để trống nếu chỉ đăng ký người.",
        Column::DisabilityGrade => "Theo giấy xác nhận khuyết tật.",
        Column::DisabilityDate => "Ngày của giấy xác nhận khuyết tật, dd/mm/yyyy.",
        Column::Poverty => "Nghèo, Cận nghèo hoặc Không.",
        Column::Children => {
            "Số con đang nuôi được tính hưởng (người đơn thân, người khuyết tật nuôi con nhỏ)."
        }
        Column::DecisionNumber => "Số của quyết định hưởng; bắt buộc khi có chính sách.",
        Column::DecisionDate => "Ngày ký quyết định, dd/mm/yyyy; bắt buộc khi có chính sách.",
        Column::From => {
            "Tháng đầu tiên được hưởng, mm/yyyy; để trống thì chương trình tính theo quy định."
        }
        Column::Channel => "Tài khoản, Ví điện tử, Tiền di động, Bưu điện hoặc Tại nhà.",
        Column::Holder => "Bản thân, Người giám hộ hoặc Người được ủy quyền; để trống là Bản thân.",
        Column::HolderName => "Bắt buộc khi người khác nhận thay.",
        Column::Provider => "Tên viết tắt của ngân hàng hoặc mã 6 chữ số.",
        Column::AccountNumber => "Số tài khoản hoặc số ví.",
        Column::Phone => "Số điện thoại.",
        Column::Note => "Ghi chú của cán bộ; chương trình không đọc cột này.",
        Column::CaredIdNumber => {
            "Chỉ với người, hộ nhận chăm sóc: số định danh của người được chăm sóc, có trong tệp này hoặc trong hệ thống."
        }
    }
}

const fn width(column: Column) -> u16 {
    match column {
        Column::Benefit => 44,
        Column::FullName | Column::HolderName | Column::Note => 26,
        Column::DecisionNumber | Column::Provider | Column::Channel | Column::Holder => 20,
        Column::IdNumber | Column::AccountNumber | Column::DisabilityGrade => 17,
        Column::CaredIdNumber | Column::DisabilityDate => 17,
        Column::Commune | Column::Sex | Column::Children => 9,
        _ => 13,
    }
}

fn choices(column: Column, law: &Law) -> Vec<String> {
    let words: &[&str] = match column {
        Column::Benefit => {
            return super::benefits()
                .map(|benefit| law.name(benefit).to_owned())
                .collect();
        }
        Column::Ethnicity => {
            return ethnic_groups()
                .iter()
                .map(|group| group.name.to_owned())
                .collect();
        }
        Column::Sex => &["Nam", "Nữ"],
        Column::DisabilityGrade => &["Nhẹ", "Nặng", "Đặc biệt nặng"],
        Column::Poverty => &["Nghèo", "Cận nghèo", "Không"],
        Column::Channel => &[
            "Tài khoản",
            "Ví điện tử",
            "Tiền di động",
            "Bưu điện",
            "Tại nhà",
        ],
        Column::Holder => &["Bản thân", "Người giám hộ", "Người được ủy quyền"],
        _ => &[],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Invented people: numbers beginning with 999 belong to nobody.
fn examples(law: &Law) -> Vec<Vec<String>> {
    let row = |cells: &[(Column, &str)]| {
        let mut texts = vec![String::new(); Column::ALL.len()];
        for (column, text) in cells {
            texts[*column as usize] = (*text).to_owned();
        }
        texts
    };
    let disability = law.name(law::Benefit::Disability);
    let single_parent = law.name(law::Benefit::PoorSingleParent);
    vec![
        row(&[
            (Column::Commune, "21211"),
            (Column::FullName, "Trần Thị Ân"),
            (Column::BirthDate, "01/02/1948"),
            (Column::Sex, "Nữ"),
            (Column::Ethnicity, "Kinh"),
            (Column::IdNumber, "999148000001"),
            (Column::Benefit, disability),
            (Column::DisabilityGrade, "Đặc biệt nặng"),
            (Column::DisabilityDate, "15/01/2023"),
            (Column::DecisionNumber, "123/QĐ-UBND"),
            (Column::DecisionDate, "20/02/2023"),
            (Column::Channel, "Tài khoản"),
            (Column::Holder, "Người giám hộ"),
            (Column::HolderName, "Đỗ Văn Đào"),
            (Column::Provider, "Agribank"),
            (Column::AccountNumber, "0012345678"),
        ]),
        row(&[
            (Column::Commune, "21211"),
            (Column::FullName, "Hồ Thị Hòa"),
            (Column::BirthDate, "1990"),
            (Column::Sex, "Nữ"),
            (Column::Ethnicity, "Hrê"),
            (Column::Benefit, single_parent),
            (Column::Poverty, "Nghèo"),
            (Column::Children, "2"),
            (Column::DecisionNumber, "45/QĐ-UBND"),
            (Column::DecisionDate, "10/05/2024"),
            (Column::From, "05/2024"),
            (Column::Channel, "Bưu điện"),
        ]),
    ]
}
