//! How many messages of one-stop systems a second are stored for good: over HTTP with signatures, through
//! the same functions without HTTP, and beside both so many plain rows, each in a transaction of its own.

mod province;
mod wire;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::exchange::Message;
use ::exchange::inbox::Gathering;
use ::exchange::message::Sent;
use anyhow::{Context as _, ensure};
use kernel::area::Areas;
use kernel::{Clock, Month};
use payments::Office;
use serde::Serialize;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::measure_in;
use province::Province;

/// One way of storing messages.
#[derive(Serialize)]
pub(super) struct Timed {
    way: &'static str,
    messages: usize,
    /// A second, whole.
    a_second: u64,
    /// Milliseconds a message took of all processors together: this program with its callers, and PostgreSQL.
    program_ms: String,
    postgres_ms: String,
    /// Milliseconds a sender waited for its answer.
    p50: String,
    p95: String,
}

/// What is measured.
#[derive(Clone, Copy)]
pub(super) struct Size {
    /// Messages of all provinces together.
    pub(super) messages: usize,
    /// Provinces that send.
    pub(super) provinces: usize,
    /// Messages each has on its way at once.
    pub(super) at_once: usize,
    /// Messages of a province that comes back after a week.
    pub(super) backlog: usize,
}

/// Measures in a database of its own that writes to disk as in real use.
///
/// # Errors
/// When no private PostgreSQL can be started, and when a message is not taken.
pub(super) async fn measure(size: Size) -> anyhow::Result<Vec<Timed>> {
    let law = law::Law::embedded();
    measure_in(None, &law, async |office: &Office<'_>| {
        everything(office, size).await
    })
    .await
}

async fn everything(office: &Office<'_>, size: Size) -> anyhow::Result<Vec<Timed>> {
    let (pool, clock) = (office.pool, office.clock);
    let each = size.messages.div_ceil(size.provinces);
    let provinces = connected(pool, clock, size.provinces).await?;
    let mut timed = Vec::new();
    // First what the server needs once: plans, files of tables that grow.
    let (url, _serving) = serve(office).await?;
    over_http(pool, &url, &provinces, (0, 50), size.at_once).await?;
    let http = over_http(pool, &url, &provinces, (1, each), size.at_once).await?;
    timed.push(http.row("HTTP, signed, one by one"));
    let together = Receiving::Together(Arc::default());
    let by = (size.at_once, together);
    let gathered = through_functions(pool, clock, &provinces, (2, each), by).await?;
    timed.push(gathered.row("functions, one by one, gathered"));
    let alone = each.div_ceil(10);
    let by = (size.at_once, Receiving::Alone);
    let alone = through_functions(pool, clock, &provinces, (3, alone), by).await?;
    timed.push(alone.row("functions, each its own transaction"));
    let plain = plainly(pool, size.messages, size.provinces * size.at_once).await?;
    timed.push(plain.row("plain rows, each its own transaction"));
    let some = each.min(100);
    let idle = over_http(pool, &url, &provinces[1..], (4, some), 1).await?;
    timed.push(idle.row("HTTP, others alone"));
    let (behind, beside) = coming_back(pool, &url, &provinces, size).await?;
    timed.push(behind.row("HTTP, a province after a week"));
    timed.push(beside.row("HTTP, others beside it"));
    let doubled: i64 = sqlx::query_scalar(
        "select count(*) from exchange_inbox left join exchange_inbox_outcome o using (inbox_no)
         where o.inbox_no is null or o.code is not null",
    )
    .fetch_one(pool)
    .await?;
    ensure!(doubled == 0, "{doubled} messages did not become steps");
    Ok(timed)
}

/// The site on a port of this machine, until dropped.
async fn serve(office: &Office<'_>) -> anyhow::Result<(String, JoinSet<std::io::Result<()>>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?.to_string();
    let (pool, clock) = (office.pool.clone(), office.clock.clone());
    let server = web::Server::new(pool, office.law.clone(), clock, true);
    let mut serving = JoinSet::new();
    serving.spawn(server.serve(listener, std::future::pending()));
    Ok((address, serving))
}

/// Provinces with a commune each, connected both ways.
async fn connected(
    pool: &PgPool,
    clock: &Clock,
    count: usize,
) -> anyhow::Result<Vec<Arc<Province>>> {
    let today = clock.today();
    let areas = Areas::embedded();
    let mut provinces = Vec::new();
    let codes = areas.all().iter().filter(|it| it.exists_on(today));
    for code in codes.map(|it| it.code).filter(|code| code.len() == 2) {
        let communes = areas.communes_under(code, Month::of(today));
        let Some((commune, _)) = communes.first() else {
            continue;
        };
        provinces.push(Arc::new(
            Province::connect(pool, clock, (code, commune)).await?,
        ));
        if provinces.len() == count {
            return Ok(provinces);
        }
    }
    anyhow::bail!("there are {} provinces", provinces.len())
}

/// What was measured.
struct Run {
    waited: Vec<Duration>,
    took: Duration,
    program: Duration,
    postgres: Duration,
}

impl Run {
    fn row(mut self, way: &'static str) -> Timed {
        self.waited.sort_unstable();
        let messages = self.waited.len();
        let count = u32::try_from(messages).unwrap_or(u32::MAX).max(1);
        let at = |percent: usize| {
            let index = (messages * percent / 100).min(messages.saturating_sub(1));
            tenths(self.waited.get(index).copied().unwrap_or_default(), 10)
        };
        let millis = self.took.as_millis().max(1);
        Timed {
            way,
            messages,
            a_second: u64::try_from(messages as u128 * 1_000 / millis).unwrap_or(u64::MAX),
            program_ms: tenths(self.program / count, 100),
            postgres_ms: tenths(self.postgres / count, 100),
            p50: at(50),
            p95: at(95),
        }
    }
}

/// Milliseconds with one decimal (`parts` 10) or two (100).
fn tenths(time: Duration, parts: u128) -> String {
    let all = time.as_micros() * parts / 1_000;
    let width = if parts == 100 { 2 } else { 1 };
    format!("{}.{:0width$}", all / parts, all % parts)
}

/// Measures what `work` does, which says how long each message waited.
async fn timed(
    pool: &PgPool,
    work: impl Future<Output = anyhow::Result<Vec<Duration>>>,
) -> anyhow::Result<Run> {
    let before = (program_time()?, postgres_time(pool).await?);
    let begun = Instant::now();
    let waited = work.await?;
    let took = begun.elapsed();
    let after = (program_time()?, postgres_time(pool).await?);
    Ok(Run {
        waited,
        took,
        program: after.0.saturating_sub(before.0),
        postgres: after.1.saturating_sub(before.1),
    })
}

fn program_time() -> anyhow::Result<Duration> {
    time_of("self").context("the time of this program")
}

/// Of the server's processes there are now. The connections of the pool stay open.
async fn postgres_time(pool: &PgPool) -> anyhow::Result<Duration> {
    let processes: Vec<i32> = sqlx::query_scalar("select pid from pg_stat_activity")
        .fetch_all(pool)
        .await?;
    let times = processes.iter().filter_map(|pid| time_of(&pid.to_string()));
    Ok(times.sum())
}

/// Time a process took of the processors, in hundredths of a second as Linux counts.
fn time_of(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let after = stat.rsplit(") ").next()?;
    let mut fields = after.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}

/// Whoever sends; how long each of theirs waited.
async fn all_of(
    mut senders: JoinSet<anyhow::Result<Vec<Duration>>>,
) -> anyhow::Result<Vec<Duration>> {
    let mut waited = Vec::new();
    while let Some(sent) = senders.join_next().await {
        waited.extend(sent??);
    }
    Ok(waited)
}

/// Signed beforehand, which is the provinces' own work; then each sends over so many connections.
async fn over_http(
    pool: &PgPool,
    address: &str,
    provinces: &[Arc<Province>],
    (round, each): (u32, usize),
    at_once: usize,
) -> anyhow::Result<Run> {
    let mut senders = JoinSet::new();
    for province in provinces {
        let mut parts = vec![Vec::new(); at_once];
        for (place, request) in province
            .requests(address, (round, each))?
            .into_iter()
            .enumerate()
        {
            parts[place % at_once].push(request);
        }
        for requests in parts {
            senders.spawn(wire::send(address.to_owned(), requests));
        }
    }
    timed(pool, all_of(senders)).await
}

/// How messages are received by functions.
#[derive(Clone)]
enum Receiving {
    /// Those that come at the same time in one transaction.
    Together(Arc<Gathering>),
    /// Each in a transaction of its own.
    Alone,
}

impl Receiving {
    async fn receive(
        &self,
        (pool, clock): (&PgPool, &Clock),
        province: &Province,
        message: Message,
    ) -> anyhow::Result<()> {
        let (actor, code) = (&province.actor, &province.code);
        let answer = match self {
            Receiving::Together(gathering) => {
                let told = gathering.receive(pool, actor, clock, code, &message);
                Some(told.await?.answer)
            }
            Receiving::Alone => {
                let sent = [Sent { row: 1, message }];
                let received = ::exchange::receive(pool, actor, clock, code, &sent).await?;
                received.answers.into_iter().next()
            }
        };
        ensure!(answer == Some(::exchange::Answer::Taken), "{answer:?}");
        Ok(())
    }
}

async fn through_functions(
    pool: &PgPool,
    clock: &Clock,
    provinces: &[Arc<Province>],
    (round, each): (u32, usize),
    (at_once, receiving): (usize, Receiving),
) -> anyhow::Result<Run> {
    let mut senders = JoinSet::new();
    for province in provinces {
        for place in 0..at_once {
            let (province, receiving) = (Arc::clone(province), receiving.clone());
            let (pool, clock) = (pool.clone(), clock.clone());
            senders.spawn(async move {
                let mut waited = Vec::new();
                for number in (place..each).step_by(at_once) {
                    let message = province.message((round, number))?;
                    let begun = Instant::now();
                    let by = (&pool, &clock);
                    receiving.receive(by, &province, message).await?;
                    waited.push(begun.elapsed());
                }
                Ok(waited)
            });
        }
    }
    timed(pool, all_of(senders)).await
}

/// Rows of the inbox into a table of the same columns, keys and checks, each committed by itself.
async fn plainly(pool: &PgPool, messages: usize, at_once: usize) -> anyhow::Result<Run> {
    let make = "create table plain_inbox (like exchange_inbox including all)";
    sqlx::raw_sql(make).execute(pool).await?;
    let numbers: Vec<i64> = sqlx::query_scalar("select inbox_no from exchange_inbox limit $1")
        .bind(i64::try_from(messages)?)
        .fetch_all(pool)
        .await?;
    let columns = "province_code, message_id, content, dossier_code, seq, kind, sent_at, day, body, \
                   received_by, received_at";
    let statement = format!(
        "insert into plain_inbox ({columns}) select {columns} from exchange_inbox where inbox_no = $1"
    );
    let (numbers, statement) = (Arc::new(numbers), Arc::new(statement));
    let mut senders = JoinSet::new();
    for place in 0..at_once {
        let (pool, numbers, statement) =
            (pool.clone(), Arc::clone(&numbers), Arc::clone(&statement));
        senders.spawn(async move {
            let mut waited = Vec::new();
            for number in numbers.iter().skip(place).step_by(at_once) {
                let begun = Instant::now();
                let insert = sqlx::query(AssertSqlSafe(statement.as_str())).bind(number);
                insert.execute(&pool).await?;
                waited.push(begun.elapsed());
            }
            Ok(waited)
        });
    }
    timed(pool, all_of(senders)).await
}

/// One province sends what it has as fast as it may, the others now and then something new.
async fn coming_back(
    pool: &PgPool,
    address: &str,
    provinces: &[Arc<Province>],
    size: Size,
) -> anyhow::Result<(Run, Run)> {
    let (back, others) = provinces.split_first().context("provinces")?;
    let some = (size.messages.div_ceil(size.provinces)).min(100);
    let pause = Duration::from_millis(50);
    let behind = over_http(
        pool,
        address,
        std::slice::from_ref(back),
        (5, size.backlog),
        size.at_once,
    );
    let mut senders = JoinSet::new();
    for province in others {
        let requests = province.requests(address, (6, some))?;
        senders.spawn(wire::send_calmly(address.to_owned(), requests, pause));
    }
    let beside = timed(pool, all_of(senders));
    tokio::try_join!(behind, beside)
}
