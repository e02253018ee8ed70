//! `ansinh assess`: which benefits the facts qualify for. Pure: no database.

use law::InForce;

use super::questions::{self, Args};
use crate::context::Context;
use crate::exit::Exit;

/// Run it.
///
/// # Errors
/// When the law, the file or standard output fails.
pub fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    questions::answer_each(args, context, InForce::assess)
}
