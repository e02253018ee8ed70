//! `ansinh init`: a new database.

use private_postgres::schema::{self, SchemaError};

use crate::context::Context;
use crate::exit::Exit;

/// Options of `init`.
#[derive(clap::Args)]
pub struct Args {
    /// Cơ sở dữ liệu luyện tập: dữ liệu mẫu, đặt được giờ, ai cũng có mọi vai trò.
    #[arg(long)]
    practice: bool,
}

/// Make the database, or find that it is made already.
///
/// # Errors
/// When the database is of another kind or another program's.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (pool, _server) = context.connect().await?;
    match schema::check(&pool).await {
        Ok(()) => {
            let is_practice = access::practice::is_practice(&pool).await?;
            if is_practice != args.practice {
                anyhow::bail!(
                    "Cơ sở dữ liệu này đã được khởi tạo {}. Hãy chọn thư mục khác với --data.",
                    if is_practice {
                        "để luyện tập"
                    } else {
                        "để làm việc thật"
                    }
                );
            }
            eprintln!("Cơ sở dữ liệu đã có sẵn, không thay đổi gì.");
            return Ok(Exit::Done);
        }
        Err(SchemaError::Empty) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    if args.practice {
        schema::migrate(&pool).await?;
        let now = context.clock_without_database().now();
        access::practice::begin(&pool, now).await?;
    } else {
        schema::migrate(&pool).await?;
    }
    registry::areas::load(&pool).await?;
    let kind = if args.practice {
        "luyện tập"
    } else {
        "làm việc thật"
    };
    eprintln!("Đã tạo cơ sở dữ liệu để {kind} trong {}.", place(context));
    Ok(Exit::Done)
}

fn place(context: &Context) -> String {
    if context.has_own_server() {
        context.data().display().to_string()
    } else {
        "máy chủ của DATABASE_URL".to_owned()
    }
}
