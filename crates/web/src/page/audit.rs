//! The audit log, for readers.

use access::audit::{LogEntry, Wanted, read};
use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::{Page, page};
use crate::Server;
use crate::address::encode;
use crate::frame::{Frame, Section};

/// Entries on a page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    wanted: Filter,
    entries: Vec<LogEntry>,
    older: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    nguoi: String,
    viec: String,
    truoc: Option<i64>,
}

/// `GET /nhat-ky`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(filter): Query<Filter>,
) -> Page {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let wanted = Wanted {
        actor: given(&filter.nguoi),
        action: given(&filter.viec),
        before: filter.truoc,
        limit: PAGE,
    };
    let entries = read(&server.pool, &who.actor, &wanted).await?;
    let full = entries.len() as i64 == PAGE;
    let last = entries.last().filter(|_| full);
    let older = last.map(|entry| {
        let (by, what) = (encode(&filter.nguoi), encode(&filter.viec));
        format!("/nhat-ky?nguoi={by}&viec={what}&truoc={}", entry.entry_no)
    });
    let frame = Frame::inside(&server, &who, Section::Audit);
    page(&AuditPage {
        frame,
        wanted: filter,
        entries,
        older,
    })
}

/// Whom the actor stood in for, as the log notes it; empty for who acted for themselves.
pub(crate) fn on_behalf_of(entry: &LogEntry) -> String {
    let names = entry.detail["on_behalf_of"].as_array();
    let names = names.into_iter().flatten().filter_map(|name| name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// The actions the log knows, as readers see them; others are shown by their code.
pub(crate) fn action_name(code: &str) -> &str {
    match code {
        "sign_in" => "Đăng nhập",
        "sign_in.refused" => "Đăng nhập sai",
        "sign_out" => "Đăng xuất",
        "person.view" => "Xem hồ sơ",
        "person.search" => "Tìm đối tượng",
        "person.explain" => "Xem vì sao số tiền",
        "duplicate.dismiss" => "Ghi hai hồ sơ khác nhau",
        "order.make" => "Lập lệnh chi",
        "order.export" => "Tải tệp lệnh chi",
        "order.send" => "Ghi nhận giao lệnh",
        "provider.add" => "Ghi đơn vị chi trả",
        "contract.record" => "Ghi hợp đồng",
        "contract.end" => "Kết thúc hợp đồng",
        "treasury.draw" => "Ghi tiền rút",
        "treasury.transfer" => "Ghi tiền chuyển",
        "treasury.take_back" => "Hủy bút toán",
        "settlement.give_back" => "Ghi tiền trả lại",
        "settlement.fee" => "Ghi phí",
        "results.import" => "Nhập kết quả chi trả",
        "results.resolve" => "Xử lý kết quả chờ",
        "results.export" => "Tải các khoản đối soát",
        "month.close" => "Khóa tháng",
        "month.unlock_ask" => "Đề nghị mở khóa",
        "report.people" => "Xem người trong báo cáo",
        "target.record" => "Ghi mục tiêu",
        "list.make" => "Lập danh sách",
        "list.approve" => "Duyệt danh sách",
        "list.export" => "Xuất danh sách",
        "list.open" => "Ghi số đầu kỳ",
        "events.apply" => "Ghi sự kiện",
        "dossier.view" => "Xem hồ sơ thủ tục",
        "dossier.attach" => "Thêm bản quét",
        "dossier.open_file" => "Mở bản quét",
        "letter.sign" => "Ký văn bản",
        "letter.open" => "Mở văn bản đã ký",
        "lookup.issue" => "Cấp mã tra cứu",
        "lookup.find" => "Người dân tra cứu",
        "number.give" => "Cấp số văn bản",
        "user.add" => "Thêm người dùng",
        "user.grant" => "Cấp vai trò",
        "user.disable" => "Khóa tài khoản",
        "user.password" => "Đặt lại mật khẩu",
        "token.make" => "Cấp mã truy cập",
        "token.revoke" => "Thu mã truy cập",
        "account.sessions_end" => "Kết thúc phiên của mình",
        "user.sessions_end" => "Kết thúc các phiên",
        "user.take_back" => "Thu vai trò",
        "user.unlock" => "Mở khóa đăng nhập",
        "user.delegate" => "Ủy quyền",
        "user.delegate_end" => "Kết thúc ủy quyền",
        "user.second_factor" => "Thiết lập mã bước hai",
        "user.second_factor_reset" => "Gỡ mã bước hai",
        "user.second_factor_rule" => "Đặt vai trò phải đăng nhập hai bước",
        "user.recovery_codes" => "Cấp lại mã dự phòng",
        "user.identity" => "Gắn tài khoản định danh",
        "user.identity_end" => "Gỡ tài khoản định danh",
        other => other,
    }
}
