//! The number book (sổ văn bản): numbers of papers that go out, for each authority, kind and year,
//! from 1 without gaps.

use access::audit::Action;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use kernel::Clock;
use kernel::actor::{Actor, Role};
use kernel::area::{Area, Areas};
use serde::Serialize;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use access::Denied;
use registry::sight::READERS;

use crate::step::Outcome;

/// Who gives numbers.
pub const GIVERS: &[Role] = &[Role::Records];

/// Kinds of papers, each with a book of its own and the letters of its symbol
/// (30/2020/NĐ-CP Phụ lục III).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Quyết định.
    Decision,
    /// Tờ trình.
    Proposal,
    /// Thông báo.
    Notice,
    /// Công văn, and whatever has no letters of its own.
    Letter,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Decision, Kind::Proposal, Kind::Notice, Kind::Letter];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Decision => "decision",
            Kind::Proposal => "proposal",
            Kind::Notice => "notice",
            Kind::Letter => "letter",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Kind::Decision => "Quyết định",
            Kind::Proposal => "Tờ trình",
            Kind::Notice => "Thông báo",
            Kind::Letter => "Công văn",
        }
    }

    /// Of the paper that tells a decision: granting is a decision, refusing a notice.
    pub const fn of(outcome: &Outcome) -> Kind {
        match outcome {
            Outcome::Approved { .. } => Kind::Decision,
            Outcome::Refused { .. } => Kind::Notice,
        }
    }

    /// What stands behind the number: `QĐ-UBND`.
    pub const fn symbol(self) -> &'static str {
        match self {
            Kind::Decision => "QĐ-UBND",
            Kind::Proposal => "TTr-UBND",
            Kind::Notice => "TB-UBND",
            Kind::Letter => "UBND",
        }
    }
}

/// Why no number was given, or no book shown.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not of the records office there.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// No area had the code on the day.
    #[error("không có địa bàn mã {area} vào ngày {day}")]
    UnknownArea {
        /// The code asked for.
        area: String,
        /// The day of the paper.
        day: Date,
    },
    /// A paper of a day to come.
    #[error("ngày văn bản {0} chưa đến nên chưa lấy số được")]
    DayToCome(Date),
    /// The database failed.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::Denied(denied) => denied.code(),
            Refused::UnknownArea { .. } => "unknown_area",
            Refused::DayToCome(_) => "day_to_come",
            Refused::Database(_) => "database",
        }
    }
}

/// Which book a number is drawn from, and what for.
pub(crate) struct Book {
    /// The authority.
    pub(crate) area: &'static Area,
    /// The kind of paper.
    pub(crate) kind: Kind,
    /// Day of the paper.
    pub(crate) day: Date,
    /// The dossier it is about.
    pub(crate) dossier: Option<i64>,
}

/// A number drawn.
pub(crate) struct Given {
    area: &'static Area,
    kind: Kind,
    day: Date,
    number: i32,
    /// As it is written: `12/QĐ-UBND`.
    pub(crate) written: String,
}

impl Given {
    /// Tells the audit log.
    pub(crate) async fn tell(
        &self,
        tx: &mut PgConnection,
        actor: &Actor,
        now: Timestamp,
    ) -> sqlx::Result<()> {
        let object = format!("number {} of {}", self.written, self.day.year());
        let detail = json!({ "kind": self.kind.code(), "number": self.number });
        let area = Some(self.area.code);
        access::audit::record(tx, now, actor, Action::NumberGive, &object, area, detail).await
    }
}

/// Gives the next number of a book for a paper of a day, as it is written: `12/QĐ-UBND`. The book
/// stays locked until the transaction ends; rolled back, the number is the next one's. The actor is
/// of the records office of the area. Recorded in the audit log.
///
/// # Errors
/// [`Refused`]: nothing was given.
pub async fn number(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    area: &str,
    kind: Kind,
    day: Date,
) -> Result<String, Refused> {
    access::require(actor, GIVERS, area)?;
    let known = Areas::embedded().on(area, day);
    let known = known.ok_or_else(|| Refused::UnknownArea {
        area: area.to_owned(),
        day,
    })?;
    let book = Book {
        area: known,
        kind,
        day,
        dossier: None,
    };
    let given = draw(&mut *tx, actor, clock, &book).await?;
    given.tell(tx, actor, clock.now()).await?;
    Ok(given.written)
}

/// As [`number`], not told to the audit log yet: its lock is taken after those of people.
pub(crate) async fn draw(
    tx: &mut PgConnection,
    actor: &Actor,
    clock: &Clock,
    book: &Book,
) -> Result<Given, Refused> {
    let (area, kind, day) = (book.area, book.kind, book.day);
    if !access::holds_in(actor, GIVERS, area) {
        access::require(actor, GIVERS, area.code)?;
    }
    if day > clock.today() {
        return Err(Refused::DayToCome(day));
    }
    let since = area.valid_from.to_sqlx();
    let number = sqlx::query_scalar!(
        "insert into number_book (area_code, area_valid_from, kind, year, last)
         values ($1, $2, $3, $4, 1)
         on conflict (area_code, area_valid_from, kind, year)
             do update set last = number_book.last + 1
         returning last",
        area.code,
        since as _,
        kind.code(),
        day.year()
    )
    .fetch_one(&mut *tx)
    .await?;
    let written = format!("{number:02}/{}", kind.symbol());
    sqlx::query!(
        "insert into number_given (area_code, area_valid_from, kind, year, number, written, day,
                                   dossier_id, given_by, given_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        area.code,
        since as _,
        kind.code(),
        day.year(),
        number,
        written,
        day.to_sqlx() as _,
        book.dossier,
        actor.name,
        clock.now().to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    Ok(Given {
        area,
        kind,
        day,
        number,
        written,
    })
}

/// The number last given to a dossier; `None` where its number was written by hand.
///
/// # Errors
/// Those of the database.
pub async fn given_to(pool: &PgPool, dossier: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select written from number_given join dossier using (dossier_id) where code = $1
         order by given_at desc, number desc limit 1",
        dossier
    )
    .fetch_optional(pool)
    .await
}

/// A number in a book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Code of the kind.
    pub kind: String,
    /// From 1.
    pub number: i32,
    /// `12/QĐ-UBND`.
    pub written: String,
    /// Day of the paper.
    pub day: Date,
    /// The authority.
    pub area: String,
    /// Codes of the dossiers the reader may look at that a decision of the number is about.
    pub dossiers: Vec<String>,
    /// Who gave it.
    pub given_by: String,
}

/// Which numbers.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Code of the area of the authorities.
    pub area: String,
    /// The year.
    pub year: i16,
    /// Only of one kind.
    pub kind: Option<Kind>,
    /// Rows to pass over.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// The numbers given in an area in a year, the newest first, and how many there are.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read in the area.
pub async fn book(
    pool: &PgPool,
    actor: &Actor,
    filter: &Filter,
) -> Result<(Vec<Entry>, i64), Refused> {
    access::require(actor, READERS, &filter.area)?;
    let areas = Areas::embedded();
    let everywhere = filter.area.is_empty() || filter.area == "VN";
    let inside = |area: &&Area| areas.contains(&filter.area, area);
    let (codes, since): (Vec<String>, Vec<jiff_sqlx::Date>) = match everywhere {
        true => (Vec::new(), Vec::new()),
        false => (areas.all().iter().filter(inside))
            .map(|area| (area.code.to_owned(), area.valid_from.to_sqlx()))
            .unzip(),
    };
    let rows = sqlx::query!(
        r#"select kind, number, written, day as "day: jiff_sqlx::Date", area_code,
                  area_valid_from as "since: jiff_sqlx::Date", given_by,
                  count(*) over () as "count!",
                  array(select d.code from dossier d where d.dossier_id = g.dossier_id
                        union
                        select d.code from dossier_step s join dossier d using (dossier_id)
                        where s.kind = 'decided' and g.kind = 'decision'
                          and s.body -> 'decision' ->> 'number' = g.written
                          and s.body -> 'decision' ->> 'date' = g.day::text
                          and d.area_code = g.area_code and d.area_valid_from = g.area_valid_from
                        order by 1 limit 100) as "dossiers!"
           from number_given g
           where year = $1 and ($2::text is null or kind = $2)
             and ($3 or (area_code, area_valid_from)
                        in (select * from unnest($4::text[], $5::date[])))
           order by day desc, kind, number desc, area_code offset $6 limit $7"#,
        filter.year,
        filter.kind.map(Kind::code),
        everywhere,
        &codes,
        &since as _,
        filter.offset,
        filter.limit
    )
    .fetch_all(pool)
    .await?;
    let count = rows.first().map_or(0, |row| row.count);
    let entries = rows.into_iter().map(|row| {
        let area = areas.get(&row.area_code, row.since.to_jiff());
        Entry {
            area: area.map_or(row.area_code, |area| areas.written_path(area)),
            kind: row.kind,
            number: row.number,
            written: row.written,
            day: row.day.to_jiff(),
            dossiers: row.dossiers,
            given_by: row.given_by,
        }
    });
    Ok((entries.collect(), count))
}
