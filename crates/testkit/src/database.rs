//! A database for each test, copied from one that has been migrated once.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use kernel::area::Areas;
use private_postgres::{Durability, PrivatePostgres, schema};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool};

/// Names a server whose administrator may create databases, instead of a private one.
const SERVER: &str = "ANSINH_TEST_DATABASE";

/// Held while the template is made, so that of all test processes one makes it.
const TEMPLATE_LOCK: i64 = 0x0061_6e73_696e_6874;

/// A database of one test, with the schema and the areas, empty otherwise. Dropped at the end.
#[derive(Debug)]
pub struct TestDb {
    pool: PgPool,
    name: String,
    server: Server,
}

impl TestDb {
    /// A new database of a real installation.
    ///
    /// # Panics
    /// When no server can be reached or started.
    pub async fn new() -> TestDb {
        let server = Server::open();
        let template = server.template().await;
        let name = next_name();
        server
            .administer(format!(
                "create database {name} template {template} strategy file_copy"
            ))
            .await;
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(60))
            .connect_with(server.admin.clone().database(&name))
            .await
            .expect("the new database takes connections");
        TestDb { pool, name, server }
    }

    /// A new practice database: any actor has every role, and invented people's ID numbers count.
    ///
    /// # Panics
    /// When no server can be reached or started.
    pub async fn practice() -> TestDb {
        let database = TestDb::new().await;
        access::practice::begin(&database.pool, crate::clock("2020-01-01T00:00:00Z").now())
            .await
            .expect("the practice row can be written");
        database
    }

    /// Connections to it.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// For another program: where it is.
    pub fn url(&self) -> String {
        let options = self.server.admin.clone().database(&self.name);
        options.to_url_lossy().to_string()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let statement = format!("drop database if exists {} with (force)", self.name);
        let admin = self.server.admin.clone();
        // A destructor cannot wait in the test's own runtime.
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(execute(&admin, statement));
        });
        // A test that failed has a better message of its own.
        let _ = dropped.join();
    }
}

/// The server of the tests: one for every process that runs tests of this user at the time.
#[derive(Debug)]
struct Server {
    admin: PgConnectOptions,
    _private: Option<PrivatePostgres>,
}

impl Server {
    fn open() -> Server {
        if let Ok(url) = std::env::var(SERVER) {
            let admin: PgConnectOptions = url.parse().expect("an address of PostgreSQL");
            return Server {
                admin: admin.disable_statement_logging(),
                _private: None,
            };
        }
        let user = std::env::var("USER").unwrap_or_else(|_| "tests".to_owned());
        let data = std::env::temp_dir().join(format!("ansinh-testkit-{user}"));
        let private = PrivatePostgres::open(&data, Durability::None)
            .unwrap_or_else(|refusal| panic!("{refusal}"));
        Server {
            admin: private.options().disable_statement_logging(),
            _private: Some(private),
        }
    }

    async fn administer(&self, statement: String) {
        execute(&self.admin, statement).await;
    }

    /// The migrated database others are copied from, made by whoever comes first. Another schema
    /// has another name.
    async fn template(&self) -> String {
        let name = template_name();
        let mut admin = PgConnection::connect_with(&self.admin)
            .await
            .expect("the test server takes connections");
        if !exists(&mut admin, &name).await {
            sqlx::query("select pg_advisory_lock($1)")
                .bind(TEMPLATE_LOCK)
                .execute(&mut admin)
                .await
                .expect("the lock is free sooner or later");
            if !exists(&mut admin, &name).await {
                self.make_template(&mut admin, &name).await;
            }
        }
        // Closing the connection releases the lock.
        admin.close().await.expect("the connection closes");
        name
    }

    async fn make_template(&self, admin: &mut PgConnection, name: &str) {
        let draft = format!("{name}_draft");
        for statement in [
            format!("drop database if exists {draft} with (force)"),
            format!("create database {draft}"),
        ] {
            run(admin, statement).await;
        }
        let pool = PgPool::connect_with(self.admin.clone().database(&draft))
            .await
            .expect("the template takes connections");
        schema::migrate(&pool)
            .await
            .unwrap_or_else(|refusal| panic!("{refusal}"));
        registry::areas::load(&pool).await.expect("the areas load");
        pool.close().await;
        run(admin, format!("alter database {draft} rename to {name}")).await;
    }
}

/// Named after the content of the migrations and of the areas.
fn template_name() -> String {
    let mut hasher = DefaultHasher::new();
    for migration in schema::MIGRATOR.iter() {
        migration.checksum.hash(&mut hasher);
    }
    for area in Areas::embedded().all() {
        (area.code, area.valid_from, area.valid_to, &area.full_name).hash(&mut hasher);
    }
    format!("ansinh_template_{:016x}", hasher.finish())
}

/// A name no other test of any process has.
fn next_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("ansinh_test_{}_{number}", std::process::id())
}

async fn exists(admin: &mut PgConnection, name: &str) -> bool {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(admin)
        .await
        .expect("the catalogue can be read")
}

async fn execute(admin: &PgConnectOptions, statement: String) {
    let mut connection = PgConnection::connect_with(admin)
        .await
        .expect("the test server takes connections");
    run(&mut connection, statement).await;
}

/// Statements that name databases take no parameters; the names are made in this file.
async fn run(connection: &mut PgConnection, statement: String) {
    connection
        .execute(AssertSqlSafe(statement.clone()))
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}
