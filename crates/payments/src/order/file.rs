//! An order as the file that is handed over: written again it has the same bytes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use access::audit::Action;
use documents::credit_transfer::TransferError;
use documents::list_workbook::WorkbookError;
use documents::pdf::PrintError;
use kernel::Actor;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Order, OrderNo, WORKERS, find, pay_points, transfers};
use crate::provider::ProviderKind;
use crate::{Office, Refused};

/// What a file is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Form {
    /// ISO 20022 pain.001.001.09, for banks.
    Transfers,
    /// An Excel list by pay point, with what is brought home on a sheet of its own; for wallets by
    /// commune, with the numbers.
    Workbook,
    /// Printed lists to be signed, of those who come to the pay point.
    AtPayPoint,
    /// Printed lists to be signed, of those whom it is brought home to.
    AtHome,
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 4] = [
        Form::Transfers,
        Form::Workbook,
        Form::AtPayPoint,
        Form::AtHome,
    ];

    /// The end of the file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Form::Transfers => "xml",
            Form::Workbook => "xlsx",
            Form::AtPayPoint | Form::AtHome => "pdf",
        }
    }

    /// Whether it says everything an order of the kind asks for, or asks for at one place.
    pub const fn suits(self, kind: ProviderKind) -> bool {
        match self {
            Form::Transfers => matches!(kind, ProviderKind::Bank),
            Form::Workbook => true,
            Form::AtPayPoint | Form::AtHome => matches!(kind, ProviderKind::Post),
        }
    }
}

/// A file that was, or can be, handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Its name; says nothing of anybody.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: Vec<u8>,
}

/// A file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The order, or who asks for it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The message to the bank.
    #[error(transparent)]
    Transfers(#[from] TransferError),
    /// The Excel file.
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    /// The printed list.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// The disk.
    #[error("không ghi được tệp: {0}")]
    Write(#[from] io::Error),
    /// Banks take messages, the post lists.
    #[error("đơn vị chi trả loại này không nhận tệp dạng đó")]
    NotItsForm,
}

impl FileError {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            FileError::Refused(refused) => refused.code(),
            FileError::Transfers(error) => error.code(),
            FileError::Workbook(error) => error.code(),
            FileError::Print(error) => error.code(),
            FileError::Write(_) => "file_not_written",
            FileError::NotItsForm => "not_its_form",
        }
    }
}

/// Writes an order to a file and says what to remember when it is handed over. Logged: the file
/// holds names and account numbers.
///
/// # Errors
/// [`Refused::NoOrder`], [`Refused::Denied`]; [`FileError::NotItsForm`]; what the disk says.
pub async fn write(
    office: &Office<'_>,
    actor: &Actor,
    order_no: OrderNo,
    form: Form,
    path: &Path,
) -> Result<Handed, FileError> {
    let order = find(office, actor, order_no).await?;
    access::require(actor, &WORKERS, &order.area).map_err(Refused::from)?;
    write_found(office, actor, &order, form, path).await
}

/// The same for whoever has been let in to the order.
pub(crate) async fn write_found(
    office: &Office<'_>,
    actor: &Actor,
    order: &Order,
    form: Form,
    path: &Path,
) -> Result<Handed, FileError> {
    if !form.suits(order.kind) {
        return Err(FileError::NotItsForm);
    }
    log(office, actor, order, form).await?;
    match form {
        Form::Transfers => transfers::write(office, order, file(path)?).await?,
        Form::Workbook => pay_points::workbook(office, order, file(path)?).await?,
        Form::AtPayPoint => pay_points::print(office, order, false, path).await?,
        Form::AtHome => pay_points::print(office, order, true, path).await?,
    }
    Ok(Handed {
        name: name(order, form),
        sha256: hash(path)?,
    })
}

fn file(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::new(File::create(path)?))
}

/// What a file of an order is called.
pub fn name(order: &Order, form: Form) -> String {
    let part = match form {
        Form::AtHome => "-tai-nha",
        Form::AtPayPoint => "-tai-diem-chi-tra",
        Form::Transfers | Form::Workbook => "",
    };
    let (order_no, month) = (order.order_no, order.list_month);
    let provider = &order.provider;
    format!(
        "lenh-{order_no}-{month}-{provider}{part}.{}",
        form.extension()
    )
}

/// SHA-256 of a file.
///
/// # Errors
/// When it cannot be read.
pub fn hash(path: &Path) -> io::Result<Vec<u8>> {
    struct Hashing(Sha256);
    impl Write for Hashing {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut hashing = Hashing(Sha256::new());
    io::copy(&mut File::open(path)?, &mut hashing)?;
    Ok(hashing.0.finalize().to_vec())
}

async fn log(office: &Office<'_>, actor: &Actor, order: &Order, form: Form) -> Result<(), Refused> {
    let mut tx = office.pool.begin().await?;
    let detail = json!({ "people": order.people, "file": form.extension() });
    let (object, area) = (order.order_no.to_string(), Some(order.area.as_str()));
    let (now, action) = (office.clock.now(), Action::OrderExport);
    access::audit::record(&mut tx, now, actor, action, &object, area, detail).await?;
    tx.commit().await?;
    Ok(())
}
