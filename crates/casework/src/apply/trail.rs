//! What the audit log says of recorded steps: of one dossier where it stood and stands, of many which.

use std::collections::{BTreeMap, HashMap};

use access::audit::Changed;
use kernel::area::Areas;
use serde_json::{Value, json};

use super::known::Recorded;
use super::take::Taking;
use crate::Course;

/// Dossiers named in one entry at most.
const NAMED: usize = 100;

/// An entry about recorded steps.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) object: String,
    /// The commune of all of them, or their province; none when they are apart.
    pub(super) area: Option<String>,
    pub(super) detail: Value,
}

/// What to say of steps that were taken: all of them in one entry, or each dossier in one of its own when
/// `apart`, unless they are too many.
pub(super) fn told(
    known: &HashMap<String, Recorded>,
    taking: &Taking<'_>,
    (rows, refused): (usize, usize),
    apart: bool,
) -> Vec<Told> {
    let touched: BTreeMap<&str, &Course> = taking
        .steps
        .iter()
        .map(|step| (step.submitted.event.dossier.as_str(), &step.course))
        .collect();
    let place = |code: &str| match known.get(code) {
        Some(recorded) => Some((recorded.area.0.as_str(), recorded.province.as_str())),
        None => {
            let opened = taking.opened.iter();
            let area = opened.map(|it| (it.submitted.event.dossier.as_str(), it.area));
            let area = area
                .filter(|(opened, _)| *opened == code)
                .map(|it| it.1)
                .next()?;
            let province = Areas::embedded().path(area).first().map(|it| it.code)?;
            Some((area.code, province))
        }
    };
    if apart && (2..=NAMED).contains(&touched.len()) {
        let each = touched.iter().map(|(&code, &now)| {
            let of = |it: &str| it == code;
            let steps = taking.steps.iter();
            let applied = steps.filter(|step| of(&step.submitted.event.dossier));
            let mut opened = taking.opened.iter();
            let is_new = opened.any(|it| of(&it.submitted.event.dossier));
            let detail = json!({"applied": applied.count(), "dossiers": u8::from(is_new)});
            let was = known.get(code).map(|recorded| &recorded.course);
            Told {
                object: format!("dossier {code}"),
                area: place(code).map(|(commune, _)| commune.to_owned()),
                detail: difference(was, now).with(detail),
            }
        });
        return each.collect();
    }
    let mut places = touched.keys().map(|code| place(code));
    let first = places.next().flatten();
    let (mut commune, mut province) = first.unzip();
    for other in places {
        commune = commune.filter(|it| other.is_some_and(|(commune, _)| commune == *it));
        province = province.filter(|it| other.is_some_and(|(_, province)| province == *it));
    }
    let mut detail = json!({
        "applied": taking.steps.len(),
        "already": taking.already,
        "refused": refused,
        "dossiers": taking.opened.len(),
    });
    let (object, changed) = match touched.iter().next() {
        Some((code, now)) if touched.len() == 1 => {
            let was = known.get(*code).map(|recorded| &recorded.course);
            (format!("dossier {code}"), difference(was, now))
        }
        _ => {
            let codes: Vec<&&str> = touched.keys().take(NAMED).collect();
            detail["codes"] = json!(codes);
            (format!("dossier steps {rows}"), Changed::new())
        }
    };
    vec![Told {
        object,
        area: commune.or(province).map(str::to_owned),
        detail: changed.with(detail),
    }]
}

fn difference(was: Option<&Course>, now: &Course) -> Changed {
    let stage = |it: &Course| it.stage().map(|stage| stage.name.clone());
    Changed::new()
        .value(
            "status",
            was.map(|it| it.status().vietnamese()),
            now.status().vietnamese(),
        )
        .value("stage", was.and_then(stage), stage(now))
        .value("holder", was.and_then(Course::holder), now.holder())
        .value("due_on", was.and_then(Course::due_on), now.due_on())
        .value("posted", was.and_then(Course::posted), now.posted())
}
