//! What is known of the identity of the people a month's list pays, and which fields are missing.

use std::ops::AddAssign;

use kernel::{Actor, Month};
use payments::{Office, Refused};
use serde::Serialize;

use crate::question::{AreaRow, ByArea, Source};
use crate::reach::Sums;

/// Counts of beneficiaries. The first six exclude each other and add up to all of them; the
/// others stand beside.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Figures {
    /// Everybody paid for the month, each counted once.
    pub beneficiaries: i64,
    /// No ID number.
    pub missing_id: i64,
    /// An ID number that is not twelve digits.
    pub malformed_id: i64,
    /// The population database finds nobody.
    pub not_found: i64,
    /// The population database differs.
    pub mismatch: i64,
    /// Not asked yet, or the database did not answer.
    pub pending: i64,
    /// The population database agrees.
    pub verified: i64,
    /// Of the mismatches, those in which the name differs.
    pub mismatch_full_name: i64,
    /// Of the mismatches, those in which the birth date differs.
    pub mismatch_birth_date: i64,
    /// Of the mismatches, those in which the sex differs.
    pub mismatch_sex: i64,
    /// Twelve digits that contradict sex, birth year or province, or that somebody else holds.
    pub doubtful_id: i64,
    /// No sex on record.
    pub missing_sex: i64,
    /// No ethnicity on record.
    pub missing_ethnicity: i64,
    /// No telephone number on record.
    pub missing_phone: i64,
    /// Birth date known only in part.
    pub partial_birth_date: i64,
    /// No way of receiving on record.
    pub missing_channel: i64,
}

/// The board of a month and area.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct DataQuality {
    /// Always `data-quality`.
    pub report: &'static str,
    /// The month of the list.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// The lists that say who the beneficiaries are.
    pub lists: Vec<Source>,
    /// The areas right below, in order of code.
    pub rows: Vec<AreaRow<Figures>>,
    /// All of the area.
    pub total: Figures,
    /// Areas right below in which everybody is verified.
    pub areas_complete: usize,
    /// Areas right below with beneficiaries.
    pub areas_total: usize,
}

/// The board: the month's list says who is paid, the registry what is known of them now.
///
/// # Errors
/// As [`crate::caseload()`].
pub async fn data_quality(
    office: &Office<'_>,
    actor: &Actor,
    of: &ByArea,
) -> Result<DataQuality, Refused> {
    let (reach, lists) = of.question().sources(office, actor).await?;
    let place = reach.columns();
    let communes = sqlx::query!(
        r#"select area_code, area_valid_from as "since: jiff_sqlx::Date", former_code, beneficiaries, missing_id,
                  malformed_id, not_found, mismatch, pending, verified, mismatch_full_name,
                  mismatch_birth_date, mismatch_sex, doubtful_id, missing_sex, missing_ethnicity,
                  missing_phone, partial_birth_date, missing_channel
           from board_people
           where month = $1 and ($2 or (area_code, area_valid_from)
                                       in (select * from unnest($3::text[], $4::date[])))
             and ($5::text[] is null or former_code = any($5))"#,
        reach.scope.month.yyyymm(),
        place.everywhere,
        &place.codes,
        &place.since as _,
        place.former as _,
    )
    .fetch_all(office.pool)
    .await?;
    let mut sums = Sums::new();
    for commune in communes {
        let figures = Figures {
            beneficiaries: commune.beneficiaries.into(),
            missing_id: commune.missing_id.into(),
            malformed_id: commune.malformed_id.into(),
            not_found: commune.not_found.into(),
            mismatch: commune.mismatch.into(),
            pending: commune.pending.into(),
            verified: commune.verified.into(),
            mismatch_full_name: commune.mismatch_full_name.into(),
            mismatch_birth_date: commune.mismatch_birth_date.into(),
            mismatch_sex: commune.mismatch_sex.into(),
            doubtful_id: commune.doubtful_id.into(),
            missing_sex: commune.missing_sex.into(),
            missing_ethnicity: commune.missing_ethnicity.into(),
            missing_phone: commune.missing_phone.into(),
            partial_birth_date: commune.partial_birth_date.into(),
            missing_channel: commune.missing_channel.into(),
        };
        let at = (commune.area_code.as_str(), commune.since.to_jiff());
        sums.add(&reach, of.division, at, &commune.former_code, figures)?;
    }
    let (rows, total) = sums.finish(|_, figures| figures);
    let complete = rows
        .iter()
        .filter(|row| row.figures.verified == row.figures.beneficiaries);
    Ok(DataQuality {
        report: "data-quality",
        month: of.month,
        area: reach.scope.area,
        lists,
        areas_complete: complete.count(),
        areas_total: rows.len(),
        rows,
        total,
    })
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Figures) {
        self.beneficiaries += other.beneficiaries;
        self.missing_id += other.missing_id;
        self.malformed_id += other.malformed_id;
        self.not_found += other.not_found;
        self.mismatch += other.mismatch;
        self.pending += other.pending;
        self.verified += other.verified;
        self.mismatch_full_name += other.mismatch_full_name;
        self.mismatch_birth_date += other.mismatch_birth_date;
        self.mismatch_sex += other.mismatch_sex;
        self.doubtful_id += other.doubtful_id;
        self.missing_sex += other.missing_sex;
        self.missing_ethnicity += other.missing_ethnicity;
        self.missing_phone += other.missing_phone;
        self.partial_birth_date += other.partial_birth_date;
        self.missing_channel += other.missing_channel;
    }
}
