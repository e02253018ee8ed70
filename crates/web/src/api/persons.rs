//! People: search, one, and why they get what they get.

#![expect(
    unused_qualifications,
    reason = "utoipa names parameter types by a path of its own"
)]

use access::session::SignedIn;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use kernel::{Month, PersonId};
use payments::Explanation;
use registry::person::{self, Profile};
use registry::search;
use registry::search::Found;
use registry::sight::HANDLERS;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shape;
use crate::Server;
use crate::failure::{Failure, Problem};

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Words of a name (accents do not matter), an ID number, or a caller's key.
    #[serde(default)]
    q: String,
    /// Code of an area; everywhere the token may look when left out.
    #[serde(default)]
    area: String,
    /// People to pass over.
    #[serde(default)]
    skip: u32,
    /// People at most, up to 500.
    limit: Option<u32>,
}

/// Tìm người theo tên, số định danh, mã hồ sơ, địa bàn.
#[utoipa::path(get, path = "/api/v1/persons", tag = "persons", security(("token" = [])),
    params(Wanted),
    responses((status = 200, description = "Một trang kết quả", body = shape::Found)))]
pub(crate) async fn find(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Found>, Failure> {
    let limit = wanted.limit.unwrap_or(50).clamp(1, 500);
    let query = search::Query {
        text: &wanted.q,
        area: &wanted.area,
        skip: wanted.skip,
        limit,
    };
    let found = search::search(&server.pool, &who.actor, &server.clock, &query).await?;
    let (told, more) = (
        ("search", None),
        serde_json::json!({ "found": found.people.len() }),
    );
    let action = access::audit::Action::PersonSearch;
    access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    Ok(Json(found))
}

/// Một người.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonBody {
    /// Number in the registry.
    id: i64,
    /// The first caller's key.
    person: String,
    full_name: String,
    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    birth_date: String,
    sex: Option<String>,
    ethnicity: Option<String>,
    /// Masked unless the token's roles handle papers.
    id_number: Option<String>,
    id_state: String,
    identity_check: Option<String>,
    identity_fields: Vec<String>,
    /// Code of the commune today.
    area: String,
    area_name: String,
    area_confirmed: bool,
    death_date: Option<String>,
    merged_into: Option<i64>,
    enrolments: Vec<EnrolmentBody>,
    facts: Vec<FactBody>,
}

#[derive(Serialize, ToSchema)]
struct EnrolmentBody {
    benefit: String,
    /// First month paid.
    from: String,
    /// Last month paid; null while it goes on.
    to: Option<String>,
    decision_number: String,
    decision_date: String,
    end_reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct FactBody {
    fact_id: String,
    kind: String,
    variant: Option<String>,
    from: String,
    to: Option<String>,
}

impl From<Profile> for PersonBody {
    fn from(profile: Profile) -> PersonBody {
        let enrolments = profile.enrolments.into_iter().map(|award| EnrolmentBody {
            benefit: award.benefit.code().to_owned(),
            from: award.from.to_string(),
            to: award.to.map(|month| month.to_string()),
            decision_number: award.decision.number,
            decision_date: award.decision.date.to_string(),
            end_reason: award.end_reason,
        });
        let facts = profile.facts.into_iter().map(|(fact_id, fact)| FactBody {
            fact_id,
            kind: registry::fact::code(&fact.kind).to_owned(),
            variant: registry::fact::variant(&fact.kind).map(str::to_owned),
            from: fact.from.to_string(),
            to: fact.to.map(|day| day.to_string()),
        });
        let (result, fields) = profile.check.unzip();
        PersonBody {
            id: profile.id.0,
            person: profile.person_key,
            full_name: profile.full_name,
            birth_date: profile.birth_date.to_string(),
            sex: profile.sex.map(|sex| match sex {
                kernel::Sex::Female => "female".to_owned(),
                kernel::Sex::Male => "male".to_owned(),
            }),
            ethnicity: profile.ethnicity,
            id_number: profile.id_number,
            id_state: profile.id_state.code().to_owned(),
            identity_check: result.map(|result| result.code().to_owned()),
            identity_fields: fields.unwrap_or_default(),
            area: profile.commune.code.to_owned(),
            area_name: profile.commune.full_name.clone(),
            area_confirmed: profile.commune_confirmed,
            death_date: profile.death_date.map(|day| day.to_string()),
            merged_into: profile.merged_into.map(|other| other.0),
            enrolments: enrolments.collect(),
            facts: facts.collect(),
        }
    }
}

/// Xem một người; lượt xem được ghi nhật ký.
#[utoipa::path(get, path = "/api/v1/persons/{id}", tag = "persons", security(("token" = [])),
    params(("id" = i64, Path, description = "Số trong sổ")),
    responses((status = 200, description = "Một người", body = PersonBody),
        (status = 404, description = "Không có người này", body = Problem,
            content_type = "application/problem+json")))]
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Result<Json<PersonBody>, Failure> {
    let profile = person::read(&server.pool, &who.actor, &server.clock, PersonId(id)).await?;
    Ok(Json(profile.into()))
}

/// The month asked about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfMonth {
    /// `YYYY-MM`.
    #[param(value_type = String)]
    month: Month,
}

/// Vì sao người này được số tiền này trong tháng.
#[utoipa::path(get, path = "/api/v1/persons/{id}/explain", tag = "persons",
    security(("token" = [])), params(("id" = i64, Path, description = "Số trong sổ"), OfMonth),
    responses((status = 200, description = "Từng dòng với điều khoản", body = shape::Explanation)))]
pub(crate) async fn explain(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Path(id): Path<i64>,
    Query(of): Query<OfMonth>,
) -> Result<Json<Explanation>, Failure> {
    let office = server.office();
    let why = payments::explain(&office, &who.actor, PersonId(id), of.month).await?;
    // The articles of a benefit can tell of an illness.
    access::require(&who.actor, HANDLERS, &why.commune)?;
    Ok(Json(why))
}
