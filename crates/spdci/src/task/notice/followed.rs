//! Whom a subscription by number means: the records it names, and those they were merged into since. Nothing is
//! kept of it: once a merger is taken back, the subscription stands as before.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use crate::criteria::Criteria;

/// Records that go on for those a subscription names, each with the named ones.
pub(super) struct Followed(BTreeMap<i64, Vec<i64>>);

impl Followed {
    /// Reads them; nobody for a subscription that names nobody.
    pub(super) async fn read(tx: &mut PgConnection, criteria: &Criteria) -> sqlx::Result<Followed> {
        let Some(named) = &criteria.people else {
            return Ok(Followed(BTreeMap::new()));
        };
        let rows = sqlx::query!(
            r#"with recursive way (named, person_id) as (
                   select named, named from unnest($1::bigint[]) as of (named)
                   union
                   select w.named, substr(e.body->>'into', 2)::bigint
                   from way w join event e on e.person_id = w.person_id and e.kind = 'merged'
                   where not exists (select from event c
                                     where c.person_id = e.person_id and c.kind = 'event_cancelled'
                                       and (c.body->>'cancels')::uuid = e.event_id))
               select named as "named!", person_id as "person_id!" from way where named <> person_id
               order by named"#,
            named
        )
        .fetch_all(tx)
        .await?;
        let mut followed = BTreeMap::<i64, Vec<i64>>::new();
        for row in rows {
            let stands_for = followed.entry(row.person_id).or_default();
            stands_for.push(row.named);
        }
        followed.retain(|person, _| !named.contains(person));
        Ok(Followed(followed))
    }

    /// The criteria, meaning these records too.
    pub(super) fn and(&self, criteria: &Criteria) -> Criteria {
        let mut criteria = criteria.clone();
        if let Some(people) = &mut criteria.people {
            people.extend(self.0.keys());
        }
        criteria
    }

    /// The named records one goes on for; none when it is named itself or nobody is.
    pub(super) fn instead_of(&self, person: i64) -> Option<Vec<String>> {
        let named = self.0.get(&person)?.iter();
        Some(named.map(i64::to_string).collect())
    }
}
