//! What `ansinh bench month` is measured on is what it says: approved lists of every month before,
//! and nothing left for the new one but its own month.

use kernel::Actor;
use law::Law;
use payments::{Office, bench};
use testkit::TestDb;

const PEOPLE: i64 = 400;

#[tokio::test]
async fn the_lists_before_hold_what_is_listed() {
    let db = TestDb::practice().await;
    let (clock, law) = (bench::clock(), Law::embedded());
    let office = Office {
        pool: db.pool(),
        clock: &clock,
        law: &law,
    };
    let lines = bench::prepare(&office, PEOPLE, |_| {}).await;
    let lines = lines.expect("an empty practice database");
    assert_eq!(lines, PEOPLE * i64::from(bench::MONTHS_LISTED));

    let differing: i64 = sqlx::query_scalar(
        "with lines as (
             select person_id, benefit, for_month, sum(amount)::bigint as amount
             from list_line join payment_list using (list_id)
             where approved_at is not null group by person_id, benefit, for_month),
         runs as (
             select person_id, benefit, number / 12 * 100 + number % 12 + 1 as for_month, amount
             from listed, generate_series(
                 from_month / 100 * 12 + from_month % 100 - 1,
                 to_month / 100 * 12 + to_month % 100 - 1) as number)
         select count(*) from (
             (table lines except table runs) union all (table runs except table lines)) as it",
    )
    .fetch_one(db.pool())
    .await
    .expect("an answer");
    assert_eq!(differing, 0);

    let maker = Actor::with_every_role("bench");
    let (made, _) = bench::timed_make(&office, &maker).await.expect("made");
    assert_eq!(i64::from(made.header.lines), PEOPLE);
    let not_regular: i64 = sqlx::query_scalar(
        "select count(*) from list_line where list_month = 202405 and kind <> 1",
    )
    .fetch_one(db.pool())
    .await
    .expect("an answer");
    assert_eq!(not_regular, 0);
    let (written, _) = bench::timed_insert(db.pool()).await.expect("written");
    assert_eq!(written, PEOPLE as u64);
}
