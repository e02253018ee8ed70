//! Where a browser comes from, and how many failed tries are taken from one address.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use std::net::IpAddr;

/// Failed tries from one address within [`SPAN`] after which it has to wait. A whole office may sit
/// behind one address, so it is far above what one person needs.
pub const TRIES: i32 = 50;
/// How long failed tries of an address count.
pub const SPAN: SignedDuration = SignedDuration::from_mins(15);

/// Where a request came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Address of the browser, if it is known.
    pub address: Option<IpAddr>,
    /// What the browser says it is, as sent.
    pub agent: String,
}

impl Origin {
    /// The address, by which tries of those are counted who are known by nothing else; empty when it is
    /// not known.
    pub fn place(&self) -> String {
        let address = self.address.map(|address| address.to_canonical());
        address.map_or_else(String::new, |it| it.to_string())
    }

    /// The network without its last part: enough to recognise one's own office by.
    pub fn roughly(&self) -> String {
        match self.address.map(|address| address.to_canonical()) {
            None => String::new(),
            Some(IpAddr::V4(address)) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.*")
            }
            Some(IpAddr::V6(address)) => {
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::*")
            }
        }
    }

    /// Kind of browser and machine, as people call them.
    pub fn browser(&self) -> String {
        let first = |known: &[(&str, &'static str)]| {
            let found = known.iter().find(|(part, _)| self.agent.contains(part));
            found.map(|(_, name)| *name)
        };
        // Each says it is all of those after it too.
        let browser = first(&[
            ("Edg/", "Edge"),
            ("coc_coc", "Cốc Cốc"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ]);
        let machine = first(&[
            ("Android", "Android"),
            ("iPhone", "iPhone"),
            ("Windows", "Windows"),
            ("Mac OS", "macOS"),
            ("Linux", "Linux"),
        ]);
        match (browser, machine) {
            (Some(browser), Some(machine)) => format!("{browser}, {machine}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "Trình duyệt khác".to_owned(),
        }
    }

    /// IPv6 users hold a whole network: the network is what counts.
    fn counted(&self) -> Option<String> {
        match self.address?.to_canonical() {
            IpAddr::V4(address) => Some(address.to_string()),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Some(format!("{a:x}:{b:x}:{c:x}:{d:x}::"))
            }
        }
    }
}

/// Whether too many tries from the address failed lately.
pub(crate) async fn must_wait(
    tx: &mut PgConnection,
    at: Timestamp,
    origin: &Origin,
) -> sqlx::Result<bool> {
    let Some(address) = origin.counted() else {
        return Ok(false);
    };
    let since = at.saturating_sub(SPAN).unwrap_or(at);
    sqlx::query_scalar!(
        r#"select exists(select from sign_in_address
                         where address = $1 and since > $2 and failed >= $3) as "must_wait!""#,
        address,
        since.to_sqlx() as _,
        TRIES
    )
    .fetch_one(tx)
    .await
}

/// Counts a failed try of the address, and forgets those of addresses that count no more.
pub(crate) async fn failed(
    tx: &mut PgConnection,
    at: Timestamp,
    origin: &Origin,
) -> sqlx::Result<()> {
    let Some(address) = origin.counted() else {
        return Ok(());
    };
    let since = at.saturating_sub(SPAN).unwrap_or(at);
    sqlx::query!(
        "insert into sign_in_address as held (address, since, failed) values ($1, $2, 1)
         on conflict (address) do update set
           failed = case when held.since > $3 then held.failed + 1 else 1 end,
           since = case when held.since > $3 then held.since else excluded.since end",
        address,
        at.to_sqlx() as _,
        since.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "delete from sign_in_address where address in
           (select address from sign_in_address where since <= $1 limit 100 for update skip locked)",
        since.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(())
}
