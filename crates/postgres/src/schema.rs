//! The schema every database of the program has, and whether this program fits a database.

use sqlx::PgPool;
use sqlx::migrate::{MigrateError, Migrator};

/// The migrations, oldest first.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// Why a database cannot be used with this program.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Nothing in it yet.
    #[error(
        "Cơ sở dữ liệu chưa được khởi tạo. Hãy chạy: ansinh --data THƯ_MỤC init (thêm --practice để luyện tập)."
    )]
    Empty,
    /// Made by an older program.
    #[error(
        "Cơ sở dữ liệu ở lược đồ số {database}, chương trình cần số {program}. Hãy sao lưu rồi chạy: ansinh --data THƯ_MỤC db migrate."
    )]
    Older {
        /// Last migration applied.
        database: i64,
        /// Last migration known.
        program: i64,
    },
    /// Made by a newer program.
    #[error(
        "Cơ sở dữ liệu ở lược đồ số {database}, mới hơn chương trình (số {program}). Hãy dùng bản chương trình mới hơn."
    )]
    Newer {
        /// Last migration applied.
        database: i64,
        /// Last migration known.
        program: i64,
    },
    /// A migration was changed after it had been applied, or stopped half-way.
    #[error(
        "Lược đồ số {version} của cơ sở dữ liệu khác với bản của chương trình. Hãy dùng đúng bản chương trình đã tạo ra nó, hoặc khởi tạo một thư mục dữ liệu mới."
    )]
    Different {
        /// The migration.
        version: i64,
    },
    /// Anything else.
    #[error("Không đọc được cơ sở dữ liệu: {0}")]
    Database(#[from] sqlx::Error),
}

impl SchemaError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            SchemaError::Empty => "schema_empty",
            SchemaError::Older { .. } => "schema_older",
            SchemaError::Newer { .. } => "schema_newer",
            SchemaError::Different { .. } => "schema_different",
            SchemaError::Database(_) => "database",
        }
    }
}

/// The version of the schema this program is made for.
pub fn program_version() -> i64 {
    MIGRATOR.iter().map(|one| one.version).max().unwrap_or(0)
}

/// Refuse a database this program does not fit.
///
/// # Errors
/// `SchemaError`: empty, older, newer, or changed.
pub async fn check(pool: &PgPool) -> Result<(), SchemaError> {
    let table: Option<String> = sqlx::query_scalar("select to_regclass('_sqlx_migrations')::text")
        .fetch_one(pool)
        .await?;
    if table.is_none() {
        return Err(SchemaError::Empty);
    }
    let applied: Vec<(i64, Vec<u8>, bool)> =
        sqlx::query_as("select version, checksum, success from _sqlx_migrations order by version")
            .fetch_all(pool)
            .await?;
    let program = program_version();
    let Some((database, ..)) = applied.last() else {
        return Err(SchemaError::Empty);
    };
    let database = *database;
    for (version, checksum, success) in &applied {
        let known = MIGRATOR.iter().find(|one| one.version == *version);
        let Some(known) = known else {
            return Err(SchemaError::Newer { database, program });
        };
        if !success || known.checksum.as_ref() != checksum.as_slice() {
            return Err(SchemaError::Different { version: *version });
        }
    }
    if applied.len() < MIGRATOR.iter().count() {
        return Err(SchemaError::Older { database, program });
    }
    Ok(())
}

/// Bring an empty or older database to this program's schema.
///
/// # Errors
/// `SchemaError::Newer` or `Different` when the database has another history.
pub async fn migrate(pool: &PgPool) -> Result<(), SchemaError> {
    match MIGRATOR.run(pool).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(database)) => Err(SchemaError::Newer {
            database,
            program: program_version(),
        }),
        Err(MigrateError::VersionMismatch(version) | MigrateError::Dirty(version)) => {
            Err(SchemaError::Different { version })
        }
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(error.into())
        }
        Err(other) => Err(sqlx::Error::Migrate(Box::new(other)).into()),
    }
}
