//! Where the lines of a month are written.
//!
//! The first list of a month is loaded into a table of its own that becomes the month's partition
//! when it is complete: rows first, then the key and the index, then ATTACH. A further list of the
//! month (another area) goes into the partition that is there.

use kernel::{ListId, Month};
use sqlx::{AssertSqlSafe, PgConnection};

/// A table that takes the lines of one list.
#[derive(Debug)]
pub(crate) struct Target {
    month: i32,
    table: String,
    /// Not yet the month's partition; the one there now, if any, gives way to it.
    fresh: bool,
    replaces: Option<String>,
}

impl Target {
    /// Prepares for the lines of a list; the lines of the draft it replaces are gone afterwards
    /// (or when the fresh table takes the old one's place).
    pub(crate) async fn prepare(
        tx: &mut PgConnection,
        month: Month,
        list: ListId,
        draft: Option<ListId>,
    ) -> sqlx::Result<Target> {
        let month = month.yyyymm();
        let present = partition_of(&mut *tx, month).await?;
        let shared = sqlx::query_scalar!(
            r#"select exists(select from payment_list
                             where month = $1 and list_id is distinct from $2) as "shared!""#,
            month,
            draft.map(|draft| draft.0)
        )
        .fetch_one(&mut *tx)
        .await?;
        if let (Some(table), true) = (&present, shared) {
            if let Some(draft) = draft {
                sqlx::query!(
                    "delete from list_line where list_month = $1 and list_id = $2",
                    month,
                    draft.0
                )
                .execute(&mut *tx)
                .await?;
            }
            return Ok(Target {
                month,
                table: table.clone(),
                fresh: false,
                replaces: None,
            });
        }
        let table = format!("list_line_{month}_{list}");
        // Names here are made of two numbers.
        let create = format!(
            "create table {table} (like list_line including defaults including constraints,
                                   constraint of_its_month check (list_month = {month}))"
        );
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut *tx)
            .await?;
        Ok(Target {
            month,
            table,
            fresh: true,
            replaces: present,
        })
    }

    /// The table's name, made of two numbers.
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    /// The statement that copies lines in.
    pub(crate) fn copy_statement(&self) -> String {
        // Frozen rows need no second writing later; allowed only in a table made just now.
        let freeze = if self.fresh { ", freeze" } else { "" };
        format!("copy {} from stdin (format binary{freeze})", self.table)
    }

    /// Makes a fresh table the month's partition.
    pub(crate) async fn put_in_place(self, tx: &mut PgConnection) -> sqlx::Result<()> {
        if !self.fresh {
            return Ok(());
        }
        let (table, month) = (&self.table, self.month);
        if let Some(old) = &self.replaces {
            sqlx::raw_sql(AssertSqlSafe(format!("drop table {old}")))
                .execute(&mut *tx)
                .await?;
        }
        let place = format!(
            "alter table {table} add primary key (list_month, person_id, line_no);
             create unique index on {table} (list_month, person_id, benefit) where kind = 1;
             create index on {table} (area_code, area_valid_from);
             create index on {table} (amount, person_id, line_no);
             create trigger approved_list_takes_no_line after insert on {table}
                 referencing new table as added for each statement
                 execute function refuse_line_of_approved_list();
             create trigger lines_are_never_emptied before truncate on {table}
                 execute function refuse_change();
             alter table list_line attach partition {table} for values in ({month});
             analyze {table}"
        );
        sqlx::raw_sql(AssertSqlSafe(place))
            .execute(&mut *tx)
            .await?;
        Ok(())
    }
}

/// The month's partition, if there is one.
async fn partition_of(tx: &mut PgConnection, month: i32) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        r#"select c.relname::text as "name!" from pg_inherits i join pg_class c on c.oid = i.inhrelid
           where i.inhparent = 'list_line'::regclass
             and pg_get_expr(c.relpartbound, c.oid) = format('FOR VALUES IN (%s)', $1::int)"#,
        month
    )
    .fetch_optional(tx)
    .await
}
