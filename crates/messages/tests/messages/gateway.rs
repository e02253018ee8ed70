//! Sending through a gateway that is slow, silent or answers twice.

use super::*;

async fn gateway(manner: Manner) -> (Arc<Gateway>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, sandbox::router(manner)).await });
    (Arc::new(Gateway::new(&address, None)), address)
}

async fn received(address: &str) -> Vec<Outgoing> {
    let address = format!("{address}/received");
    let read = tokio::task::spawn_blocking(move || {
        ureq::get(&address)
            .call()
            .expect("answers")
            .into_body()
            .read_to_string()
    });
    let text = read.await.expect("runs").expect("text");
    serde_json::from_str(&text).expect("messages")
}

#[tokio::test]
async fn whatever_the_gateway_does_everybody_is_told_once_and_in_order() {
    for seed in 1..=3 {
        let db = TestDb::practice().await;
        let codes: Vec<String> = (1..=8).map(|number| format!("H51-{number:04}")).collect();
        for code in &codes {
            dossier(&db, code, "2024-05-20T08:00:00+07:00", &[RECEIVED, ASKED]).await;
            wish(&db, code, Channel::Sms).await;
        }
        let manner = Manner {
            slow: 5,
            slow_for: Duration::from_millis(5),
            broken: 20,
            answer_lost: 20,
            refused: 10,
            not_arrived: 15,
            twice: 50,
            seed,
        };
        let (phone, address) = gateway(manner).await;
        let paper = Scripted::new(taken);
        let carriers = both(phone, paper.clone());
        let mut clock = at("2024-05-20T10:00:00+07:00");
        gather(db.pool(), &actor(), &clock).await.expect("gathers");
        for _ in 0..8 {
            // Two programs at once.
            let (one, other) = (actor(), actor());
            let (one, other) = tokio::join!(
                send(db.pool(), &one, &clock, &carriers),
                send(db.pool(), &other, &clock, &carriers)
            );
            one.and(other).expect("sends");
            clock = later(&clock, 130);
        }
        // What was handed over last is asked about: of a message that did not arrive nobody was told yet.
        let last = send(db.pool(), &actor(), &clock, &carriers).await;
        last.expect("sends");
        let all = rows(&db).await;
        assert!(
            all.iter()
                .all(|row| matches!(&*row.state, "sent" | "arrived")),
            "seed {seed}: {:?}",
            states(&all)
        );
        let mut told = received(&address).await;
        let by_phone = told.len();
        told.extend(paper.handed());
        for code in &codes {
            for subject in ["Hồ sơ đã được tiếp nhận", "Cần bổ sung giấy tờ"] {
                let of = |it: &&Outgoing| it.dossier == *code && it.subject == subject;
                assert!(
                    told.iter().filter(of).count() >= 1,
                    "seed {seed}: {code} {subject}"
                );
            }
            let by_phone: Vec<&Outgoing> = told[..by_phone]
                .iter()
                .filter(|it| it.dossier == *code)
                .collect();
            assert!(by_phone.len() <= 2, "seed {seed}: {code} is told twice");
            if let [first, second] = by_phone[..] {
                assert!(first.text.contains("tiếp nhận") && second.text.contains("bổ sung"));
            }
        }
    }
}
