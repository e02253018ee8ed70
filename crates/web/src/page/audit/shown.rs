//! An entry of the log in words.

use access::audit::LogEntry;
use serde_json::Value;

use super::filter::origin_in_words;
use crate::address::encode;

/// What the log calls objects, and what readers do.
const OBJECTS: [(&str, &str); 6] = [
    ("person", "Đối tượng"),
    ("dossier", "Hồ sơ"),
    ("event", "Sự kiện"),
    ("collective", "Quyết định chung"),
    ("transfer", "Chuyển nơi ở"),
    ("messages", "Thông điệp"),
];

/// Fields of details, and what readers call them.
const FIELDS: &[(&str, &str)] = &[
    ("account", "Số tài khoản"),
    ("actor", "Người được lọc"),
    ("action", "Việc được lọc"),
    ("address", "Địa chỉ"),
    ("already", "Đã có từ trước"),
    ("amount", "Số tiền"),
    ("applied", "Đã ghi"),
    ("area", "Địa bàn"),
    ("bank", "Ngân hàng"),
    ("benefits", "Chế độ đang hưởng"),
    ("birth_date", "Ngày sinh"),
    ("broken_at", "Hỏng từ dòng"),
    ("channel", "Cách nhận"),
    ("closed", "Đã khóa"),
    ("commune", "Xã nơi ở"),
    ("contract", "Hợp đồng"),
    ("days", "Số ngày"),
    ("death_date", "Ngày mất"),
    ("decision", "Quyết định"),
    ("delegate", "Người được giao"),
    ("disabled", "Đã khóa tài khoản"),
    ("dossiers", "Số hồ sơ"),
    ("email", "Thư điện tử"),
    ("entries", "Số dòng"),
    ("ethnicity", "Dân tộc"),
    ("facts", "Hoàn cảnh"),
    ("fee", "Phí"),
    ("file", "Tệp"),
    ("files", "Tệp"),
    ("found", "Số tìm thấy"),
    ("from", "Từ"),
    ("full_name", "Họ tên"),
    ("group", "Nhóm"),
    ("holder", "Người giữ"),
    ("id_number", "Số định danh"),
    ("identity", "Tài khoản định danh"),
    ("issuer", "Nơi định danh"),
    ("key", "Khóa"),
    ("kind", "Loại"),
    ("last", "Mã băm dòng cuối"),
    ("lines", "Số dòng"),
    ("locked", "Bị tạm khóa"),
    ("masked", "Che bớt"),
    ("messages", "Số tin"),
    ("mode", "Cách kết nối"),
    ("month", "Tháng"),
    ("moved", "Chuyển đến"),
    ("name", "Tên"),
    ("new_total", "Tổng mới"),
    ("object", "Đối tượng được lọc"),
    ("official_case", "Ký hiệu chính thức"),
    ("old_total", "Tổng cũ"),
    ("orders", "Lệnh chi"),
    ("origin", "Từ đâu"),
    ("password", "Mật khẩu"),
    ("payee", "Người nhận"),
    ("people", "Số người"),
    ("percent", "Phần trăm"),
    ("phone", "Điện thoại"),
    ("points", "Số điểm"),
    ("provider", "Đơn vị chi trả"),
    ("public", "Khóa công khai"),
    ("queued", "Chờ xử lý"),
    ("recorded", "Đã ghi"),
    ("recovery_codes", "Mã dự phòng"),
    ("refused", "Bị từ chối"),
    ("required", "Bắt buộc"),
    ("role", "Vai trò"),
    ("second_factor", "Mã bước hai"),
    ("second_step", "Qua bước hai"),
    ("sessions", "Số phiên"),
    ("sex", "Giới tính"),
    ("since", "Từ ngày"),
    ("stage", "Bước"),
    ("state", "Tình trạng"),
    ("status", "Tình trạng"),
    ("token", "Mã truy cập"),
    ("until", "Đến"),
    ("valid_until", "Có hiệu lực đến"),
    ("whole", "Nguyên vẹn"),
];

/// A field as readers see it; one without a name by its code.
pub(super) fn field_name(code: &str) -> &str {
    let known = FIELDS.iter().find(|(known, _)| *known == code);
    known.map_or(code, |(_, name)| name)
}

/// The object in words.
pub(super) fn object_name(object: &str) -> String {
    let (kind, id) = object.split_once(' ').unwrap_or((object, ""));
    match OBJECTS.iter().find(|(code, _)| *code == kind) {
        Some((_, name)) => format!("{name} {id}").trim_end().to_owned(),
        None => object.to_owned(),
    }
}

/// Where the object is shown, if it has a page.
pub(super) fn object_link(object: &str) -> Option<String> {
    let (kind, id) = object.split_once(' ')?;
    match kind {
        "person" => id.parse().ok().map(|id: i64| format!("/doi-tuong/{id}")),
        "dossier" if !id.contains(' ') => Some(format!("/ho-so/{}", encode(id))),
        _ => None,
    }
}

/// The area's name.
pub(super) fn area_name(code: Option<&str>) -> String {
    match code {
        None => String::new(),
        Some("" | "VN") => "Cả nước".to_owned(),
        Some(code) => crate::area::latest_name(code),
    }
}

/// From where, in words.
pub(super) fn origin_name(origin: Option<&str>) -> String {
    match origin {
        None => "không ghi".to_owned(),
        Some(written) => origin_in_words(written).unwrap_or(written).to_owned(),
    }
}

/// What the detail says besides what changed and who stood in for whom.
pub(super) fn rest(entry: &LogEntry) -> Vec<(&str, String)> {
    let fields = entry.detail.as_object().into_iter().flatten();
    let fields = fields
        .filter(|(code, value)| !value.is_null() && *code != "changed" && *code != "on_behalf_of");
    fields
        .map(|(code, value)| (field_name(code), plain(value)))
        .collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "có".to_owned(),
        Value::Bool(false) => "không".to_owned(),
        Value::Array(many) => many.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
