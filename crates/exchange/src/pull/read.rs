//! A sending as one of our messages.

use casework::{Channel, Event, Step, Submission, step::Paper};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use kernel::{Month, PartialDate};
use registry::refusal::Fault;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::shape::{Applicant, Part, Sending};
use crate::message::Message;

/// Which place a sending has among those of its dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number.
    pub seq: i32,
    /// Its id.
    pub id: Uuid,
}

impl Sending {
    /// The id of a sending: the same again has the same. One with a number is known by it, so that
    /// another content under the number shows; one without by its content.
    pub fn message_id(&self, province: &str) -> Uuid {
        let known_by = match self.lan_nop {
            Some(number) => number.to_string(),
            None => {
                let mut plain = self.clone();
                plain.declaration_id = None;
                let text = serde_json::to_vec(&plain).unwrap_or_default();
                hex(&Sha256::digest(text))
            }
        };
        let name = format!("nhanHoSo {province} {} {known_by}", self.ma_ho_so);
        Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes())
    }

    /// Hashes of the files it names.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let parts = self.data.thanh_phan_ho_so.iter();
        let attached = parts.flat_map(|part| part.giay_to_dinh_kem.iter());
        attached.map(|it| it.hash_tep_tin.as_str())
    }

    /// When it says it was received there; `None` when that is no moment.
    pub fn received_at(&self) -> Option<Timestamp> {
        moment(&self.ngay_tiep_nhan)
    }

    /// The message, at its place.
    ///
    /// # Errors
    /// The field at fault, by its name over the wire.
    pub(super) fn message(&self, place: Place) -> Result<Message, Fault> {
        let dossier = casework::event::code(&self.ma_ho_so).ok_or_else(|| wrong("maHoSo"))?;
        let at = self.received_at().ok_or_else(|| wrong("ngayTiepNhan"))?;
        let step = match self.yeu_cau.as_deref() {
            Some("nop") => self.submitted()?,
            Some("boSung") => self.supplemented(),
            Some("rut") => Step::WithdrawalAsked {
                reason: self.ly_do.clone().ok_or_else(|| missing("lyDo"))?,
            },
            None if place.seq == 1 => self.submitted()?,
            None => self.supplemented(),
            Some(_) => return Err(wrong("yeuCau")),
        };
        step.check()?;
        Ok(Message {
            seq: place.seq,
            event: Event {
                event_id: place.id,
                dossier,
                at,
                online: true,
                step,
            },
            given: None,
        })
    }

    fn submitted(&self) -> Result<Step, Fault> {
        let applicant = self.data.thong_tin_nguoi_nop.as_ref();
        let applicant = applicant.ok_or_else(|| missing("ThongTinNguoiNop"))?;
        let channel = match self.data.kenh_thuc_hien.as_deref() {
            None => Some(Channel::Online),
            Some(number) => number.parse().ok().and_then(Channel::from_number),
        };
        Ok(Step::Submitted(Box::new(Submission {
            procedure: self.module.clone(),
            area: self.ma_don_vi.clone(),
            channel: channel.ok_or_else(|| wrong("KenhThucHien"))?,
            applicant: applicant.ten_nguoi_nop.clone(),
            applicant_id_number: applicant.so_dinh_danh.clone(),
            applicant_birth: birth(applicant)?,
            beneficiary: None,
            benefit: None,
            papers: papers(&self.data.thanh_phan_ho_so),
        })))
    }

    fn supplemented(&self) -> Step {
        Step::Supplemented {
            papers: papers(&self.data.thanh_phan_ho_so),
        }
    }
}

/// The birth date as far as it is known. What stands behind the known part is not looked at: platforms
/// fill it with zeros or ones.
fn birth(applicant: &Applicant) -> Result<Option<PartialDate>, Fault> {
    let Some(text) = applicant.ngay_sinh.as_deref() else {
        return match applicant.loai_ngay_sinh {
            None => Ok(None),
            Some(_) => Err(missing("NgaySinh")),
        };
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !matches!(text.len(), 4 | 6 | 8) {
        return Err(wrong("NgaySinh"));
    }
    let kind = applicant.loai_ngay_sinh.as_deref().unwrap_or("0");
    let year: Option<i16> = text[..4].parse().ok().filter(|it| *it >= 1800);
    let month = || text.get(4..6)?.parse::<i8>().ok();
    let first = |month: i8| Date::new(year?, month, 1).ok();
    let read = match kind {
        "0" => {
            let day = || text.get(6..8)?.parse::<i8>().ok();
            let date = || Date::new(year?, month()?, day()?).ok();
            date().map(PartialDate::Day)
        }
        "1" => year.map(PartialDate::Year),
        "2" => month()
            .and_then(first)
            .map(|day| PartialDate::Month(Month::of(day))),
        _ => return Err(wrong("loaiNgaySinh")),
    };
    read.map(Some).ok_or_else(|| wrong("NgaySinh"))
}

/// One paper for each file, and one for each part without any.
fn papers(parts: &[Part]) -> Vec<Paper> {
    let of = |part: &Part| -> Vec<Paper> {
        if part.giay_to_dinh_kem.is_empty() {
            let name = part.ten_thanh_phan_ho_so.clone();
            return vec![Paper { name, file: None }];
        }
        let attached = part.giay_to_dinh_kem.iter();
        let paper = attached.map(|it| Paper {
            name: it.ten_giay_to.clone(),
            file: Some(it.hash_tep_tin.to_ascii_lowercase()),
        });
        paper.collect()
    };
    parts.iter().flat_map(of).collect()
}

/// `dd/MM/yyyy`, which counts as the beginning of the day in Viet Nam, or `yyyyMMddHHmmss`.
fn moment(text: &str) -> Option<Timestamp> {
    let there = match text.len() {
        14 => DateTime::strptime("%Y%m%d%H%M%S", text).ok()?,
        10 => Date::strptime("%d/%m/%Y", text)
            .ok()?
            .to_datetime(jiff::civil::Time::midnight()),
        _ => return None,
    };
    let zone = TimeZone::fixed(jiff::tz::offset(7));
    Some(there.to_zoned(zone).ok()?.timestamp())
}

fn wrong(field: &'static str) -> Fault {
    Fault::new(field, "malformed", "không đúng dạng")
}

fn missing(field: &'static str) -> Fault {
    Fault::new(field, "missing", "thiếu")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::shape::Applicant;
    use super::{birth, moment};

    fn born(text: &str, kind: Option<&str>) -> Option<String> {
        let applicant = Applicant {
            ngay_sinh: Some(text.to_owned()),
            loai_ngay_sinh: kind.map(str::to_owned),
            ..Applicant::default()
        };
        birth(&applicant).ok()?.map(|date| date.to_string())
    }

    #[test]
    fn birth_dates_are_as_precise_as_they_are_said_to_be() {
        for (text, kind, read) in [
            ("19500302", None, Some("1950-03-02")),
            ("19500302", Some("0"), Some("1950-03-02")),
            ("19500101", Some("1"), Some("1950")),
            ("1950", Some("1"), Some("1950")),
            ("195003", Some("2"), Some("1950-03")),
            ("19500300", Some("2"), Some("1950-03")),
            ("1950", Some("0"), None),
            ("1950", Some("2"), None),
            ("19501300", Some("2"), None),
            ("19500230", None, None),
            ("1950-03-02", None, None),
            ("19500302", Some("3"), None),
            ("năm1", Some("1"), None),
        ] {
            assert_eq!(born(text, kind).as_deref(), read, "{text} {kind:?}");
        }
    }

    #[test]
    fn moments_are_of_viet_nam() {
        let read = |text: &str| moment(text).map(|at| at.to_string());
        assert_eq!(read("06/05/2024").as_deref(), Some("2024-05-05T17:00:00Z"));
        assert_eq!(
            read("20240506083000").as_deref(),
            Some("2024-05-06T01:30:00Z")
        );
        for wrong in ["", "2024-05-06", "31/02/2024", "20240506253000", "06/05/24"] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
