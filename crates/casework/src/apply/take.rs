//! Which steps of a file are taken, and what each leads to.

use std::collections::{HashMap, HashSet};

use kernel::PersonId;
use kernel::area::{Area, Areas};
use law::Benefit;
use registry::Refusal;
use registry::refusal::Fault;
use uuid::Uuid;

use super::known::{Known, Recorded};
use super::{Setting, Teller, rights};
use crate::event::{self, Submitted};
use crate::step::Step;
use crate::{Course, Manner, Submission, local, procedure};

/// A step that is taken.
pub(super) struct Taken<'a> {
    pub(super) submitted: &'a Submitted,
    pub(super) seq: i32,
    /// As it is after the step.
    pub(super) course: Course,
    /// Whom an approval enrols in what.
    pub(super) asks: Option<(PersonId, Benefit)>,
}

/// A dossier that begins with a step of the file.
pub(super) struct Opened<'a> {
    pub(super) submitted: &'a Submitted,
    pub(super) submission: &'a Submission,
    pub(super) area: &'static Area,
    pub(super) person: Option<PersonId>,
}

/// A file as it is taken.
#[derive(Default)]
pub(super) struct Taking<'a> {
    pub(super) opened: Vec<Opened<'a>>,
    pub(super) steps: Vec<Taken<'a>>,
    pub(super) already: u64,
    pub(super) refused: Vec<Refusal>,
    /// Codes of known dossiers to their numbers.
    pub(super) ids: HashMap<&'a str, i64>,
}

/// A dossier while the file is gone through.
struct Open {
    course: Course,
    last: i32,
    asks: Option<(PersonId, Benefit)>,
}

struct Pass<'a, 'k> {
    setting: &'k Setting<'k>,
    known: &'k Known,
    open: HashMap<&'a str, Open>,
    stuck: HashSet<&'a str>,
    seen: HashMap<Uuid, Vec<u8>>,
    taking: Taking<'a>,
}

impl<'a> Taking<'a> {
    /// Goes through the file; `not_enrolled` are rows whose enrolment the registry refused.
    pub(super) fn of<'k>(
        setting: &'k Setting<'k>,
        known: &'k Known,
        rows: &'a [Submitted],
        not_enrolled: &[Refusal],
    ) -> Taking<'a> {
        let mut pass = Pass {
            setting,
            known,
            open: HashMap::new(),
            stuck: HashSet::new(),
            seen: HashMap::new(),
            taking: Taking::default(),
        };
        for row in rows {
            let refusal = match not_enrolled.iter().find(|refusal| refusal.row == row.row) {
                Some(refusal) => Some(refusal.clone()),
                None => pass.take(row).err(),
            };
            if let Some(mut refusal) = refusal {
                refusal.event_id = Some(kernel::EventId(row.event.event_id.as_u128()));
                pass.stuck.insert(&row.event.dossier);
                pass.taking.refused.push(refusal);
            }
        }
        pass.taking
    }
}

impl<'a> Pass<'a, '_> {
    fn take(&mut self, row: &'a Submitted) -> Result<(), Refusal> {
        let code = row.event.dossier.as_str();
        let refuse = |fault: Fault| event::refusal(row, fault);
        if self.is_known(row).map_err(refuse)? {
            self.taking.already += 1;
            return Ok(());
        }
        // Messages of a one-stop system count each by itself, however many come at once.
        if self.setting.teller == Teller::Office && self.stuck.contains(code) {
            let message = "một bước trước của hồ sơ này trong tệp bị từ chối";
            return Err(refuse(Fault::new(
                "dossier",
                "earlier_step_refused",
                message,
            )));
        }
        self.check_time(row).map_err(refuse)?;
        let open = match (&row.event.step, self.is_open(code)) {
            (Step::Submitted(submission), false) => self.begin(row, submission),
            _ => self.go_on(row),
        };
        let open = open.map_err(refuse)?;
        let content = row.event.content();
        self.seen.insert(row.event.event_id, content);
        self.taking.steps.push(Taken {
            submitted: row,
            seq: open.last,
            course: open.course.clone(),
            asks: open.asks,
        });
        self.open.insert(code, open);
        Ok(())
    }

    /// Whether the step is recorded already, or stands further up in the file.
    fn is_known(&self, row: &Submitted) -> Result<bool, Fault> {
        let id = &row.event.event_id;
        let recorded = self.known.events.get(id);
        let content = recorded.map(|(_, content)| content);
        // Taken here and now, the same again comes at another time.
        let acting = self.setting.seen.is_some();
        match content.or_else(|| self.seen.get(id)) {
            None => Ok(false),
            Some(content) if *content == row.event.content() => Ok(true),
            Some(_)
                if acting && recorded.is_some_and(|(step, _)| step.answers(&row.event.step)) =>
            {
                Ok(true)
            }
            Some(_) => Err(Fault::new(
                "event_id",
                "event_id_reused",
                "mã sự kiện đã dùng cho một bước khác",
            )),
        }
    }

    fn is_open(&self, code: &str) -> bool {
        self.open.contains_key(code) || self.known.dossiers.contains_key(code)
    }

    fn check_time(&self, row: &Submitted) -> Result<(), Fault> {
        if row.event.at <= self.setting.now {
            return Ok(());
        }
        Err(Fault::new("at", "in_the_future", "thời điểm chưa đến"))
    }

    /// The first step opens the dossier.
    fn begin(&mut self, row: &'a Submitted, submission: &'a Submission) -> Result<Open, Fault> {
        self.may_tell(row)?;
        let day = row.event.day();
        procedure::on(&submission.procedure, day).ok_or_else(|| {
            let message = "thủ tục không có trong danh mục, hoặc chưa áp dụng vào ngày nộp";
            Fault::new("procedure", "unknown_procedure", message)
        })?;
        let area = Areas::embedded().on(&submission.area, day);
        let area = area.filter(|area| area.lowest).ok_or_else(|| {
            let message = "không có xã với mã này vào ngày nộp";
            Fault::new("area", "unknown_area", message)
        })?;
        let province = Areas::embedded().province_of(area);
        self.may(row, area, province.code, true)?;
        let person = self.beneficiary(submission)?;
        self.taking.opened.push(Opened {
            submitted: row,
            submission,
            area,
            person,
        });
        Ok(Open {
            course: Course::begin(submission, row.event.at)
                .under(local::of_commune(&self.known.rules, area)),
            last: 1,
            asks: person.zip(submission.benefit),
        })
    }

    fn beneficiary(&self, submission: &Submission) -> Result<Option<PersonId>, Fault> {
        let Some(named) = &submission.beneficiary else {
            return Ok(None);
        };
        let refuse = |code, message| Err(Fault::new("beneficiary", code, message));
        match self.known.people.get(named).map(Vec::as_slice) {
            Some([one]) => Ok(Some(PersonId(*one))),
            None | Some([]) => refuse("unknown_beneficiary", "không có người với mã này"),
            Some(_) => refuse(
                "several_beneficiaries",
                "nhiều nguồn dùng mã này: hãy ghi cả nguồn",
            ),
        }
    }

    /// A further step of an open dossier.
    fn go_on(&mut self, row: &'a Submitted) -> Result<Open, Fault> {
        let (code, event) = (row.event.dossier.as_str(), &row.event);
        let recorded = self.known.dossiers.get(code);
        if let Some(recorded) = recorded {
            self.may_go_on(row, recorded)?;
            self.taking.ids.insert(code, recorded.id);
        }
        let before = match (self.open.get(code), recorded) {
            (Some(open), _) => Open {
                course: open.course.clone(),
                ..*open
            },
            (None, Some(recorded)) => Open {
                course: recorded.course.clone(),
                last: recorded.last,
                asks: recorded.asks,
            },
            (None, None) => {
                let message = "chưa có hồ sơ với mã này";
                return Err(Fault::new("dossier", "unknown_dossier", message));
            }
        };
        self.may_tell(row)?;
        let mut open = before;
        if self.setting.seen.is_some() {
            let demanded = open.course.demands(&event.step);
            demanded.map_err(|why| Fault::new("kind", why.code(), why.to_string()))?;
        }
        let manner = Manner {
            online: event.online,
            recorded_by: &self.setting.actor.name,
        };
        let followed = open.course.follow(&event.step, event.at, manner);
        followed.map_err(|why| Fault::new("kind", why.code(), why.to_string()))?;
        open.last += 1;
        Ok(open)
    }

    fn may_go_on(&self, row: &Submitted, recorded: &Recorded) -> Result<(), Fault> {
        let seen = self.setting.seen;
        let seen = seen.and_then(|seen| seen.get(row.event.dossier.as_str()));
        if seen.is_some_and(|seen| *seen != recorded.last) {
            let message = "người khác vừa ghi một bước của hồ sơ này: hãy xem lại rồi làm tiếp";
            return Err(Fault::new("dossier", "changed_meanwhile", message));
        }
        let (code, since) = &recorded.area;
        let area = Areas::embedded().get(code, *since);
        let area = area.ok_or_else(|| Fault::new("area", "unknown_area", "không có xã này"))?;
        self.may(row, area, &recorded.province, recorded.of_one_stop)
    }

    /// Whether who tells may tell of a dossier of the commune.
    fn may(
        &self,
        row: &Submitted,
        area: &Area,
        province: &str,
        of_one_stop: bool,
    ) -> Result<(), Fault> {
        let roles = rights::roles(&row.event.step, row.event.online);
        let refuse = |code, message| Err(Fault::new("dossier", code, message));
        match self.setting.teller {
            Teller::Office if !access::holds_in(self.setting.actor, roles, area) => refuse(
                "denied",
                "người dùng không làm bước này cho hồ sơ của xã này",
            ),
            Teller::OneStop { province: own } if own != province => refuse(
                "other_province",
                "hồ sơ của tỉnh khác, không phải của hệ thống một cửa này",
            ),
            Teller::OneStop { .. } if !of_one_stop => refuse(
                "not_of_one_stop",
                "hồ sơ này không do hệ thống một cửa gửi đến",
            ),
            // What a citizen may do in a commune is looked at step by step.
            _ => Ok(()),
        }
    }

    /// Citizens and one-stop systems tell only what citizens do; a citizen of one dossier only.
    fn may_tell(&self, row: &Submitted) -> Result<(), Fault> {
        let is_citizens = row.event.step.is_citizens();
        match self.setting.teller {
            Teller::OneStop { .. } if !is_citizens => {
                let message = "hệ thống một cửa chỉ báo việc nộp, bổ sung và xin rút hồ sơ";
                Err(Fault::new("kind", "not_for_one_stop", message))
            }
            Teller::Citizen { dossier } if !is_citizens || dossier != row.event.dossier => {
                let message = "người dân chỉ nộp, bổ sung và xin rút hồ sơ của mình";
                Err(Fault::new("kind", "not_for_citizen", message))
            }
            _ => Ok(()),
        }
    }
}
