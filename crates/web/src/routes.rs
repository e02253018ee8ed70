//! The one table of ways into the site: the router, the navigation and the permission test are
//! all made from it.

mod account;
mod changes;
mod citizens;
mod counter;
mod dialects;
mod exchange;
mod links;
mod messages;
mod money;
mod orders;
mod papers;
mod population;
mod spdci;
mod work;

use std::convert::Infallible;
use std::time::Duration;

use access::audit::AUDITORS;
use axum::extract::DefaultBodyLimit;
use axum::http::{Method, StatusCode};
use axum::routing::{MethodRouter, get, post};
use axum::{Router, middleware};
use kernel::actor::Role;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use crate::api::{events, lists, persons};
use crate::failure::{Failure, panicked, word_failures};
use crate::frame::READERS;
use crate::page::{
    audit, board, export, help, home, import, law, lines, month, months, payee, payee_import,
    payees, person, quality, search,
};
use crate::route::{Handler, Pace, Route, Who, guard};
use crate::{Server, api, asset, security};

/// Every route of the site.
pub(crate) fn table() -> Vec<Route> {
    let mut table = lists_and_people();
    table.extend(account::rows());
    table.extend(orders::rows());
    table.extend(counter::rows());
    table.extend(exchange::rows());
    table.extend(dialects::rows());
    table.extend(changes::rows());
    table.extend(work::rows());
    table.extend(messages::rows());
    table.extend(links::rows());
    table.extend(population::rows());
    table.extend(citizens::rows());
    table.extend(papers::rows());
    table.extend(spdci::rows());
    table.extend(money::pages());
    table.extend(money::operations());
    table
}

fn lists_and_people() -> Vec<Route> {
    use Pace::{Long, Quick, Upload};
    use Who::{Anybody, Roles, SignedIn};
    let maker: &[Role] = &[Role::ListMaker];
    let approver: &[Role] = &[Role::Approver];
    let handlers = registry::sight::HANDLERS;
    let officer: &[Role] = &[Role::Officer];
    vec![
        read("/tep/{hash}/{name}", Anybody, Quick, get(asset::show)),
        read("/", SignedIn, Quick, get(home::show)),
        read("/tim", Roles(READERS), Quick, get(search::show)),
        change("/tim", Roles(READERS), Quick, post(search::ask)),
        read("/doi-tuong/{id}", Roles(READERS), Quick, get(person::show)),
        read(
            "/doi-tuong/{id}/nguoi-nhan",
            Roles(READERS),
            Quick,
            get(payee::show),
        ),
        change(
            "/doi-tuong/{id}/nguoi-nhan",
            Roles(officer),
            Quick,
            post(payee::save),
        ),
        read("/nguoi-nhan", Roles(READERS), Long, get(payees::show)),
        read(
            "/khong-tien-mat",
            Roles(READERS),
            Long,
            get(board::cashless),
        ),
        change(
            "/khong-tien-mat/muc-tieu",
            Roles(approver),
            Quick,
            post(board::set_target),
        ),
        read("/chat-luong", Roles(READERS), Long, get(board::quality)),
        read("/bao-cao", Roles(READERS), Long, get(board::caseload)),
        read("/bao-cao/nguoi", Roles(READERS), Long, get(board::people)),
        read(
            "/bao-cao/mau/{number}",
            Roles(READERS),
            Long,
            get(board::form),
        ),
        read(
            "/bao-cao/mau/{number}/{form}",
            Roles(READERS),
            Long,
            get(board::form_file),
        ),
        read(
            "/bao-cao/xuat/{form}",
            Roles(READERS),
            Long,
            get(board::export),
        ),
        read(
            "/so-dinh-danh",
            Roles(READERS),
            Quick,
            get(quality::id_numbers),
        ),
        read(
            "/dia-ban-tach",
            Roles(READERS),
            Quick,
            get(quality::split_areas),
        ),
        read("/nhap", Roles(officer), Quick, get(import::form)),
        change("/nhap", Roles(officer), Upload, post(import::upload)),
        read("/nhap/mau.xlsx", Roles(officer), Quick, get(import::blank)),
        read(
            "/nhap/nguoi-nhan",
            Roles(officer),
            Quick,
            get(payee_import::form),
        ),
        change(
            "/nhap/nguoi-nhan",
            Roles(officer),
            Upload,
            post(payee_import::upload),
        ),
        read(
            "/nhap/nguoi-nhan/mau.xlsx",
            Roles(officer),
            Quick,
            get(payee_import::blank),
        ),
        read(
            "/nhap/{ticket}",
            Roles(officer),
            Quick,
            get(import::preview),
        ),
        change("/nhap/{ticket}", Roles(officer), Long, post(import::apply)),
        read(
            "/nhap/{ticket}/{file}",
            Roles(officer),
            Quick,
            get(import::refused_rows),
        ),
        read("/ky-chi", Roles(READERS), Quick, get(months::show)),
        read("/ky-chi/{month}", Roles(READERS), Long, get(month::show)),
        change("/ky-chi/{month}", Roles(maker), Long, post(month::make)),
        read(
            "/ky-chi/{month}/danh-sach",
            Roles(READERS),
            Quick,
            get(lines::show),
        ),
        read(
            "/ky-chi/{month}/bien-dong",
            Roles(READERS),
            Long,
            get(lines::behind),
        ),
        read(
            "/ky-chi/{month}/xuat/{form}",
            Roles(READERS),
            Long,
            get(export::show),
        ),
        read(
            "/ky-chi/{month}/duyet",
            Roles(approver),
            Long,
            get(month::confirm),
        ),
        change(
            "/ky-chi/{month}/duyet",
            Roles(approver),
            Long,
            post(month::approve),
        ),
        read("/nhat-ky", Roles(AUDITORS), Quick, get(audit::show)),
        change(
            "/nhat-ky/kiem-tra",
            Roles(AUDITORS),
            Long,
            post(audit::check),
        ),
        read(
            "/nhat-ky/xuat/{form}",
            Roles(AUDITORS),
            Long,
            get(audit::export),
        ),
        read("/tro-giup", Anybody, Quick, get(help::show)),
        read("/tro-giup/luat", Anybody, Quick, get(law::show)),
        operation(
            Method::POST,
            "/api/v1/events",
            Roles(officer),
            Upload,
            routes!(events::record),
        ),
        operation(
            Method::GET,
            "/api/v1/persons",
            Roles(READERS),
            Quick,
            routes!(persons::find),
        ),
        operation(
            Method::GET,
            "/api/v1/persons/{id}",
            Roles(READERS),
            Quick,
            routes!(persons::show),
        ),
        operation(
            Method::GET,
            "/api/v1/persons/{id}/explain",
            Roles(handlers),
            Quick,
            routes!(persons::explain),
        ),
        operation(
            Method::POST,
            "/api/v1/lists",
            Roles(maker),
            Long,
            routes!(lists::make),
        ),
        operation(
            Method::GET,
            "/api/v1/lists",
            Roles(READERS),
            Quick,
            routes!(lists::all),
        ),
        operation(
            Method::GET,
            "/api/v1/lists/{month}/{area}",
            Roles(READERS),
            Quick,
            routes!(lists::one),
        ),
        operation(
            Method::GET,
            "/api/v1/lists/{month}/{area}/lines",
            Roles(handlers),
            Long,
            routes!(lists::lines),
        ),
        operation(
            Method::GET,
            "/api/v1/lists/{month}/{area}/changes",
            Roles(handlers),
            Long,
            routes!(lists::changes),
        ),
        operation(
            Method::POST,
            "/api/v1/lists/{month}/{area}/approval",
            Roles(approver),
            Long,
            routes!(lists::approve),
        ),
        read("/api/openapi.json", Anybody, Quick, get(api::openapi)),
    ]
}

fn read(path: &'static str, who: Who, pace: Pace, page: MethodRouter<Server>) -> Route {
    Route {
        method: Method::GET,
        path,
        who,
        pace,
        handler: Handler::Page(page),
    }
}

fn change(path: &'static str, who: Who, pace: Pace, page: MethodRouter<Server>) -> Route {
    Route {
        method: Method::POST,
        path,
        who,
        pace,
        handler: Handler::Page(page),
    }
}

fn operation(
    method: Method,
    path: &'static str,
    who: Who,
    pace: Pace,
    operation: UtoipaMethodRouter<Server>,
) -> Route {
    Route {
        method,
        path,
        who,
        pace,
        handler: Handler::Operation(operation),
    }
}

/// Who may read the page at an address without parameters.
pub(crate) fn who_may(path: &str) -> Option<Who> {
    static READ: std::sync::LazyLock<Vec<(&'static str, Who)>> = std::sync::LazyLock::new(|| {
        let reads = table()
            .into_iter()
            .filter(|route| route.method == Method::GET);
        reads.map(|route| (route.path, route.who)).collect()
    });
    READ.iter()
        .find(|(read, _)| *read == path)
        .map(|(_, who)| *who)
}

/// The site, made from the table.
pub(crate) fn build(server: Server) -> Router {
    let mut router = Router::new();
    for route in table() {
        let (seconds, bytes) = match route.pace {
            Pace::Quick => (30, 1 << 20),
            Pace::Long => (600, 1 << 20),
            Pace::Upload => (600, 60 << 20),
            Pace::Message => (120, g2p::LARGEST),
        };
        let handler = match route.handler {
            Handler::Page(page) => page,
            Handler::Operation((_, _, operation)) => operation,
        };
        let time = Duration::from_secs(seconds);
        let guarded: MethodRouter<Server> = handler
            .layer::<_, Infallible>(middleware::from_fn(security::without_zeros))
            .layer::<_, Infallible>(DefaultBodyLimit::max(bytes))
            .layer(TimeoutLayer::with_status_code(
                StatusCode::GATEWAY_TIMEOUT,
                time,
            ))
            .layer(middleware::from_fn_with_state(
                (server.clone(), route.who),
                guard,
            ));
        router = router.route(route.path, guarded);
    }
    router
        .fallback(async || Failure::not_found())
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn_with_state(
            server.clone(),
            word_failures,
        ))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn(security::headers))
        .with_state(server)
}

/// The description of the JSON interface, made from the same table.
pub(crate) fn describe() -> OpenApi {
    let mut router = OpenApiRouter::with_openapi(api::head());
    for route in table() {
        if let Handler::Operation(operation) = route.handler {
            router = router.routes(operation);
        }
    }
    let mut description = router.into_openapi();
    api::described::answered_alike(&mut description);
    description
}
