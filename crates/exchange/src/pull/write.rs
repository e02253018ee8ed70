//! Messages of the outbox in the words of the dialect.

use casework::{Outcome, Step};
use jiff::civil::Date;
use kernel::PartialDate;
use kernel::clock::vietnam_time;

use super::shape::{Applicant, Attached, Changed, Data, Part, Sending};
use super::status;
use crate::Offered;

/// A change of status, as it is listed or pushed.
pub fn changed(offered: &Offered) -> Changed {
    let (number, name) = status(offered.status);
    let decided = serde_json::from_value::<Step>(offered.step.clone()).ok();
    let decided = decided.and_then(|step| match step {
        Step::Decided(Outcome::Approved { decision, .. } | Outcome::Refused { decision, .. }) => {
            Some(written(decision.date))
        }
        _ => None,
    });
    Changed {
        declaration_id: offered.id.to_string(),
        receive_no: offered.dossier.clone(),
        dec_status_id: number,
        dec_status_name: name.to_owned(),
        approve_date: decided,
        change_no: offered.seq,
        national_status_id: offered.status.number(),
        national_status_name: offered.status_name.to_owned(),
        content: offered.step.clone(),
        fields: offered.fields.clone(),
        hash_tep_tin: offered.letter.map(|hash| hash.to_string()),
    }
}

/// A dossier that begins here, as it is handed out; `None` for any other message.
pub fn handed_out(offered: &Offered) -> Option<Sending> {
    let step: Step = serde_json::from_value(offered.step.clone()).ok()?;
    let Step::Submitted(submission) = step else {
        return None;
    };
    let (birth, kind) = match submission.applicant_birth {
        None => (None, None),
        Some(date) => {
            let kind = match date {
                PartialDate::Day(_) => "0",
                PartialDate::Year(_) => "1",
                PartialDate::Month(_) => "2",
            };
            (
                Some(date.to_string().replace('-', "")),
                Some(kind.to_owned()),
            )
        }
    };
    let part = |paper: casework::step::Paper| Part {
        ten_thanh_phan_ho_so: paper.name.clone(),
        giay_to_dinh_kem: paper
            .file
            .map(|hash_tep_tin| Attached {
                ten_giay_to: paper.name,
                hash_tep_tin,
            })
            .into_iter()
            .collect(),
    };
    Some(Sending {
        declaration_id: Some(offered.id.to_string()),
        ma_don_vi: submission.area,
        module: submission.procedure,
        ma_ho_so: offered.dossier.clone(),
        ngay_tiep_nhan: vietnam_time(offered.at)
            .strftime("%Y%m%d%H%M%S")
            .to_string(),
        data: Data {
            kenh_thuc_hien: Some(submission.channel.number().to_string()),
            thong_tin_nguoi_nop: Some(Applicant {
                ten_nguoi_nop: submission.applicant,
                so_dinh_danh: submission.applicant_id_number,
                ngay_sinh: birth,
                loai_ngay_sinh: kind,
            }),
            thanh_phan_ho_so: submission.papers.into_iter().map(part).collect(),
        },
        ..Sending::default()
    })
}

fn written(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}
