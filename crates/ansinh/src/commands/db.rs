//! `ansinh db`: looking after the database.

use private_postgres::PrivatePostgres;
use private_postgres::schema;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `db`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Nâng lược đồ lên bản của chương trình này và cập nhật danh mục địa bàn.
    Migrate,
    /// In trạng thái: lược đồ, luyện tập hay thật, nơi kết nối.
    Status {
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Dừng PostgreSQL riêng ngay bây giờ.
    Stop,
}

/// Run it.
///
/// # Errors
/// When the database cannot be reached, or is another program's.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.action {
        Action::Migrate => migrate(context).await,
        Action::Status { format } => status(context, format).await,
        Action::Stop => stop(context),
    }
}

async fn migrate(context: &Context) -> anyhow::Result<Exit> {
    let (pool, _server) = context.connect().await?;
    schema::migrate(&pool).await?;
    registry::areas::load(&pool).await?;
    eprintln!("Lược đồ ở bản số {}.", schema::program_version());
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Status {
    schema: i64,
    practice: bool,
    server_version: String,
    connection: String,
}

async fn status(context: &Context, format: Format) -> anyhow::Result<Exit> {
    let pool = context.pool().await?;
    let server_version: String = sqlx::query_scalar("select current_setting('server_version')")
        .fetch_one(pool)
        .await?;
    let connection = match pool.connect_options().get_socket() {
        Some(folder) => format!("psql -h {} -U ansinh postgres", folder.display()),
        None => "DATABASE_URL".to_owned(),
    };
    let status = Status {
        schema: schema::program_version(),
        practice: context.is_practice().await?,
        server_version,
        connection,
    };
    print_rows(format, [status])?;
    Ok(Exit::Done)
}

fn stop(context: &Context) -> anyhow::Result<Exit> {
    let stopped = PrivatePostgres::stop(context.data())?;
    eprintln!(
        "{}",
        if stopped {
            "Đã dừng PostgreSQL."
        } else {
            "PostgreSQL không chạy."
        }
    );
    Ok(Exit::Done)
}
