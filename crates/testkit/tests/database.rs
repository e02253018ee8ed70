//! Each test has a database of its own.

use testkit::TestDb;

#[tokio::test]
async fn databases_are_separate() {
    let (one, other) = (TestDb::practice().await, TestDb::new().await);
    let count = "select count(*) from practice";
    let rows: i64 = sqlx::query_scalar(count)
        .fetch_one(one.pool())
        .await
        .expect("counts");
    assert_eq!(rows, 1);
    let rows: i64 = sqlx::query_scalar(count)
        .fetch_one(other.pool())
        .await
        .expect("counts");
    assert_eq!(rows, 0);
}
