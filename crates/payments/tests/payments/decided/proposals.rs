//! What results suggest: proposed, decided by a person, and only then an event.

use jiff::civil::date;
use kernel::PersonId;
use payments::Refused;
use payments::proposal::{self, Decision, Proposal, ProposalKind};
use payments::results::{self, Reported, Status};

use crate::support::*;

async fn hear(town: &Town, line: &str, status: Status, reason: Option<&str>) {
    let reported = Reported {
        result_id: format!("{line} {}", status.code()),
        line: line.to_owned(),
        status,
        date: town.clock.today(),
        reason: reason.map(str::to_owned),
        amount: 540_000,
    };
    let rows = [(1, reported)];
    let heard = results::import(&town.office(), &maker(), "BD", &rows).await;
    assert_eq!(heard.expect("imported").recorded, 1);
}

async fn proposed(town: &Town) -> Vec<Proposal> {
    let found = proposal::proposals(&town.office(), &maker(), month("2024-06"), "51", false).await;
    found.expect("read")
}

async fn decide(town: &Town, number: i64, decision: Decision) -> Result<(), Refused> {
    let reason = "đã đến nhà xác minh";
    proposal::decide(&town.office(), &maker(), number, decision, reason).await
}

/// Lists of March to June, of one person whose own money of these months nobody collected, told in
/// any order.
async fn uncollected(told: &[&str]) -> Town {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    for list in ["2024-03", "2024-04", "2024-05"] {
        town.set(&format!("{list}-20"));
        town.list(list, "51").await;
    }
    for list in told {
        hear(
            &town,
            &format!("{list}-1-1"),
            Status::NotCollected,
            Some("absent"),
        )
        .await;
    }
    town
}

#[tokio::test]
async fn three_months_in_a_row_propose_a_suspension_once() {
    let town = uncollected(&["2024-03", "2024-04"]).await;
    assert_eq!(proposed(&town).await, []);
    for told in [
        ["2024-03", "2024-04", "2024-05"],
        ["2024-05", "2024-03", "2024-04"],
    ] {
        let mut town = uncollected(&told).await;
        let found = proposed(&town).await;
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].kind, found[0].month),
            (ProposalKind::Suspend, month("2024-05"))
        );
        let number = found[0].proposal_no;
        town.set("2024-06-20");
        town.make("2024-06", "51").await.expect("made");
        assert!(
            !town.lines("2024-06", "51").await.is_empty(),
            "nothing follows by itself"
        );
        let death = Decision::On {
            date: date(2024, 5, 1),
        };
        let wrong = decide(&town, number, death)
            .await
            .expect_err("another kind");
        assert_eq!(wrong.code(), "other_proposal");
        let from = month("2024-06");
        decide(&town, number, Decision::Suspend { from })
            .await
            .expect("accepted");
        let again = decide(&town, number, Decision::Reject)
            .await
            .expect_err("once");
        assert_eq!(again.code(), "decided_already");
        assert_eq!(proposed(&town).await, []);
        town.make("2024-06", "51").await.expect("made");
        let regular = town.lines("2024-06", "51").await;
        assert!(
            regular.iter().all(|line| !line.contains("regular")),
            "{regular:?}"
        );
    }
}

#[tokio::test]
async fn a_reported_death_is_no_fact_until_somebody_has_looked() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    for line in ["2024-03-1-1", "2024-03-1-2"] {
        hear(&town, line, Status::Failed, Some("deceased")).await;
    }
    let found = proposed(&town).await;
    assert_eq!(found.len(), 1, "told twice, proposed once: {found:?}");
    assert_eq!(found[0].kind, ProposalKind::Death);
    assert_eq!(found[0].person, town.number("p1").await.0);
    assert_eq!(town.number("p1").await, PersonId(1));
    town.set("2024-04-20");
    town.make("2024-04", "51").await.expect("made");
    let before = town.lines("2024-04", "51").await;
    assert!(
        before.iter().any(|line| line.contains("regular")),
        "{before:?}"
    );
    let died = Decision::On {
        date: date(2024, 1, 20),
    };
    decide(&town, found[0].proposal_no, died)
        .await
        .expect("accepted");
    town.make("2024-04", "51").await.expect("made");
    let after = town.lines("2024-04", "51").await;
    assert!(
        after.iter().any(|line| line.contains("recovery")),
        "{after:?}"
    );
    assert!(
        after.iter().all(|line| !line.contains("regular")),
        "{after:?}"
    );
}

#[tokio::test]
async fn a_rejected_proposal_changes_nothing() {
    let town = uncollected(&["2024-03", "2024-04", "2024-05"]).await;
    let number = proposed(&town).await[0].proposal_no;
    let unsaid = proposal::decide(&town.office(), &maker(), number, Decision::Reject, " ").await;
    assert_eq!(unsaid.expect_err("no reason").code(), "reason_missing");
    let unknown = decide(&town, 99, Decision::Reject)
        .await
        .expect_err("no such");
    assert_eq!(unknown.code(), "unknown_proposal");
    decide(&town, number, Decision::Reject)
        .await
        .expect("rejected");
    let events: i64 = sqlx::query_scalar("select count(*) from event where kind = 'suspended'")
        .fetch_one(town.pool())
        .await
        .expect("counted");
    assert_eq!(events, 0);
    sqlx::query("delete from proposal_decision")
        .execute(town.pool())
        .await
        .expect_err("kept");
}
