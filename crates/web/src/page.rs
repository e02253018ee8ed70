//! Pages. Each module holds its handlers beside the templates they fill.

pub(crate) mod audit;
pub(crate) mod help;
pub(crate) mod home;
pub(crate) mod sign_in;

use axum::response::{Html, IntoResponse, Response};

use crate::failure::Failure;

/// What a page handler answers.
pub(crate) type Page = Result<Response, Failure>;

/// A filled template as a page.
pub(crate) fn page(template: &impl askama::Template) -> Page {
    Ok(Html(template.render()?).into_response())
}

/// A page that shows errors of a form.
pub(crate) fn refused_page(template: &impl askama::Template) -> Page {
    let html = Html(template.render()?);
    Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, html).into_response())
}
