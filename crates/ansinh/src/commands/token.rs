//! `ansinh token`: tokens of programs that use the JSON interface.

use crate::context::Context;
use crate::exit::Exit;

/// Options of `token`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Tạo mã truy cập cho một người dùng; mã chỉ in ra một lần.
    Make {
        /// Tên đăng nhập mà chương trình thay mặt.
        name: String,
        /// Dùng cho việc gì, ví dụ «Một cửa tỉnh».
        #[arg(long)]
        label: String,
        /// Hiệu lực bao nhiêu ngày, tối đa 366.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
    },
}

/// Run it.
///
/// # Errors
/// When the actor may not, or there is no such account.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let Action::Make { name, label, days } = args.action;
    let (actor, now) = (context.actor().await?, context.clock().await?.now());
    let mut tx = context.pool().await?.begin().await?;
    let token = access::token::make(&mut tx, now, &actor, &name, &label, days).await?;
    tx.commit().await?;
    say!("{token}");
    eprintln!("Giữ mã này ở nơi an toàn: hệ thống không hiện lại.");
    Ok(Exit::Done)
}
