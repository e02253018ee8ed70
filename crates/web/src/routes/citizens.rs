//! The rows of the table for citizens, who have no account. Pages about a dossier ask for the session
//! of its citizen themselves.

use axum::routing::{get, post};

use super::{change, read};
use crate::page::citizen::{act, look_up, standing, supplement};
use crate::route::Pace::{Quick, Upload};
use crate::route::Route;
use crate::route::Who::Anybody;

pub(super) fn rows() -> Vec<Route> {
    vec![
        read("/tra-cuu", Anybody, Quick, get(look_up::form)),
        change("/tra-cuu", Anybody, Quick, post(look_up::open)),
        change("/tra-cuu/thoat", Anybody, Quick, post(look_up::leave)),
        read("/tra-cuu/ho-so", Anybody, Quick, get(standing::show)),
        read(
            "/tra-cuu/ho-so/bo-sung",
            Anybody,
            Quick,
            get(supplement::form),
        ),
        change(
            "/tra-cuu/ho-so/bo-sung",
            Anybody,
            Upload,
            post(supplement::send),
        ),
        read("/tra-cuu/ho-so/rut", Anybody, Quick, get(act::ask_back)),
        change("/tra-cuu/ho-so/rut", Anybody, Quick, post(act::withdraw)),
        read(
            "/tra-cuu/ho-so/bao-tin",
            Anybody,
            Quick,
            get(act::ask_contact),
        ),
        change(
            "/tra-cuu/ho-so/bao-tin",
            Anybody,
            Quick,
            post(act::tell_contact),
        ),
    ]
}
