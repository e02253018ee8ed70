//! What an application is for, and for whom. Names and numbers never get into addresses.

use access::session::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use axum::{Extension, Form};
use casework::draft::{self, Draft, Owner, Subject};
use casework::form::{self as forms, Answers};
use casework::open::{OpenDossier, open_of};
use casework::{known, procedure};
use exchange::repeat::{Sent, Whom, sent_already};
use kernel::{Month, PersonId};
use law::Benefit;
use registry::person;
use registry::search::{self, Hit};
use serde::Deserialize;
use uuid::Uuid;

use crate::Server;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::form_key;
use crate::page::{Page, page, refused_page};

/// People shown at most; more means asking more exactly.
const MOST: u32 = 20;

/// A form to choose for a benefit.
pub(crate) struct Offer {
    /// Procedure, form and benefit, as the request names them.
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "counter_begin.html")]
struct BeginPage {
    frame: Frame,
    key: String,
    groups: Vec<(String, Vec<Offer>)>,
    drafts: Vec<Draft>,
    asked: Asked,
    /// What was found; `None` before anything is looked for.
    found: Option<Vec<Hit>>,
    more: bool,
    open: Vec<OpenDossier>,
    /// What a one-stop system has sent about them already.
    sent: Vec<Sent>,
    communes: Vec<Choice>,
    faults: Vec<(&'static str, &'static str)>,
}

impl BeginPage {
    fn subject(&self, subject: &Subject) -> String {
        let form = forms::by_code(&subject.form);
        let number = form.map_or(subject.form.as_str(), |form| &form.number);
        match &subject.benefit {
            Some(benefit) => format!("{number}: {}", self.frame.benefit(benefit)),
            None => number.to_owned(),
        }
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    khoa: String,
    /// Procedure, form and benefit.
    viec: String,
    /// Name or ID number.
    tim: String,
    /// Number of the person in the registry; empty for somebody new.
    nguoi: String,
    /// Commune of somebody new.
    xa: String,
}

/// `GET /ho-so/moi`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
) -> Page {
    page(&begin_page(&server, &who, Asked::default(), Vec::new()).await?)
}

async fn begin_page(
    server: &Server,
    who: &SignedIn,
    asked: Asked,
    faults: Vec<(&'static str, &'static str)>,
) -> Result<BeginPage, Failure> {
    let (pool, clock) = (&server.pool, &server.clock);
    let frame = Frame::inside(server, who, Section::Counter);
    let mut begin = BeginPage {
        frame: match faults.is_empty() {
            true => frame,
            false => frame.failed(),
        },
        key: form_key(),
        groups: Vec::new(),
        drafts: draft::all(pool, clock, Owner::Officer(&who.actor)).await?,
        found: None,
        more: false,
        open: Vec::new(),
        sent: Vec::new(),
        communes: area::offered(&who.actor, super::ROLES, Month::of(clock.today())),
        asked,
        faults,
    };
    begin.groups = offers(server, &begin.frame, &begin.asked.viec);
    let text = begin.asked.tim.replace('\0', "");
    let text = text.trim();
    if begin.faults.is_empty() && !text.is_empty() {
        let query = search::Query {
            text,
            limit: MOST,
            ..search::Query::default()
        };
        let found = search::search(pool, &who.actor, clock, &query).await?;
        let people: Vec<PersonId> = found.people.iter().map(|hit| hit.id).collect();
        begin.open = open_of(pool, &who.actor, &people, text).await?;
        begin.sent = sent(server, who, &begin.asked, (&people, text)).await?;
        begin.open.retain(|open| {
            begin
                .sent
                .iter()
                .all(|it| it.dossier.as_ref() != Some(&open.dossier))
        });
        begin.more = found.more;
        begin.found = Some(found.people);
    }
    Ok(begin)
}

/// What a one-stop system has sent already by the procedure about whoever was found, or has the number looked for.
async fn sent(
    server: &Server,
    who: &SignedIn,
    asked: &Asked,
    (people, text): (&[PersonId], &str),
) -> Result<Vec<Sent>, Failure> {
    let Some(subject) = subject_of(server, asked) else {
        return Ok(Vec::new());
    };
    let of_registry = people.iter().map(|person| Whom {
        person: Some(*person),
        ..Whom::default()
    });
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let typed = digits.then(|| Whom {
        id_number: Some(text.to_owned()),
        ..Whom::default()
    });
    let whom: Vec<Whom> = of_registry.chain(typed).collect();
    let (pool, clock) = (&server.pool, &server.clock);
    Ok(sent_already(pool, &who.actor, clock, &subject.procedure, &whom).await?)
}

/// The forms of today by procedure, each benefit a choice of its own.
fn offers(server: &Server, frame: &Frame, chosen: &str) -> Vec<(String, Vec<Offer>)> {
    let day = server.clock.today();
    let of = |procedure: &procedure::Procedure| {
        let mut offers = Vec::new();
        for form in forms::of_procedure(&procedure.code, day) {
            let benefits = form.benefits.iter().map(Some);
            let benefits = match form.benefits.is_empty() {
                true => vec![None],
                false => benefits.collect(),
            };
            for benefit in benefits {
                let code = benefit.map_or("-", |benefit| benefit.code());
                let value = format!("{} {} {code}", procedure.code, form.code);
                let name = benefit.map_or(form.name.as_str(), |benefit| frame.benefit(benefit));
                offers.push(Offer {
                    label: format!("{name} ({})", form.number),
                    chosen: value == chosen,
                    value,
                });
            }
        }
        (procedure.name.clone(), offers)
    };
    let in_use = procedure::all()
        .iter()
        .filter(|it| procedure::on(&it.code, day).is_some());
    in_use
        .map(of)
        .filter(|(_, offers)| !offers.is_empty())
        .collect()
}

/// `POST /ho-so/moi`: looks for the person.
pub(crate) async fn find(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(asked): Form<Asked>,
) -> Page {
    let mut faults = Vec::new();
    if subject_of(&server, &asked).is_none() {
        faults.push(("viec", "Chọn việc đề nghị"));
    }
    if asked.tim.trim().is_empty() {
        faults.push(("tim", "Nhập số định danh hoặc họ tên"));
    }
    let refused = !faults.is_empty();
    if !refused {
        let (told, action) = (("search", None), access::audit::Action::PersonSearch);
        let more = serde_json::json!({});
        access::audit::note(&server.pool, &who.actor, &server.clock, action, told, more).await?;
    }
    let found = begin_page(&server, &who, asked, faults).await?;
    match refused {
        true => refused_page(&found),
        false => page(&found),
    }
}

/// `POST /ho-so/moi/bat-dau`: begins the draft with what is known.
pub(crate) async fn begin(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(asked): Form<Asked>,
) -> Page {
    let (pool, clock) = (&server.pool, &server.clock);
    let id = Uuid::parse_str(&asked.khoa)
        .map_err(|_| Failure::bad_request("Khóa của biểu mẫu không đúng, hãy tải lại trang"))?;
    let Some(mut subject) = subject_of(&server, &asked) else {
        let faults = vec![("viec", "Chọn việc đề nghị")];
        return refused_page(&begin_page(&server, &who, asked, faults).await?);
    };
    let form = forms::by_code(&subject.form).ok_or_else(Failure::not_found)?;
    let mut answers = Answers::default();
    if let Ok(number) = asked.nguoi.parse() {
        let known = person::read(pool, &who.actor, clock, PersonId(number)).await?;
        answers = known::answers(form, &known, clock.today());
        subject.person = Some(known.id);
    } else {
        answers.set("area", &asked.xa);
        let digits = asked.tim.trim();
        let field = match digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => "id_number",
            false => "full_name",
        };
        answers.set(field, digits);
    }
    let owner = Owner::Officer(&who.actor);
    // What has expired goes whenever somebody begins anew.
    draft::sweep(pool, clock).await?;
    // The form sent twice begins one draft.
    if draft::find(pool, clock, owner, id).await.is_err() {
        draft::begin(pool, clock, owner, id, (&subject, &answers)).await?;
    }
    let first = form.sections.first().map_or("", |section| &section.code);
    Ok(Redirect::to(&format!("/ho-so/moi/{id}/{first}")).into_response())
}

fn subject_of(server: &Server, asked: &Asked) -> Option<Subject> {
    let [procedure, form, benefit] = asked.viec.split(' ').collect::<Vec<_>>()[..] else {
        return None;
    };
    let benefit = match benefit {
        "-" => None,
        code => Some(Benefit::from_code(code)?),
    };
    let subject = Subject {
        form: form.to_owned(),
        procedure: procedure.to_owned(),
        benefit,
        person: None,
    };
    casework::submit::form_of(&subject, &server.clock)?;
    Some(subject)
}
