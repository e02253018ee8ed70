//! `ansinh user`: who may sign in, with which roles where.

mod account;

use std::io::{self, BufRead, IsTerminal};
use std::process::{Command, Stdio};

use access::user::{self, NewUser, Wanted};
use access::{administration, practice};
use jiff::civil::Date;
use kernel::Actor;
use kernel::Origin;
use kernel::actor::Role;
use kernel::clock::vietnam_time;
use serde::Serialize;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `user`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Thêm người dùng. Người dùng đầu tiên phải là quản trị cả nước và không cần --actor.
    Add {
        /// Tên đăng nhập: chữ thường không dấu, chữ số, dấu chấm, gạch nối.
        name: String,
        /// Họ và tên.
        #[arg(long)]
        full_name: String,
        #[command(flatten)]
        grant: GivenRole,
        #[command(flatten)]
        password: Password,
    },
    /// Liệt kê người dùng và vai trò.
    List {
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Cấp thêm vai trò, từ hôm nay hoặc trong những ngày đã cho.
    Grant {
        /// Tên đăng nhập.
        name: String,
        #[command(flatten)]
        grant: GivenRole,
        /// Ngày đầu; bỏ trống là hôm nay.
        #[arg(long)]
        from: Option<Date>,
        /// Ngày cuối; bỏ trống là không thời hạn.
        #[arg(long)]
        to: Option<Date>,
    },
    /// Đặt lại mật khẩu và mở khóa tài khoản.
    Password {
        /// Tên đăng nhập.
        name: String,
        #[command(flatten)]
        password: Password,
    },
    /// Khóa vĩnh viễn: phiên làm việc và mã truy cập dừng ngay, lịch sử còn nguyên.
    Disable {
        /// Tên đăng nhập.
        name: String,
    },
    /// Thu một vai trò ngay; các phiên của người này kết thúc.
    TakeBack {
        /// Tên đăng nhập.
        name: String,
        #[command(flatten)]
        grant: GivenRole,
    },
    /// Mở khóa tài khoản tạm khóa vì nhập sai nhiều lần.
    Unlock {
        /// Tên đăng nhập.
        name: String,
    },
    /// Kết thúc mọi phiên làm việc của một người.
    EndSessions {
        /// Tên đăng nhập.
        name: String,
    },
    /// Đăng nhập hai bước: gỡ mã của một người, hoặc đặt vai trò nào phải có.
    #[command(subcommand)]
    SecondFactor(account::Factor),
    /// Ủy quyền một vai trò khi vắng mặt, kết thúc hoặc liệt kê ủy quyền.
    #[command(subcommand)]
    Delegate(account::Delegate),
    /// Gắn hoặc gỡ tài khoản ở nhà cung cấp định danh (OpenID Connect).
    #[command(subcommand)]
    Identity(account::Bind),
    /// Tạo các tài khoản luyện tập còn thiếu (chỉ trong cơ sở dữ liệu luyện tập) và in ra.
    Practice {
        /// Mã địa bàn; bỏ trống là cả nước.
        #[arg(long, default_value = "")]
        area: String,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

#[derive(clap::Args)]
struct GivenRole {
    /// Vai trò: officer, list_maker, approver, reader, administrator, provider.
    #[arg(long, value_parser = read_role)]
    role: Role,
    /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
    /// Mã đơn vị chi trả của người này, chỉ với vai trò provider.
    #[arg(long)]
    provider: Option<String>,
}

impl GivenRole {
    fn wanted(self) -> Wanted {
        Wanted {
            role: self.role,
            area_code: area_code(self.area),
            provider: self.provider,
        }
    }
}

#[derive(clap::Args)]
struct Password {
    /// Đọc mật khẩu từ dòng đầu của đầu vào chuẩn.
    #[arg(long)]
    password_stdin: bool,
    /// Sinh mật khẩu ngẫu nhiên và in ra một lần.
    #[arg(long, conflicts_with = "password_stdin")]
    generate: bool,
}

fn read_role(code: &str) -> Result<Role, String> {
    let all: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
    Role::from_code(code).ok_or_else(|| format!("vai trò phải là một trong: {}", all.join(", ")))
}

/// `VN` is how people write the whole country, nothing how the database does.
fn area_code(area: String) -> String {
    if area == "VN" { String::new() } else { area }
}

/// Run it.
///
/// # Errors
/// When the actor may not, or the account cannot be made or changed.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    match args.action {
        Action::Add {
            name,
            full_name,
            grant,
            password,
        } => {
            let password = password.read()?;
            add(
                context,
                NewUser {
                    name,
                    full_name,
                    password,
                    first: grant.wanted(),
                },
            )
            .await
        }
        Action::List { format } => list(context, format).await,
        Action::Grant {
            name,
            grant,
            from,
            to,
        } => {
            let (actor, now) = (context.actor().await?, context.clock().await?.now());
            let mut tx = context.pool().await?.begin().await?;
            let wanted = grant.wanted();
            let from = from.unwrap_or_else(|| vietnam_time(now).date());
            user::grant_for(&mut tx, now, &actor, &name, &wanted, (from, to)).await?;
            tx.commit().await?;
            let role = wanted.role.vietnamese();
            done(&format!("Đã cấp vai trò {role} cho {name}."))
        }
        Action::TakeBack { name, grant } => {
            let (actor, now) = (context.actor().await?, context.clock().await?.now());
            let mut tx = context.pool().await?.begin().await?;
            let wanted = grant.wanted();
            administration::take_back(&mut tx, now, &actor, &name, &wanted).await?;
            tx.commit().await?;
            let role = wanted.role.vietnamese();
            done(&format!("Đã thu vai trò {role} của {name}."))
        }
        Action::Unlock { name } => {
            let (actor, now) = (context.actor().await?, context.clock().await?.now());
            let mut tx = context.pool().await?.begin().await?;
            administration::unlock(&mut tx, now, &actor, &name).await?;
            tx.commit().await?;
            done(&format!("Đã mở khóa đăng nhập của {name}."))
        }
        Action::EndSessions { name } => {
            let (actor, now) = (context.actor().await?, context.clock().await?.now());
            let mut tx = context.pool().await?.begin().await?;
            administration::end_sessions(&mut tx, now, &actor, &name).await?;
            tx.commit().await?;
            done(&format!("Đã kết thúc các phiên của {name}."))
        }
        Action::SecondFactor(factor) => account::second_factor(factor, context).await,
        Action::Delegate(delegate) => account::delegate(delegate, context).await,
        Action::Identity(bind) => account::identity(bind, context).await,
        Action::Password { name, password } => {
            let (actor, now) = (context.actor().await?, context.clock().await?.now());
            let password = password.read()?;
            let mut tx = context.pool().await?.begin().await?;
            user::set_password(&mut tx, now, &actor, &name, password).await?;
            tx.commit().await?;
            done(&format!("Đã đặt lại mật khẩu của {name}."))
        }
        Action::Disable { name } => {
            let (actor, now) = (context.actor().await?, context.clock().await?.now());
            let mut tx = context.pool().await?.begin().await?;
            user::disable(&mut tx, now, &actor, &name).await?;
            tx.commit().await?;
            done(&format!("Đã khóa tài khoản {name}."))
        }
        Action::Practice { area, format } => sample(context, &area_code(area), format).await,
    }
}

fn done(sentence: &str) -> anyhow::Result<Exit> {
    eprintln!("{sentence}");
    Ok(Exit::Done)
}

async fn add(context: &Context, new: NewUser) -> anyhow::Result<Exit> {
    let pool = context.pool().await?;
    let now = context.clock().await?.now();
    let founds = !context.is_practice().await? && !user::any(pool).await?;
    let actor = if founds {
        let founder = context.actor_name().unwrap_or(&new.name);
        Actor::new(founder, Vec::new()).at(Origin::CommandLine)
    } else {
        context.actor().await?
    };
    let name = new.name.clone();
    let mut tx = pool.begin().await?;
    user::add(&mut tx, now, &actor, new).await?;
    tx.commit().await?;
    done(&format!("Đã thêm người dùng {name}."))
}

#[derive(Serialize)]
struct Row {
    name: String,
    full_name: String,
    role: &'static str,
    provider: String,
    area: String,
    from: Option<String>,
    to: Option<String>,
    disabled: bool,
}

async fn list(context: &Context, format: Format) -> anyhow::Result<Exit> {
    let actor = context.actor().await?;
    let mut connection = context.pool().await?.acquire().await?;
    let now = context.clock().await?.now();
    let users = administration::all(&mut connection, now, &actor).await?;
    let rows = users.into_iter().flat_map(|user| {
        let grants = user.grants.clone();
        let row = move |grant: administration::DatedGrant| Row {
            name: user.name.clone(),
            full_name: user.full_name.clone(),
            role: grant.role.code(),
            provider: user.provider.clone().unwrap_or_default(),
            area: if grant.area_code.is_empty() {
                "VN".to_owned()
            } else {
                grant.area_code
            },
            from: Some(grant.from.to_string()),
            to: grant.to.map(|day| day.to_string()),
            disabled: user.disabled_at.is_some(),
        };
        grants.into_iter().map(row)
    });
    print_rows(format, rows)?;
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct SampleRow {
    name: &'static str,
    password: &'static str,
    role: &'static str,
}

async fn sample(context: &Context, area: &str, format: Format) -> anyhow::Result<Exit> {
    let now = context.clock().await?.now();
    let mut tx = context.pool().await?.begin().await?;
    practice::make_sign_ins(&mut tx, now, area).await?;
    tx.commit().await?;
    let password = practice::PASSWORD;
    let rows = practice::SIGN_INS.map(|(name, _, role)| SampleRow {
        name,
        password,
        role: role.vietnamese(),
    });
    print_rows(format, rows)?;
    Ok(Exit::Done)
}

impl Password {
    fn read(&self) -> anyhow::Result<String> {
        if self.generate {
            let password = user::generate_password()?;
            say!("{password}");
            return Ok(password);
        }
        if self.password_stdin {
            return read_line();
        }
        if !io::stdin().is_terminal() {
            let text = "Cần mật khẩu: thêm --password-stdin hoặc --generate.".to_owned();
            return Err(WrongUsage(text).into());
        }
        eprint!("Mật khẩu: ");
        let quiet = echo("-echo");
        let password = read_line();
        if quiet {
            echo("echo");
        }
        eprintln!();
        password
    }
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Switches the terminal's echo; whether that worked.
fn echo(mode: &str) -> bool {
    let stty = Command::new("stty")
        .arg(mode)
        .stdin(Stdio::inherit())
        .status();
    stty.is_ok_and(|status| status.success())
}
