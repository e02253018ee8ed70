//! The decisions about one person after the first, for pages.

use jiff::Timestamp;
use jiff::civil::Date;
use registry::person::Profile;
use sqlx::PgPool;
use uuid::Uuid;

use crate::apply::ApplyError;

/// A recorded change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub change_no: i64,
    /// Code of its kind.
    pub kind: String,
    /// Why, in words.
    pub ground: String,
    /// The article shown when it was decided.
    pub law: String,
    /// The officer's words; empty unless the reader handles papers.
    pub note: String,
    /// Number of the decision.
    pub number: String,
    /// Day of signing.
    pub signed_on: Date,
    /// Who signed.
    pub signed_by: String,
    /// The events it became.
    pub events: Vec<Uuid>,
    /// The funeral dossier a death opened.
    pub funeral: Option<String>,
    /// Who recorded it.
    pub recorded_by: String,
    /// When.
    pub recorded_at: Timestamp,
    /// Why it was undone, once it is.
    pub undone: Option<String>,
}

/// The decisions about somebody the caller may see, newest first. Those whose events the reader may
/// not see, because they tell of an infection, are left out.
///
/// # Errors
/// [`ApplyError`].
pub async fn of_person(pool: &PgPool, who: &Profile) -> Result<Vec<Told>, ApplyError> {
    let mut records = vec![who.id.0];
    records.extend(who.merged_here.iter().map(|record| record.0));
    let rows = sqlx::query!(
        r#"select c.change_no, c.kind, c.ground, c.law, c.note, c.number,
                  c.signed_on as "signed_on: jiff_sqlx::Date", c.signed_by, c.events,
                  c.funeral_dossier, c.recorded_by,
                  c.recorded_at as "recorded_at: jiff_sqlx::Timestamp", u.reason as "undone?"
           from person_change c left join person_change_undone u using (change_no)
           where c.person_id = any($1) order by c.change_no desc"#,
        &records
    )
    .fetch_all(pool)
    .await?;
    let seen = |event: &Uuid| {
        let mut entries = who.timeline.iter();
        entries.any(|entry| entry.event.uuid() == *event)
    };
    let told = rows.into_iter().map(|row| Told {
        change_no: row.change_no,
        kind: row.kind,
        ground: row.ground,
        law: row.law,
        note: if who.handler { row.note } else { String::new() },
        number: row.number,
        signed_on: row.signed_on.to_jiff(),
        signed_by: row.signed_by,
        events: row.events,
        funeral: row.funeral_dossier,
        recorded_by: row.recorded_by,
        recorded_at: row.recorded_at.to_jiff(),
        undone: row.undone,
    });
    Ok(told
        .filter(|told| who.handler || told.events.iter().all(seen))
        .collect())
}
