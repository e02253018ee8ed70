//! The rows of the table for citizens, who have no account. Pages about a dossier ask for the session
//! of its citizen themselves.

use axum::routing::{get, post};

use super::{change, read};
use crate::page::citizen::{
    act, add, apply, check, correct, letters, look_up, question, standing, supplement,
};
use crate::route::Pace::{Long, Quick, Upload};
use crate::route::Route;
use crate::route::Who::Anybody;

pub(super) fn rows() -> Vec<Route> {
    vec![
        read("/tra-cuu", Anybody, Quick, get(look_up::form)),
        change("/tra-cuu", Anybody, Quick, post(look_up::open)),
        change("/tra-cuu/thoat", Anybody, Quick, post(look_up::leave)),
        change("/tra-cuu/ho-so/ma", Anybody, Quick, post(check::give_code)),
        read("/nop-ho-so", Anybody, Quick, get(apply::start)),
        change("/nop-ho-so", Anybody, Quick, post(apply::begin)),
        change("/nop-ho-so/tiep", Anybody, Quick, post(apply::come_back)),
        change(
            "/nop-ho-so/de-sau",
            Anybody,
            Quick,
            post(apply::leave_for_later),
        ),
        read("/nop-ho-so/cau", Anybody, Quick, get(question::first)),
        read("/nop-ho-so/cau/{code}", Anybody, Quick, get(question::show)),
        change(
            "/nop-ho-so/cau/{code}",
            Anybody,
            Quick,
            post(question::answer),
        ),
        read("/nop-ho-so/giay-to", Anybody, Quick, get(add::form)),
        change("/nop-ho-so/giay-to", Anybody, Upload, post(add::send)),
        change("/nop-ho-so/giay-to/bo", Anybody, Quick, post(add::remove)),
        read("/nop-ho-so/kiem-tra", Anybody, Quick, get(check::show)),
        change("/nop-ho-so/kiem-tra", Anybody, Quick, post(check::submit)),
        read("/nop-ho-so/da-nop", Anybody, Quick, get(check::submitted)),
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
        read(
            "/tra-cuu/ho-so/giay-to",
            Anybody,
            Quick,
            get(add::later_form),
        ),
        change(
            "/tra-cuu/ho-so/giay-to",
            Anybody,
            Upload,
            post(add::send_later),
        ),
        read(
            "/tra-cuu/ho-so/to-khai",
            Anybody,
            Quick,
            get(correct::overview),
        ),
        read(
            "/tra-cuu/ho-so/to-khai/{code}",
            Anybody,
            Quick,
            get(correct::show),
        ),
        change(
            "/tra-cuu/ho-so/to-khai/{code}",
            Anybody,
            Quick,
            post(correct::answer),
        ),
        read(
            "/tra-cuu/ho-so/van-ban/{letter}",
            Anybody,
            Long,
            get(letters::hand_out),
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
