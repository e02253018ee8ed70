//! The audit log shows every tampering, and writers at once do not fork it.

use access::audit::{Chain, record, verify};
use kernel::actor::Actor;
use serde_json::json;
use sqlx::PgConnection;
use testkit::{TestDb, clock};

async fn write(db: &mut PgConnection, object: &str) {
    let actor = Actor::with_every_role("lap");
    let at = clock("2024-05-20T09:00:00.123456789+07:00").now();
    let detail = json!({ "people": 3, "aa": [1, null], "ghi chú": "đủ" });
    record(db, at, &actor, "list.make", object, Some("51"), detail)
        .await
        .expect("records");
}

#[tokio::test]
async fn writers_at_once_append_one_chain() {
    let db = TestDb::new().await;
    let writers = (0..6).map(|writer| {
        let pool = db.pool().clone();
        tokio::spawn(async move {
            for entry in 0..5 {
                let mut tx = pool.begin().await.expect("begin");
                write(&mut tx, &format!("{writer}/{entry}")).await;
                tx.commit().await.expect("commit");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("writes");
    }
    let mut connection = db.pool().acquire().await.expect("connects");
    let chain = verify(&mut connection).await.expect("reads");
    assert!(
        matches!(chain, Chain::Whole { entries: 30, .. }),
        "{chain:?}"
    );
}

#[tokio::test]
async fn a_changed_or_missing_entry_shows() {
    for tampering in [
        "update audit_entry set object = 'x' where entry_no = 2",
        "update audit_entry set detail = '{}' where entry_no = 2",
        "delete from audit_entry where entry_no = 2",
    ] {
        let db = TestDb::new().await;
        let mut connection = db.pool().acquire().await.expect("connects");
        for object in ["1", "2", "3"] {
            write(&mut connection, object).await;
        }
        let refused = sqlx::query(tampering).execute(&mut *connection).await;
        assert!(refused.is_err(), "the database forbids it: {tampering}");
        for step in ["alter table audit_entry disable trigger all", tampering] {
            sqlx::query(step)
                .execute(&mut *connection)
                .await
                .expect("an owner can");
        }
        let chain = verify(&mut connection).await.expect("reads");
        assert!(
            matches!(chain, Chain::Broken { entry_no: 2 | 3 }),
            "{tampering}: {chain:?}"
        );
    }
}
