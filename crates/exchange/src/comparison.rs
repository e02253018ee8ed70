//! Both sides compared: what a one-stop system holds of each dossier against what this side has. A run is
//! kept whole and never changed; of a province the last one counts, so that a difference that is gone is
//! closed by the next run. A side that does not answer is said to be so, never to agree.

mod address;
mod here;
mod list;
mod there;

use std::sync::Arc;

use access::audit::Action;
use g2p::SigningKey;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::area::Areas;
use kernel::{Actor, Clock};
use registry::sight::READERS;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::connection::{self, check_province};
use crate::dead::KEEPERS;
use crate::{Refused, comparison::here::Here};
pub use address::{due, record_address};
pub use list::{Difference, LastRun, differences, last};
pub use there::{Failed, Listed, hash, read_lines};

/// Differences of a run that are kept; more are counted.
const MOST: usize = 10_000;
/// Dossiers of a page.
pub const PAGE: usize = 1_000;
/// Who the server is when it compares by itself.
const ITSELF: &str = "server";

/// Where the other side's list comes from.
#[derive(Clone)]
pub enum From<'a> {
    /// Asked for where the province lists its dossiers, signed with the key if there is one.
    Address(Option<Arc<SigningKey>>),
    /// A file of it, NDJSON.
    File(&'a [u8]),
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// Both sides were compared.
    Compared,
    /// The other side did not answer: nothing is known.
    Unreachable,
    /// Its list is not of the form: nothing is known.
    Malformed,
}

impl Ended {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Ended::Compared => "compared",
            Ended::Unreachable => "unreachable",
            Ended::Malformed => "malformed",
        }
    }

    /// By its stable code.
    pub fn from_code(code: &str) -> Option<Ended> {
        [Ended::Compared, Ended::Unreachable, Ended::Malformed]
            .into_iter()
            .find(|ended| ended.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Ended::Compared => "đã đối chiếu",
            Ended::Unreachable => "không liên lạc được",
            Ended::Malformed => "danh sách không đúng dạng",
        }
    }
}

/// What a run came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// Code of the province.
    pub province: String,
    /// How it ended.
    pub outcome: Ended,
    /// Why nothing was compared.
    pub reason: Option<String>,
    /// Dossiers this side exchanges with the province.
    pub here: i64,
    /// Dossiers the other side lists.
    pub there: i64,
    /// Of these, with a message on its way.
    pub waiting: i64,
    /// Dossiers that differ.
    pub differing: i64,
}

/// What differs of a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Its national status.
    Status,
    /// The last of their messages that has an answer.
    Told,
    /// The last of our messages that they have taken.
    Heard,
    /// The answers as both told each other.
    Answers,
    /// They have it, this side has not.
    MissingHere,
    /// This side has it, they have not.
    MissingThere,
}

impl What {
    const ALL: [What; 6] = [
        What::Status,
        What::Told,
        What::Heard,
        What::Answers,
        What::MissingHere,
        What::MissingThere,
    ];

    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            What::Status => "status",
            What::Told => "told",
            What::Heard => "heard",
            What::Answers => "answers",
            What::MissingHere => "missing_here",
            What::MissingThere => "missing_there",
        }
    }

    /// By its stable code.
    pub fn from_code(code: &str) -> Option<What> {
        What::ALL.into_iter().find(|what| what.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            What::Status => "Trạng thái",
            What::Told => "Số thông điệp một cửa đã gửi",
            What::Heard => "Số thông điệp một cửa đã nhận",
            What::Answers => "Tờ khai",
            What::MissingHere => "Bên này không có",
            What::MissingThere => "Một cửa không có",
        }
    }
}

/// What one dossier differs in.
struct Found {
    dossier: String,
    what: What,
    ours: Option<String>,
    theirs: Option<String>,
}

#[derive(Default)]
struct Tally {
    here: i64,
    there: i64,
    waiting: i64,
    differing: i64,
    found: Vec<Found>,
}

/// Who the server is when it compares by itself.
pub fn by_itself() -> Actor {
    let grant = kernel::actor::Grant {
        role: kernel::actor::Role::Officer,
        area: None,
    };
    Actor::new(ITSELF, vec![grant])
}

/// Compares both sides of a province's exchange and keeps what was found. A side that does not answer is a
/// run too, which says so.
///
/// # Errors
/// [`Refused::NoAddress`], [`Refused::UnknownProvince`], [`Refused::Denied`]: no run was kept.
pub async fn run(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    from: From<'_>,
) -> Result<Compared, Refused> {
    access::require(actor, KEEPERS, province)?;
    check_province(province, clock.today())?;
    let begun = clock.now();
    let (mut pages, source) = match from {
        From::Address(key) => {
            let url = address::of(pool, province).await?;
            let url = url.ok_or_else(|| Refused::NoAddress(province.to_owned()))?;
            (there::Pages::asked(url, key), "address")
        }
        From::File(lines) => match read_lines(lines) {
            Ok(listed) => (there::Pages::of(listed), "file"),
            Err(why) => {
                let by = (actor, clock, begun);
                return keep(pool, by, (province, "file"), Err(why)).await;
            }
        },
    };
    let tells = connection::mode_on(pool, province, clock.today())
        .await?
        .tells();
    let mut tally = Tally::default();
    let mut after = String::new();
    let ended = loop {
        let listed = match pages.next(clock, &after).await {
            Ok(listed) => listed,
            Err(why) => break Err(why),
        };
        // The last page goes on to the end of this side.
        let until = (listed.len() == PAGE).then(|| listed.last().map(|it| it.dossier.clone()));
        let until = until.flatten();
        side_by_side(
            pool,
            (province, tells),
            (&after, until.as_deref()),
            listed,
            &mut tally,
        )
        .await?;
        match until {
            Some(last) => after = last,
            None => break Ok(()),
        }
    };
    let ended = ended.map(|()| tally);
    keep(pool, (actor, clock, begun), (province, source), ended).await
}

/// Lays a page of theirs beside what this side has between the same codes.
async fn side_by_side(
    pool: &PgPool,
    (province, tells): (&str, bool),
    (after, until): (&str, Option<&str>),
    listed: Vec<Listed>,
    tally: &mut Tally,
) -> Result<(), Refused> {
    let mut theirs = listed.into_iter().peekable();
    let mut begin = after.to_owned();
    loop {
        let ours = here::page(pool, province, (&begin, until), PAGE).await?;
        let whole = ours.len() < PAGE;
        for here in &ours {
            while let Some(there) = theirs.next_if(|it| it.dossier < here.dossier) {
                tally.only_there(there);
            }
            let there = theirs.next_if(|it| it.dossier == here.dossier);
            tally.both(here, there, tells);
        }
        match ours.last() {
            Some(last) if !whole => begin.clone_from(&last.dossier),
            _ => break,
        }
    }
    theirs.for_each(|there| tally.only_there(there));
    Ok(())
}

impl Tally {
    fn only_there(&mut self, there: Listed) {
        self.there += 1;
        let theirs = Some(there.status.to_string());
        self.add(there.dossier, vec![(What::MissingHere, None, theirs)]);
    }

    fn both(&mut self, here: &Here, there: Option<Listed>, tells: bool) {
        self.here += 1;
        let on_its_way = here.untaken && tells;
        let Some(there) = there else {
            if on_its_way && here.heard == 0 && !here.theirs {
                self.waiting += 1;
                return;
            }
            let ours = Some(here.status.to_string());
            self.add(here.dossier.clone(), vec![(What::MissingThere, ours, None)]);
            return;
        };
        self.there += 1;
        let mut differs = Vec::new();
        let mut number = |what, ours: i64, theirs: i64| {
            differs.push((what, Some(ours.to_string()), Some(theirs.to_string())));
        };
        let mut waits = false;
        if there.status != here.status {
            match on_its_way && there.status == here.heard_status {
                true => waits = true,
                false => number(What::Status, here.status.into(), there.status.into()),
            }
        }
        if there.told != here.told {
            number(What::Told, here.told.into(), there.told.into());
        }
        if there.heard != here.heard {
            match on_its_way && there.heard > here.heard && there.heard <= here.written {
                true => waits = true,
                false => number(What::Heard, here.heard.into(), there.heard.into()),
            }
        }
        if let Some(theirs) = there.answers
            && theirs != here.answers
            && !waits
        {
            let ours = Some(here.answers.clone());
            differs.push((What::Answers, ours, Some(theirs)));
        }
        self.waiting += i64::from(waits && differs.is_empty());
        if !differs.is_empty() {
            self.add(here.dossier.clone(), differs);
        }
    }

    fn add(&mut self, dossier: String, differs: Vec<(What, Option<String>, Option<String>)>) {
        self.differing += 1;
        for (what, ours, theirs) in differs {
            if self.found.len() < MOST {
                self.found.push(Found {
                    dossier: dossier.clone(),
                    what,
                    ours,
                    theirs,
                });
            }
        }
    }
}

async fn keep(
    pool: &PgPool,
    (actor, clock, begun): (&Actor, &Clock, Timestamp),
    (province, source): (&str, &str),
    ended: Result<Tally, Failed>,
) -> Result<Compared, Refused> {
    let (outcome, reason, tally) = match ended {
        Ok(tally) => (Ended::Compared, None, tally),
        Err(failed) => (failed.ended(), Some(failed.reason()), Tally::default()),
    };
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let number = sqlx::query_scalar!(
        "insert into exchange_comparison (province_code, source, outcome, reason, here, there, waiting,
                                          differing, begun_at, ended_at, run_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning comparison_no",
        province,
        source,
        outcome.code(),
        reason,
        tally.here,
        tally.there,
        tally.waiting,
        tally.differing,
        begun.to_sqlx() as _,
        now.to_sqlx() as _,
        actor.name
    )
    .fetch_one(&mut *tx)
    .await?;
    let found = &tally.found;
    let codes: Vec<String> = found.iter().map(|it| it.dossier.clone()).collect();
    let whats: Vec<String> = found.iter().map(|it| it.what.code().to_owned()).collect();
    let ours: Vec<Option<String>> = found.iter().map(|it| it.ours.clone()).collect();
    let theirs: Vec<Option<String>> = found.iter().map(|it| it.theirs.clone()).collect();
    sqlx::query!(
        "insert into exchange_difference (comparison_no, place, dossier_code, what, ours, theirs)
         select $1, place, code, what, ours, theirs
         from unnest($2::text[], $3::text[], $4::text[], $5::text[])
              with ordinality as found (code, what, ours, theirs, place)",
        number,
        &codes,
        &whats,
        &ours as _,
        &theirs as _
    )
    .execute(&mut *tx)
    .await?;
    let compared = Compared {
        province: province.to_owned(),
        outcome,
        reason,
        here: tally.here,
        there: tally.there,
        waiting: tally.waiting,
        differing: tally.differing,
    };
    let detail = json!({"outcome": outcome.code(), "differing": compared.differing});
    let (action, object) = (Action::ExchangeCompare, format!("comparison {number}"));
    access::audit::record(&mut tx, now, actor, action, &object, Some(province), detail).await?;
    tx.commit().await?;
    Ok(compared)
}

/// Whether somebody may read what was found of a province.
fn reads(actor: &Actor, province: &str) -> bool {
    let area = Areas::embedded().latest(province);
    area.is_some_and(|area| access::holds_in(actor, READERS, area))
}
