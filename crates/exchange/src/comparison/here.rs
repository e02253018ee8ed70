//! What this side has of the dossiers of a province, by code: a page with two queries.

use std::collections::HashMap;

use casework::form::Answers;
use jiff::Timestamp;
use sqlx::PgPool;
use sqlx::types::Json;

use super::there::hash;
use crate::Refused;
use crate::given::Given;

/// A dossier as this side has it.
pub(super) struct Here {
    pub(super) dossier: String,
    pub(super) status: i16,
    /// The last of their messages that has an answer.
    pub(super) told: i32,
    /// The last of our messages they have taken; 0 none.
    pub(super) heard: i32,
    /// The status that one said; that of a new dossier before.
    pub(super) heard_status: i16,
    /// The last of our messages.
    pub(super) written: i32,
    /// A message of ours is not taken.
    pub(super) untaken: bool,
    /// They submitted it.
    pub(super) theirs: bool,
    /// Hash of the answers as both sides told each other.
    pub(super) answers: String,
}

/// So many dossiers after a code and up to another one.
pub(super) async fn page(
    pool: &PgPool,
    province: &str,
    (after, until): (&str, Option<&str>),
    limit: usize,
) -> Result<Vec<Here>, Refused> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = sqlx::query!(
        r#"select d.dossier_id, d.code, s.status, d.origin = 'one_stop' as "theirs!",
                  (select coalesce(max(seq), 0) from exchange_inbox
                       join exchange_inbox_outcome using (inbox_no)
                   where province_code = $1 and dossier_code = d.code) as "told!",
                  coalesce(taken.seq, 0) as "heard!", coalesce(taken.status, 1::smallint) as "heard_status!",
                  written.seq as "written!",
                  exists (select from exchange_outbox o where o.dossier_id = d.dossier_id
                            and not exists (select from exchange_delivery e
                                            where e.outbox_no = o.outbox_no and outcome = 'taken'))
                      as "untaken!"
           from dossier d join dossier_state s using (dossier_id)
                left join lateral
                (select o.seq, o.status from exchange_outbox o join exchange_delivery e using (outbox_no)
                 where o.dossier_id = d.dossier_id and outcome = 'taken'
                 order by o.seq desc limit 1) taken on true
                cross join lateral
                (select coalesce(max(o.seq), 0) as seq from exchange_outbox o
                 where o.dossier_id = d.dossier_id) written
           where d.province_code = $1 and d.code collate "C" > $2
             and ($3::text is null or d.code collate "C" <= $3)
             and (d.origin = 'one_stop' or written.seq > 0)
           order by d.code collate "C" limit $4"#,
        province,
        after,
        until,
        limit
    )
    .fetch_all(pool)
    .await?;
    let ids: Vec<i64> = rows.iter().map(|row| row.dossier_id).collect();
    let answers = exchanged(pool, province, &ids).await?;
    let none = hash(&Answers::default());
    let here = rows.into_iter().map(|row| Here {
        answers: answers
            .get(&row.dossier_id)
            .map_or_else(|| none.clone(), hash),
        dossier: row.code,
        status: row.status,
        told: row.told,
        heard: row.heard,
        heard_status: row.heard_status,
        written: row.written,
        untaken: row.untaken,
        theirs: row.theirs,
    });
    Ok(here.collect())
}

/// What either side said to the other in the fields of forms, by dossier.
async fn exchanged(
    pool: &PgPool,
    province: &str,
    dossiers: &[i64],
) -> Result<HashMap<i64, Answers>, Refused> {
    let said = sqlx::query!(
        r#"select d.dossier_id, i.sent_at as "at: jiff_sqlx::Timestamp", i.form as "given!: Json<Given>"
           from dossier d join exchange_inbox i
                    on i.province_code = $1 and i.dossier_code = d.code and i.form is not null
                join exchange_inbox_outcome o using (inbox_no)
           where d.dossier_id = any($2) and o.code is null
           order by d.dossier_id, i.seq"#,
        province,
        dossiers
    )
    .fetch_all(pool)
    .await?;
    let heard = sqlx::query!(
        r#"select o.dossier_id, o.fields as "fields!", t.at as "at: jiff_sqlx::Timestamp",
                  a.answers as "answers!: Json<Answers>"
           from exchange_outbox o join exchange_delivery t using (outbox_no)
                join dossier_answers a
                    on a.dossier_id = o.dossier_id and a.version = o.answers_version
           where o.dossier_id = any($1) and outcome = 'taken'
           order by t.at, o.seq"#,
        dossiers
    )
    .fetch_all(pool)
    .await?;
    let mut told: Vec<(i64, Timestamp, Laid)> = Vec::with_capacity(said.len() + heard.len());
    for row in said {
        told.push((row.dossier_id, row.at.to_jiff(), Laid::Said(row.given.0)));
    }
    for row in heard {
        let laid = Laid::Heard(row.answers.0, row.fields);
        told.push((row.dossier_id, row.at.to_jiff(), laid));
    }
    told.sort_by_key(|(dossier, at, _)| (*dossier, *at));
    let mut answers: HashMap<i64, Answers> = HashMap::new();
    for (dossier, _, laid) in told {
        let answers = answers.entry(dossier).or_default();
        match laid {
            Laid::Said(given) => given.over(answers),
            Laid::Heard(version, fields) => {
                fields.iter().for_each(|it| answers.take(it, &version));
            }
        }
    }
    Ok(answers)
}

enum Laid {
    Said(Given),
    Heard(Answers, Vec<String>),
}
