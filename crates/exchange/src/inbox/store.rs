//! What is kept of the dossiers that messages are about: a query for all of them.

use std::collections::{BTreeMap, HashMap};

use casework::Step;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use registry::refusal::Fault;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::Answer;
use crate::Refused;
use crate::given::Given;
use crate::message::{Message, Sent};

/// Why a message was refused: code and sentence.
type Why = Option<(String, String)>;

/// Messages of the dossiers concerned.
#[derive(Default)]
pub(super) struct Kept {
    /// By id: what it said, where it stood.
    known: HashMap<Uuid, Known>,
    /// Which id has which place in a dossier.
    places: HashMap<(String, i32), Uuid>,
    /// Those without outcome, by dossier and place.
    waiting: BTreeMap<(String, i32), (i64, Message)>,
    /// The last place of a dossier with an outcome.
    settled: HashMap<String, i32>,
    outcomes: HashMap<Uuid, Why>,
}

struct Known {
    content: Vec<u8>,
    dossier: String,
    seq: i32,
}

impl Kept {
    /// Holds off others who receive messages about the same dossiers until the transaction ends.
    pub(super) async fn of(
        tx: &mut PgConnection,
        province: &str,
        sent: &[Sent],
    ) -> Result<Kept, Refused> {
        let mut codes: Vec<String> = sent
            .iter()
            .map(|sent| sent.message.event.dossier.clone())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        let ids: Vec<Uuid> = sent
            .iter()
            .map(|sent| sent.message.event.event_id)
            .collect();
        sqlx::query!(
            r#"select count(pg_advisory_xact_lock(key)::text) as "locked!"
               from (select distinct hashtextextended('exchange ' || code, 0) as key
                     from unnest($1::text[]) as code order by key) as keys"#,
            &codes
        )
        .fetch_one(&mut *tx)
        .await?;
        let rows = sqlx::query!(
            r#"select inbox_no, message_id, content, dossier_code, seq,
                      sent_at as "at: jiff_sqlx::Timestamp",
                      body as "body!: sqlx::types::Json<Step>",
                      form as "form: sqlx::types::Json<Given>", o.inbox_no is not null as "settled!", o.code as "code?",
                      o.message as "message?"
               from exchange_inbox left join exchange_inbox_outcome o using (inbox_no)
               where province_code = $1 and (dossier_code = any($2) or message_id = any($3))"#,
            province,
            &codes,
            &ids
        )
        .fetch_all(tx)
        .await?;
        let mut kept = Kept::default();
        for row in rows {
            let (id, place) = (row.message_id, (row.dossier_code, row.seq));
            kept.know(id, row.content, &place);
            if row.settled {
                kept.outcomes.insert(id, row.code.zip(row.message));
                let last = kept.settled.entry(place.0).or_default();
                *last = place.1.max(*last);
                continue;
            }
            let event = casework::Event {
                event_id: id,
                dossier: place.0.clone(),
                at: row.at.to_jiff(),
                online: true,
                step: row.body.0,
            };
            let message = Message {
                seq: row.seq,
                event,
                given: row.form.map(|given| given.0),
            };
            kept.waiting.insert(place, (row.inbox_no, message));
        }
        Ok(kept)
    }

    fn know(&mut self, id: Uuid, content: Vec<u8>, place: &(String, i32)) {
        let known = Known {
            content,
            dossier: place.0.clone(),
            seq: place.1,
        };
        self.known.insert(id, known);
        self.places.insert(place.clone(), id);
    }

    /// Whether the message came before.
    pub(super) fn is_known(&self, message: &Message) -> Result<bool, Fault> {
        let event = &message.event;
        if let Some(known) = self.known.get(&event.event_id) {
            let same = known.content == message.content()
                && known.seq == message.seq
                && known.dossier == event.dossier;
            let reused = "mã thông điệp đã dùng cho một thông điệp khác";
            return match same {
                true => Ok(true),
                false => Err(Fault::new("id", "message_id_reused", reused)),
            };
        }
        let place = (event.dossier.clone(), message.seq);
        if self.places.contains_key(&place) {
            let reused = "số thứ tự này của hồ sơ đã thuộc một thông điệp khác";
            return Err(Fault::new("seq", "sequence_reused", reused));
        }
        Ok(false)
    }

    /// Takes note of a new message, for those further down in the file.
    pub(super) fn note(&mut self, message: &Message) {
        let place = (message.event.dossier.clone(), message.seq);
        self.know(message.event.event_id, message.content(), &place);
    }

    /// Keeps new messages as they came.
    pub(super) async fn add(
        &mut self,
        tx: &mut PgConnection,
        (province, by, at): (&str, &str, Timestamp),
        fresh: &[&Sent],
    ) -> Result<(), Refused> {
        if fresh.is_empty() {
            return Ok(());
        }
        let events = || fresh.iter().map(|sent| &sent.message.event);
        let bodies: Result<Vec<serde_json::Value>, _> = events()
            .map(|event| serde_json::to_value(&event.step))
            .collect();
        let bodies = bodies.map_err(|error| Refused::Inconsistent(error.to_string()))?;
        let ids: Vec<Uuid> = events().map(|event| event.event_id).collect();
        let contents: Vec<Vec<u8>> = fresh.iter().map(|it| it.message.content()).collect();
        let given = fresh.iter().map(|it| it.message.given.as_ref());
        let forms: Vec<Option<Json<&Given>>> = given.map(|given| given.map(Json)).collect();
        let codes: Vec<String> = events().map(|event| event.dossier.clone()).collect();
        let seqs: Vec<i32> = fresh.iter().map(|sent| sent.message.seq).collect();
        let kinds: Vec<String> = events().map(|event| event.step.code().to_owned()).collect();
        let times: Vec<jiff_sqlx::Timestamp> = events().map(|event| event.at.to_sqlx()).collect();
        let days: Vec<jiff_sqlx::Date> = events().map(|event| event.day().to_sqlx()).collect();
        let numbers = sqlx::query!(
            "insert into exchange_inbox (province_code, message_id, content, dossier_code, seq, kind,
                 sent_at, day, body, form, received_by, received_at)
             select $1, given.*, $10, $11
             from unnest($2::uuid[], $3::bytea[], $4::text[], $5::integer[], $6::text[],
                         $7::timestamptz[], $8::date[], $9::jsonb[], $12::jsonb[]) as given
             returning inbox_no, message_id",
            province,
            &ids,
            &contents,
            &codes,
            &seqs,
            &kinds,
            &times as _,
            &days as _,
            &bodies,
            by,
            at.to_sqlx() as _,
            &forms as _
        )
        .fetch_all(tx)
        .await?;
        let numbers: HashMap<Uuid, i64> = numbers
            .into_iter()
            .map(|row| (row.message_id, row.inbox_no))
            .collect();
        for sent in fresh {
            let (event, seq) = (&sent.message.event, sent.message.seq);
            let number = numbers.get(&event.event_id).copied();
            let number = number.ok_or_else(|| Refused::Inconsistent("inbox".to_owned()))?;
            let place = (event.dossier.clone(), seq);
            self.waiting.insert(place, (number, sent.message.clone()));
        }
        Ok(())
    }

    /// What is next in each dossier: without a gap after what has an outcome.
    pub(super) fn take_next(&mut self) -> Vec<(i64, Message)> {
        let mut next: HashMap<String, i32> = HashMap::new();
        let mut run = Vec::new();
        let mut held = BTreeMap::new();
        for ((dossier, seq), waiting) in std::mem::take(&mut self.waiting) {
            let settled = self.settled.get(&dossier).copied().unwrap_or_default();
            let due = next.entry(dossier.clone()).or_insert(settled + 1);
            if *due == seq {
                *due += 1;
                run.push(waiting);
            } else {
                held.insert((dossier, seq), waiting);
            }
        }
        self.waiting = held;
        run
    }

    /// Records what became of messages.
    pub(super) async fn settle(
        &mut self,
        tx: &mut PgConnection,
        at: Timestamp,
        outcomes: Vec<(i64, Uuid, Why)>,
    ) -> Result<(), Refused> {
        let numbers: Vec<i64> = outcomes.iter().map(|it| it.0).collect();
        let part = |of: fn(&(String, String)) -> &String| -> Vec<Option<String>> {
            let why = outcomes.iter().map(|it| it.2.as_ref());
            why.map(|why| why.map(|why| of(why).clone())).collect()
        };
        let (codes, messages) = (part(|why| &why.0), part(|why| &why.1));
        let added = sqlx::query!(
            "insert into exchange_inbox_outcome (inbox_no, code, message, at)
             select given.*, $4 from unnest($1::bigint[], $2::text[], $3::text[]) as given",
            &numbers,
            &codes as _,
            &messages as _,
            at.to_sqlx() as _
        )
        .execute(tx)
        .await?;
        if added.rows_affected() != outcomes.len() as u64 {
            return Err(Refused::Inconsistent("outcomes".to_owned()));
        }
        self.outcomes
            .extend(outcomes.into_iter().map(|(_, id, why)| (id, why)));
        Ok(())
    }

    /// What is answered to a message that is kept.
    pub(super) fn answer(&self, id: Uuid) -> Answer {
        match self.outcomes.get(&id) {
            None => Answer::Held,
            Some(None) => Answer::Taken,
            Some(Some((code, message))) => Answer::Refused {
                code: code.clone(),
                message: message.clone(),
            },
        }
    }
}
