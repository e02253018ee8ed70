//! The program: `ansinh`, one command line for officers, servers and scripts.

#![warn(
    clippy::print_stdout,
    reason = "a reader may leave early: say! and print_rows end, println! panics"
)]

#[macro_use]
mod output;

mod commands;
mod context;
mod exit;
mod one_stop;
mod peer;
mod progress;
mod table;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use commands::Command;
use context::{Context, Options};

/// An Sinh: quản lý đối tượng bảo trợ xã hội và danh sách chi trả hằng tháng.
#[derive(Parser)]
#[command(name = "ansinh", version, propagate_version = true)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("ANSINH_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let CommandLine { options, command } = CommandLine::parse();
    let done = command.run(Context::new(options));
    done.unwrap_or_else(|error| exit::report(&error)).into()
}
