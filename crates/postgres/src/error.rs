//! Why there is no private PostgreSQL, each a sentence saying what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why the private PostgreSQL cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// No PostgreSQL server program on the machine.
    #[error(
        "Chưa cài PostgreSQL. Hãy chạy: apt install postgresql (bản {minimum} trở lên), hoặc đặt biến DATABASE_URL \
         để dùng một máy chủ PostgreSQL có sẵn.",
        minimum = crate::binaries::MINIMUM
    )]
    NotInstalled,
    /// Only versions older than the oldest supported are installed.
    #[error(
        "PostgreSQL trên máy là bản {found}, chương trình cần bản {minimum} trở lên. Hãy chạy: apt install postgresql-{minimum}.",
        minimum = crate::binaries::MINIMUM
    )]
    TooOld {
        /// The newest version found.
        found: u32,
    },
    /// The data folder was made by a PostgreSQL that is not installed (any more).
    #[error(
        "Dữ liệu trong {path} thuộc PostgreSQL bản {cluster}, máy này không có bản đó. Hãy chạy: apt install postgresql-{cluster}, \
         hoặc chuyển dữ liệu bằng pg_upgrade.",
        path = path.display()
    )]
    OtherVersion {
        /// The folder.
        path: PathBuf,
        /// Major version of the data.
        cluster: u32,
    },
    /// No room on the disk.
    #[error(
        "Ổ đĩa chứa {path} đã đầy. Hãy giải phóng ít nhất {megabytes} MB rồi chạy lại; dữ liệu đã ghi vẫn nguyên.",
        path = path.display(),
        megabytes = crate::home::ROOM_MEGABYTES
    )]
    DiskFull {
        /// A folder on that disk.
        path: PathBuf,
    },
    /// The folder belongs to somebody else.
    #[error(
        "Không có quyền dùng thư mục {path} của người dùng {owner}. Hãy chạy bằng người dùng {owner} hoặc chọn thư mục khác với --data.",
        path = path.display()
    )]
    NotOwner {
        /// The folder.
        path: PathBuf,
        /// Whose it is.
        owner: String,
    },
    /// Permission denied somewhere on the way.
    #[error(
        "Không có quyền ghi vào {path}. Hãy cấp quyền cho thư mục này hoặc chọn thư mục khác với --data.",
        path = path.display()
    )]
    Denied {
        /// The file or folder.
        path: PathBuf,
    },
    /// Run as root on a machine without an unprivileged user to run the server as.
    #[error(
        "Đang chạy bằng root nhưng máy không có người dùng postgres hoặc nobody để chạy PostgreSQL. Hãy chạy: adduser --system postgres."
    )]
    NoUnprivilegedUser,
    /// Another process uses the server.
    #[error(
        "Cơ sở dữ liệu trong {path} đang được một chương trình khác sử dụng. Hãy dừng chương trình đó rồi chạy lại.",
        path = path.display()
    )]
    InUse {
        /// The data folder.
        path: PathBuf,
    },
    /// The server program ended or did not become ready.
    #[error(
        "PostgreSQL không khởi động được: {reason}. Xem thêm trong {log}.",
        log = log.display()
    )]
    WillNotStart {
        /// The last line it wrote.
        reason: String,
        /// Its log.
        log: PathBuf,
    },
    /// A new data folder could not be made.
    #[error("Không tạo được cơ sở dữ liệu trong {path}: {reason}.", path = path.display())]
    WillNotInitialise {
        /// The folder.
        path: PathBuf,
        /// The last line initdb wrote.
        reason: String,
    },
    /// Anything else of files and processes.
    #[error("Không dùng được {path}: {source}.", path = path.display())]
    Io {
        /// What was touched.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PostgresError {
    /// A stable code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            PostgresError::NotInstalled => "postgres_not_installed",
            PostgresError::TooOld { .. } => "postgres_too_old",
            PostgresError::OtherVersion { .. } => "postgres_other_version",
            PostgresError::DiskFull { .. } => "disk_full",
            PostgresError::NotOwner { .. } => "not_owner",
            PostgresError::Denied { .. } => "permission_denied",
            PostgresError::NoUnprivilegedUser => "no_unprivileged_user",
            PostgresError::InUse { .. } => "in_use",
            PostgresError::WillNotStart { .. } => "postgres_will_not_start",
            PostgresError::WillNotInitialise { .. } => "postgres_will_not_initialise",
            PostgresError::Io { .. } => "io",
        }
    }

    /// The refusal behind an input or output error.
    pub(crate) fn io(path: &Path, source: io::Error) -> PostgresError {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull => PostgresError::DiskFull { path },
            io::ErrorKind::PermissionDenied => PostgresError::Denied { path },
            _ => PostgresError::Io { path, source },
        }
    }
}
