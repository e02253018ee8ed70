//! Every name that goes over the wire in the pull-and-acknowledge dialect, in one place.
//!
//! Known are the names of the guide of Quảng Bình's platform (services "hộ tịch" and "lý lịch tư pháp") and of
//! the synchronising interface of the National Public Service Portal. **To verify** with a province before
//! its first real connection is what is marked so: no public source names it.

use std::collections::BTreeMap;

use casework::form::Answer;
use serde::{Deserialize, Serialize};

/// A sending of a one-stop system about one dossier: what `nhanHoSo` takes and `traHoSo` hands out.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sending {
    /// Of what is handed out: the name by which `danhDauHsThanhCong` marks it. Known; opaque ("mã hóa").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declaration_id: Option<String>,
    /// Known: the receiving unit. To verify: that it is the commune's code.
    pub ma_don_vi: String,
    /// Known: "mã nghiệp vụ". To verify: that it is the code of the procedure.
    pub module: String,
    /// Known: the number of the dossier in the one-stop system.
    pub ma_ho_so: String,
    /// Known: when it was received there. `dd/MM/yyyy` (guide) or `yyyyMMddHHmmss` (portal).
    pub ngay_tiep_nhan: String,
    /// To verify: number of the sending about the dossier, from 1. Left out, sendings count in the order
    /// in which they come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lan_nop: Option<i32>,
    /// To verify: `nop`, `boSung`, `rut`. Left out, the first sending submits and others supplement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yeu_cau: Option<String>,
    /// To verify: why it is asked back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ly_do: Option<String>,
    /// Known: what was handed in. Its own names are those of the portal.
    #[serde(default)]
    pub data: Data,
}

/// What was handed in.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Data {
    /// Known: 1 at the counter, 2 online, 3 by public post. To verify: its name here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kenh_thuc_hien: Option<String>,
    /// Known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thong_tin_nguoi_nop: Option<Applicant>,
    /// Known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thanh_phan_ho_so: Vec<Part>,
}

/// Who handed it in.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Applicant {
    /// Known.
    pub ten_nguoi_nop: String,
    /// Known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub so_dinh_danh: Option<String>,
    /// Known: year, month and day without signs between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ngay_sinh: Option<String>,
    /// Known (social insurance of the guide): 0 whole date, 1 only the year, 2 only year and month.
    #[serde(
        default,
        rename = "loaiNgaySinh",
        skip_serializing_if = "Option::is_none"
    )]
    pub loai_ngay_sinh: Option<String>,
}

/// A part of the dossier with its papers.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Part {
    /// Known.
    pub ten_thanh_phan_ho_so: String,
    /// Known; without one it is not digitised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub giay_to_dinh_kem: Vec<Attached>,
}

/// A digitised paper.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Attached {
    /// Known.
    pub ten_giay_to: String,
    /// Known. To verify: that it is the SHA-256 in hexadecimal digits.
    pub hash_tep_tin: String,
}

/// What `traHoSo` is asked.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wanted {
    /// Known: 1 submitted online, 2 at the counter; left out, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info_type: Option<String>,
    /// Known (civil status): the result of one dossier instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ma_ho_so: Option<String>,
    /// Known (civil status).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
}

/// What is marked as taken.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Marked {
    /// Known: names with `;` between them.
    pub declaration_id: String,
    /// Known: 1 dossiers handed in at the counter, 2 statuses, 3 dossiers handed in online. A name says
    /// already what it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info_type: Option<String>,
}

/// A status that changed: a row of `LISTCONTENT` of `traDsTrangThaiHs`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct Changed {
    /// Known; opaque: names this change, so that marking it never marks the one after.
    pub declaration_id: String,
    /// Known: the number of the dossier in the one-stop system.
    pub receive_no: String,
    /// Known: here 1 to 4, as `traTrangThaiHs`.
    pub dec_status_id: i16,
    /// Known.
    pub dec_status_name: String,
    /// Known: day of the decision, `dd/MM/yyyy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approve_date: Option<String>,
    /// To verify: number of the change among those of the dossier, from 1.
    pub change_no: i32,
    /// To verify: number and name of the national list of ten, which says how it ended.
    pub national_status_id: i16,
    /// To verify.
    pub national_status_name: String,
    /// To verify: what happened, with its own facts; null where fields are told.
    pub content: serde_json::Value,
    /// To verify: what this side has in fields of the form that it corrected, null where nothing is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, Option<Answer>>>,
    /// To verify: SHA-256 of the letter that goes with a decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash_tep_tin: Option<String>,
}

/// An answer that is no list of changes. To verify: the names; the guide shows the values alone.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// 1 done, of `traTrangThaiHs` 1 to 4; 0 an error.
    pub trang_thai: i16,
    /// The code of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ma_loi: Option<i16>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mo_ta_loi: Option<String>,
    /// What was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gia_tri: Option<serde_json::Value>,
}

/// A change of status as it is pushed to a province's platform (`capNhatTrangThaiHs`). To verify as a whole:
/// the portal has such an operation (CapNhatTrangThai) and the guide none.
pub type Pushed = Changed;
