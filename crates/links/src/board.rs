//! How many pairs stand how, area by area.

use jiff::civil::Date;
use kernel::area::{Area, Areas};
use kernel::{Actor, Clock, Month};
use registry::duplicates::{self, State};
use registry::sight;
use serde::Serialize;
use sqlx::PgPool;

use crate::{LinkRefused, PairState};

/// Pairs of an area.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Code of the area.
    pub area: String,
    /// Its name with kind.
    pub name: String,
    /// Whether there is something inside to look into.
    pub has_parts: bool,
    /// Two records of the registry, nobody decided.
    pub open: i64,
    /// Merged.
    pub merged: i64,
    /// Two people.
    pub dismissed: i64,
    /// A record and another programme, nobody decided.
    pub programme_open: i64,
    /// Linked.
    pub programme_linked: i64,
    /// Two people.
    pub programme_dismissed: i64,
}

/// The parts of an area with their pairs, and its sum, where a pair counts once. A pair of two communes counts in
/// both of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Board {
    /// Parts of the area that have a pair.
    pub parts: Vec<Line>,
    /// All of it.
    pub total: Line,
}

/// The board of an area (empty or `VN`: the country).
///
/// # Errors
/// [`LinkRefused::Denied`], [`LinkRefused::UnknownArea`].
pub async fn board(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> Result<Board, LinkRefused> {
    let area = if area == "VN" { "" } else { area };
    access::require(actor, sight::READERS, area)?;
    let (areas, today) = (Areas::embedded(), clock.today());
    let month = Month::of(today);
    let parts: Vec<&Area> = match area {
        "" => areas
            .all()
            .iter()
            .filter(|it| it.parent.is_none() && it.exists_on(today))
            .collect(),
        area => {
            let known = areas.on(area, today);
            known.ok_or_else(|| LinkRefused::UnknownArea(area.to_owned()))?;
            areas.children(area, today)
        }
    };
    let line = |it: &&Area| Line {
        area: it.code.to_owned(),
        name: it.full_name.clone(),
        has_parts: !it.lowest,
        ..Line::default()
    };
    let mut board = Board {
        parts: parts.iter().map(line).collect(),
        total: Line {
            area: area.to_owned(),
            ..Line::default()
        },
    };
    let lies_in = |part: &Area, (code, since): &(String, Date)| {
        areas.contains_in(part.code, code, *since, month)
    };
    for standing in duplicates::standings(pool, actor, clock, area).await? {
        let add = |line: &mut Line| match standing.state {
            State::Open => line.open += standing.pairs,
            State::Merged => line.merged += standing.pairs,
            State::Dismissed => line.dismissed += standing.pairs,
        };
        add(&mut board.total);
        for (part, line) in parts.iter().zip(&mut board.parts) {
            if standing.homes.iter().any(|home| lies_in(part, home)) {
                add(line);
            }
        }
    }
    let inside = sight::communes_of(actor, sight::READERS, area, month);
    let rows = sqlx::query!(
        r#"select area_code as "area_code!", area_valid_from as "since!: jiff_sqlx::Date",
                  state as "state!", count(*) as "pairs!"
           from programme_standing
           where state is not null and ($1::text[] is null or (area_code, area_valid_from) in
                 (select * from unnest($1::text[], $2::date[])))
           group by 1, 2, 3"#,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _
    )
    .fetch_all(pool)
    .await?;
    for row in rows {
        let home = (row.area_code, row.since.to_jiff());
        let add = |line: &mut Line| match PairState::from_code(&row.state) {
            Some(PairState::Open) => line.programme_open += row.pairs,
            Some(PairState::Linked) => line.programme_linked += row.pairs,
            Some(PairState::Dismissed) => line.programme_dismissed += row.pairs,
            None => {}
        };
        add(&mut board.total);
        for (part, line) in parts.iter().zip(&mut board.parts) {
            if lies_in(part, &home) {
                add(line);
            }
        }
    }
    board.parts.retain(|line| {
        let counts = [line.open, line.merged, line.dismissed];
        let of_programmes = [
            line.programme_open,
            line.programme_linked,
            line.programme_dismissed,
        ];
        counts.iter().chain(&of_programmes).any(|count| *count > 0)
    });
    Ok(board)
}
