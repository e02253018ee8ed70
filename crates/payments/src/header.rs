//! The head of a list: whose, what it knew, how much, who answers for it.

use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{Dong, ListId, Month};
use serde::{Serialize, Serializer};
use sqlx::PgExecutor;

use crate::{Refused, Scope};

/// A month's list without its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Header {
    /// Internal number.
    pub list_id: ListId,
    /// The month paid.
    pub month: Month,
    /// Code of the area; empty is the whole country.
    pub area: String,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
    /// The last event it knew.
    pub known_through: i64,
    /// The last approval or opening it knew.
    pub based_on: i64,
    /// The last result of providers it knew.
    pub results_through: i64,
    /// The law in force by this day was used.
    pub law_as_of: Date,
    /// SHA-256 of the law data.
    #[serde(serialize_with = "as_hex")]
    pub law_fingerprint: Vec<u8>,
    /// SHA-256 of every person as the law saw them and what earlier lists held.
    #[serde(serialize_with = "as_hex")]
    pub inputs_fingerprint: Vec<u8>,
    /// SHA-256 of every line.
    #[serde(serialize_with = "as_hex")]
    pub lines_fingerprint: Vec<u8>,
    /// People with at least one line.
    pub people: i32,
    /// Lines.
    pub lines: i32,
    /// All lines but recoveries, đồng.
    pub payable: Dong,
    /// Recoveries, đồng, zero or negative.
    pub recoverable: Dong,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// Its place in the order of approvals.
    pub approval_no: Option<i64>,
}

fn as_hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex::encode(bytes))
}

impl Header {
    /// Whether it is approved: then it never changes.
    pub const fn is_approved(&self) -> bool {
        self.approved_at.is_some()
    }

    /// Its area in its month.
    ///
    /// # Errors
    /// [`Refused::UnknownArea`] when the reference data no longer knows the area.
    pub fn scope(&self) -> Result<Scope, Refused> {
        Scope::of(&self.area, self.month)
    }
}

/// The list of exactly this month and area.
///
/// # Errors
/// Those of the database.
pub async fn find(
    db: impl PgExecutor<'_>,
    month: Month,
    area: &str,
) -> Result<Option<Header>, Refused> {
    let area = if area == "VN" { "" } else { area };
    let all = of_months(db, month, month).await?;
    Ok(all.into_iter().find(|header| header.area == area))
}

/// Every list of the months, drafts too, by month and area.
///
/// # Errors
/// Those of the database.
pub async fn of_months(
    db: impl PgExecutor<'_>,
    from: Month,
    to: Month,
) -> Result<Vec<Header>, Refused> {
    let rows = sqlx::query!(
        r#"select list_id, month, area_code, made_by, made_at as "made_at: jiff_sqlx::Timestamp",
                  known_through, based_on, results_through, law_as_of as "law_as_of: jiff_sqlx::Date",
                  law_fingerprint, inputs_fingerprint, lines_fingerprint, people, lines,
                  payable, recoverable, approved_by,
                  approved_at as "approved_at: jiff_sqlx::Timestamp", approval_no
           from payment_list where month between $1 and $2 order by month, area_code"#,
        from.yyyymm(),
        to.yyyymm()
    )
    .fetch_all(db)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Header {
                list_id: ListId(row.list_id),
                month: month_of(row.month)?,
                area: row.area_code,
                made_by: row.made_by,
                made_at: row.made_at.to_jiff(),
                known_through: row.known_through,
                based_on: row.based_on,
                results_through: row.results_through,
                law_as_of: row.law_as_of.to_jiff(),
                law_fingerprint: row.law_fingerprint,
                inputs_fingerprint: row.inputs_fingerprint,
                lines_fingerprint: row.lines_fingerprint,
                people: row.people,
                lines: row.lines,
                payable: Dong(row.payable),
                recoverable: Dong(row.recoverable),
                approved_by: row.approved_by,
                approved_at: row.approved_at.map(|at| at.to_jiff()),
                approval_no: row.approval_no,
            })
        })
        .collect()
}

/// The lists of a month that share people with the scope.
///
/// # Errors
/// Those of the database.
pub async fn overlapping(db: impl PgExecutor<'_>, scope: &Scope) -> Result<Vec<Header>, Refused> {
    let mut found = Vec::new();
    for header in of_months(db, scope.month, scope.month).await? {
        if header.scope()?.overlaps(scope) {
            found.push(header);
        }
    }
    Ok(found)
}

/// A month as the database keeps it.
pub(crate) fn month_of(number: i32) -> Result<Month, Refused> {
    Month::from_yyyymm(number).map_err(|wrong| Refused::Inconsistent(wrong.to_string()))
}
