//! Where the lines of orders are written.
//!
//! The first lines of a month are copied into a table of their own that becomes the month's partition
//! when all are in, as those of lists are: rows first, then the key and the index, then ATTACH, which
//! keeps nobody from reading other months. Further lines go into the partition that is there.

use kernel::Month;
use sqlx::{AssertSqlSafe, PgConnection};

/// Further lines from which on looking at them well planned saves more than planning costs.
const WORTH_ANALYZING: u64 = 10_000;

/// A table that takes the lines of orders.
#[derive(Debug)]
pub(super) struct Target {
    month: i32,
    /// Not yet the month's partition.
    fresh: bool,
}

impl Target {
    /// Prepares for the lines of a month; the caller's transaction holds off other makers.
    pub(super) async fn prepare(tx: &mut PgConnection, month: Month) -> sqlx::Result<Target> {
        let month = month.yyyymm();
        let there = sqlx::query_scalar!(
            r#"select to_regclass(format('order_line_%s', $1::int)) is not null as "there!""#,
            month
        )
        .fetch_one(&mut *tx)
        .await?;
        let target = Target {
            month,
            fresh: !there,
        };
        if target.fresh {
            let create = format!(
                "create table {} (like order_line including defaults including constraints,
                     constraint of_its_month check (list_month = {month}))",
                target.partition()
            );
            sqlx::raw_sql(AssertSqlSafe(create)).execute(tx).await?;
        }
        Ok(target)
    }

    /// The partition's name, made of a number.
    fn partition(&self) -> String {
        format!("order_line_{}", self.month)
    }

    /// The COPY that takes lines.
    pub(super) fn copy_statement(&self) -> String {
        let columns = super::line::COLUMNS;
        if self.fresh {
            // Frozen rows need no second writing later; allowed only in a table made just now.
            let table = self.partition();
            format!("copy {table} ({columns}) from stdin (format binary, freeze)")
        } else {
            format!("copy order_line ({columns}) from stdin (format binary)")
        }
    }

    /// Makes a fresh table with lines the month's partition; one without is gone again.
    pub(super) async fn put_in_place(self, tx: &mut PgConnection, lines: u64) -> sqlx::Result<()> {
        let (table, month) = (self.partition(), self.month);
        let analyze = format!("analyze {table} (list_month, person_id, line_no, order_no, amount)");
        let place = match (self.fresh, lines) {
            (true, 0) => format!("drop table {table}"),
            (false, ..WORTH_ANALYZING) => return Ok(()),
            // Of the orders that are sealed next nothing is known yet: they would be looked at as if they
            // had a line or two.
            (false, _) => analyze,
            (true, _) => format!(
                "alter table {table} add primary key (list_month, person_id, line_no);
                 create index on {table} (order_no, person_id, line_no);
                 create trigger order_line_is_of_its_list after insert on {table}
                     referencing new table as added for each statement
                     execute function refuse_foreign_order_line();
                 create trigger order_lines_are_never_emptied before truncate on {table}
                     execute function refuse_change();
                 alter table order_line attach partition {table} for values in ({month});
                 {analyze}"
            ),
        };
        sqlx::raw_sql(AssertSqlSafe(place)).execute(tx).await?;
        Ok(())
    }
}
