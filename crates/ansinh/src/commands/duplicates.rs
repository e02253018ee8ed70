//! `ansinh duplicates`: the same person registered twice.

use kernel::{EventId, PartialDate};
use registry::duplicates::{self, Likeness, Pair, Said};
use serde::Serialize;
use uuid::Uuid;

use super::person::one;
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Options of `duplicates`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Liệt kê các cặp hồ sơ có thể là một người.
    List {
        /// Mã địa bàn.
        #[arg(long, default_value = "")]
        area: String,
        /// Nhiều nhất bao nhiêu cặp.
        #[arg(long, default_value_t = 1000)]
        limit: u32,
        /// Dạng in ra.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// So mọi hồ sơ của một địa bàn với cả nước, giữ lại các cặp có thể là một người.
    Find {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "")]
        area: String,
    },
    /// Bảng theo địa bàn: cặp chờ quyết định, đã gộp, đã liên kết, là hai người.
    Board {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "")]
        area: String,
        /// Dạng in ra.
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Gộp hồ sơ DROP vào hồ sơ KEEP.
    Merge {
        /// Hồ sơ được giữ.
        keep: String,
        /// Hồ sơ gộp vào.
        drop: String,
        /// Lý do.
        #[arg(long)]
        reason: String,
    },
    /// Ghi nhận hai hồ sơ là hai người khác nhau.
    Dismiss {
        /// Hồ sơ thứ nhất.
        one: String,
        /// Hồ sơ thứ hai.
        other: String,
        /// Lý do.
        #[arg(long)]
        reason: String,
    },
}

/// A pair as a row of plain cells.
#[derive(Serialize)]
struct Row {
    likeness: Option<Likeness>,
    likely: Option<i32>,
    one: String,
    one_name: String,
    one_birth: String,
    one_area: String,
    other: String,
    other_name: String,
    other_birth: String,
    other_area: String,
}

impl From<Pair> for Row {
    fn from(pair: Pair) -> Row {
        Row {
            likeness: pair.likeness,
            likely: pair.likely,
            one: pair.one.person,
            one_name: pair.one.full_name,
            one_birth: birth(pair.one.birth_date),
            one_area: pair.one.area_name,
            other: pair.other.person,
            other_name: pair.other.full_name,
            other_birth: birth(pair.other.birth_date),
            other_area: pair.other.area_name,
        }
    }
}

fn birth(born: Option<PartialDate>) -> String {
    born.map(|born| born.to_string()).unwrap_or_default()
}

/// Whether it took effect.
fn told(said: Said, done: &str) {
    match said {
        Said::Done => eprintln!("{done}"),
        Said::Waits => eprintln!("Đã ghi ý kiến; còn chờ cán bộ phụ trách bên kia có cùng ý kiến."),
    }
}

/// List, merge or dismiss.
///
/// # Errors
/// What it was refused for, in a sentence.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let pool = context.pool().await?;
    match args.what {
        What::List {
            area,
            limit,
            format,
        } => {
            let pairs = duplicates::candidates(pool, &actor, &clock, &area, limit).await?;
            eprintln!("{} cặp hồ sơ có thể trùng.", pairs.len());
            if matches!(format, Format::Ndjson | Format::Json) {
                print_rows(format, pairs)?;
            } else {
                print_rows(format, pairs.into_iter().map(Row::from))?;
            }
        }
        What::Find { area } => {
            let found = links::twice(pool, &actor, &clock, &area).await?;
            eprintln!(
                "Đã so {} người với {} người: {} cặp.",
                found.people, found.with, found.pairs
            );
        }
        What::Board { area, format } => {
            let mut board = links::board::board(pool, &actor, &clock, &area).await?;
            board.parts.push(board.total);
            print_rows(format, board.parts)?;
        }
        What::Merge { keep, drop, reason } => {
            let records = (one(context, &keep).await?, one(context, &drop).await?);
            let event = EventId(Uuid::now_v7().as_u128());
            let said = duplicates::merge(pool, &actor, &clock, event, records, &reason).await?;
            let done = format!("Đã gộp hồ sơ #{} vào hồ sơ #{}.", records.1, records.0);
            told(said, &done);
        }
        What::Dismiss {
            one: first,
            other,
            reason,
        } => {
            let records = (one(context, &first).await?, one(context, &other).await?);
            let said = duplicates::dismiss(pool, &actor, &clock, records, &reason).await?;
            told(said, "Đã ghi nhận là hai người khác nhau.");
        }
    }
    Ok(Exit::Done)
}
