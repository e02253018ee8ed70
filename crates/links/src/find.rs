//! Looks for people who are in the registry twice: asked to, and each night by itself.

use std::collections::BTreeMap;

use access::audit::Action;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::actor::{Grant, Role};
use kernel::area::Areas;
use kernel::{Actor, Clock, Month};
use registry::sight;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;

use crate::{LinkRefused, WORKERS, options, reasons, register};

/// What looking came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Twice {
    /// People of the area who were compared.
    pub people: u32,
    /// People of the country they were compared with.
    pub with: u32,
    /// Pairs found.
    pub pairs: u64,
}

/// Compares everybody of an area (empty or `VN`: the country) with everybody of the country, those of the area
/// among them, and keeps the pairs that may be one person. Pairs of the area that were found before and are
/// not any more, are no pairs any more; what was said of them stays.
///
/// # Errors
/// [`LinkRefused::Denied`] for whoever is no officer of the whole area.
pub async fn twice(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> Result<Twice, LinkRefused> {
    let area = if area == "VN" { "" } else { area };
    access::require(actor, &WORKERS, area)?;
    let inside = match area {
        "" => None,
        area => sight::communes_of(actor, &WORKERS, area, Month::of(clock.today())),
    };
    let everybody = register::write(pool, None).await?;
    let ours = match &inside {
        None => None,
        Some(inside) => Some(register::write(pool, Some(inside)).await?),
    };
    let comparing = tokio::task::spawn_blocking(move || {
        let mut pairs: BTreeMap<(i64, i64), (u32, Vec<_>)> = BTreeMap::new();
        let take = |found: matching::Found| {
            let ids = found.left_id.parse().ok().zip(found.right_id.parse().ok());
            let Some((one, other)): Option<(i64, i64)> = ids else {
                return;
            };
            // Two people of the area are met from both sides.
            let kept = pairs.entry((one.min(other), one.max(other))).or_default();
            if found.likely > kept.0 {
                *kept = (found.likely, reasons(&found.reasons));
            }
        };
        let options = options(true);
        let linked = match &ours {
            Some(ours) => matching::pairs(ours.path(), Some(everybody.path()), &options, take)?,
            None => matching::pairs(everybody.path(), None, &options, take)?,
        };
        Ok::<_, LinkRefused>((linked, pairs))
    });
    let (linked, pairs) = comparing.await??;
    let twice = Twice {
        people: linked.left,
        with: linked.right,
        pairs: pairs.len() as u64,
    };
    let (mut ones, mut others, mut likely, mut why) = (vec![], vec![], vec![], vec![]);
    for ((one, other), (millionths, reasons)) in pairs {
        ones.push(one);
        others.push(other);
        likely.push(i32::try_from(millionths).unwrap_or(registry::duplicates::CERTAIN));
        why.push(json!(reasons));
    }
    let now = clock.now();
    let mut tx = pool.begin().await?;
    sqlx::query!(
        "delete from found_pair f
         where not exists (select from unnest($1::bigint[], $2::bigint[]) as it(one, other)
                           where it.one = f.person_id and it.other = f.other_id)
           and ($3::text[] is null or exists (
               select from person p where p.person_id in (f.person_id, f.other_id)
                 and (p.area_code, p.area_valid_from) in (select * from unnest($3::text[], $4::date[]))))",
        &ones,
        &others,
        inside.as_ref().map(|inside| &inside.codes[..]) as _,
        inside.as_ref().map(|inside| &inside.since[..]) as _
    )
    .execute(&mut *tx)
    .await?;
    let written = sqlx::query!(
        "insert into found_pair (person_id, other_id, likely, why, found_at)
         select one, other, likely, why, $1
         from unnest($2::bigint[], $3::bigint[], $4::int[], $5::jsonb[]) as it(one, other, likely, why)
         on conflict (person_id, other_id) do update
             set likely = excluded.likely, why = excluded.why, found_at = excluded.found_at",
        now.to_sqlx() as _,
        &ones,
        &others,
        &likely,
        &why
    )
    .execute(&mut *tx)
    .await?;
    if written.rows_affected() != ones.len() as u64 {
        return Err(LinkRefused::Inconsistent("found_pair".to_owned()));
    }
    let count = |people: u32| i32::try_from(people).unwrap_or(i32::MAX);
    sqlx::query!(
        "insert into pair_search (area_code, people, compared_with, pairs, searched_by, searched_at)
         values ($1, $2, $3, $4, $5, $6)",
        area,
        count(twice.people),
        count(twice.with),
        i32::try_from(twice.pairs).unwrap_or(i32::MAX),
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    let detail = json!({ "people": twice.people, "with": twice.with, "pairs": twice.pairs });
    let place = Some(area).filter(|area| !area.is_empty());
    access::audit::record(
        &mut tx,
        now,
        actor,
        Action::PairFind,
        "registry",
        place,
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(twice)
}

/// Who the server is when it looks by itself.
const ITSELF: &str = "server";

/// Advisory lock: one server looks for all.
const LOOKING: i64 = 0x0070_6169_7273;

/// Compares everybody of the country with everybody, unless that was done since `since` or another server is doing it.
///
/// # Errors
/// Those of [`twice`].
pub async fn nightly(
    pool: &PgPool,
    clock: &Clock,
    since: Timestamp,
) -> Result<Option<Twice>, LinkRefused> {
    // Held as long as this looks; a server that dies lets go of it, and another one looks.
    let mut held = pool.begin().await?;
    let mine = sqlx::query_scalar!(
        r#"select pg_try_advisory_xact_lock($1) as "mine!""#,
        LOOKING
    )
    .fetch_one(&mut *held)
    .await?;
    if !mine {
        return Ok(None);
    }
    let done = sqlx::query_scalar!(
        r#"select exists(select from pair_search where area_code = '' and searched_at >= $1) as "done!""#,
        since.to_sqlx() as _
    )
    .fetch_one(&mut *held)
    .await?;
    if done {
        // Let go of before it is answered, so that whoever asks next is not told that somebody looks.
        held.rollback().await?;
        return Ok(None);
    }
    let grant = Grant {
        role: Role::Officer,
        area: None,
    };
    let found = twice(pool, &Actor::new(ITSELF, vec![grant]), clock, "").await?;
    held.commit().await?;
    Ok(Some(found))
}

/// The last time everybody of an area was compared, with it or with an area around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Search {
    /// Code of the area that was compared; empty is the country.
    pub area: String,
    /// When.
    pub at: Timestamp,
    /// By whom; `server` by itself.
    pub by: String,
    /// Pairs found then.
    pub pairs: i32,
}

/// When the people of an area (empty or `VN`: the country) were last compared with everybody.
///
/// # Errors
/// [`LinkRefused::Denied`].
pub async fn last_search(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    area: &str,
) -> Result<Option<Search>, LinkRefused> {
    let area = if area == "VN" { "" } else { area };
    access::require(actor, sight::READERS, area)?;
    let areas = Areas::embedded();
    let mut around = vec![String::new()];
    if let Some(at) = areas.on(area, clock.today()) {
        around.extend(areas.path(at).iter().map(|it| it.code.to_owned()));
    }
    let row = sqlx::query!(
        r#"select area_code, searched_at as "at: jiff_sqlx::Timestamp", searched_by, pairs
           from pair_search where area_code = any($1)
           order by searched_at desc, search_no desc limit 1"#,
        &around
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Search {
        area: row.area_code,
        at: row.at.to_jiff(),
        by: row.searched_by,
        pairs: row.pairs,
    }))
}
