//! `ansinh files`: what is kept of scans and signed letters.

use casework::attachment;
use jiff::SignedDuration;

use crate::context::Context;
use crate::exit::Exit;

/// Options of `files`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Xóa tệp đã nhận mà sau một thời gian vẫn không hồ sơ nào dùng đến.
    Sweep {
        /// Chỉ xóa tệp nhận trước đây ít nhất chừng này giờ.
        #[arg(long, value_name = "GIỜ", default_value = "24", value_parser = clap::value_parser!(u32).range(1..))]
        hours: u32,
    },
}

/// Run it.
///
/// # Errors
/// When the store or the database cannot be reached.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let What::Sweep { hours } = args.what;
    let (pool, files) = (context.pool().await?, context.files()?);
    let age = SignedDuration::from_hours(i64::from(hours));
    let named = async |asked: &[files::FileHash]| {
        let named = attachment::named(pool, asked).await;
        named.map_err(anyhow::Error::from)
    };
    let swept = files
        .sweep(context.clock().await?.now(), age, named)
        .await?;
    eprintln!(
        "Đã xóa {} tệp không dùng, giữ {}.",
        swept.removed, swept.kept
    );
    Ok(Exit::Done)
}
