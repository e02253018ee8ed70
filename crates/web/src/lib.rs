//! Pages and JSON interface. Handlers only translate: what is done is decided in the crates below,
//! the same for pages, programs and the command line.

mod address;
mod ahead;
mod api;
mod area;
mod asking;
mod asset;
mod chart;
mod comparing;
mod cookie;
mod failure;
mod frame;
mod handover;
mod letter;
mod once;
mod origin;
mod page;
mod paging;
mod pairing;
mod provinces;
mod recheck;
mod rounds;
mod route;
mod routes;
mod searches;
mod security;
mod telling;
mod uploads;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use access::identity::provider::Provider;
use access::sealed::SecretKey;
use axum::Router;
use axum::http::Method;
use exchange::Admission;
use exchange::inbox::Gathering;
use failure::Failure;
use files::Files;
use g2p::{OwnKeys, PublicKey, SigningKey};
use jiff::civil::Time;
use kernel::Clock;
use law::Law;
use messages::send::Carriers;
use payments::Office;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

pub use letter::letter_of;
use provinces::Provinces;
use searches::Searches;
use telling::Telling;
use uploads::Uploads;

/// What every handler works with.
#[derive(Clone)]
pub struct Server {
    pool: PgPool,
    law: Arc<Law>,
    clock: Clock,
    practice: bool,
    /// Passwords are checked a few at a time: each check takes 19 MB and a tenth of a second.
    sign_ins: Arc<Semaphore>,
    /// Changes being made at once; well below the connections of the pool.
    changes: Arc<Semaphore>,
    searches: Arc<Searches>,
    /// What each province's one-stop system has in hand.
    provinces: Arc<Provinces>,
    /// Where their requests come in.
    admission: Arc<Admission>,
    /// Their messages that wait to be received together.
    gathering: Arc<Gathering>,
    uploads: Arc<Uploads>,
    /// What messages to others are signed with; without one none is sent.
    signing_key: Option<Arc<SigningKey>>,
    /// What others may meet a signature of ours by: this key, the next and the last.
    public_keys: Arc<[PublicKey]>,
    /// What secrets of second factors are kept with; without one none is set up.
    secret_key: Option<Arc<SecretKey>>,
    /// Where people may sign in besides here.
    identities: Option<Arc<Provider>>,
    /// Where scans and signed letters are kept; without it none is taken or handed out.
    files: Option<Files>,
    /// Who carries messages to citizens; without it others send them.
    telling: Option<Telling>,
    /// The population database, where it is set.
    population: Option<population::Service>,
    /// When in the night both sides of the exchange are compared; without it nobody does by itself.
    compare_at: Option<Time>,
    /// When in the night people are looked for who are there twice; without it somebody asks for it.
    pairs_at: Option<Time>,
}

/// How many entries of the audit log a request left, among the extensions of its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntriesLeft(pub u32);

/// How long a round of messages may still take after the server was told to stop.
const LAST_ROUND: Duration = Duration::from_secs(30);

/// What the JSON interface says of itself, as OpenAPI: what `/api/openapi.json` hands out.
pub fn description() -> serde_json::Value {
    serde_json::to_value(routes::describe()).unwrap_or_default()
}

/// Every way into the site, as method and path with its parameters in braces.
pub fn ways_in() -> Vec<(Method, &'static str)> {
    routes::table()
        .into_iter()
        .map(|route| (route.method, route.path))
        .collect()
}

impl Server {
    /// A server of a database, at the time of a clock. `practice` puts a notice on every page.
    pub fn new(pool: PgPool, law: Law, clock: Clock, practice: bool) -> Server {
        Server {
            pool,
            law: Arc::new(law),
            clock,
            practice,
            sign_ins: Arc::new(Semaphore::new(4)),
            changes: Arc::new(Semaphore::new(3)),
            searches: Arc::default(),
            provinces: Arc::default(),
            admission: Arc::default(),
            gathering: Arc::default(),
            uploads: Arc::default(),
            signing_key: None,
            public_keys: Arc::default(),
            compare_at: None,
            pairs_at: None,
            secret_key: None,
            identities: None,
            files: None,
            telling: None,
            population: None,
        }
    }

    /// The same, signing what goes to others, orders to providers' interfaces before all, with a key of ours.
    pub fn with_own_keys(self, keys: impl Into<OwnKeys>) -> Server {
        let keys = keys.into();
        Server {
            public_keys: keys.public().collect(),
            signing_key: Some(Arc::new(keys.signing)),
            ..self
        }
    }

    /// The same, keeping secrets of second factors with a key.
    pub fn with_secret_key(self, key: SecretKey) -> Server {
        Server {
            secret_key: Some(Arc::new(key)),
            ..self
        }
    }

    /// The same, letting people sign in at a provider of identities too.
    pub fn with_identities(self, provider: Provider) -> Server {
        Server {
            identities: Some(Arc::new(provider)),
            ..self
        }
    }

    /// The same, asking the population database again about people whose records were repaired.
    pub fn with_population(self, service: population::Service) -> Server {
        Server {
            population: Some(service),
            ..self
        }
    }

    /// The same, comparing both sides of the exchange each night at a time in Viet Nam.
    pub fn with_comparing(self, at: Time) -> Server {
        Server {
            compare_at: Some(at),
            ..self
        }
    }

    /// The same, looking each night at a time in Viet Nam for people who are in the registry twice.
    pub fn with_pairs(self, at: Time) -> Server {
        Server {
            pairs_at: Some(at),
            ..self
        }
    }

    /// The same, taking files in and handing them out.
    pub fn with_files(self, files: Files) -> Server {
        Server {
            files: Some(files),
            ..self
        }
    }

    /// The same, writing and sending messages to citizens every so often.
    pub fn with_messages(self, carriers: Carriers, every: Duration) -> Server {
        Server {
            telling: Some(Telling { carriers, every }),
            ..self
        }
    }

    /// Where files are kept.
    fn files(&self) -> Result<&Files, Failure> {
        let none = || Failure::internal(&"no place for files was named");
        self.files.as_ref().ok_or_else(none)
    }

    /// Days an answer of the population database counts as lately.
    fn lately_days(&self) -> u16 {
        let set = self.population.as_ref();
        set.map_or(population::settings::LATELY_DAYS, |set| {
            set.client().settings().lately_days
        })
    }

    /// What the payments crate works with.
    fn office(&self) -> Office<'_> {
        Office {
            pool: &self.pool,
            clock: &self.clock,
            law: &self.law,
        }
    }

    /// The whole site, to be served or tested.
    pub fn router(self) -> Router {
        routes::build(self)
    }

    /// Serves until `stop` completes, then finishes the requests begun.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let ahead = tokio::spawn(ahead::keep_ready(self.clone()));
        let handover = tokio::spawn(handover::go_on(self.clone()));
        let (stopping, stopped) = watch::channel(false);
        let telling = tokio::spawn(telling::go_on(self.clone(), stopped));
        let recheck = tokio::spawn(recheck::go_on(self.clone()));
        let asking = tokio::spawn(asking::go_on(self.clone()));
        let comparing = tokio::spawn(comparing::go_on(self.clone()));
        let pairing = tokio::spawn(pairing::go_on(self.clone()));
        let router = self.router();
        let served = axum::serve(
            listener,
            router.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .with_graceful_shutdown(stop)
        .await;
        ahead.abort();
        handover.abort();
        let _ = stopping.send(true);
        if tokio::time::timeout(LAST_ROUND, telling).await.is_err() {
            tracing::warn!("messages on their way were left: they are sent again");
        }
        recheck.abort();
        asking.abort();
        comparing.abort();
        pairing.abort();
        served
    }
}
