//! `ansinh sample dossiers-at-work`: applications in every standing, so that everybody at an office finds
//! their own work. They count back from today and decide nothing that a list would pay.

mod cases;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use anyhow::Context as _;
use casework::act::Ask;
use casework::draft::Subject;
use casework::form::Answers;
use casework::step::Paper;
use casework::submit::{Application, form_of, submit};
use casework::{Channel, Outcome, Proposal, Step, regime};
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use kernel::holiday::is_working_day;
use kernel::{Actor, Clock, Sex};
use law::Benefit;
use registry::event::Decision;
use uuid::Uuid;

use cases::{Case, Done, Grade};

use super::{Args, practising};
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};

pub(super) const NAME: &str = "dossiers-at-work";
pub(super) const TITLE: &str =
    "Hồ sơ đang làm ở mọi trạng thái, huyện Nghĩa Hành (nạp sau quang-ngai-2024-05)";

/// Where applications are decided in the system.
const COMMUNES: [&str; 4] = ["21367", "21373", "21385", "21391"];
const PROCEDURE: &str = "1.001776";
const FORM: &str = "d20-1dd";

/// Run it.
///
/// # Errors
/// When the database is no practice database, the day has another form, or the database refuses.
pub(super) async fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    if args.scale.is_some() || args.events.is_some() || args.xlsx.is_some() || args.share > 1 {
        let why = "Bộ mẫu hồ sơ đang làm chỉ nhận --seed.";
        return Err(WrongUsage(why.to_owned()).into());
    }
    practising(context).await?;
    let now = context.clock().await?;
    let subject = Subject {
        form: FORM.to_owned(),
        procedure: PROCEDURE.to_owned(),
        benefit: Some(Benefit::Disability),
        person: None,
    };
    let earliest = Clock::Fixed(moment(working_day_before(now.today(), 40), 8, 0)?);
    if form_of(&subject, &earliest).is_none() || form_of(&subject, &now).is_none() {
        let why = "Bộ mẫu này dùng tờ khai Mẫu số 1đ của Nghị định 20/2021/NĐ-CP: hãy chọn --now trong thời gian ấy.";
        return Err(WrongUsage(why.to_owned()).into());
    }
    let cases = cases::all();
    let pool = context.pool().await?;
    let reader = Actor::with_every_role("tiep.nhan");
    for case in &cases {
        let open = casework::open::open_of(pool, &reader, &[], &case.id_number()).await?;
        if !open.is_empty() {
            eprintln!("Hồ sơ đang làm đã có sẵn, không thay đổi gì.");
            return Ok(Exit::Done);
        }
    }
    record(&cases, &subject, now.today(), args.seed, context).await?;
    eprintln!("Đã nạp {} hồ sơ đang làm.", cases.len());
    Ok(Exit::Done)
}

/// A dossier while its steps are told.
struct Going {
    code: String,
    last: i32,
    received: Date,
    /// Number of the stage it is in.
    stage: usize,
}

/// Tells all steps in the order of time, whichever dossier they belong to.
async fn record(
    cases: &[Case],
    subject: &Subject,
    today: Date,
    seed: u64,
    context: &Context,
) -> anyhow::Result<()> {
    let mut due = BinaryHeap::new();
    for (number, case) in cases.iter().enumerate() {
        for (at, (days, _)) in case.story.iter().enumerate() {
            let day = working_day_before(today, *days);
            due.push(Reverse((
                moment(day, 9 + at as i8, number as i8)?,
                number,
                at,
            )));
        }
    }
    let mut going: Vec<Option<Going>> = cases.iter().map(|_| None).collect();
    let space = Uuid::new_v5(
        &Uuid::NAMESPACE_URL,
        format!("{NAME}/{seed}/{today}").as_bytes(),
    );
    while let Some(Reverse((at, number, step))) = due.pop() {
        let (case, clock) = (&cases[number], Clock::Fixed(at));
        let done = &case.story[step].1;
        let key = Uuid::new_v5(&space, format!("{number}/{step}").as_bytes());
        match &mut going[number] {
            None => {
                going[number] =
                    Some(begin(case, done, subject, (key, number), &clock, context).await?)
            }
            Some(dossier) => go_on(dossier, done, key, &clock, context).await?,
        }
    }
    Ok(())
}

async fn begin(
    case: &Case,
    how: &Done,
    subject: &Subject,
    (id, number): (Uuid, usize),
    clock: &Clock,
    context: &Context,
) -> anyhow::Result<Going> {
    let answers = answers(case, COMMUNES[number % COMMUNES.len()], clock.today());
    let received = matches!(how, Done::Received);
    let application = Application {
        id,
        subject,
        answers: &answers,
        channel: if received {
            Channel::Direct
        } else {
            Channel::Post
        },
        papers: Vec::new(),
        received,
        draft: None,
    };
    let clerk = Actor::with_every_role("tiep.nhan");
    let code = submit(context.pool().await?, &clerk, clock, &application).await;
    Ok(Going {
        code: code.with_context(|| format!("Không nạp được hồ sơ của {}.", case.name))?,
        last: 1 + i32::from(received),
        received: clock.today(),
        stage: 0,
    })
}

async fn go_on(
    dossier: &mut Going,
    done: &Done,
    key: Uuid,
    clock: &Clock,
    context: &Context,
) -> anyhow::Result<()> {
    let Some((who, step)) = step_of(dossier, done, clock.today()) else {
        return Ok(());
    };
    if matches!(step, Step::StageDone { .. }) {
        dossier.stage += 1;
    }
    let ask = Ask {
        dossier: dossier.code.clone(),
        seen: dossier.last,
        step,
    };
    let actor = Actor::with_every_role(who);
    let applied = casework::act::act(context.pool().await?, &actor, clock, key, &[ask]).await?;
    super::exchange::refuse_others(&applied.refused)?;
    dossier.last += 1;
    Ok(())
}

/// Whose step it is and what; `None` where the law of the reception knows no such step.
fn step_of(dossier: &Going, done: &Done, today: Date) -> Option<(&'static str, Step)> {
    let words = |text: &&str| (*text).to_owned();
    let decision = |number: &&str| Decision {
        number: words(number),
        date: today,
        signed_by: Some("Lãnh đạo luyện tập".to_owned()),
    };
    let stages = regime::on(PROCEDURE, dossier.received).map_or(&[][..], |it| &it.stages);
    let refused = |(condition, law): (&str, &str)| Proposal::Refused {
        condition: condition.to_owned(),
        law: law.to_owned(),
        by: None,
    };
    Some(match done {
        Done::Submitted | Done::Received => return None,
        Done::Posted => {
            stages.get(dossier.stage)?.posting?;
            let to = working_day_after(today);
            ("can.bo", Step::Posted { from: today, to })
        }
        Done::Stage => {
            let stage = stages.get(..stages.len() - 1)?.get(dossier.stage)?;
            let stage = stage.code.clone();
            ("can.bo", Step::StageDone { stage })
        }
        Done::Complained(reason) => (
            "can.bo",
            Step::Complained {
                reason: words(reason),
            },
        ),
        Done::SupplementAsked(paper, reason) => {
            let papers = vec![words(paper)];
            (
                "tiep.nhan",
                Step::SupplementAsked {
                    papers,
                    reason: words(reason),
                },
            )
        }
        Done::Supplemented(name) => {
            let (name, file) = (words(name), None);
            let papers = vec![Paper { name, file }];
            ("tiep.nhan", Step::Supplemented { papers })
        }
        Done::Proposed => {
            let granted = Proposal::Approved {
                from: None,
                by: None,
            };
            ("can.bo", Step::Proposed(granted))
        }
        Done::ProposedRefused => ("can.bo", Step::Proposed(refused(cases::TOO_MILD))),
        Done::Agreed => ("lanh.dao", Step::Agreed { by: None }),
        Done::SentBack(reason) => (
            "lanh.dao",
            Step::SentBack {
                reason: words(reason),
            },
        ),
        Done::Extended(days, reason) => {
            let mut due_on = today;
            for _ in 0..*days {
                due_on = working_day_after(due_on);
            }
            (
                "tiep.nhan",
                Step::Extended {
                    due_on,
                    reason: words(reason),
                },
            )
        }
        Done::WithdrawalAsked(reason) => (
            "tiep.nhan",
            Step::WithdrawalAsked {
                reason: words(reason),
            },
        ),
        Done::Refused(number) => {
            let outcome: Outcome = refused(cases::TOO_MILD).decided(decision(number));
            ("van.thu", Step::Decided(outcome))
        }
    })
}

fn answers(case: &Case, commune: &str, today: Date) -> Answers {
    let birth = case.birth.strftime("%d/%m/%Y").to_string();
    let certificate = today
        .saturating_sub(60.days())
        .strftime("%d/%m/%Y")
        .to_string();
    let grade = match case.grade {
        Grade::Severe => "severe",
        Grade::Mild => "mild",
    };
    let sex = match case.sex {
        Sex::Female => "female",
        Sex::Male => "male",
    };
    let number = case.id_number();
    let fields = [
        ("full_name", case.name),
        ("birth_date", &birth),
        ("sex", sex),
        ("ethnicity", "Kinh"),
        ("id_number", &number),
        ("area", commune),
        ("schooling", "left"),
        ("pension", "no"),
        ("poverty", "neither"),
        ("disabled", "yes"),
        ("disability_grade", grade),
        ("certificate_date", &certificate),
        ("self_care", "with_help"),
        ("marital", "married"),
        ("pregnant", "no"),
        ("declared_by", "itself"),
    ];
    Answers::of_fields(fields)
}

/// A minute of a day in Viet Nam.
fn moment(day: Date, hour: i8, minute: i8) -> anyhow::Result<Timestamp> {
    let zone = TimeZone::fixed(Offset::constant(7));
    Ok(day.at(hour, minute, 0, 0).to_zoned(zone)?.timestamp())
}

/// The working day so many before a day.
fn working_day_before(day: Date, count: u16) -> Date {
    let (mut day, mut left) = (day, count);
    while left > 0 {
        day = day.saturating_sub(1.day());
        left -= u16::from(is_working_day(day));
    }
    day
}

fn working_day_after(day: Date) -> Date {
    let mut days = day.tomorrow().unwrap_or(day).series(1.day());
    days.find(|day| is_working_day(*day)).unwrap_or(day)
}
