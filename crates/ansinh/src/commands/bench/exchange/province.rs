//! A province that sends.

use access::user::{self, NewUser, Wanted};
use exchange::key::{self, NewKey};
use exchange::signature::{Request, content_digest, sign};
use exchange::{Message, Mode, NewConnection, connection};
use g2p::SigningKey;
use jiff::Timestamp;
use kernel::actor::{Grant, Role};
use kernel::{Actor, AreaCode, Clock};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::one_stop::Citizens;

/// The id of its key.
const KEY: &str = "k1";

/// Its one-stop system: who calls, with which token and key.
pub(super) struct Province {
    pub(super) code: String,
    pub(super) actor: Actor,
    token: String,
    key: SigningKey,
    citizens: Citizens,
    now: Timestamp,
}

impl Province {
    /// Connects a province both ways, signatures asked for; its people live in one commune.
    ///
    /// # Errors
    /// Those of recording it.
    pub(super) async fn connect(
        pool: &PgPool,
        clock: &Clock,
        (code, commune): (&str, &str),
    ) -> anyhow::Result<Province> {
        let (now, since) = (clock.now(), clock.today());
        let everybody = Actor::with_every_role("bench");
        let connected = NewConnection {
            province: code.to_owned(),
            from: since,
            mode: Mode::TwoWay,
            official_case: None,
            note: None,
        };
        connection::record(pool, &everybody, clock, &[connected]).await?;
        let seed: u8 = code.parse()?;
        let secret = SigningKey::of_seed(&[seed; 32])?;
        let new = NewKey {
            province: code.to_owned(),
            key_id: KEY.to_owned(),
            public_key: secret.public(),
            from: since,
            until: None,
        };
        key::add(pool, &everybody, clock, &new).await?;
        key::require_signatures(pool, &everybody, clock, (code, since), true).await?;
        let name = format!("mot.cua.{code}");
        let grant = Wanted {
            role: Role::OneStop,
            area_code: code.to_owned(),
            provider: None,
        };
        let mut tx = pool.begin().await?;
        let new = NewUser {
            name: name.clone(),
            full_name: "Một cửa thử".to_owned(),
            password: user::generate_password()?,
            first: grant,
        };
        user::add(&mut tx, now, &everybody, new).await?;
        let own = Actor::new(&name, Vec::new());
        let token = access::token::make(&mut tx, now, &own, &name, "bench", 1).await?;
        tx.commit().await?;
        let grant = Grant {
            role: Role::OneStop,
            area: Some(AreaCode::from(code)),
        };
        Ok(Province {
            code: code.to_owned(),
            actor: Actor::new(&name, vec![grant]),
            token,
            key: secret,
            citizens: Citizens {
                province: code.to_owned(),
                area: commune.to_owned(),
                count: 0,
                corrects: 0,
                seed: 1,
            },
            now,
        })
    }

    /// The dossier of a citizen, as it is sent.
    fn body(&self, (round, number): (u32, usize)) -> anyhow::Result<Value> {
        let number = round * 1_000_000 + u32::try_from(number)?;
        let (mut body, _) = self.citizens.submission(number);
        body["id"] = json!(uuid::Uuid::new_v4());
        body["dossier"] = json!(self.citizens.code(number, self.now));
        body["seq"] = json!(1);
        body["at"] = json!(self.now);
        Ok(body)
    }

    /// The same as read.
    ///
    /// # Errors
    /// None that is not ours.
    pub(super) fn message(&self, which: (u32, usize)) -> anyhow::Result<Message> {
        let mut body = self.body(which)?;
        body["kind"] = json!("submitted");
        Message::parse(body.to_string().as_bytes())
            .map_err(|fault| anyhow::anyhow!("{}: {}", fault.field, fault.code))
    }

    /// Signed requests to an address, a dossier each.
    ///
    /// # Errors
    /// None that is not ours.
    pub(super) fn requests(
        &self,
        address: &str,
        (round, each): (u32, usize),
    ) -> anyhow::Result<Vec<Vec<u8>>> {
        (0..each)
            .map(|number| self.request(address, (round, number)))
            .collect()
    }

    fn request(&self, address: &str, which: (u32, usize)) -> anyhow::Result<Vec<u8>> {
        let body = self.body(which)?.to_string();
        let path = "/api/v1/exchange/dossiers";
        let digest = content_digest(body.as_bytes());
        let header = |name: &str| (name == "content-digest").then(|| digest.clone());
        let request = Request {
            method: "POST",
            authority: address,
            path,
            query: None,
            header: &header,
        };
        let components = ["@method", "@target-uri", "content-digest"];
        let nonce = uuid::Uuid::new_v4().to_string();
        let with = (&self.key, KEY);
        let (input, signature) = sign(with, &request, "http", &components, (self.now, &nonce))?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nContent-Digest: {digest}\r\n\
             Signature-Input: {input}\r\nSignature: {signature}\r\n\r\n",
            self.token,
            body.len()
        );
        Ok([head.into_bytes(), body.into_bytes()].concat())
    }
}
