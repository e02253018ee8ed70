//! Form 10c: what is done for older people, row by row of the printed form.

use law::Benefit;

use super::counted::Group;
use super::line::{Table, heading, money, not_recorded, people};
use super::{Band, Which};

fn older(it: &Group) -> bool {
    it.band == Band::From60
}

/// In the register and old.
fn known(it: &Group) -> bool {
    it.registered && older(it)
}

fn poor_without_support(it: &Group) -> bool {
    older(it) && it.draws(Benefit::OlderPoorWithoutSupport)
}

fn over_80(it: &Group) -> bool {
    older(it) && !poor_without_support(it) && it.draws(Benefit::Older80WithoutPension)
}

fn disabled(it: &Group) -> bool {
    let other = poor_without_support(it) || over_80(it);
    older(it) && !other && it.draws(Benefit::Disability)
}

fn on_allowance(it: &Group) -> bool {
    older(it) && it.on_allowance()
}

fn otherwise(it: &Group) -> bool {
    on_allowance(it) && !(poor_without_support(it) || over_80(it) || disabled(it))
}

pub(super) const TABLE: Table = Table {
    which: Which::Older,
    report: "form-10c",
    number: "Mẫu số 10c",
    title: "SỐ LIỆU KẾT QUẢ THỰC HIỆN CHÍNH SÁCH ĐỐI VỚI NGƯỜI CAO TUỔI",
    notes: &[
        "Người cao tuổi: từ đủ 60 tuổi vào ngày cuối tháng báo cáo. Mục 1 đến 5 và mục 9 chỉ gồm người có hồ sơ trong sổ đối tượng và dữ kiện đã ghi, không phải toàn bộ dân cư của địa bàn.",
        "Mục 7 tính theo danh sách chi trả của tháng, mỗi người một lần; trợ cấp hưu trí xã hội ở mục 7.4. Mục 8 gồm mọi người cao tuổi mà danh sách chi trợ cấp chăm sóc cho người, hộ đang chăm sóc.",
        "Mục 26 không gồm tiền chuyển kỳ trước; không trừ tiền phải thu hồi.",
    ],
    lines: &[
        people("1", "Tổng số người cao tuổi", known),
        people("2", "Số người cao tuổi thuộc hộ nghèo", |it| {
            known(it) && it.poor
        }),
        people(
            "3",
            "Số người cao tuổi không có người có quyền và nghĩa vụ phụng dưỡng",
            |it| known(it) && it.no_supporter,
        ),
        people("4", "Số người cao tuổi khuyết tật", |it| {
            known(it) && it.grade.is_some()
        }),
        people(
            "5",
            "Số người cao tuổi đang hưởng lương hưu, trợ cấp bảo hiểm xã hội",
            |it| known(it) && it.pension,
        ),
        not_recorded(
            "6",
            "Số người cao tuổi đang hưởng trợ cấp người có công",
            "Người",
        ),
        people(
            "7",
            "Số người cao tuổi đang hưởng trợ cấp xã hội hằng tháng",
            on_allowance,
        ),
        people(
            "7.1",
            "Người cao tuổi thuộc hộ gia đình nghèo không có người có quyền, nghĩa vụ phụng dưỡng",
            poor_without_support,
        ),
        people(
            "7.2",
            "Người từ đủ 80 tuổi không có lương hưu, trợ cấp bảo hiểm xã hội",
            over_80,
        ),
        people("", "Trong đó: thuộc diện hộ nghèo", |it| {
            over_80(it) && it.poor
        }),
        people(
            "7.3",
            "Người cao tuổi khuyết tật nặng, đặc biệt nặng",
            disabled,
        ),
        people("7.4", "Đối tượng người cao tuổi khác", otherwise),
        people(
            "8",
            "Số người cao tuổi đang được nhận chăm sóc, nuôi dưỡng tại cộng đồng",
            |it| older(it) && (it.is_cared_for() || it.draws(Benefit::OlderFostered)),
        ),
        people(
            "9",
            "Số người cao tuổi đang nuôi dưỡng, chăm sóc trong cơ sở bảo trợ xã hội, nhà xã hội",
            |it| older(it) && it.is_in_facility(),
        ),
        not_recorded("10", "Số người cao tuổi có thẻ bảo hiểm y tế", "Người"),
        not_recorded(
            "11",
            "Số người cao tuổi được lập hồ sơ theo dõi sức khỏe",
            "Người",
        ),
        not_recorded("12", "Số người cao tuổi được hỗ trợ nhà ở", "Người"),
        not_recorded(
            "13",
            "Số cơ sở văn hóa, thể thao giải trí có bán vé, thu phí trên địa bàn",
            "Cơ sở",
        ),
        not_recorded(
            "",
            "Trong đó: cơ sở thực hiện miễn, giảm giá vé, phí cho người cao tuổi",
            "Cơ sở",
        ),
        not_recorded(
            "",
            "Số lượt người cao tuổi được miễn, giảm vé, phí dịch vụ",
            "Lượt người",
        ),
        not_recorded(
            "14",
            "Số tổ chức cung cấp dịch vụ vận tải giảm giá vé, phí dịch vụ cho người cao tuổi",
            "Tổ chức",
        ),
        not_recorded(
            "",
            "Trong đó: số lượt người cao tuổi được miễn, giảm",
            "Lượt người",
        ),
        not_recorded("15", "Số người cao tuổi được chúc thọ, mừng thọ", "Người"),
        not_recorded("", "Trong đó: 100 tuổi", "Người"),
        not_recorded("", "90 tuổi", "Người"),
        not_recorded("", "Trên 100 tuổi", "Người"),
        not_recorded("", "Tuổi 70, 75, 80, 85, 95", "Người"),
        not_recorded(
            "16",
            "Số người cao tuổi tham gia Hội người cao tuổi",
            "Người",
        ),
        not_recorded(
            "17",
            "Số người cao tuổi tham gia công tác Đảng, chính quyền, Mặt trận Tổ quốc và các tổ chức đoàn thể",
            "Người",
        ),
        not_recorded(
            "18",
            "Số người cao tuổi tham gia công tác khuyến học, thanh tra nhân dân, hòa giải, tổ an ninh",
            "Người",
        ),
        not_recorded(
            "19",
            "Số xã, phường, thị trấn có các loại hình câu lạc bộ có người cao tuổi tham gia",
            "Xã",
        ),
        not_recorded(
            "20",
            "Tổng số câu lạc bộ có người cao tuổi tham gia trên địa bàn",
            "Câu lạc bộ",
        ),
        not_recorded(
            "",
            "Trong đó: câu lạc bộ Liên thế hệ tự giúp nhau",
            "Câu lạc bộ",
        ),
        not_recorded(
            "21",
            "Số người cao tuổi tham gia các loại hình câu lạc bộ trên địa bàn",
            "Người",
        ),
        not_recorded("", "Trong đó: câu lạc bộ Liên thế hệ tự giúp nhau", "Người"),
        not_recorded("22", "Số cơ sở chăm sóc người cao tuổi", "Cơ sở"),
        not_recorded(
            "23",
            "Số bệnh viện có khoa lão khoa hoặc phòng điều trị riêng cho người cao tuổi",
            "Bệnh viện",
        ),
        not_recorded(
            "24",
            "Số xã, phường, thị trấn có Quỹ chăm sóc và phát huy vai trò người cao tuổi",
            "Xã",
        ),
        not_recorded("", "Trong đó: tổng số tiền của Quỹ", "Triệu đồng"),
        not_recorded("", "Tổng số tiền huy động trong năm của Quỹ", "Triệu đồng"),
        not_recorded(
            "25",
            "Số cán bộ được tập huấn về công tác người cao tuổi",
            "Lượt người",
        ),
        heading("26", "Kinh phí thực hiện chính sách"),
        money("", "Chính sách trợ giúp xã hội", older),
        not_recorded("", "Chúc thọ, mừng thọ", "Triệu đồng"),
        not_recorded("", "Các chế độ chính sách khác", "Triệu đồng"),
    ],
};
