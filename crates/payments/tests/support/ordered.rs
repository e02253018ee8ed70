//! A provider and its orders, told briefly.

use kernel::Dong;
use payments::results::{self, Imported, Reported, Status};
use payments::treasury::{self, Movement};

use super::{Town, maker, month};

pub const POST: &str = "buu-dien";

impl Town {
    /// Orders every line of the month's approved lists from the post office.
    pub async fn order(&self, list: &str) {
        let number = month(list).yyyymm();
        let mut tx = self.pool().begin().await.expect("a transaction");
        for statement in [
            "insert into provider values ('buu-dien', 'Bưu điện tỉnh', 'post', null, null, 'an', now())
             on conflict do nothing".to_owned(),
            "insert into provider_contract (provider, kind, area_code, channels, from_month,
                 fee_basis_points, list_before_day, report_before_day, settlement_months, handover,
                 recorded_by, recorded_at)
             select 'buu-dien', 'post', '51', '{4}', 202001, 50, 25, 20, 1, 'file', 'an', now()
             where not exists (select from provider_contract)".to_owned(),
            format!("create table if not exists order_line_test_{number} partition of order_line
                 for values in ({number})"),
            format!("insert into payment_order (list_id, list_month, provider, contract_no,
                 area_code, pay_on, made_by, made_at)
             select list_id, month, 'buu-dien', (select min(contract_no) from provider_contract),
                    area_code, '2024-01-01', 'an', now()
             from payment_list p where month = {number} and approved_at is not null
               and not exists (select from payment_order o where o.list_id = p.list_id)"),
            format!("insert into order_line (list_month, person_id, line_no, order_no, channel,
                 amount, full_name, birth_date, birth_precision, holder, payee_name)
             select l.list_month, person_id, line_no, order_no, 4, l.amount, full_name, birth_date,
                    birth_precision, 'self', full_name
             from list_line l join payment_order using (list_id) join person using (person_id)
             where l.list_month = {number} and kind <> 3 and fingerprint is null"),
            format!("update payment_order o set (lines, people, amount, fingerprint) = (
                 select count(*), count(distinct person_id), sum(amount), 'x'::bytea
                 from order_line l where l.order_no = o.order_no)
             where list_month = {number} and fingerprint is null"),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
                .execute(&mut *tx)
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
        }
        tx.commit().await.expect("ordered");
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
