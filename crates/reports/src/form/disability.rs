//! Form 10d: what is done for people with disabilities, row by row of the printed form.

use law::Benefit;
use law::person::Grade;

use super::counted::Group;
use super::line::{Table, heading, not_recorded, people};
use super::{Band, Which};

/// In the register with a certificate that holds in the month.
fn known(it: &Group) -> bool {
    it.registered && it.grade.is_some()
}

fn of_grade(it: &Group, grade: Grade) -> bool {
    it.registered && it.grade == Some(grade)
}

/// On the allowance of an extremely severe disability. As in form 10a the certificate says it.
fn extremely(it: &Group) -> bool {
    it.draws(Benefit::Disability) && it.certificate == Some(Grade::ExtremelySevere)
}

fn severe(it: &Group) -> bool {
    it.draws(Benefit::Disability) && !extremely(it)
}

pub(super) const TABLE: Table = Table {
    which: Which::Disability,
    report: "form-10d",
    number: "Mẫu số 10d",
    title: "SỐ LIỆU KẾT QUẢ THỰC HIỆN CHÍNH SÁCH ĐỐI VỚI NGƯỜI KHUYẾT TẬT",
    notes: &[
        "Mục 1 đến 4 và mục 8 chỉ gồm người có hồ sơ trong sổ đối tượng, theo giấy xác nhận khuyết tật và dữ kiện đã ghi, không phải toàn bộ dân cư của địa bàn. Sổ không ghi dạng tật.",
        "Mục 6 là người hưởng trợ cấp người khuyết tật theo danh sách chi trả của tháng, như mục I.6 của mẫu 10a; người khuyết tật hưởng chính sách khác có mức cao hơn không tính ở đây.",
        "Mục 7 là người mà danh sách chi trợ cấp chăm sóc cho hộ gia đình hoặc người nhận chăm sóc người khuyết tật.",
    ],
    lines: &[
        people("1", "Tổng số người khuyết tật", known),
        heading("1.1", "Chia theo dạng tật"),
        not_recorded("", "Vận động", "Người"),
        not_recorded("", "Nghe, nói", "Người"),
        not_recorded("", "Nhìn", "Người"),
        not_recorded("", "Thần kinh, tâm thần", "Người"),
        not_recorded("", "Trí tuệ", "Người"),
        not_recorded("", "Khác", "Người"),
        heading("1.2", "Chia theo mức độ khuyết tật"),
        people("", "Đặc biệt nặng", |it| {
            of_grade(it, Grade::ExtremelySevere)
        }),
        people("", "Nặng", |it| of_grade(it, Grade::Severe)),
        people("", "Nhẹ", |it| of_grade(it, Grade::Mild)),
        people(
            "2",
            "Số người khuyết tật thuộc hộ nghèo",
            |it| known(it) && it.poor,
        ),
        people("2.1", "Khuyết tật đặc biệt nặng", |it| {
            of_grade(it, Grade::ExtremelySevere) && it.poor
        }),
        people("2.2", "Khuyết tật nặng", |it| {
            of_grade(it, Grade::Severe) && it.poor
        }),
        people("2.3", "Khuyết tật nhẹ", |it| {
            of_grade(it, Grade::Mild) && it.poor
        }),
        people("3", "Số người cao tuổi khuyết tật", |it| {
            known(it) && it.band == Band::From60
        }),
        people(
            "4",
            "Số người khuyết tật đang hưởng lương hưu, trợ cấp bảo hiểm xã hội",
            |it| known(it) && it.pension,
        ),
        not_recorded(
            "5",
            "Số người khuyết tật đang hưởng trợ cấp người có công",
            "Người",
        ),
        people(
            "6",
            "Số người khuyết tật đang hưởng trợ cấp xã hội hằng tháng",
            |it| it.draws(Benefit::Disability),
        ),
        people("6.1", "Khuyết tật đặc biệt nặng", extremely),
        people("", "Dưới 16 tuổi", |it| {
            extremely(it) && it.band.is_child()
        }),
        people("", "Từ đủ 16 tuổi đến dưới 60 tuổi", |it| {
            extremely(it) && it.band == Band::Under60
        }),
        people("", "Từ đủ 60 tuổi trở lên", |it| {
            extremely(it) && it.band == Band::From60
        }),
        people("6.2", "Khuyết tật nặng", severe),
        people("", "Dưới 16 tuổi", |it| {
            severe(it) && it.band.is_child()
        }),
        people("", "Từ đủ 16 tuổi đến dưới 60 tuổi", |it| {
            severe(it) && it.band == Band::Under60
        }),
        people("", "Từ đủ 60 tuổi trở lên", |it| {
            severe(it) && it.band == Band::From60
        }),
        people(
            "7",
            "Số người khuyết tật đang được nhận chăm sóc, nuôi dưỡng tại cộng đồng",
            |it| it.is_cared_for_as(&[Benefit::CarerDisability, Benefit::HouseholdCarer]),
        ),
        people(
            "8",
            "Số người khuyết tật đang nuôi dưỡng, chăm sóc trong cơ sở bảo trợ xã hội, nhà xã hội",
            |it| it.grade.is_some() && it.is_in_facility(),
        ),
        not_recorded(
            "9",
            "Số người khuyết tật trên địa bàn có thẻ bảo hiểm y tế",
            "Người",
        ),
        not_recorded(
            "10",
            "Số người khuyết tật được hỗ trợ dụng cụ chỉnh hình, phục hồi chức năng",
            "Người",
        ),
    ],
};
