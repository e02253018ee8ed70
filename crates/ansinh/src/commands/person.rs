//! `ansinh person`, `search`, `id-report` and `moves`: looking at people.

use std::io;

use anyhow::bail;
use kernel::PersonId;
use kernel::personal_id::IdState;
use registry::person::{Entry, Lookup, Profile, find, read};
use registry::quality;
use registry::search::{Query, search};
use serde::Serialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `person`.
#[derive(clap::Args)]
pub struct Args {
    /// Mã người của nguồn, `nguồn/mã`, hoặc `#số` trong sổ.
    person: String,
    /// Dạng in ra: table hoặc json.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Show one person: who it is, what is true of them, everything recorded.
///
/// # Errors
/// When nobody or several people have the key, or the actor may not look.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let pool = context.pool().await?;
    let id = one(context, &args.person).await?;
    let profile = read(pool, &actor, &clock, id).await?;
    match args.format {
        Format::Table => show(&profile)?,
        Format::Json => say!("{:#}", as_json(&profile)),
        Format::Ndjson => say!("{}", as_json(&profile)),
        _ => bail!(WrongUsage("Hãy chọn --format table hoặc json.".to_owned())),
    }
    Ok(Exit::Done)
}

/// The person a PERSON argument names.
///
/// # Errors
/// When nobody or several people have the key.
pub async fn one(context: &Context, text: &str) -> anyhow::Result<PersonId> {
    match find(context.pool().await?, text).await? {
        Lookup::One(id) => Ok(id),
        Lookup::Nobody => bail!("Không có người nào mang mã này trong sổ."),
        Lookup::Several(sources) => bail!(
            "Mã này dùng cho nhiều người: hãy ghi rõ nguồn/mã, nguồn là một trong {}.",
            sources.join(", ")
        ),
    }
}

fn as_json(profile: &Profile) -> Value {
    let facts = profile.facts.iter().map(|(id, fact)| {
        json!({ "fact_id": id, "kind": registry::fact::code(&fact.kind),
            "variant": registry::fact::variant(&fact.kind), "from": fact.from, "to": fact.to })
    });
    let enrolments = profile.enrolments.iter().map(|it| {
        json!({ "benefit": it.benefit, "from": it.from, "to": it.to, "suspended": it.suspended,
            "decision": it.decision, "end_reason": it.end_reason })
    });
    let residences = profile.residences.iter().map(
        |(since, area)| json!({ "since": since, "area": area.code, "area_name": area.full_name }),
    );
    let payee = profile.payee.as_ref().map(|(since, payee)| {
        json!({ "since": since, "channel": payee.channel, "holder": payee.holder,
            "holder_name": payee.holder_name, "provider": payee.provider })
    });
    let timeline = profile.timeline.iter().map(|entry| {
        json!({ "event_no": entry.event_no, "recorded_at": entry.recorded_at,
            "actor": entry.actor, "cancelled": entry.cancelled_by.is_some(),
            "event": entry.event })
    });
    json!({
        "id": profile.id, "person": profile.person_key, "full_name": profile.full_name,
        "birth_date": profile.birth_date, "sex": profile.sex, "ethnicity": profile.ethnicity,
        "id_number": profile.id_number, "id_state": profile.id_state.code(),
        "id_suggestion": profile.id_suggestion,
        "identity_check": profile.check.as_ref().map(|(result, _)| result),
        "identity_fields": profile.check.as_ref().map(|(_, fields)| fields),
        "area": profile.commune.code, "area_name": profile.commune.full_name,
        "area_confirmed": profile.commune_confirmed, "death_date": profile.death_date,
        "merged_into": profile.merged_into, "merged_here": profile.merged_here,
        "residences": residences.collect::<Vec<_>>(), "facts": facts.collect::<Vec<_>>(),
        "enrolments": enrolments.collect::<Vec<_>>(), "payee": payee,
        "wants_account": profile.wants_account, "timeline": timeline.collect::<Vec<_>>(),
    })
}

fn show(profile: &Profile) -> io::Result<()> {
    let sex = profile.sex.map_or("", |sex| sex.vietnamese());
    let number = profile.id_number.as_deref().unwrap_or("chưa có");
    say!(
        "{}  {}  {sex}  #{}",
        profile.full_name,
        profile.birth_date,
        profile.id
    );
    say!("Mã: {}", profile.person_key);
    let suggestion = profile
        .id_suggestion
        .map(|it| format!(" – {it}"))
        .unwrap_or_default();
    let state = profile.id_state.vietnamese();
    say!("Số định danh: {number} ({state}){suggestion}");
    let check = profile
        .check
        .as_ref()
        .map_or("Chưa đối chiếu", |(result, _)| result.vietnamese());
    say!("Đối chiếu dân cư: {check}");
    let confirm = if profile.commune_confirmed {
        ""
    } else {
        " (chờ xác nhận xã sau sắp xếp)"
    };
    say!("Nơi ở: {}{confirm}", profile.commune.full_name);
    if let Some(day) = profile.death_date {
        say!("Qua đời: {}", day.strftime("%d/%m/%Y"));
    }
    if let Some((_, payee)) = &profile.payee {
        say!(
            "Nhận: {}, {}",
            payee.channel.vietnamese(),
            payee.holder.vietnamese()
        );
    }
    say!("\nChính sách:");
    for it in &profile.enrolments {
        let to = it.to.map_or("nay".to_owned(), |to| to.to_string());
        say!(
            "  {:<28} {} – {to}  {}",
            it.benefit.code(),
            it.from,
            it.decision.number
        );
    }
    say!("\nTình trạng:");
    for (_, fact) in &profile.facts {
        let to = fact.to.map_or("nay".to_owned(), |to| to.to_string());
        say!(
            "  {:<40} {} – {to}",
            registry::fact::vietnamese(&fact.kind),
            fact.from
        );
    }
    say!("\nĐã ghi:");
    profile.timeline.iter().try_for_each(show_entry)
}

fn show_entry(entry: &Entry) -> io::Result<()> {
    let recorded = kernel::clock::vietnam_time(entry.recorded_at).strftime("%d/%m/%Y %H:%M");
    let cancelled = if entry.cancelled_by.is_some() {
        "  (đã hủy)"
    } else {
        ""
    };
    let event = &entry.event;
    let what = event.kind.vietnamese();
    say!(
        "  {}  {what:<26} ghi {recorded} {}{cancelled}",
        event.effective,
        entry.actor
    );
    Ok(())
}

/// Options of `search`.
#[derive(clap::Args)]
pub struct SearchArgs {
    /// Họ tên (không cần dấu, thứ tự tùy ý), số định danh hoặc mã người.
    #[arg(default_value = "")]
    text: String,
    /// Mã địa bàn.
    #[arg(long, default_value = "")]
    area: String,
    /// Bỏ qua bao nhiêu người đầu.
    #[arg(long, default_value_t = 0)]
    skip: u32,
    /// Nhiều nhất bao nhiêu người.
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Dạng in ra.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// A found person as a row of plain cells.
#[derive(Serialize)]
struct Row {
    person: String,
    full_name: String,
    birth_date: String,
    id_number: String,
    id_state: String,
    area: String,
    area_name: String,
    benefits: String,
}

/// Find people.
///
/// # Errors
/// When the database fails.
pub async fn run_search(args: SearchArgs, context: &Context) -> anyhow::Result<Exit> {
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let query = Query {
        text: &args.text,
        area: &args.area,
        skip: args.skip,
        limit: args.limit,
    };
    let found = search(context.pool().await?, &actor, &clock, &query).await?;
    if found.more {
        eprintln!(
            "Còn nữa: thêm --skip {}.",
            args.skip.saturating_add(args.limit)
        );
    }
    if matches!(args.format, Format::Ndjson | Format::Json) {
        print_rows(args.format, found.people)?;
        return Ok(Exit::Done);
    }
    let rows = found.people.into_iter().map(|hit| Row {
        person: hit.person,
        full_name: hit.full_name,
        birth_date: hit.birth_date.to_string(),
        id_number: hit.id_number.unwrap_or_default(),
        id_state: hit.id_state,
        area: hit.area,
        area_name: hit.area_name,
        benefits: hit
            .benefits
            .iter()
            .map(|it| it.code())
            .collect::<Vec<_>>()
            .join(" "),
    });
    print_rows(args.format, rows)?;
    Ok(Exit::Done)
}

/// Options of `id-report`.
#[derive(clap::Args)]
pub struct IdReportArgs {
    /// Mã địa bàn.
    #[arg(long, default_value = "")]
    area: String,
    /// Chỉ một tình trạng, ví dụ malformed.
    #[arg(long)]
    state: Option<String>,
    /// Chỉ in số lượng theo tình trạng.
    #[arg(long)]
    counts: bool,
    /// Dạng in ra.
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
}

/// List the people whose ID number is to be looked at; how many of each state on standard error,
/// or with `--counts` alone on standard output.
///
/// # Errors
/// When the state is unknown or the database fails.
pub async fn run_id_report(args: IdReportArgs, context: &Context) -> anyhow::Result<Exit> {
    let state = match args.state.as_deref().map(IdState::from_code) {
        None => None,
        Some(Some(state)) => Some(state),
        Some(None) => bail!(WrongUsage(format!(
            "--state phải là một trong: {}.",
            IdState::ALL.map(IdState::code).join(", ")
        ))),
    };
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let pool = context.pool().await?;
    let counts = quality::id_states(pool, &actor, &clock, &args.area).await?;
    if args.counts {
        print_rows(args.format, counts)?;
        return Ok(Exit::Done);
    }
    for count in &counts {
        eprintln!("{:>9}  {}", count.people, count.name);
    }
    let mut faults = Vec::new();
    quality::id_faults(pool, &actor, &clock, &args.area, state, |fault| {
        faults.push(fault)
    })
    .await?;
    print_rows(args.format, faults)?;
    Ok(Exit::Done)
}

/// Options of `moves`.
#[derive(clap::Args)]
pub struct MovesArgs {
    #[command(subcommand)]
    what: Moves,
}

#[derive(clap::Subcommand)]
enum Moves {
    /// Người ở xã bị chia tách khi sắp xếp tháng 7/2025, cần xác nhận xã mới.
    ToConfirm {
        /// Mã địa bàn.
        #[arg(long, default_value = "")]
        area: String,
        /// Dạng in ra.
        #[arg(long, value_enum, default_value_t = Format::Ndjson)]
        format: Format,
    },
}

/// List the people whose commune is to be confirmed.
///
/// # Errors
/// When the database fails.
pub async fn run_moves(args: MovesArgs, context: &Context) -> anyhow::Result<Exit> {
    let Moves::ToConfirm { area, format } = args.what;
    let (actor, clock) = (context.actor().await?, context.clock().await?);
    let people = quality::moves_to_confirm(context.pool().await?, &actor, &clock, &area).await?;
    eprintln!("{} người cần xác nhận.", people.len());
    if matches!(format, Format::Ndjson | Format::Json) {
        print_rows(format, people)?;
        return Ok(Exit::Done);
    }
    let rows = people.into_iter().map(|it| MoveRow {
        person: it.person,
        full_name: it.full_name,
        old_area: it.old_area,
        old_area_name: it.old_area_name,
        likeliest_area: it.likeliest_area,
        likeliest_area_name: it.likeliest_area_name,
        parts: it.parts.join(" "),
    });
    print_rows(format, rows)?;
    Ok(Exit::Done)
}

/// A person to confirm as a row of plain cells.
#[derive(Serialize)]
struct MoveRow {
    person: String,
    full_name: String,
    old_area: String,
    old_area_name: String,
    likeliest_area: String,
    likeliest_area_name: String,
    parts: String,
}
