//! Servers that send by themselves, several at once.

use std::collections::HashSet;

use messages::send::by_itself;

use super::*;

#[tokio::test]
async fn several_servers_at_once_send_each_message_once() {
    let db = TestDb::practice().await;
    for number in 0..120 {
        let code = format!("H51-{number:04}");
        dossier(&db, &code, "2024-05-20T08:00:00+07:00", &[RECEIVED]).await;
    }
    let clock = at("2024-05-20T10:00:00+07:00");
    let carrier = Scripted::new(taken);
    let round = || {
        let (pool, clock) = (db.pool().clone(), clock.clone());
        let carriers = both(
            Arc::clone(&carrier) as Arc<dyn Carrier>,
            Arc::clone(&carrier) as _,
        );
        tokio::spawn(async move {
            let written = gather(&pool, &by_itself(), &clock).await.expect("gathers");
            let sent = send(&pool, &by_itself(), &clock, &carriers).await;
            (written, sent.expect("sends").sent)
        })
    };
    let servers: Vec<_> = (0..4).map(|_| round()).collect();
    let (mut written, mut sent) = (0, 0);
    for server in servers {
        let (wrote, went) = server.await.expect("no server fails");
        written += wrote;
        sent += went;
    }
    // Whoever found nothing due while another wrote sends it in a later round.
    sent += round().await.expect("no server fails").1;
    assert_eq!((written, sent), (120, 120));
    let handed = carrier.handed();
    let ids: HashSet<Uuid> = handed.iter().map(|it| it.id).collect();
    assert_eq!((handed.len(), ids.len()), (120, 120));
}

#[tokio::test]
async fn the_server_sends_and_may_do_nothing_else() {
    let db = TestDb::practice().await;
    let clock = at("2024-05-20T10:00:00+07:00");
    let filter = Filter::default();
    let denied = show::list(db.pool(), &by_itself(), &clock, &filter).await;
    assert!(matches!(denied, Err(Refused::Denied(_))));
    let (server, carriers) = (
        by_itself(),
        both(Scripted::new(taken), Scripted::new(taken)),
    );
    let sent = send(db.pool(), &server, &clock, &carriers).await;
    sent.expect("may send");
}

#[tokio::test]
async fn what_a_citizen_does_online_is_told_of_but_not_what_a_counter_submits() {
    let db = TestDb::practice().await;
    dossier(&db, "H51-0001", "2024-05-20T08:00:00+07:00", &[]).await;
    dossier(&db, "H51-0002", "2024-05-20T08:00:00+07:00", &[]).await;
    sqlx::query("alter table dossier_step disable trigger user")
        .execute(db.pool())
        .await
        .expect("alters");
    sqlx::query(
        "update dossier_step s set told_by = 'citizen' from dossier d
         where d.dossier_id = s.dossier_id and code = 'H51-0002'",
    )
    .execute(db.pool())
    .await
    .expect("marks one as the citizen's own");
    let clock = at("2024-05-20T10:00:00+07:00");
    assert_eq!(
        gather(db.pool(), &actor(), &clock).await.expect("gathers"),
        1
    );
    assert_eq!(
        gather(db.pool(), &actor(), &clock).await.expect("gathers"),
        0
    );
    let rows = rows(&db).await;
    assert_eq!((&*rows[0].dossier, rows.len()), ("H51-0002", 1));
}
