//! A private server in a temporary folder: shared, stopped when the last user is gone, started
//! again after it was killed.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use private_postgres::{Durability, PostgresError, PrivatePostgres};
use sqlx::{Connection, PgConnection};

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("ansinh-postgres-")
        .tempdir()
        .expect("a temporary folder")
}

fn open(data: &Path) -> PrivatePostgres {
    PrivatePostgres::open(data, Durability::None).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn pid(data: &Path) -> Option<i32> {
    let file = fs::read_to_string(data.join("postgres/cluster/postmaster.pid")).ok()?;
    file.lines().next()?.trim().parse().ok()
}

fn wait_until_stopped(data: &Path) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while pid(data).is_some() {
        assert!(Instant::now() < deadline, "the server still runs");
        thread::sleep(Duration::from_millis(20));
    }
}

async fn one_of(server: &PrivatePostgres) -> i32 {
    let mut connection = PgConnection::connect_with(&server.options())
        .await
        .expect("it takes connections");
    sqlx::query_scalar("select 1")
        .fetch_one(&mut connection)
        .await
        .expect("it answers")
}

#[tokio::test]
async fn is_shared_and_stops_after_its_last_user() {
    let data = folder();
    let first = open(data.path());
    let started = pid(data.path());
    let second = open(data.path());
    assert_eq!(
        pid(data.path()),
        started,
        "the second user found it running"
    );
    drop(first);
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(one_of(&second).await, 1, "it stays while somebody uses it");
    assert!(matches!(
        PrivatePostgres::stop(data.path()),
        Err(PostgresError::InUse { .. })
    ));
    drop(second);
    wait_until_stopped(data.path());
    assert_eq!(one_of(&open(data.path())).await, 1, "and starts again");
}

#[tokio::test]
async fn starts_again_after_it_was_killed() {
    let data = folder();
    let server = open(data.path());
    assert_eq!(one_of(&server).await, 1);
    let killed = pid(data.path()).expect("it runs");
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(killed),
        nix::sys::signal::Signal::SIGKILL,
    )
    .expect("it can be killed");
    // The kernel takes a moment to end a process.
    thread::sleep(Duration::from_millis(100));
    let again = open(data.path());
    assert_ne!(pid(data.path()), Some(killed));
    assert_eq!(one_of(&again).await, 1);
    drop((server, again));
    assert!(PrivatePostgres::stop(data.path()).expect("nobody uses it"));
    assert!(!PrivatePostgres::stop(data.path()).expect("nothing to stop"));
}

#[tokio::test]
async fn a_deep_folder_is_no_obstacle() {
    let data = folder();
    let deep = data.path().join("thư-mục-rất-dài-".repeat(8));
    let server = open(&deep);
    assert_eq!(one_of(&server).await, 1);
    drop(server);
    PrivatePostgres::stop(&deep).expect("nobody uses it");
}

#[test]
fn data_of_another_version_is_named() {
    let data = folder();
    drop(open(data.path()));
    PrivatePostgres::stop(data.path()).expect("nobody uses it");
    let version = data.path().join("postgres/cluster/PG_VERSION");
    fs::write(version, "9\n").expect("the file is there");
    let refused = PrivatePostgres::open(data.path(), Durability::None);
    assert!(matches!(
        refused,
        Err(PostgresError::OtherVersion { cluster: 9, .. })
    ));
}
