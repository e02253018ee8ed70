//! `ansinh provider`: who pays, and under which contracts.

pub(super) mod own_key;

use g2p::PublicKey;
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::Month;
use payments::Channel;
use payments::interface::{self, Key, Link};
use payments::provider::contract::Handover;
use payments::provider::pay_point::{self, OfProvince, PayPoint};
use payments::provider::{self, Contract, NewContract, Provider, ProviderKind};
use serde::Serialize;

use self::own_key::OwnKey;
use crate::context::Context;
use crate::exit::{Exit, WrongUsage};
use crate::output::{Format, print_rows};

/// Options of `provider`.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Ghi một đơn vị chi trả.
    Add(Add),
    /// Các đơn vị chi trả.
    List {
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Ghi hợp đồng: địa bàn, hình thức nhận, phí, ngày.
    Contract(Terms),
    /// Các hợp đồng, và có hiệu lực cho hình thức nào trong tháng.
    Contracts {
        /// Tháng, ví dụ 2024-05; bỏ trống là tháng này.
        month: Option<Month>,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Khai báo kết nối với chương trình của đơn vị chi trả.
    Connect(Connect),
    /// Ghi khóa công khai của đơn vị chi trả.
    Key(AddKey),
    /// Các khóa của đơn vị chi trả.
    Keys {
        /// Mã đơn vị chi trả.
        provider: String,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Thu hồi một khóa: từ nay không nhận gì ký bằng khóa ấy.
    WithdrawKey {
        /// Mã đơn vị chi trả.
        provider: String,
        /// Mã của khóa.
        key: String,
        /// Lý do.
        #[arg(long)]
        reason: String,
    },
    #[command(flatten)]
    OwnKey(OwnKey),
    /// Ghi một điểm chi trả tiền mặt của bưu điện.
    Point {
        /// Mã bưu điện.
        provider: String,
        /// Mã điểm, do bưu điện đặt.
        #[arg(long)]
        code: String,
        /// Tên điểm.
        #[arg(long)]
        name: String,
        /// Mã xã nơi có điểm.
        #[arg(long)]
        area: String,
    },
    /// Các tỉnh chi trả tiền mặt qua bưu điện và số điểm chi trả.
    Points {
        /// Tháng, ví dụ 2024-05; bỏ trống là tháng này.
        #[arg(long)]
        month: Option<Month>,
        /// Định dạng: ndjson, json, csv, table.
        #[arg(long, value_enum, default_value = "table")]
        format: Format,
    },
    /// Kết thúc hợp đồng từ một tháng.
    End {
        /// Số hợp đồng trong chương trình.
        contract: i64,
        /// Tháng đầu tiên không còn hiệu lực.
        #[arg(long)]
        from: Month,
    },
}

/// Where a provider's interface is.
#[derive(clap::Args)]
struct Connect {
    /// Mã đơn vị chi trả; cũng là sender_id của đơn vị.
    provider: String,
    /// Địa chỉ của đơn vị, trước /disburse.
    #[arg(long)]
    url: String,
    /// Mã của ta do đơn vị cấp (sender_id).
    #[arg(long)]
    our_id: String,
    /// Địa chỉ của ta mà đơn vị gọi lại, trước /on-disburse: https://…/api/v1/g2p.
    #[arg(long)]
    our_url: String,
    /// Số dòng nhiều nhất trong một thông điệp.
    #[arg(long, default_value_t = 10_000)]
    lines: i32,
}

/// A key of a provider.
#[derive(clap::Args)]
struct AddKey {
    /// Mã đơn vị chi trả.
    provider: String,
    /// Mã của khóa.
    key: String,
    /// Khóa công khai ed25519: 32 byte viết bằng Base64.
    public: String,
    /// Có hiệu lực từ; bỏ trống là từ bây giờ.
    #[arg(long)]
    from: Option<Timestamp>,
    /// Hết hiệu lực lúc.
    #[arg(long)]
    until: Option<Timestamp>,
}

#[derive(clap::Args)]
struct Add {
    /// Mã: chữ thường không dấu, chữ số, - và _.
    code: String,
    /// Tên trên giấy tờ.
    #[arg(long)]
    name: String,
    /// Loại: bank (ngân hàng), wallet (ví, tiền di động), post (bưu điện).
    #[arg(long)]
    kind: String,
    /// Số hiệu của chính ngân hàng hoặc mã ví.
    #[arg(long)]
    bank: Option<String>,
    /// Tài khoản nhận tiền để chi.
    #[arg(long)]
    account: Option<String>,
}

#[derive(clap::Args)]
struct Terms {
    /// Mã đơn vị chi trả.
    provider: String,
    /// Mã địa bàn; VN hoặc bỏ trống là cả nước.
    #[arg(long, default_value = "")]
    area: String,
    /// Hình thức nhận, cách nhau bằng dấu phẩy: account, e_wallet, mobile_money, post_office, home.
    #[arg(long, value_delimiter = ',', required = true)]
    channels: Vec<String>,
    /// Chỉ tài khoản ở ngân hàng hoặc ví này.
    #[arg(long)]
    bank: Option<String>,
    /// Tháng đầu.
    #[arg(long)]
    from: Month,
    /// Tháng cuối theo hợp đồng.
    #[arg(long)]
    to: Option<Month>,
    /// Phí, phần vạn của số tiền chi (50 là 0,5 %).
    #[arg(long)]
    fee: i32,
    /// Giao danh sách trước ngày này của tháng trước.
    #[arg(long, default_value_t = 25)]
    list_before: i16,
    /// Báo kết quả trước ngày này của tháng chi.
    #[arg(long, default_value_t = 20)]
    report_before: i16,
    /// Số tháng một kỳ quyết toán.
    #[arg(long, default_value_t = 1)]
    settlement_months: i16,
    /// Cách giao lệnh: file, interface, paper.
    #[arg(long, default_value = "file")]
    handover: String,
    /// Số hợp đồng trên giấy.
    #[arg(long)]
    number: Option<String>,
    /// Thay hợp đồng đang có hiệu lực từ tháng đầu của hợp đồng này.
    #[arg(long)]
    take_over: bool,
}

#[derive(Serialize)]
struct ContractRow {
    contract: i64,
    provider: String,
    area: String,
    bank: String,
    channels: String,
    holds_for: String,
    from: Month,
    to: String,
    fee_basis_points: i32,
    list_before: i16,
    report_before: i16,
    settlement_months: i16,
    handover: &'static str,
    number: String,
}

impl From<Contract> for ContractRow {
    fn from(contract: Contract) -> ContractRow {
        let codes = |channels: &[Channel]| {
            let codes: Vec<&str> = channels.iter().map(|channel| channel.code()).collect();
            codes.join(" ")
        };
        let terms = contract.terms;
        ContractRow {
            contract: contract.contract_no,
            provider: terms.provider,
            area: terms.area,
            bank: terms.bank.unwrap_or_default(),
            channels: codes(&terms.channels),
            holds_for: codes(&contract.holds_for),
            from: terms.from,
            to: terms.to.map(|to| to.to_string()).unwrap_or_default(),
            fee_basis_points: terms.fee_basis_points,
            list_before: terms.list_before_day,
            report_before: terms.report_before_day,
            settlement_months: terms.settlement_months,
            handover: terms.handover.code(),
            number: terms.signed_number.unwrap_or_default(),
        }
    }
}

#[derive(Serialize)]
struct PointsRow {
    area: String,
    name: String,
    providers: String,
    points: i64,
}

impl From<OfProvince> for PointsRow {
    fn from(province: OfProvince) -> PointsRow {
        PointsRow {
            area: province.area,
            name: province.name,
            providers: province.providers.join(" "),
            points: province.points,
        }
    }
}

/// Run it.
///
/// # Errors
/// What the command was refused for.
pub async fn run(args: Args, context: &Context) -> anyhow::Result<Exit> {
    let office = context.office().await?;
    let actor = context.actor().await?;
    match args.action {
        Action::Add(add) => {
            let added = add.read()?;
            provider::add(&office, &actor, &added).await?;
            eprintln!("Đã ghi đơn vị chi trả {}.", added.code);
        }
        Action::List { format } => print_rows(format, provider::all(&office, &actor).await?)?,
        Action::Contract(terms) => {
            let take_over = terms.take_over;
            let number = provider::record(&office, &actor, &terms.read()?, take_over).await?;
            eprintln!("Đã ghi hợp đồng số {number}.");
        }
        Action::Contracts { month, format } => {
            let today: Date = context.clock().await?.today();
            let month = month.unwrap_or_else(|| Month::of(today));
            let all = provider::contracts(&office, &actor, month).await?;
            print_rows(format, all.into_iter().map(ContractRow::from))?;
        }
        Action::Connect(connect) => {
            let link = connect.read();
            interface::connect(&office, &actor, &link).await?;
            eprintln!("Đã khai báo kết nối với {}.", link.provider);
        }
        Action::Key(key) => {
            let key = key.read(context.clock().await?.now())?;
            interface::add_key(&office, &actor, &key).await?;
            eprintln!("Đã ghi khóa {} của {}.", key.key_id, key.provider);
        }
        Action::Keys { provider, format } => {
            print_rows(format, interface::keys(&office, &actor, &provider).await?)?;
        }
        Action::WithdrawKey {
            provider,
            key,
            reason,
        } => {
            interface::withdraw_key(&office, &actor, (&provider, &key), &reason).await?;
            eprintln!("Đã thu hồi khóa {key} của {provider}.");
        }
        Action::OwnKey(action) => own_key::run(&action, context)?,
        Action::Point {
            provider,
            code,
            name,
            area,
        } => {
            let month = Month::of(context.clock().await?.today());
            let point = PayPoint { code, name, area };
            let added = pay_point::record(&office, &actor, &provider, month, &[point]).await?;
            eprintln!("Đã ghi {added} điểm chi trả mới.");
        }
        Action::Points { month, format } => {
            let today: Date = context.clock().await?.today();
            let month = month.unwrap_or_else(|| Month::of(today));
            let all = pay_point::by_province(&office, &actor, month).await?;
            print_rows(format, all.into_iter().map(PointsRow::from))?;
        }
        Action::End { contract, from } => {
            provider::end(&office, &actor, contract, from).await?;
            eprintln!("Hợp đồng số {contract} hết hiệu lực từ tháng {from}.");
        }
    }
    Ok(Exit::Done)
}

fn unknown(what: &str, given: &str) -> WrongUsage {
    WrongUsage(format!(
        "Không có {what} {given:?}: xem ansinh provider --help."
    ))
}

impl Add {
    fn read(self) -> Result<Provider, WrongUsage> {
        Ok(Provider {
            kind: ProviderKind::from_code(&self.kind)
                .ok_or_else(|| unknown("loại đơn vị", &self.kind))?,
            code: self.code,
            name: self.name,
            bank_code: self.bank,
            account_number: self.account,
        })
    }
}

impl Connect {
    fn read(self) -> Link {
        Link {
            provider: self.provider,
            url: self.url,
            our_id: self.our_id,
            our_url: self.our_url,
            lines_per_message: self.lines,
        }
    }
}

impl AddKey {
    fn read(self, now: Timestamp) -> anyhow::Result<Key> {
        Ok(Key {
            provider: self.provider,
            key_id: self.key,
            public_key: PublicKey::read(&self.public)?,
            valid_from: self.from.unwrap_or(now),
            valid_until: self.until,
            withdrawn_at: None,
        })
    }
}

impl Terms {
    fn read(self) -> Result<NewContract, WrongUsage> {
        let channel =
            |code: &String| Channel::from_code(code).ok_or_else(|| unknown("hình thức nhận", code));
        Ok(NewContract {
            channels: self
                .channels
                .iter()
                .map(channel)
                .collect::<Result<_, _>>()?,
            handover: Handover::from_code(&self.handover)
                .ok_or_else(|| unknown("cách giao", &self.handover))?,
            provider: self.provider,
            area: self.area,
            bank: self.bank,
            from: self.from,
            to: self.to,
            fee_basis_points: self.fee,
            list_before_day: self.list_before,
            report_before_day: self.report_before,
            settlement_months: self.settlement_months,
            signed_number: self.number,
        })
    }
}
