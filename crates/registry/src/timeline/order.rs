//! Which events count, and in what order.

use std::collections::HashMap;

use kernel::EventId;

use super::{Folded, refuse};
use crate::event::{Event, EventKind};

/// Indices of the events that were not cancelled (cancellations left out), in the order they
/// count: by effective day, then by kind, then by recording.
pub(super) fn active(events: &[&Event]) -> Folded<Vec<usize>> {
    let cancels = |event: &Event| match event.kind {
        EventKind::EventCancelled { cancels } => Some(cancels),
        _ => None,
    };
    let mut order: Vec<usize> = (0..events.len())
        .filter(|at| cancels(events[*at]).is_none())
        .collect();
    if order.len() < events.len() {
        let cancelled = cancelled(events, cancels)?;
        order.retain(|at| !cancelled.contains_key(&events[*at].event_id));
    }
    order.sort_by_key(|at| (events[*at].effective, rank(&events[*at].kind), *at));
    Ok(order)
}

/// The cancelled events, each with the index of its cancellation.
fn cancelled(
    events: &[&Event],
    cancels: impl Fn(&Event) -> Option<EventId>,
) -> Folded<HashMap<EventId, usize>> {
    let known: HashMap<EventId, &Event> = events
        .iter()
        .map(|event| (event.event_id, *event))
        .collect();
    let mut cancelled = HashMap::new();
    for (at, event) in events.iter().enumerate() {
        let Some(target) = cancels(event) else {
            continue;
        };
        match known.get(&target) {
            None => {
                let why = "không có sự kiện này của người này";
                return refuse(at, "cancels", "unknown_event", why);
            }
            Some(target) if matches!(target.kind, EventKind::PersonRegistered(_)) => {
                let why = "đăng ký không hủy được vì hồ sơ có thể đã có trong danh sách chi trả: \
                           hãy hủy quyết định hưởng, sửa thông tin hoặc gộp hồ sơ trùng";
                return refuse(at, "cancels", "registration_stays", why);
            }
            Some(target) if cancels(target).is_some() => {
                let why = "việc hủy không hủy được: hãy ghi lại sự kiện với mã mới";
                return refuse(at, "cancels", "cancels_cancellation", why);
            }
            Some(_) => {}
        }
        if cancelled.insert(target, at).is_some() {
            return refuse(at, "cancels", "already_cancelled", "sự kiện này đã bị hủy");
        }
    }
    Ok(cancelled)
}

/// Of events of one day, what the others stand on comes first.
const fn rank(kind: &EventKind) -> u8 {
    match kind {
        EventKind::PersonRegistered(_) => 0,
        EventKind::PersonCorrected(_) => 1,
        EventKind::IdentityChecked(_) => 2,
        EventKind::FactStarted { .. } => 3,
        EventKind::FactEnded { .. } => 4,
        EventKind::Enrolled { .. } => 5,
        EventKind::EnrolmentEnded { .. } => 6,
        EventKind::Suspended(_) => 7,
        EventKind::Resumed(_) => 8,
        _ => 9,
    }
}
