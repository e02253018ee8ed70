//! Who pays: banks, wallets and the post, and the contracts under which they do.

pub mod contract;
pub mod pay_point;
pub(crate) mod route;
pub(crate) mod slot;

use access::audit::{Action, Changed};
use jiff_sqlx::ToSqlx;
use kernel::actor::Role;
use kernel::{Actor, Dong, Month};
use serde::Serialize;
use serde_json::json;
use sqlx::{PgConnection, PgExecutor};

pub use contract::{Contract, NewContract, contracts, end, record};

use crate::{Channel, Office, Refused, show};

/// Who signs contracts with providers: not whoever makes lists and orders.
pub(crate) const SIGNATORIES: [Role; 1] = [Role::Approver];

/// What a provider is: it settles which ways of paying it can be given.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Pays into accounts.
    Bank,
    /// Pays to e-wallets and mobile money.
    Wallet,
    /// Pays cash, at post offices and at home.
    Post,
}

impl ProviderKind {
    /// Every kind.
    pub const ALL: [ProviderKind; 3] =
        [ProviderKind::Bank, ProviderKind::Wallet, ProviderKind::Post];

    /// Stable code, as stored.
    pub const fn code(self) -> &'static str {
        match self {
            ProviderKind::Bank => "bank",
            ProviderKind::Wallet => "wallet",
            ProviderKind::Post => "post",
        }
    }

    /// Back from the code.
    pub fn from_code(code: &str) -> Option<ProviderKind> {
        ProviderKind::ALL
            .into_iter()
            .find(|kind| kind.code() == code)
    }

    /// What users see.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            ProviderKind::Bank => "Ngân hàng",
            ProviderKind::Wallet => "Ví điện tử, tiền di động",
            ProviderKind::Post => "Bưu điện",
        }
    }

    /// The ways of paying it can be given.
    pub const fn channels(self) -> &'static [Channel] {
        match self {
            ProviderKind::Bank => &[Channel::Account],
            ProviderKind::Wallet => &[Channel::EWallet, Channel::MobileMoney],
            ProviderKind::Post => &[Channel::PostOffice, Channel::Home],
        }
    }
}

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// What it is called in commands and files: small letters, digits, `-` and `_`.
    pub code: String,
    /// Its name on papers.
    pub name: String,
    /// What it is.
    pub kind: ProviderKind,
    /// Number or code of the bank or wallet itself.
    pub bank_code: Option<String>,
    /// The account money is transferred to, and paid from.
    pub account_number: Option<String>,
}

/// Records a provider. It never changes: one that becomes another gets a new code.
///
/// # Errors
/// [`Refused::ProviderKnown`], [`Refused::NotAProvider`] when the code, the bank or the account
/// cannot be; [`Refused::Denied`].
pub async fn add(office: &Office<'_>, actor: &Actor, provider: &Provider) -> Result<(), Refused> {
    if actor.areas_of(&SIGNATORIES).next().is_none() {
        access::require(actor, &SIGNATORIES, "")?;
    }
    check(provider)?;
    let mut tx = office.pool.begin().await?;
    let now = office.clock.now();
    let added = sqlx::query!(
        "insert into provider (code, name, kind, bank_code, account_number, recorded_by,
             recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (code) do nothing",
        provider.code,
        provider.name,
        provider.kind.code(),
        provider.bank_code,
        provider.account_number,
        actor.name,
        now.to_sqlx() as _
    )
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        let code = provider.code.clone();
        return Err(Refused::ProviderKnown { code });
    }
    let changed = Changed::new()
        .value("name", None::<&str>, &provider.name)
        .value("kind", None::<&str>, provider.kind)
        .value("bank", None::<&str>, &provider.bank_code)
        .masked("account", None, provider.account_number.as_deref());
    let detail = changed.with(json!({}));
    let (action, object) = (Action::ProviderAdd, &provider.code);
    access::audit::record(&mut tx, now, actor, action, object, None, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// A bank pays from an account that a message can name.
fn check(provider: &Provider) -> Result<(), Refused> {
    let refuse = |why| Err(Refused::NotAProvider { why });
    let sign = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let bytes = provider.code.as_bytes();
    let rest = |letter: &u8| sign(*letter) || matches!(letter, b'-' | b'_');
    if !bytes.first().copied().is_some_and(sign) || bytes.len() > 32 || !bytes.iter().all(rest) {
        return refuse("mã gồm chữ thường không dấu, chữ số, - và _, nhiều nhất 32 ký tự");
    }
    let length = provider.name.chars().count();
    if provider.name.trim().is_empty() || length > 140 {
        return refuse("cần tên, nhiều nhất 140 chữ");
    }
    let account = provider.account_number.as_deref().unwrap_or_default();
    let plain = |letter: u8| letter.is_ascii_alphanumeric();
    if account.len() > 34 || !account.bytes().all(plain) {
        return refuse("số tài khoản chỉ gồm chữ và số, nhiều nhất 34 ký tự");
    }
    if provider.kind == ProviderKind::Bank && (account.is_empty() || provider.bank_code.is_none()) {
        return refuse("ngân hàng cần mã ngân hàng và số tài khoản mà từ đó tiền được chi");
    }
    Ok(())
}

/// Every provider, by code.
///
/// # Errors
/// [`Refused::Denied`] for whoever may not read lists anywhere.
pub async fn all(office: &Office<'_>, actor: &Actor) -> Result<Vec<Provider>, Refused> {
    if actor.areas_of(show::READERS).next().is_none() {
        access::require(actor, show::READERS, "")?;
    }
    let rows = sqlx::query_as!(
        Stored,
        "select code, name, kind, bank_code, account_number from provider order by code"
    )
    .fetch_all(office.pool)
    .await?;
    rows.into_iter().map(Stored::read).collect()
}

/// The provider with the code.
pub(crate) async fn find(db: impl PgExecutor<'_>, code: &str) -> Result<Provider, Refused> {
    let row = sqlx::query_as!(
        Stored,
        "select code, name, kind, bank_code, account_number from provider where code = $1",
        code
    )
    .fetch_optional(db)
    .await?;
    let unknown = || Refused::UnknownProvider {
        code: code.to_owned(),
    };
    row.ok_or_else(unknown)?.read()
}

struct Stored {
    code: String,
    name: String,
    kind: String,
    bank_code: Option<String>,
    account_number: Option<String>,
}

impl Stored {
    fn read(self) -> Result<Provider, Refused> {
        Ok(Provider {
            kind: ProviderKind::from_code(&self.kind)
                .ok_or_else(|| Refused::Inconsistent(format!("no kind {}", self.kind)))?,
            code: self.code,
            name: self.name,
            bank_code: self.bank_code,
            account_number: self.account_number,
        })
    }
}

/// What providers ask at most for paying an amount in a month, rounded up.
pub(crate) async fn highest_fee(
    tx: &mut PgConnection,
    month: Month,
    amount: Dong,
) -> sqlx::Result<Dong> {
    let highest = sqlx::query_scalar!(
        r#"select coalesce(max(fee_basis_points), 0) as "highest!" from provider_contract
           where from_month <= $1 and (to_month is null or to_month >= $1)"#,
        month.yyyymm()
    )
    .fetch_one(tx)
    .await?;
    Ok(fee(amount, highest))
}

/// A fee in hundredths of a percent of the money paid, rounded up to whole đồng.
pub const fn fee(amount: Dong, basis_points: i32) -> Dong {
    Dong((amount.0 * basis_points as i64 + 9_999).div_euclid(10_000))
}
