//! A list worked out again from what it knew.

use crate::support::*;

#[tokio::test]
async fn a_list_made_again_from_its_sources_is_the_same() {
    let mut town = Town::on("2024-03-20").await;
    town.told(&severe("p1", WARD)).await;
    town.list("2024-03", "51").await;
    town.set("2024-04-20");
    town.told(&severe("p2", VILLAGE)).await;
    town.list("2024-04", "51").await;
    town.told(&[died("p1", "2024-02-01")]).await;
    town.set("2024-05-20");
    town.list("2024-05", "51").await;
    for list in ["2024-03", "2024-04", "2024-05"] {
        town.holds(list, "51").await;
    }
}

#[tokio::test]
async fn a_list_remembers_whom_a_draft_of_another_area_had() {
    let mut town = Town::on("2024-03-05").await;
    town.told(&severe("p1", WARD)).await;
    town.make("2024-03", WARD).await.expect("made");
    town.set("2024-03-20");
    town.told(&[died("p1", "2024-01-10")]).await;
    let province = town.list("2024-03", "51").await;
    assert_eq!((province.header.people, province.left_out), (0, 1));
    town.holds("2024-03", "51").await;
}

#[tokio::test]
async fn a_list_is_worked_out_again_after_the_move_it_knew_was_cancelled() {
    let mut town = Town::on("2024-02-20").await;
    town.told(&severe("p1", WARD)).await;
    let away = moved("p1", "2024-01-10", FAR);
    town.told(std::slice::from_ref(&away)).await;
    town.list("2024-02", "").await;
    town.set("2024-03-20");
    town.list("2024-03", "01").await;
    town.told(&[cancelled(&away)]).await;
    town.holds("2024-03", "01").await;
}
