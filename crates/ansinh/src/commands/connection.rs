//! `ansinh connection`: how provinces' one-stop systems are connected.

use exchange::dialect::{self, NewDialect};
use exchange::key::{self, NewKey};
use exchange::x_road::ClientId;
use exchange::{Dialect, Mode, NewConnection, comparison, connection};
use g2p::PublicKey;
use jiff::civil::Date;

use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `connection`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Ghi cách kết nối của một tỉnh từ một ngày; các lần ghi trước vẫn còn.
    Set {
        /// Mã tỉnh.
        province: String,
        /// none (chưa kết nối), native (dùng trực tiếp), one_way_in (một chiều đến), one_way_out (một chiều đi), two_way (hai chiều).
        mode: String,
        /// Ngày đầu tiên; không nêu là hôm nay.
        #[arg(long, value_name = "NGÀY")]
        from: Option<Date>,
        /// Trường hợp theo văn bản 342/LĐTBXH-BTXH: A1, A2.
        #[arg(long)]
        case: Option<String>,
        /// Căn cứ, ghi chú.
        #[arg(long)]
        note: Option<String>,
    },
    /// Các lần ghi theo tỉnh, mới nhất trước.
    List {
        /// Ngày xem lần ghi nào có hiệu lực; không nêu là hôm nay.
        #[arg(long, value_name = "NGÀY")]
        on: Option<Date>,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Khóa ký (Ed25519) của hệ thống một cửa một tỉnh.
    #[command(subcommand)]
    Key(KeyAction),
    /// Ghi địa chỉ nơi hệ thống một cửa của tỉnh liệt kê hồ sơ, để đối chiếu; --none là không còn.
    Listing {
        /// Mã tỉnh.
        province: String,
        /// Địa chỉ; danh sách ở ĐỊA_CHỈ/dossiers.
        #[arg(required_unless_present = "none")]
        url: Option<String>,
        /// Không liệt kê ở đâu nữa.
        #[arg(long, conflicts_with = "url")]
        none: bool,
    },
    /// Ghi tỉnh trao đổi theo cách nào từ một ngày; đổi cách không mất gì đang trên đường.
    Dialect {
        /// Mã tỉnh.
        province: String,
        /// messages (thông điệp An Sinh), pull (nhanHoSo, traHoSo, danhDauHsThanhCong…), x_road (tiêu đề X-Road, REST hoặc SOAP).
        dialect: String,
        /// Ngày đầu tiên; không nêu là hôm nay.
        #[arg(long, value_name = "NGÀY")]
        from: Option<Date>,
        /// Với pull: địa chỉ nền tảng của tỉnh, nơi ansinh exchange pull lấy hồ sơ; không nêu thì tỉnh gọi đến.
        #[arg(long, value_name = "ĐỊA_CHỈ")]
        platform: Option<String>,
        /// Với x_road: hệ thống của tỉnh, viết INSTANCE/LỚP/MÃ/HỆ_THỐNG.
        #[arg(long, value_name = "MÃ")]
        client: Option<String>,
        /// Với x_road: tài khoản của máy chủ an ninh được chuyển phong bì SOAP của hệ thống này, khi mã truy cập của tỉnh không qua được.
        #[arg(long, value_name = "TÀI_KHOẢN", requires = "client")]
        carrier: Option<String>,
    },
    /// Các cách trao đổi đã ghi của một tỉnh, mới nhất trước.
    Dialects {
        /// Mã tỉnh.
        province: String,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Ghi từ một ngày tỉnh phải ký từng yêu cầu (RFC 9421) hay không.
    Signing {
        /// Mã tỉnh.
        province: String,
        /// required (phải ký), optional (không bắt buộc; đã ký thì vẫn kiểm tra).
        required: Signing,
        /// Ngày đầu tiên; không nêu là hôm nay.
        #[arg(long, value_name = "NGÀY")]
        from: Option<Date>,
    },
}

#[derive(Clone, Copy, PartialEq, clap::ValueEnum)]
enum Signing {
    /// Phải ký.
    Required,
    /// Không bắt buộc.
    Optional,
}

#[derive(clap::Subcommand)]
enum KeyAction {
    /// Ghi một khóa công khai; các khóa khác còn hiệu lực vẫn dùng được.
    Add {
        /// Mã tỉnh.
        province: String,
        /// Mã khóa, chữ ký ghi ở keyid.
        key_id: String,
        /// Khóa công khai: 32 byte viết bằng Base64.
        public_key: String,
        /// Ngày đầu tiên; không nêu là hôm nay.
        #[arg(long, value_name = "NGÀY")]
        from: Option<Date>,
        /// Ngày cuối cùng; không nêu là không hạn.
        #[arg(long, value_name = "NGÀY")]
        until: Option<Date>,
    },
    /// Thu hồi một khóa: từ lúc này không chữ ký nào bằng khóa đó được nhận.
    Withdraw {
        /// Mã tỉnh.
        province: String,
        /// Mã khóa.
        key_id: String,
        /// Lý do.
        #[arg(long)]
        reason: String,
    },
    /// Các khóa của một tỉnh, mới nhất trước.
    List {
        /// Mã tỉnh.
        province: String,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let (pool, actor) = (context.pool().await?, context.actor().await?);
    let clock = context.clock().await?;
    match args.action {
        Action::Set {
            province,
            mode,
            from,
            case,
            note,
        } => {
            let unknown = || {
                WrongUsage(format!(
                    "Không có cách kết nối {mode:?}: xem ansinh connection set --help."
                ))
            };
            let new = NewConnection {
                from: from.unwrap_or_else(|| clock.today()),
                mode: Mode::from_code(&mode).ok_or_else(unknown)?,
                official_case: case,
                note,
                province,
            };
            connection::record(pool, &actor, &clock, std::slice::from_ref(&new)).await?;
            let (province, mode) = (&new.province, new.mode.vietnamese());
            eprintln!("Đã ghi: tỉnh {province}, {mode} từ {}.", new.from);
        }
        Action::List { on, format } => {
            let day = on.unwrap_or_else(|| clock.today());
            print_rows(format, connection::all(pool, &actor, day).await?)?;
        }
        Action::Key(KeyAction::Add {
            province,
            key_id,
            public_key,
            from,
            until,
        }) => {
            let key = NewKey {
                public_key: PublicKey::read(&public_key)?,
                from: from.unwrap_or_else(|| clock.today()),
                province,
                key_id,
                until,
            };
            key::add(pool, &actor, &clock, &key).await?;
            eprintln!("Đã ghi khóa {} của tỉnh {}.", key.key_id, key.province);
        }
        Action::Key(KeyAction::Withdraw {
            province,
            key_id,
            reason,
        }) => {
            let which = (province.as_str(), key_id.as_str());
            key::withdraw(pool, &actor, &clock, which, &reason).await?;
            eprintln!("Đã thu hồi khóa {key_id} của tỉnh {province}.");
        }
        Action::Key(KeyAction::List { province, format }) => {
            print_rows(format, key::all(pool, &actor, &province).await?)?;
        }
        Action::Listing { province, url, .. } => {
            let url = url.as_deref();
            comparison::record_address(pool, &actor, &clock, &province, url).await?;
            let place = url.unwrap_or("không ở đâu nữa");
            eprintln!("Đã ghi: một cửa tỉnh {province} liệt kê hồ sơ tại {place}.");
        }
        Action::Dialect {
            province,
            dialect,
            from,
            platform,
            client,
            carrier,
        } => {
            let unknown = || {
                WrongUsage(format!(
                    "Không có cách trao đổi {dialect:?}: xem ansinh connection dialect --help."
                ))
            };
            let client = client.map(|text| ClientId::of_path(&text)).transpose()?;
            let new = NewDialect {
                from: from.unwrap_or_else(|| clock.today()),
                dialect: Dialect::from_code(&dialect).ok_or_else(unknown)?,
                address: platform,
                client,
                carrier,
                province,
            };
            dialect::record(pool, &actor, &clock, &new).await?;
            let (province, how) = (&new.province, new.dialect.vietnamese());
            eprintln!(
                "Đã ghi: tỉnh {province} trao đổi theo {how} từ {}.",
                new.from
            );
        }
        Action::Dialects { province, format } => {
            print_rows(format, dialect::all(pool, &actor, &province).await?)?;
        }
        Action::Signing {
            province,
            required,
            from,
        } => {
            let from = from.unwrap_or_else(|| clock.today());
            let must = required == Signing::Required;
            let of = (province.as_str(), from);
            key::require_signatures(pool, &actor, &clock, of, must).await?;
            let how = if must {
                "phải ký"
            } else {
                "không bắt buộc ký"
            };
            eprintln!("Đã ghi: tỉnh {province} {how} từng yêu cầu từ {from}.");
        }
    }
    Ok(Exit::Done)
}
