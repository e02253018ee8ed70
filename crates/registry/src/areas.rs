//! The table of areas, kept in step with `reference/`.

use jiff::civil::Date;
use jiff_sqlx::{Date as SqlDate, ToSqlx};
use kernel::area::Areas;
use sqlx::{PgPool, PgTransaction};

use crate::duplicates::likely;

/// Bring the tables of areas and of what became of them to what this program knows. Doing it again
/// changes nothing; areas are never taken away, as people are kept under them.
///
/// # Errors
/// Those of the database.
pub async fn load(pool: &PgPool) -> sqlx::Result<()> {
    let areas = Areas::embedded();
    let mut tx = pool.begin().await?;
    load_areas(&mut tx, areas).await?;
    load_successors(&mut tx, areas).await?;
    tx.commit().await
}

/// Whether the areas have been loaded: the last step of making a database.
///
/// # Errors
/// Those of the database.
pub async fn are_loaded(pool: &PgPool) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"select exists(select from area) as "loaded!""#)
        .fetch_one(pool)
        .await
}

async fn load_areas(tx: &mut PgTransaction<'_>, areas: &Areas) -> sqlx::Result<()> {
    let all = areas.all();
    let codes: Vec<&str> = all.iter().map(|area| area.code).collect();
    let from: Vec<SqlDate> = all.iter().map(|area| area.valid_from.to_sqlx()).collect();
    let to: Vec<Option<SqlDate>> = all
        .iter()
        .map(|area| area.valid_to.map(Date::to_sqlx))
        .collect();
    let levels: Vec<&str> = all.iter().map(|area| area.level.code()).collect();
    let kinds: Vec<&str> = all.iter().map(|area| area.kind).collect();
    let names: Vec<&str> = all.iter().map(|area| area.name).collect();
    let full_names: Vec<&str> = all.iter().map(|area| area.full_name.as_str()).collect();
    let parents: Vec<Option<&str>> = all.iter().map(|area| area.parent).collect();
    let formers: Vec<Option<&str>> = all
        .iter()
        .map(|area| areas.former_district(area).map(|former| former.code))
        .collect();
    let changed = sqlx::query!(
        "insert into area (code, valid_from, valid_to, level, kind, name, full_name, parent_code,
                           former_code)
         select * from unnest($1::text[], $2::date[], $3::date[], $4::text[], $5::text[],
                              $6::text[], $7::text[], $8::text[], $9::text[])
         on conflict (code, valid_from) do update
         set valid_to = excluded.valid_to, level = excluded.level, kind = excluded.kind,
             name = excluded.name, full_name = excluded.full_name,
             parent_code = excluded.parent_code, former_code = excluded.former_code
         where area is distinct from excluded",
        &codes as &[&str],
        &from as &[SqlDate],
        &to as &[Option<SqlDate>],
        &levels as &[&str],
        &kinds as &[&str],
        &names as &[&str],
        &full_names as &[&str],
        &parents as &[Option<&str>],
        &formers as &[Option<&str>],
    )
    .execute(&mut **tx)
    .await?;
    if changed.rows_affected() > 0 {
        // People may live in another province now.
        likely::note_everybody(tx).await?;
    }
    Ok(())
}

async fn load_successors(tx: &mut PgTransaction<'_>, areas: &Areas) -> sqlx::Result<()> {
    let changes: Vec<_> = areas.changes().collect();
    let old: Vec<&str> = changes.iter().map(|(old, ..)| old.code).collect();
    let new: Vec<&str> = changes.iter().map(|(_, new, _)| new.code).collect();
    let since: Vec<SqlDate> = changes
        .iter()
        .map(|(_, _, change)| change.since.to_sqlx())
        .collect();
    let whole: Vec<bool> = changes.iter().map(|(_, _, change)| change.whole).collect();
    let likeliest: Vec<bool> = changes
        .iter()
        .map(|(_, _, change)| change.likeliest)
        .collect();
    sqlx::query!(
        "insert into area_successor (old_code, new_code, since, whole, likeliest)
         select * from unnest($1::text[], $2::text[], $3::date[], $4::bool[], $5::bool[])
         on conflict (old_code, new_code, since) do update
         set whole = excluded.whole, likeliest = excluded.likeliest
         where area_successor is distinct from excluded",
        &old as &[&str],
        &new as &[&str],
        &since as &[SqlDate],
        &whole,
        &likeliest,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
