//! The rows of the table about signing in, one's own account and the accounts of others.

use access::identity;
use axum::routing::{get, post};
use kernel::actor::Role;

use super::{change, read};
use crate::page::{account, administration, sign_in};
use crate::route::Pace::Quick;
use crate::route::Route;
use crate::route::Who::{Anybody, Roles, SignedIn};

const ADMINISTRATOR: &[Role] = &[Role::Administrator];

pub(super) fn rows() -> Vec<Route> {
    vec![
        read("/dang-nhap", Anybody, Quick, get(sign_in::form)),
        change("/dang-nhap", Anybody, Quick, post(sign_in::enter)),
        read("/dang-nhap/ma", Anybody, Quick, get(sign_in::code_form)),
        change("/dang-nhap/ma", Anybody, Quick, post(sign_in::code)),
        read(
            "/dang-nhap/dinh-danh",
            Anybody,
            Quick,
            get(sign_in::identity::leave),
        ),
        read(
            identity::provider::BACK,
            Anybody,
            Quick,
            get(sign_in::identity::come_back),
        ),
        change("/dang-xuat", SignedIn, Quick, post(sign_in::leave)),
        read("/con-lam-viec", SignedIn, Quick, get(sign_in::keep_alive)),
        read("/tai-khoan", SignedIn, Quick, get(account::show)),
        change("/tai-khoan", SignedIn, Quick, post(account::act)),
        read(
            "/quan-tri",
            Roles(ADMINISTRATOR),
            Quick,
            get(administration::list),
        ),
        change(
            "/quan-tri",
            Roles(ADMINISTRATOR),
            Quick,
            post(administration::act_on_all),
        ),
        read(
            "/quan-tri/{user}",
            Roles(ADMINISTRATOR),
            Quick,
            get(administration::user::show),
        ),
        change(
            "/quan-tri/{user}",
            Roles(ADMINISTRATOR),
            Quick,
            post(administration::user::act),
        ),
    ]
}
