//! A provider and its orders, told briefly.

use kernel::Dong;
use payments::provider::contract::Handover;
use payments::provider::{self, NewContract, Provider, ProviderKind};
use payments::results::{self, Imported, Reported, Status};
use payments::treasury::{self, Movement};
use payments::{Channel, order};
use serde_json::json;

use super::{Town, approver, event, maker, month};

pub const POST: &str = "buu-dien";

impl Town {
    /// Orders every line of the month's approved lists from the post office, which everybody
    /// receives their money from.
    pub async fn order(&self, list: &str) {
        self.post_office().await;
        let office = self.office();
        let ordered = order::make(&office, &maker(), month(list), "51", None).await;
        assert_eq!(ordered.expect("ordered").open, []);
    }

    async fn post_office(&self) {
        let office = self.office();
        let provider = Provider {
            code: POST.to_owned(),
            name: "Bưu điện tỉnh".to_owned(),
            kind: ProviderKind::Post,
            bank_code: None,
            account_number: None,
        };
        if provider::add(&office, &approver(), &provider)
            .await
            .is_err()
        {
            return;
        }
        let terms = NewContract {
            provider: POST.to_owned(),
            area: "51".to_owned(),
            bank: None,
            channels: vec![Channel::PostOffice],
            from: month("2024-01"),
            to: None,
            fee_basis_points: 50,
            list_before_day: 25,
            report_before_day: 20,
            settlement_months: 1,
            handover: Handover::File,
            signed_number: None,
        };
        provider::record(&office, &approver(), &terms, false)
            .await
            .expect("signed");
        let people: Vec<String> = sqlx::query_scalar("select person_key from person")
            .fetch_all(self.pool())
            .await
            .expect("people");
        for person in people {
            let fields = json!({"channel": "post_office", "holder": "self"});
            self.told(&[event(&person, "2024-01-15", "payee_set", fields)])
                .await;
        }
    }

    /// Draws money of the list of the province and transfers it to the post office.
    pub async fn pay_in(&self, list: &str, amount: i64) {
        let movement = self.moved(list, amount);
        let office = self.office();
        treasury::draw(&office, &maker(), &movement)
            .await
            .expect("drawn");
        let sent = treasury::transfer(&office, &maker(), &movement, POST).await;
        sent.expect("transferred");
    }

    /// Money of the list of the province that moved today.
    pub fn moved(&self, list: &str, amount: i64) -> Movement<'static> {
        Movement {
            month: month(list),
            area: "51",
            amount: Dong(amount),
            day: self.clock.today(),
            paper: "UNC 1",
        }
    }

    /// The post office says what became of a line.
    pub async fn hear(&self, id: &str, line: &str, status: Status, amount: i64) -> Imported {
        let reported = Reported {
            result_id: id.to_owned(),
            line: line.to_owned(),
            status,
            date: self.clock.today(),
            reason: None,
            amount,
        };
        let rows = [(1, reported)];
        let heard = results::import(&self.office(), &maker(), POST, &rows).await;
        heard.expect("imported")
    }
}
