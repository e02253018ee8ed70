//! `ansinh target`: what share of its people an area is to pay by account in a year.

use reports::target;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `target`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Ghi mục tiêu; mục tiêu ghi sau thay cho mục tiêu ghi trước.
    Set {
        /// Mã địa bàn; không nêu là cả nước.
        #[arg(long, value_name = "MÃ", default_value = "")]
        area: String,
        /// Năm.
        #[arg(long, value_name = "NĂM", value_parser = clap::value_parser!(i16).range(2000..=2200))]
        year: i16,
        /// Phần trăm số người được chi trả qua tài khoản; không nêu là bỏ mục tiêu của địa bàn.
        #[arg(long, value_name = "PHẦN_TRĂM", value_parser = clap::value_parser!(u8).range(0..=100))]
        percent: Option<u8>,
    },
    /// Xem các mục tiêu đã ghi của địa bàn, mới nhất trước.
    List {
        /// Mã địa bàn; không nêu là cả nước.
        #[arg(long, value_name = "MÃ", default_value = "")]
        area: String,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// Run it.
///
/// # Errors
/// When there is no such area, or the actor may not.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (office, actor) = (context.office().await?, context.actor().await?);
    match args.what {
        What::Set {
            area,
            year,
            percent,
        } => {
            target::record(&office, &actor, (&area, year), percent).await?;
            eprintln!("Đã ghi mục tiêu năm {year}.");
        }
        What::List { area, format } => {
            print_rows(format, target::history(&office, &actor, &area).await?)?;
        }
    }
    Ok(Exit::Done)
}
