//! `ansinh calc`: what the law owes. Pure: no database.

use kernel::Month;
use law::MonthAnswer;
use serde::Serialize;

use super::questions::{self, Args};
use crate::context::Context;
use crate::exit::Exit;

/// One line of the answer.
#[derive(Serialize)]
struct Answer<'a> {
    id: &'a str,
    month: Month,
    #[serde(flatten)]
    answer: MonthAnswer,
}

/// Run it.
///
/// # Errors
/// When the law, the file or standard output fails.
pub fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    questions::answer_each(args, context, |in_force, question, out| {
        for month in &question.months {
            let answer = Answer {
                id: &question.id,
                month: *month,
                answer: in_force.explain(&question.person, *month),
            };
            serde_json::to_writer(&mut *out, &answer)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })
}
