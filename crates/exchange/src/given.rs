//! What a message says in the fields of its dossier's form.

use std::collections::BTreeMap;

use casework::form::{self, Answer, Answers, Form};
use casework::{Event, Step};
use law::Benefit;
use registry::refusal::Fault;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most fields of one message.
const MOST: usize = 500;

/// Fields as the other side says them, in any writing that [`Form::check`] reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Code of the form; of a supplement only where the dossier came without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The benefit that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<Benefit>,
    /// Answers by field; `None` takes an answer back. What is not named stays as it was.
    pub answers: BTreeMap<String, Option<Answer>>,
}

impl Given {
    /// Reads what goes with a step.
    ///
    /// # Errors
    /// The part at fault; answers that are missing or wrong are none, they are asked back.
    pub(crate) fn read(given: Value, event: &Event) -> Result<Given, Fault> {
        let malformed = || Fault::new("form", "malformed", "không đúng dạng");
        let mut given: Given = serde_json::from_value(given).map_err(|_| malformed())?;
        let plain = |code: &String| {
            let sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            (1..=64).contains(&code.len()) && code.bytes().all(sign)
        };
        if given.answers.len() > MOST || !given.answers.keys().all(plain) {
            return Err(malformed());
        }
        let mut kept = Answers::default();
        for (code, answer) in &mut given.answers {
            kept.put(code, answer.take());
            *answer = kept.get(code).cloned();
        }
        match &event.step {
            Step::Submitted(submission) => {
                given.benefit = given.benefit.or(submission.benefit);
                let procedure = submission.procedure.as_str();
                let form = match &given.code {
                    Some(code) => form::by_code(code),
                    None => form::on(procedure, given.benefit, event.day()),
                };
                let fits = |form: &&Form| {
                    let asked = match given.benefit {
                        Some(benefit) => form.benefits.contains(&benefit),
                        None => form.benefits.is_empty(),
                    };
                    let of_procedure = form.procedures.iter().any(|code| code == procedure);
                    asked && of_procedure && form.holds_on(event.day())
                };
                let form = form.filter(fits).ok_or_else(|| {
                    let message = "không có mẫu tờ khai này cho thủ tục, chế độ vào ngày nộp";
                    Fault::new("form", "unknown_form", message)
                })?;
                given.code = Some(form.code.clone());
                Ok(given)
            }
            Step::Supplemented { .. } => Ok(given),
            _ => {
                let message = "chỉ nộp và bổ sung mới kèm tờ khai";
                Err(Fault::new("form", "form_not_here", message))
            }
        }
    }

    /// The form it names.
    pub(crate) fn form(&self) -> Option<&'static Form> {
        form::by_code(self.code.as_deref()?)
    }

    /// Lays what is said over answers.
    pub fn over(&self, answers: &mut Answers) {
        for (code, answer) in &self.answers {
            answers.put(code, answer.clone());
        }
    }
}
