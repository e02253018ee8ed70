//! The rows of the table for one-stop systems that speak another dialect.

use axum::http::Method;
use kernel::actor::Role;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use super::operation;
use crate::Server;
use crate::api::exchange::{pull, x_road};
use crate::route::Pace::{Long, Quick, Upload};
use crate::route::Who::Roles;
use crate::route::{Pace, Route};

const ONE_STOP: &[Role] = &[Role::OneStop];

pub(super) fn rows() -> Vec<Route> {
    let post = |path: &'static str, pace: Pace, handler: UtoipaMethodRouter<Server>| {
        operation(Method::POST, path, Roles(ONE_STOP), pace, handler)
    };
    vec![
        post(
            "/api/v1/exchange/pull/nhanHoSo",
            Quick,
            routes!(pull::nhan_ho_so),
        ),
        post(
            "/api/v1/exchange/pull/traTrangThaiHs",
            Quick,
            routes!(pull::tra_trang_thai),
        ),
        post(
            "/api/v1/exchange/pull/traDsTrangThaiHs",
            Long,
            routes!(pull::tra_ds_trang_thai),
        ),
        post(
            "/api/v1/exchange/pull/traHoSo",
            Long,
            routes!(pull::tra_ho_so),
        ),
        post(
            "/api/v1/exchange/pull/danhDauHsThanhCong",
            Quick,
            routes!(pull::danh_dau),
        ),
        post(
            "/api/v1/exchange/pull/danhMuc",
            Quick,
            routes!(pull::danh_muc),
        ),
        post(
            "/api/v1/exchange/x-road/r1/{instance}/{class}/{member}/{subsystem}/{service}",
            Long,
            routes!(x_road::rest),
        ),
        post(
            "/api/v1/exchange/x-road/soap",
            Upload,
            routes!(x_road::envelope),
        ),
    ]
}
