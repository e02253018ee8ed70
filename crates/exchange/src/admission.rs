//! Whether a request comes from the one-stop system of a province: signed with a key that counts, of now,
//! never seen before, and in which words it talks. Requests that come together are looked up together.

use std::collections::HashSet;

use access::audit::Action;
use g2p::PublicKey;
use jiff_sqlx::ToSqlx;
use kernel::{Actor, Clock};
use serde_json::json;
use sqlx::PgPool;

use crate::Refused;
use crate::dialect::{Row, Spoken};
use crate::signature::{BadSignature, Request, Signed, WINDOW};
use crate::together::Together;

/// Where requests of all provinces come in.
#[derive(Default)]
pub struct Admission {
    asked: Together<Asked, Holding>,
    seen: Together<Once, bool>,
}

/// A province, and the name of the key of a signed request.
type Asked = (String, Option<String>);

/// A province, and what shows that a request is the same again.
type Once = (String, [u8; 32]);

/// What holds of a request's sender today.
struct Holding {
    must_sign: bool,
    /// The key of that name, if it counts.
    key: Option<Vec<u8>>,
    spoken: Result<Spoken, Refused>,
}

impl Admission {
    /// Admits a request and says what the province speaks. Without a signature only where the connection
    /// asks for none. What is refused is recorded in the audit log. The content is not looked at.
    ///
    /// # Errors
    /// [`Refused::Signature`].
    pub async fn admit(
        &self,
        pool: &PgPool,
        actor: &Actor,
        clock: &Clock,
        province: &str,
        request: &Request<'_>,
    ) -> Result<Spoken, Refused> {
        match self.genuine(pool, clock, province, request).await {
            Err(Refused::Signature(bad)) => Err(refuse(pool, actor, clock, province, bad).await),
            other => other,
        }
    }

    async fn genuine(
        &self,
        pool: &PgPool,
        clock: &Clock,
        province: &str,
        request: &Request<'_>,
    ) -> Result<Spoken, Refused> {
        let headers = ["signature-input", "signature"].map(|name| (request.header)(name));
        let signed = match headers {
            [Some(input), Some(signature)] => Some(Signed::read(&input, &signature)?),
            [None, None] => None,
            _ => return Err(BadSignature::Malformed.into()),
        };
        let key_id = match &signed {
            None => None,
            Some(signed) => {
                signed.check(request, clock.now())?;
                Some(signed.key_id()?.to_owned())
            }
        };
        let asked = (province.to_owned(), key_id);
        let holding = (self.asked)
            .ask(asked, |asked| holding(pool, clock, asked))
            .await?;
        let Some(signed) = signed else {
            return match holding.must_sign {
                true => Err(BadSignature::Missing.into()),
                false => holding.spoken,
            };
        };
        let key = holding.key.ok_or(BadSignature::UnknownKey)?;
        let key = PublicKey::of_bytes(&key).map_err(|_| Refused::Inconsistent("key".to_owned()))?;
        signed.verify(&key, request)?;
        let once = (province.to_owned(), signed.once());
        match (self.seen)
            .ask(once, |them| first_time(pool, clock, them))
            .await?
        {
            true => holding.spoken,
            false => Err(BadSignature::Replayed.into()),
        }
    }
}

/// Refuses a request for its signature or its content, and records it in the audit log. Returns why:
/// [`Refused::Signature`], or that the database failed.
pub async fn refuse(
    pool: &PgPool,
    actor: &Actor,
    clock: &Clock,
    province: &str,
    bad: BadSignature,
) -> Refused {
    let detail = json!({ "code": bad.code() });
    let which = ("request", Some(province));
    let noted =
        access::audit::note(pool, actor, clock, Action::ExchangeRefuse, which, detail).await;
    match noted {
        Ok(()) => bad.into(),
        Err(error) => error.into(),
    }
}

async fn holding(pool: &PgPool, clock: &Clock, asked: Vec<Asked>) -> Result<Vec<Holding>, Refused> {
    let (provinces, keys): (Vec<String>, Vec<Option<String>>) = asked.into_iter().unzip();
    let rows = sqlx::query!(
        r#"select coalesce((select required from exchange_signing s
                            where s.province_code = asked.province and s.from_day <= $3
                            order by s.from_day desc, signing_no desc limit 1), false) as "must_sign!",
                  (select public_key from exchange_key k
                   where k.province_code = asked.province and k.key_id = asked.key_id
                     and k.from_day <= $3 and (last_day is null or last_day >= $3)
                     and not exists (select from exchange_key_withdrawn w
                                     where w.province_code = k.province_code
                                       and w.key_id = k.key_id)) as key,
                  dialect as "dialect?", address, client, carrier
           from unnest($1::text[], $2::text[]) with ordinality as asked (province, key_id, place)
                left join lateral (select dialect, address, client, carrier from exchange_dialect d
                                   where d.province_code = asked.province and d.from_day <= $3
                                   order by d.from_day desc, dialect_no desc limit 1) spoken on true
           order by place"#,
        &provinces,
        &keys as _,
        clock.today().to_sqlx() as _
    )
    .fetch_all(pool)
    .await?;
    let holding = rows.into_iter().map(|row| Holding {
        must_sign: row.must_sign,
        key: row.key,
        spoken: Spoken::recorded(row.dialect.map(|dialect| Row {
            dialect,
            address: row.address,
            client: row.client,
            carrier: row.carrier,
        })),
    });
    Ok(holding.collect())
}

/// Which requests come for the first time; of the same twice, the first.
///
/// One statement: of two that come at once, one finds its place taken. Nothing waits for the disk: what a
/// request then changes is written behind it, so that whatever is kept has its nonce before it.
async fn first_time(pool: &PgPool, clock: &Clock, them: Vec<Once>) -> Result<Vec<bool>, Refused> {
    let now = clock.now();
    let (provinces, nonces): (Vec<String>, Vec<Vec<u8>>) = them
        .iter()
        .map(|(province, once)| (province.clone(), once.to_vec()))
        .unzip();
    // Those that have to go are taken away sooner than others come.
    let gone = i64::try_from(them.len())
        .unwrap_or(i64::MAX)
        .saturating_mul(2);
    let added = sqlx::query!(
        "with unhurried as (select set_config('synchronous_commit', 'off', true)),
         gone as (delete from exchange_nonce
                  where (province_code, nonce) in (
                      select province_code, nonce from exchange_nonce where seen_at < $4
                      order by seen_at limit $5 for update skip locked))
         insert into exchange_nonce (province_code, nonce, seen_at)
         select province, nonce, $3
         from unhurried, unnest($1::text[], $2::bytea[]) as them (province, nonce)
         order by province, nonce
         on conflict do nothing
         returning province_code, nonce",
        &provinces,
        &nonces,
        now.to_sqlx() as _,
        (now - WINDOW * 3).to_sqlx() as _,
        gone
    )
    .fetch_all(pool)
    .await?;
    let mut added: HashSet<(String, Vec<u8>)> = added
        .into_iter()
        .map(|row| (row.province_code, row.nonce))
        .collect();
    let first = them
        .into_iter()
        .map(|(province, once)| added.remove(&(province, once.to_vec())));
    Ok(first.collect())
}
