//! Run a command with `DATABASE_URL` naming a new database with the schema, and throw it away.
//!
//! `throwaway_database COMMAND [ARGUMENTS]`; ends with the command's status.

use std::error::Error;
use std::process::{Command, ExitCode};

use private_postgres::{Durability, PrivatePostgres, schema};
use sqlx::PgPool;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let program = arguments.next().ok_or("which command?")?;
    let data = tempfile::Builder::new()
        .prefix("ansinh-throwaway-")
        .tempdir()?;
    let server = PrivatePostgres::open(data.path(), Durability::None)?;
    let pool = PgPool::connect_with(server.options()).await?;
    schema::migrate(&pool).await?;
    pool.close().await;
    let status = Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", server.url())
        .status()?;
    drop(server);
    PrivatePostgres::stop(data.path())?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}
