//! The living of the registry as a file to be compared. It holds what says who somebody is, no benefit and no
//! illness; only its owner may read it, and it is gone when it was read.

use std::io::BufWriter;

use futures_util::TryStreamExt as _;
use kernel::PartialDate;
use registry::sight::Columns;
use sqlx::PgPool;
use tempfile::NamedTempFile;

use crate::LinkRefused;

/// The headings `matching` knows.
pub(crate) const HEADINGS: [&str; 9] = [
    "id",
    "full_name",
    "birth_date",
    "sex",
    "ethnicity",
    "id_number",
    "phone",
    "area",
    "address",
];

/// Writes everybody who lives in the communes (`None`: in the country) and is alive, row by row.
pub(crate) async fn write(
    pool: &PgPool,
    inside: Option<&Columns>,
) -> Result<NamedTempFile, LinkRefused> {
    let file = NamedTempFile::new()?;
    let mut out = csv::Writer::from_writer(BufWriter::new(file.as_file()));
    out.write_record(HEADINGS)?;
    let mut people = sqlx::query!(
        r#"select person_id, full_name, birth_date as "birth_date: jiff_sqlx::Date", birth_precision,
                  sex, ethnicity, id_number, phone, area_code
           from person
           where merged_into is null and death_date is null
             and ($1::text[] is null or (area_code, area_valid_from) in
                  (select * from unnest($1::text[], $2::date[])))"#,
        inside.map(|inside| &inside.codes[..]) as _,
        inside.map(|inside| &inside.since[..]) as _
    )
    .fetch(pool);
    while let Some(person) = people.try_next().await? {
        let birth = PartialDate::from_parts(person.birth_date.to_jiff(), &person.birth_precision);
        out.write_record([
            &*person.person_id.to_string(),
            &person.full_name,
            &birth.to_string(),
            person
                .sex
                .map_or("", |sex| if sex == 1 { "1" } else { "2" }),
            person.ethnicity.as_deref().unwrap_or_default(),
            person.id_number.as_deref().unwrap_or_default(),
            person.phone.as_deref().unwrap_or_default(),
            &person.area_code,
            "",
        ])?;
    }
    out.flush()?;
    drop(out);
    Ok(file)
}
