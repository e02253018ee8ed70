//! What every command works with: the database, the clock, who acts, the law.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use access::identity::provider::Provider;
use access::sealed::{SealError, SecretKey};
use anyhow::Context as _;
use clap::Args;
use files::Files;
use g2p::{NotAKey, OwnKeys, SigningKey};
use jiff::Timestamp;
use kernel::{Actor, Clock, Origin};
use law::{Law, LawError};
use payments::Office;
use private_postgres::schema::{self, SchemaError};
use private_postgres::{Durability, PrivatePostgres};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, PgPool};
use tokio::sync::OnceCell;

use crate::exit::WrongUsage;

/// The oldest PostgreSQL the schema works on, as the server numbers itself.
const OLDEST_SERVER: i32 = 150_000;

/// Options of every command.
#[derive(Args, Debug)]
pub struct Options {
    /// Thư mục dữ liệu, nơi chương trình giữ PostgreSQL riêng.
    #[arg(
        long,
        global = true,
        env = "ANSINH_DATA",
        value_name = "THƯ_MỤC",
        default_value = "data"
    )]
    pub data: PathBuf,
    /// Máy chủ PostgreSQL có sẵn, thay cho PostgreSQL riêng.
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        value_name = "ĐỊA_CHỈ",
        hide_env_values = true
    )]
    pub database_url: Option<String>,
    /// Đặt giờ cho lệnh này, ví dụ 2026-07-20T08:00:00+07:00 (chỉ trong cơ sở dữ liệu luyện tập).
    #[arg(long, global = true, env = "ANSINH_NOW", value_name = "THỜI_ĐIỂM")]
    pub now: Option<Timestamp>,
    /// Người thực hiện.
    #[arg(long, global = true, env = "ANSINH_ACTOR", value_name = "TÊN")]
    pub actor: Option<String>,
    /// Tệp khóa ký thông điệp gửi đơn vị chi trả; bỏ trống là signing.key trong thư mục dữ liệu.
    #[arg(long, global = true, env = "ANSINH_SIGNING_KEY", value_name = "TỆP")]
    pub signing_key: Option<PathBuf>,
    /// Tệp khóa mã hóa bí mật của đăng nhập hai bước; bỏ trống là secret.key trong thư mục dữ liệu.
    #[arg(long, global = true, env = "ANSINH_SECRET_KEY", value_name = "TỆP")]
    pub secret_key: Option<PathBuf>,
    /// Tệp cài đặt nhà cung cấp định danh (OpenID Connect); bỏ trống là identity.toml trong thư mục dữ liệu.
    #[arg(long, global = true, env = "ANSINH_IDENTITY", value_name = "TỆP")]
    pub identity: Option<PathBuf>,
    /// Nơi giữ bản quét và văn bản đã ký: một thư mục, hoặc s3://KHO/ĐƯỜNG_DẪN; bỏ trống là files
    /// trong thư mục dữ liệu.
    #[arg(long, global = true, env = "ANSINH_FILES", value_name = "NƠI")]
    pub files: Option<String>,
    /// Thư mục quy định pháp luật, thay cho bản kèm chương trình.
    #[arg(long, global = true, env = "ANSINH_LAW", value_name = "THƯ_MỤC")]
    pub law: Option<PathBuf>,
}

/// An open database.
#[derive(Debug)]
struct Database {
    pool: PgPool,
    practice: bool,
    // Keeps the private server running; goes after the pool.
    _server: Option<PrivatePostgres>,
}

/// What a command works with. The database is opened when it is first asked for.
#[derive(Debug)]
pub struct Context {
    options: Options,
    clock: Clock,
    law: OnceLock<Law>,
    database: OnceCell<Database>,
}

impl Context {
    /// Of the options of the command line.
    pub fn new(options: Options) -> Context {
        Context {
            clock: options.now.map_or(Clock::System, Clock::Fixed),
            options,
            law: OnceLock::new(),
            database: OnceCell::new(),
        }
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        &self.options.data
    }

    /// Whether another server's address was given in place of the data folder.
    pub fn has_own_server(&self) -> bool {
        self.options.database_url.is_none()
    }

    /// Where the key is that messages to others are signed with.
    pub fn signing_key_file(&self) -> PathBuf {
        let set = self.options.signing_key.clone();
        set.unwrap_or_else(|| self.options.data.join("signing.key"))
    }

    /// The key that messages to others are signed with, if it was made.
    ///
    /// # Errors
    /// When the file is no key, or others may read it.
    pub fn signing_key(&self) -> Result<Option<SigningKey>, NotAKey> {
        Ok(self.own_keys()?.map(|keys| keys.signing))
    }

    /// That key, with the next and the last.
    ///
    /// # Errors
    /// When a file is no key, or others may read a secret.
    pub fn own_keys(&self) -> Result<Option<OwnKeys>, NotAKey> {
        OwnKeys::read(&self.signing_key_file())
    }

    /// The key that secrets of second factors are kept with. Beside a private database it is made when
    /// there is none; of another database it has to be there, the same for every server of it.
    ///
    /// # Errors
    /// When the file is no key, or others may read it.
    pub fn secret_key(&self) -> Result<Option<SecretKey>, SealError> {
        match &self.options.secret_key {
            Some(path) => SecretKey::read(path).map(Some),
            None if self.has_own_server() => {
                SecretKey::read_or_make(&self.data().join("secret.key")).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Where people may sign in besides here, if it is set.
    ///
    /// # Errors
    /// When the file cannot be read, others may read the secret in it, or it is not as it should be.
    pub fn identities(&self) -> anyhow::Result<Option<Provider>> {
        let set = self.options.identity.clone();
        let path = match set {
            Some(path) => path,
            None => self.data().join("identity.toml"),
        };
        if self.options.identity.is_none() && !path.exists() {
            return Ok(None);
        }
        let shown = path.display();
        let told = || format!("Không đọc được cài đặt nhà cung cấp định danh {shown}");
        let mode = std::fs::metadata(&path)
            .with_context(told)?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            anyhow::bail!("Tệp {shown} cho người khác đọc được: hãy đặt quyền 600.");
        }
        let text = std::fs::read_to_string(&path).with_context(told)?;
        let provider = toml::from_str(&text);
        // The error of the reader repeats lines of the file, which has a secret.
        let provider = provider.map_err(|error: toml::de::Error| {
            anyhow::anyhow!("Tệp {shown} sai: {}", error.message())
        })?;
        Ok(Some(provider))
    }

    /// Where scans and signed letters are kept.
    ///
    /// # Errors
    /// When the setting is wrong or the folder cannot be made.
    pub fn files(&self) -> Result<Files, files::Refused> {
        match &self.options.files {
            Some(setting) => Files::at(setting),
            None => Files::in_folder(&self.options.data.join("files")),
        }
    }

    /// Connections to the database, which this program's schema fits.
    ///
    /// # Errors
    /// When there is none, it does not fit, or it refuses `--now`.
    pub async fn pool(&self) -> anyhow::Result<&PgPool> {
        Ok(&self.database().await?.pool)
    }

    /// Whether it is a practice database.
    ///
    /// # Errors
    /// As [`Context::pool`].
    pub async fn is_practice(&self) -> anyhow::Result<bool> {
        Ok(self.database().await?.practice)
    }

    /// What time it is: the machine's, or in a practice database that of `--now`.
    ///
    /// # Errors
    /// As [`Context::pool`].
    pub async fn clock(&self) -> anyhow::Result<Clock> {
        self.database().await?;
        Ok(self.clock_without_database())
    }

    /// What time it is for a command that needs no database.
    pub fn clock_without_database(&self) -> Clock {
        self.clock.clone()
    }

    /// What the payments crate works with.
    ///
    /// # Errors
    /// As [`Context::pool`] and [`Context::law`].
    pub async fn office(&self) -> anyhow::Result<Office<'_>> {
        Ok(Office {
            pool: self.pool().await?,
            clock: &self.clock,
            law: self.law()?,
        })
    }

    /// Who acts: in a practice database anybody, with every role, and nobody has to be named; in a
    /// real one a user.
    ///
    /// # Errors
    /// `WrongUsage` without `--actor`; a refusal when there is no such user.
    pub async fn actor(&self) -> anyhow::Result<Actor> {
        let database = self.database().await?;
        if database.practice {
            let name = self.options.actor.as_deref().unwrap_or("luyen.tap");
            return Ok(Actor::with_every_role(name).at(Origin::CommandLine));
        }
        let name = self.actor_name()?;
        let now = self.clock().await?.now();
        let actor = access::user::actor(&database.pool, now, name).await?;
        let actor = actor.map(|actor| actor.at(Origin::CommandLine));
        actor.with_context(|| {
            format!(
                "Không có người dùng {name}. Hãy dùng tên đăng nhập có thật sau --actor, hoặc tạo bằng: ansinh user add."
            )
        })
    }

    /// The name after `--actor`.
    ///
    /// # Errors
    /// `WrongUsage` without one.
    pub fn actor_name(&self) -> Result<&str, WrongUsage> {
        let missing = || WrongUsage("Cần nêu người thực hiện: thêm --actor TÊN.".to_owned());
        self.options.actor.as_deref().ok_or_else(missing)
    }

    /// The law: that of `--law`, or the one built into the program.
    ///
    /// # Errors
    /// When the folder of `--law` is not whole.
    pub fn law(&self) -> Result<&Law, LawError> {
        if let Some(law) = self.law.get() {
            return Ok(law);
        }
        let law = match &self.options.law {
            Some(folder) => Law::from_dir(folder)?,
            None => Law::embedded(),
        };
        Ok(self.law.get_or_init(|| law))
    }

    async fn database(&self) -> anyhow::Result<&Database> {
        self.database.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> anyhow::Result<Database> {
        if self.has_own_server() && !PrivatePostgres::exists(self.data()) {
            return Err(SchemaError::Empty.into());
        }
        let (pool, server) = self.connect().await?;
        schema::check(&pool).await?;
        let practice = access::practice::is_practice(&pool).await?;
        if self.options.now.is_some() && !practice {
            anyhow::bail!(
                "Không được đặt giờ (--now, ANSINH_NOW) trong cơ sở dữ liệu thật. Hãy bỏ tùy chọn này, hoặc dùng cơ sở dữ liệu luyện tập."
            );
        }
        if self.options.law.is_some() && self.law()?.is_for_practice() && !practice {
            anyhow::bail!(
                "Bộ quy định sau --law có mức giả định để luyện tập (practice.toml): không dùng được với cơ sở dữ liệu thật."
            );
        }
        Ok(Database {
            pool,
            practice,
            _server: server,
        })
    }

    /// Connect to the server whatever is in it; the private one is made and started when needed.
    ///
    /// # Errors
    /// When there is no server, or it is too old.
    pub async fn connect(&self) -> anyhow::Result<(PgPool, Option<PrivatePostgres>)> {
        let (options, server) = match &self.options.database_url {
            Some(url) => {
                let options = read_url(url)?;
                check_server(&options).await?;
                (options, None)
            }
            None => {
                let server = PrivatePostgres::open(self.data(), Durability::Full)?;
                (server.options(), Some(server))
            }
        };
        let pool = PgPoolOptions::new()
            .max_connections(16)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.disable_statement_logging())
            .await?;
        Ok((pool, server))
    }
}

fn read_url(url: &str) -> Result<PgConnectOptions, WrongUsage> {
    let ours = url.starts_with("postgres://") || url.starts_with("postgresql://");
    let options = if ours { url.parse().ok() } else { None };
    // The address may hold a password: it is not repeated.
    options.ok_or_else(|| {
        WrongUsage(
            "DATABASE_URL không đúng: cần dạng postgres://NGƯỜI_DÙNG:MẬT_KHẨU@MÁY:5432/CƠ_SỞ_DỮ_LIỆU."
                .to_owned(),
        )
    })
}

/// Whether the server of an address answers (a pool would go on trying) and is new enough.
async fn check_server(options: &PgConnectOptions) -> anyhow::Result<()> {
    let connection = PgConnection::connect_with(options).await;
    let mut connection = connection.map_err(|error| {
        anyhow::anyhow!(
            "Không kết nối được máy chủ PostgreSQL. Hãy kiểm tra máy chủ đang chạy và DATABASE_URL ({error})."
        )
    })?;
    let version: i32 = sqlx::query_scalar("select current_setting('server_version_num')::int")
        .fetch_one(&mut connection)
        .await?;
    if version < OLDEST_SERVER {
        anyhow::bail!(
            "Máy chủ PostgreSQL là bản {}, chương trình cần bản 15 trở lên. Hãy nâng cấp máy chủ hoặc bỏ DATABASE_URL.",
            version / 10_000
        );
    }
    connection.close().await?;
    Ok(())
}
