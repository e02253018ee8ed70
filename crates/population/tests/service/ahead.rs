//! Before a month's list everybody due is asked about without anybody saying so.

use population::ahead::{before_list, month_prepared};

use super::*;

#[tokio::test]
async fn everybody_due_is_asked_about_once_under_the_officer_the_settings_name() {
    let db = TestDb::practice().await;
    let known = many(&db, 5).await;
    let address = sandbox(&known, Manner::default()).await;
    let (pool, clock) = (db.pool(), clock());
    let month = Month::of(clock.today());
    let ask = async |service: &Service, area: &str, limit| {
        let tally = before_list((pool, &clock), service, (month, area), limit, |_| {}).await;
        tally.expect("asked").people
    };
    assert_eq!(
        ask(&service(&address), "51", None).await,
        0,
        "nobody is named"
    );
    let named = service_with(&address, |settings| {
        settings.before_lists = vec!["can.bo".to_owned()];
    });
    assert_eq!(ask(&named, "01", None).await, 0, "they live elsewhere");
    assert_eq!(ask(&named, "51", Some(2)).await, 2);
    assert_eq!(ask(&named, "", None).await, 3);
    assert_eq!(
        ask(&named, "", None).await,
        0,
        "nobody is asked about twice"
    );
    let told = "select count(*) from population_request where officer = 'CB-01'
                and purpose = 'Đối chiếu trước khi lập danh sách chi trả tháng 2024-05'";
    assert!(count(&db, told).await >= 5);
}

#[test]
fn from_the_middle_of_a_month_on_the_next_list_is_prepared() {
    let of = |day: &str| month_prepared(&testkit::clock(day)).to_string();
    assert_eq!(of("2024-05-14T08:00:00+07:00"), "2024-05");
    assert_eq!(of("2024-05-15T08:00:00+07:00"), "2024-06");
    assert_eq!(of("2024-12-20T08:00:00+07:00"), "2025-01");
}
