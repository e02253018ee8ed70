//! The pull-and-acknowledge dialect over HTTP. Everything is a POST with JSON, as the guide has it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use exchange::dialect::Dialect;
use exchange::pull::shape::{Marked, Sending, Told, Wanted};
use exchange::pull::{self, Listed};
use exchange::standing::standing;
use exchange::{Offered, acknowledge};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::caller::Caller;
use super::{answered, files};
use crate::Server;
use crate::api::shape;
use crate::failure::Failure;
use crate::letter::letter_of;

/// Handed out or listed at once.
const MOST: i64 = 1_000;

/// Checks the content and the dialect, and reads the fields.
async fn asked<T: DeserializeOwned>(
    server: &Server,
    caller: &Caller,
    body: &[u8],
) -> Result<T, Failure> {
    caller.sent(server, body).await?;
    caller.speaks(Dialect::Pull)?;
    read(body)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    let wrong = |_| Failure::bad_request("Nội dung không đúng các trường của dịch vụ này");
    serde_json::from_slice(body).map_err(wrong)
}

fn done(value: impl Serialize) -> Json<Told> {
    Json(Told {
        trang_thai: 1,
        gia_tri: serde_json::to_value(value).ok(),
        ..Told::default()
    })
}

/// Nhận hồ sơ, hồ sơ bổ sung hoặc đơn rút từ phần mềm một cửa. Gửi lại nhận cùng câu trả lời.
#[utoipa::path(post, path = "/api/v1/exchange/pull/nhanHoSo", tag = "exchange-pull",
    security(("token" = [])),
    request_body(content = shape::PullSending),
    responses((status = 200, description = "Đã nhận, hoặc giữ lại chờ lần nộp trước", body = shape::PullTold),
        (status = 422, description = "Từ chối: trangThai 0, maLoi 106 hoặc 500", body = shape::PullTold)))]
pub(crate) async fn nhan_ho_so(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Told>, Failure> {
    let sending: Sending = asked(&server, &caller, &body).await?;
    let (pool, clock) = (&server.pool, &server.clock);
    let taken = pull::take(pool, &caller.actor, clock, &caller.province, &sending).await?;
    let which = (caller.province.as_str(), clock.today());
    let told =
        exchange::inbox::Told::about(pool, &caller.actor, which, &sending.ma_ho_so, taken.answer)
            .await?;
    Ok(done(answered(&server, &caller, taken.id, told).await?))
}

/// Which dossier.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    /// Known; what we know of the dossier says the unit already.
    #[serde(default, rename = "maDonVi")]
    _unit: Option<String>,
    ma_ho_so: String,
}

/// Trạng thái một hồ sơ: 1 đã tiếp nhận, 2 cần bổ sung, 3 đang giải quyết, 4 đã xong.
#[utoipa::path(post, path = "/api/v1/exchange/pull/traTrangThaiHs", tag = "exchange-pull",
    security(("token" = [])),
    request_body(content = shape::PullAsked),
    responses((status = 200, description = "trangThai 1 đến 4", body = shape::PullTold),
        (status = 404, description = "Không có hồ sơ: maLoi 201", body = shape::PullTold)))]
pub(crate) async fn tra_trang_thai(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Told>, Failure> {
    let asked: Asked = asked(&server, &caller, &body).await?;
    let (actor, province) = (&caller.actor, caller.province.as_str());
    let found = standing(&server.pool, actor, province, &asked.ma_ho_so).await?;
    let (number, name) = pull::status(found.status);
    let value = json!({"tenTrangThai": name, "nationalStatusId": found.status,
        "nationalStatusName": found.status_name, "hanXuLy": found.due_on,
        "lanNop": found.last_seq, "tepConThieu": found.missing_files});
    Ok(Json(Told {
        trang_thai: number,
        gia_tri: Some(value),
        ..Told::default()
    }))
}

/// Which changes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Which {
    /// Known: 1 not through a one-stop system, 2 through one. A change says of which dossier it is.
    #[serde(default, rename = "infoType")]
    _info_type: Option<String>,
}

/// Các thay đổi trạng thái chưa được đánh dấu, theo thứ tự trong từng hồ sơ.
#[utoipa::path(post, path = "/api/v1/exchange/pull/traDsTrangThaiHs", tag = "exchange-pull",
    security(("token" = [])),
    request_body(content = shape::PullWhich),
    responses((status = 200, description = "Các thay đổi", body = shape::PullChanges)))]
pub(crate) async fn tra_ds_trang_thai(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Value>, Failure> {
    let _which: Which = asked(&server, &caller, &body).await?;
    let (pool, clock) = (&server.pool, &server.clock);
    let found = pull::changes(pool, &caller.actor, clock, &caller.province, MOST).await?;
    let found = files::with_letters(&server, &caller, found).await?;
    let list: Vec<_> = found.iter().map(pull::changed).collect();
    Ok(Json(
        json!({"STATUS": 1, "DESCRIPTION": "", "LISTCONTENT": list}),
    ))
}

/// Hồ sơ nộp thẳng tại hệ thống này mà phần mềm một cửa chưa lấy; nêu maHoSo thì trả kết quả của hồ sơ đó.
#[utoipa::path(post, path = "/api/v1/exchange/pull/traHoSo", tag = "exchange-pull",
    security(("token" = [])),
    request_body(content = shape::PullWanted),
    responses((status = 200, description = "giaTri: các hồ sơ, hoặc quyết định", body = shape::PullTold),
        (status = 404, description = "Không có hồ sơ: maLoi 201", body = shape::PullTold),
        (status = 422, description = "Chưa có quyết định: maLoi 200", body = shape::PullTold)))]
pub(crate) async fn tra_ho_so(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Told>, Failure> {
    let wanted: Wanted = asked(&server, &caller, &body).await?;
    let (pool, clock) = (&server.pool, &server.clock);
    let (actor, province) = (&caller.actor, caller.province.as_str());
    if let Some(code) = wanted.ma_ho_so {
        let found = standing(pool, actor, province, &code).await?;
        let decision = found
            .decision
            .ok_or_else(|| Failure::refused("record_uncomplete", "Hồ sơ chưa có quyết định"))?;
        let told = exchange::file::of_decision(pool, actor, province, &code).await?;
        let letter = match told {
            None => None,
            Some((_, Some(letter))) => Some(letter),
            Some((message, None)) => letter_of(&server, actor, (province, &code, message)).await?,
        };
        let value = json!({"maHoSo": code, "quyetDinh": decision, "hashTepTin": letter});
        return Ok(done(value));
    }
    let channels: &[&str] = match wanted.info_type.as_deref() {
        None => &["1", "2", "3"],
        Some("1") => &["2"],
        Some("2") => &["1", "3"],
        Some(_) => {
            return Err(no_such_list(
                "infoType là 1 (trực tuyến) hoặc 2 (trực tiếp)",
            ));
        }
    };
    let found: Vec<Offered> = pull::beginnings(pool, actor, clock, province, MOST).await?;
    let handed = found.iter().filter_map(pull::handed_out).filter(|it| {
        let channel = it.data.kenh_thuc_hien.as_deref();
        channel.is_some_and(|channel| channels.contains(&channel))
    });
    Ok(done(handed.collect::<Vec<_>>()))
}

fn no_such_list(message: &str) -> Failure {
    Failure::refused("data_type_invalid", message)
}

/// Đánh dấu đã lấy thành công hồ sơ hoặc thay đổi trạng thái: từ đó không trả ra nữa. Đánh dấu lại không đổi gì.
#[utoipa::path(post, path = "/api/v1/exchange/pull/danhDauHsThanhCong", tag = "exchange-pull",
    security(("token" = [])),
    request_body(content = shape::PullMarked),
    responses((status = 200, description = "Đã ghi", body = shape::PullTold),
        (status = 404, description = "Có mã không phải của tỉnh này: maLoi 201, chưa ghi gì", body = shape::PullTold)))]
pub(crate) async fn danh_dau(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Told>, Failure> {
    // Also after the province has gone over to another dialect: what it took before it may say.
    caller.sent(&server, &body).await?;
    let marked: Marked = read(&body)?;
    let names = marked.declaration_id.split(';').map(str::trim);
    let ids: Result<Vec<_>, _> = names
        .filter(|name| !name.is_empty())
        .map(|name| name.parse().map(|id| (id, None)))
        .collect();
    let unknown = |_| {
        let message = "declarationId: có mã không phải do traHoSo hoặc traDsTrangThaiHs trả ra";
        Failure::new(StatusCode::NOT_FOUND, "unknown_message", message)
    };
    let mut ids = ids.map_err(unknown)?;
    ids.sort_unstable();
    ids.dedup();
    let (pool, clock) = (&server.pool, &server.clock);
    let done_now = acknowledge(pool, &caller.actor, clock, &caller.province, &ids).await?;
    Ok(done(done_now))
}

/// Which list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct WhichList {
    loai_danh_muc: String,
}

/// Danh mục mã: 3 dân tộc, 4 địa bàn của tỉnh, thuTuc, trangThai.
#[utoipa::path(post, path = "/api/v1/exchange/pull/danhMuc", tag = "exchange-pull",
    security(("token" = [])),
    request_body(content = shape::PullWhichList),
    responses((status = 200, description = "giaTri: ID và NAME", body = shape::PullTold),
        (status = 422, description = "Không có danh mục này: maLoi 302", body = shape::PullTold)))]
pub(crate) async fn danh_muc(
    State(server): State<Server>,
    caller: Caller,
    body: Bytes,
) -> Result<Json<Told>, Failure> {
    let which: WhichList = asked(&server, &caller, &body).await?;
    let day = server.clock.today();
    let found: Option<Vec<Listed>> = pull::list(&which.loai_danh_muc, &caller.province, day);
    let found = found.ok_or_else(|| no_such_list("Danh mục này do hệ thống khác giữ"))?;
    Ok(done(found))
}
