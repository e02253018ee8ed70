//! The shapes of the other dialects of one-stop systems. The names over the wire are those of
//! [`exchange::pull::shape`], which says which of them are known and which to verify.

#![expect(
    dead_code,
    reason = "these types describe what is serialised elsewhere"
)]

use utoipa::ToSchema;

/// A sending about one dossier.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PullSending {
    /// Of what is handed out: the name it is marked by.
    declaration_id: Option<String>,
    /// Code of the applicant's commune.
    ma_don_vi: String,
    /// Code of the procedure.
    module: String,
    ma_ho_so: String,
    /// `dd/MM/yyyy` or `yyyyMMddHHmmss`.
    ngay_tiep_nhan: String,
    /// Number of the sending about the dossier, from 1; left out, they count as they come.
    lan_nop: Option<i32>,
    /// `nop`, `boSung`, `rut`.
    yeu_cau: Option<String>,
    ly_do: Option<String>,
    data: Option<PullData>,
}

/// What was handed in.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
pub(crate) struct PullData {
    /// 1 at the counter, 2 online, 3 by public post.
    kenh_thuc_hien: Option<String>,
    thong_tin_nguoi_nop: Option<PullApplicant>,
    thanh_phan_ho_so: Option<Vec<PullPart>>,
}

/// Who handed it in.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
pub(crate) struct PullApplicant {
    ten_nguoi_nop: String,
    so_dinh_danh: Option<String>,
    /// Year, month and day without signs between them.
    ngay_sinh: Option<String>,
    /// 0 whole date, 1 only the year, 2 only year and month.
    #[schema(rename = "loaiNgaySinh")]
    loai_ngay_sinh: Option<String>,
}

/// A part of the dossier.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
pub(crate) struct PullPart {
    ten_thanh_phan_ho_so: String,
    giay_to_dinh_kem: Option<Vec<PullPaper>>,
}

/// A digitised paper.
#[derive(ToSchema)]
#[schema(rename_all = "PascalCase")]
pub(crate) struct PullPaper {
    ten_giay_to: String,
    /// SHA-256, hexadecimal.
    hash_tep_tin: String,
}

/// An answer.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PullTold {
    /// 1 done, of traTrangThaiHs 1 to 4; 0 an error.
    trang_thai: i16,
    /// 100, 106, 200, 201, 302, 500.
    ma_loi: Option<i16>,
    mo_ta_loi: Option<String>,
    /// What was asked for: an object or a list.
    #[schema(value_type = Option<serde_json::Value>)]
    gia_tri: Option<()>,
}

/// Which dossier.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PullAsked {
    ma_don_vi: Option<String>,
    ma_ho_so: String,
}

/// Which changes.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PullWhich {
    info_type: Option<String>,
}

/// Changes of status that are not marked.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) struct PullChanges {
    status: i16,
    description: String,
    listcontent: Vec<PullChange>,
}

/// A change of status.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) struct PullChange {
    /// The name it is marked by.
    declaration_id: String,
    receive_no: String,
    /// 1 to 4.
    dec_status_id: i16,
    dec_status_name: String,
    approve_date: Option<String>,
    /// Number among those of the dossier, from 1.
    change_no: i32,
    /// Of the national list of ten.
    national_status_id: i16,
    national_status_name: String,
    /// The step with its own facts; null where fields are told.
    #[schema(value_type = Option<Object>, required)]
    content: (),
    /// What the office has in fields of the form, as in a message of ours.
    #[schema(value_type = Option<Object>)]
    fields: (),
    /// SHA-256 of the letter that goes with a decision.
    hash_tep_tin: Option<String>,
}

/// What is handed out.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PullWanted {
    /// 1 online, 2 at the counter.
    info_type: Option<String>,
    /// The result of this dossier instead.
    ma_ho_so: Option<String>,
    module: Option<String>,
}

/// What is marked.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PullMarked {
    /// Names with `;` between them.
    declaration_id: String,
    info_type: Option<String>,
}

/// Which list.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PullWhichList {
    /// `3`, `4`, `thuTuc`, `trangThai`.
    loai_danh_muc: String,
}

/// The fields of a service, those of the same operation without X-Road.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub(crate) struct XRoadFields(());

/// An error of the X-Road protocol.
#[derive(ToSchema)]
pub(crate) struct XRoadError {
    /// `Client.BadRequest` and the like, as in the header X-Road-Error.
    r#type: String,
    message: String,
    detail: String,
}
