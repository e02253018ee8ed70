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
        Ok(()) if registry::areas::are_loaded(&pool).await? => {
            let is_practice = access::practice::is_practice(&pool).await?;
            if is_practice != args.practice {
                anyhow::bail!(
                    "Cơ sở dữ liệu này đã được khởi tạo để {}. Hãy chọn thư mục khác với --data.",
                    purpose(is_practice)
                );
            }
            eprintln!("Cơ sở dữ liệu đã có sẵn, không thay đổi gì.");
            return Ok(Exit::Done);
        }
        // An interrupted `init` is taken up again: the areas come last.
        Ok(()) | Err(SchemaError::Empty) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    schema::migrate(&pool).await?;
    if args.practice {
        let now = context.clock_without_database().now();
        access::practice::begin(&pool, now).await?;
    }
    registry::areas::load(&pool).await?;
    eprintln!(
        "Đã tạo cơ sở dữ liệu để {} trong {}.",
        purpose(args.practice),
        place(context)
    );
    Ok(Exit::Done)
}

fn purpose(practice: bool) -> &'static str {
    if practice {
        "luyện tập"
    } else {
        "làm việc thật"
    }
}

fn place(context: &Context) -> String {
    if context.has_own_server() {
        context.data().display().to_string()
    } else {
        "máy chủ của DATABASE_URL".to_owned()
    }
}
