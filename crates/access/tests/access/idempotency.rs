//! A key is worked under once.

use access::idempotency::{Answer, Claim, claim};
use testkit::{TestDb, clock};

#[tokio::test]
async fn the_same_key_is_answered_once_and_then_alike() {
    let db = TestDb::new().await;
    let at = clock("2024-05-20T09:00:00+07:00").now();
    let ask = async |user: &str, request: &[u8]| {
        claim(db.pool(), at, user, "k1", request)
            .await
            .expect("asks")
    };
    let Claim::Fresh(ticket) = ask("lap", b"a").await else {
        panic!("fresh")
    };
    assert!(matches!(ask("lap", b"a").await, Claim::InProgress));
    assert!(
        matches!(ask("duyet", b"a").await, Claim::Fresh(_)),
        "keys belong to users"
    );
    let answer = Answer {
        status: 200,
        content_type: "text/plain".into(),
        body: b"xong".into(),
    };
    ticket.keep(&answer).await.expect("keeps");
    assert!(matches!(ask("lap", b"a").await, Claim::Answered(kept) if kept == answer));
    assert!(matches!(ask("lap", b"b").await, Claim::OtherRequest));
}

#[tokio::test]
async fn a_request_that_broke_off_frees_its_key() {
    let db = TestDb::new().await;
    let at = clock("2024-05-20T09:00:00+07:00").now();
    let broken = claim(db.pool(), at, "lap", "k1", b"a").await.expect("asks");
    assert!(matches!(broken, Claim::Fresh(_)));
    drop(broken);
    // The lock goes with the rollback, which the pool runs before it hands the connection out.
    let mut freed = false;
    for _try in 0..50 {
        let again = claim(db.pool(), at, "lap", "k1", b"a").await.expect("asks");
        freed |= matches!(again, Claim::Fresh(_));
    }
    assert!(freed);
}
