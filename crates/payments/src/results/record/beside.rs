//! Reading beside the transaction that writes.

use std::ops::RangeInclusive;

use sqlx::{Connection, PgConnection, PgPool};

use crate::results::Key;

/// Where lines are looked up while the part before is written. What is being recorded cannot be seen
/// there: it is for lines of which the import has not spoken yet.
#[derive(Default)]
pub(super) struct Beside {
    /// The first and the last line of each part so far.
    spoken_of: Vec<RangeInclusive<Key>>,
    conn: Option<PgConnection>,
}

impl Beside {
    /// Whether no part before reached into the stretch of these lines. From now on this one did.
    pub(super) fn is_untouched(&mut self, keys: impl Iterator<Item = Key> + Clone) -> bool {
        let (Some(first), Some(last)) = (keys.clone().min(), keys.max()) else {
            return true;
        };
        let is_apart = |part: &RangeInclusive<Key>| last < *part.start() || *part.end() < first;
        let untouched = self.spoken_of.iter().all(is_apart);
        self.spoken_of.push(first..=last);
        untouched
    }

    /// A connection of its own: one of the pool may be waited for by whoever waits for the import.
    pub(super) async fn connection(&mut self, pool: &PgPool) -> sqlx::Result<PgConnection> {
        if let Some(conn) = self.conn.take() {
            return Ok(conn);
        }
        let mut conn = PgConnection::connect_with(&pool.connect_options()).await?;
        // A plan is made for the people of each part, not once for any.
        sqlx::raw_sql("set plan_cache_mode = force_custom_plan")
            .execute(&mut conn)
            .await?;
        Ok(conn)
    }

    /// Keeps a connection for the next part.
    pub(super) fn give_back(&mut self, conn: PgConnection) {
        self.conn = Some(conn);
    }
}
