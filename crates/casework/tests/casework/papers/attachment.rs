//! Scans: added, replaced, named; never changed, never seen from elsewhere.

use casework::attachment::{NewAttachment, attach, named, of_dossier, to_hand_out};
use casework::{Status, dossier};
use files::{FileHash, MediaType, Stored};
use kernel::actor::Role;
use serde_json::json;
use testkit::TestDb;

use super::desk::{CODE, clock, everybody, only, submit, tell};

fn scan(paper: &str, byte: u8, replaces: Option<i64>) -> NewAttachment {
    let file = Stored {
        hash: FileHash([byte; 32]),
        media_type: MediaType::Pdf,
        size: 1_000,
    };
    NewAttachment {
        paper: paper.to_owned(),
        file,
        replaces,
    }
}

#[tokio::test]
async fn a_scan_of_what_came_without_a_file_completes_it_by_hand() {
    let db = TestDb::practice().await;
    let papers = json!({"papers": [{"name": "Tờ khai"}, {"name": "Giấy xác nhận"}]});
    submit(&db, CODE, papers).await;
    tell(&db, CODE, "received", "2024-05-06T09:00", json!({})).await;
    let (actor, clock) = (everybody(), clock());
    let new = [scan(" Tờ khai ", 1, None), scan("Ảnh", 2, None)];
    let after = attach(db.pool(), &actor, &clock, CODE, &new)
        .await
        .expect("added");
    assert_eq!(after.missing, ["Giấy xác nhận"]);
    let shown = dossier(db.pool(), &actor, &clock, CODE)
        .await
        .expect("shown");
    assert_eq!(
        shown.steps.last().map(|step| step.kind),
        Some("completed_by_hand")
    );
    assert_eq!(shown.row.status, Status::Received);
    // A clerk adds a scan too; the step is an officer's.
    let clerk = only(Role::Clerk, "21175");
    let second = [scan("Giấy xác nhận", 3, None)];
    attach(db.pool(), &clerk, &clock, CODE, &second)
        .await
        .expect("added");
    let known = named(db.pool(), &[FileHash([1; 32]), FileHash([9; 32])]).await;
    assert_eq!(known.expect("answered"), [FileHash([1; 32])].into());
}

#[tokio::test]
async fn a_scan_is_replaced_once_and_stays() {
    let db = TestDb::practice().await;
    submit(&db, CODE, json!({})).await;
    submit(&db, "000.00.00.H51-240506-0002", json!({})).await;
    let (actor, clock) = (everybody(), clock());
    let added = attach(db.pool(), &actor, &clock, CODE, &[scan("Tờ khai", 1, None)]).await;
    let no = added.expect("added").attachments[0].no;
    let other = "000.00.00.H51-240506-0002";
    let newer = [scan("Tờ khai", 2, Some(no))];
    let elsewhere = attach(db.pool(), &actor, &clock, other, &newer).await;
    assert_eq!(elsewhere.expect_err("refused").code(), "no_such_attachment");
    let after = attach(db.pool(), &actor, &clock, CODE, &newer)
        .await
        .expect("added");
    let replaced: Vec<bool> = after.attachments.iter().map(|it| it.replaced).collect();
    assert_eq!(replaced, [true, false]);
    let again = attach(db.pool(), &actor, &clock, CODE, &newer).await;
    assert_eq!(again.expect_err("refused").code(), "replaced_already");
    for wrong in [
        vec![],
        vec![scan(" ", 1, None)],
        vec![scan("a", 1, None); 21],
    ] {
        assert!(
            attach(db.pool(), &actor, &clock, CODE, &wrong)
                .await
                .is_err()
        );
    }
    for statement in [
        "update attachment set paper = 'x'",
        "delete from attachment",
    ] {
        assert!(
            sqlx::query(statement).execute(db.pool()).await.is_err(),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn scans_are_seen_by_those_who_work_with_papers_of_the_commune() {
    let db = TestDb::practice().await;
    submit(&db, CODE, json!({})).await;
    let (actor, clock) = (everybody(), clock());
    let added = attach(db.pool(), &actor, &clock, CODE, &[scan("Tờ khai", 1, None)]).await;
    let no = added.expect("added").attachments[0].no;
    for (role, area, code) in [
        (Role::Reader, "51", "denied"),
        (Role::Auditor, "51", "denied"),
        (Role::Officer, "48", "unknown_dossier"),
    ] {
        let who = only(role, area);
        let list = of_dossier(db.pool(), &who, CODE).await;
        assert_eq!(list.expect_err("refused").code(), code);
        let one = to_hand_out(db.pool(), &who, &clock, CODE, no).await;
        assert_eq!(one.expect_err("refused").code(), code);
        let new = [scan("Tờ khai", 2, None)];
        let added = attach(db.pool(), &who, &clock, CODE, &new).await;
        assert_eq!(added.expect_err("refused").code(), code);
    }
    let leader = only(Role::Leader, "51");
    assert!(
        to_hand_out(db.pool(), &leader, &clock, CODE, no)
            .await
            .is_ok()
    );
    let opened: i64 =
        sqlx::query_scalar("select count(*) from audit_entry where action = 'dossier.open_file'")
            .fetch_one(db.pool())
            .await
            .expect("reads");
    assert_eq!(opened, 1);
}
