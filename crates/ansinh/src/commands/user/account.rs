//! `ansinh user second-factor`, `user delegate`, `user identity`.

use access::identity::{self, Identity};
use access::{delegation, second_factor};
use jiff::civil::Date;
use kernel::actor::Role;
use serde::Serialize;

use super::{area_code, done, read_role};
use crate::context::Context;
use crate::exit::Exit;
use crate::output::{Format, print_rows};

/// Of the second step of signing in.
#[derive(clap::Subcommand)]
pub enum Factor {
    /// Gỡ mã của người mất điện thoại; các phiên của họ kết thúc.
    Reset {
        /// Tên đăng nhập.
        name: String,
    },
    /// Từ một ngày, vai trò phải đăng nhập hai bước.
    Require {
        /// Vai trò.
        #[arg(long, value_parser = read_role)]
        role: Role,
        /// Ngày đầu.
        #[arg(long)]
        from: Date,
        /// Thôi bắt buộc.
        #[arg(long)]
        no_longer: bool,
    },
}

/// Of roles lent.
#[derive(clap::Subcommand)]
pub enum Delegate {
    /// Ghi ủy quyền.
    Add {
        /// Tên đăng nhập của người giữ vai trò.
        delegator: String,
        /// Tên đăng nhập của người làm thay.
        delegate: String,
        /// Vai trò.
        #[arg(long, value_parser = read_role)]
        role: Role,
        /// Mã địa bàn; VN là cả nước.
        #[arg(long)]
        area: String,
        /// Ngày đầu.
        #[arg(long)]
        from: Date,
        /// Ngày cuối.
        #[arg(long)]
        to: Date,
    },
    /// Kết thúc ủy quyền ngay.
    End {
        /// Số của ủy quyền.
        number: i64,
    },
    /// Ủy quyền của một người và cho họ, đang và sẽ có hiệu lực.
    List {
        /// Tên đăng nhập.
        name: String,
        /// Định dạng.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// Of accounts at a provider of identities.
#[derive(clap::Subcommand)]
pub enum Bind {
    /// Gắn người dùng với một tài khoản ở đó.
    Bind {
        /// Tên đăng nhập.
        name: String,
        /// Địa chỉ nhà cung cấp, đúng như trong mã định danh (iss).
        #[arg(long)]
        issuer: String,
        /// Mã của người dùng ở đó (sub).
        #[arg(long)]
        subject: String,
    },
    /// Gỡ.
    Unbind {
        /// Tên đăng nhập.
        name: String,
        /// Địa chỉ nhà cung cấp.
        #[arg(long)]
        issuer: String,
    },
}

/// `user second-factor`.
///
/// # Errors
/// When the actor may not, or there is no such account.
pub async fn second_factor(factor: Factor, context: &Context) -> anyhow::Result<Exit> {
    let (actor, now) = (context.actor().await?, context.clock().await?.now());
    let mut tx = context.pool().await?.begin().await?;
    let sentence = match factor {
        Factor::Reset { name } => {
            second_factor::reset(&mut tx, now, &actor, &name).await?;
            format!("Đã gỡ đăng nhập hai bước của {name}.")
        }
        Factor::Require {
            role,
            from,
            no_longer,
        } => {
            second_factor::require(&mut tx, now, &actor, role, from, !no_longer).await?;
            let what = if no_longer {
                "không bắt buộc"
            } else {
                "bắt buộc"
            };
            let role = role.vietnamese();
            format!("Từ {from}, vai trò {role} {what} đăng nhập hai bước.")
        }
    };
    tx.commit().await?;
    done(&sentence)
}

#[derive(Serialize)]
struct Row {
    number: i64,
    delegator: String,
    delegate: String,
    role: &'static str,
    area: String,
    from: Date,
    to: Date,
    made_by: String,
}

/// `user delegate`.
///
/// # Errors
/// When the actor may not, or the role cannot be lent so.
pub async fn delegate(delegate: Delegate, context: &Context) -> anyhow::Result<Exit> {
    let (actor, now) = (context.actor().await?, context.clock().await?.now());
    let mut tx = context.pool().await?.begin().await?;
    let sentence = match delegate {
        Delegate::Add {
            delegator,
            delegate,
            role,
            area,
            from,
            to,
        } => {
            let wanted = delegation::Wanted {
                delegator,
                delegate,
                role,
                area_code: area_code(area),
                from,
                to,
            };
            let number = delegation::lend(&mut tx, now, &actor, &wanted).await?;
            format!("Đã ghi ủy quyền số {number}.")
        }
        Delegate::End { number } => {
            delegation::end(&mut tx, now, &actor, number).await?;
            format!("Đã kết thúc ủy quyền số {number}.")
        }
        Delegate::List { name, format } => {
            let held = delegation::of(&mut tx, now, &actor, &name).await?;
            let rows = held.into_iter().map(|held| Row {
                number: held.delegation_no,
                delegator: held.lent.delegator,
                delegate: held.lent.delegate,
                role: held.lent.role.code(),
                area: Some(held.lent.area_code)
                    .filter(|code| !code.is_empty())
                    .unwrap_or_else(|| "VN".to_owned()),
                from: held.lent.from,
                to: held.lent.to,
                made_by: held.made_by,
            });
            print_rows(format, rows)?;
            return Ok(Exit::Done);
        }
    };
    tx.commit().await?;
    done(&sentence)
}

/// `user identity`.
///
/// # Errors
/// When the actor may not, or the account there is bound already.
pub async fn identity(bind: Bind, context: &Context) -> anyhow::Result<Exit> {
    let (actor, now) = (context.actor().await?, context.clock().await?.now());
    let mut tx = context.pool().await?.begin().await?;
    let sentence = match bind {
        Bind::Bind {
            name,
            issuer,
            subject,
        } => {
            let at_provider = Identity { issuer, subject };
            identity::bind(&mut tx, now, &actor, &name, &at_provider).await?;
            format!("Đã gắn {name} với tài khoản định danh.")
        }
        Bind::Unbind { name, issuer } => {
            identity::unbind(&mut tx, now, &actor, &name, &issuer).await?;
            format!("Đã gỡ tài khoản định danh của {name}.")
        }
    };
    tx.commit().await?;
    done(&sentence)
}
