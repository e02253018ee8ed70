//! Where somebody lived.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::Month;
use kernel::area::{Area, Areas};

use super::{Folded, correction, refuse};
use crate::event::{Event, EventKind, Registration};

pub(super) fn residences(
    events: &[&Event],
    active: &[usize],
    registered_at: usize,
    registered: &Registration,
    areas: &'static Areas,
) -> Folded<Vec<(Date, &'static Area)>> {
    let registered_on = events[registered_at].effective;
    let mut home = commune(areas, registered_at, &registered.area.0, registered_on)?;
    for at in active {
        if let Some(code) = correction(events[*at]).and_then(|it| it.area.as_ref()) {
            home = commune(areas, *at, &code.0, registered_on)?;
        }
    }
    let mut homes = BTreeMap::from([(registered_on, home)]);
    for at in active.iter().copied() {
        if let EventKind::Moved { area } = &events[at].kind {
            let since = events[at].effective;
            if since < registered_on {
                let why = "ngày chuyển trước ngày đăng ký: hãy sửa xã của lần đăng ký";
                return refuse(at, "effective", "before_registration", why);
            }
            homes.insert(since, commune(areas, at, &area.0, since)?);
        }
    }
    Ok(homes.into_iter().collect())
}

fn commune(areas: &'static Areas, at: usize, code: &str, day: Date) -> Folded<&'static Area> {
    match areas.on(code, day).filter(|area| area.lowest) {
        Some(area) => Ok(area),
        None => {
            let day = day.strftime("%d/%m/%Y");
            let why = format!("không có xã mang mã {code} vào ngày {day}");
            refuse(at, "area", "unknown_area", why)
        }
    }
}

/// The month from which a residence counts: the old place still pays the month of the move, unless
/// it is on the first.
pub fn counts_from(since: Date) -> Month {
    let month = Month::of(since);
    if since.day() == 1 {
        month
    } else {
        month.next()
    }
}
