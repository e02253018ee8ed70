//! `ansinh template`: blank forms.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::context::Context;
use crate::exit::Exit;

/// Options of `template`.
#[derive(clap::Args)]
pub struct Args {
    /// Mẫu nào.
    #[arg(value_enum)]
    form: Form,
    /// Tệp Excel được tạo ra.
    #[arg(short, long, value_name = "TỆP.xlsx")]
    output: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Form {
    /// Danh sách đối tượng, để nhập bằng ansinh import.
    Beneficiaries,
    /// Kết quả chi trả, để đơn vị chi trả điền và nhập bằng ansinh results import.
    Results,
    /// Danh sách tài khoản đã mở, để nhập bằng ansinh payees import.
    Payees,
    /// Danh sách của chương trình khác, để nhập bằng ansinh programmes import.
    Programmes,
}

/// Write the form.
///
/// # Errors
/// When the law cannot be read or the file not written.
pub fn run(args: &Args, context: &Context) -> anyhow::Result<Exit> {
    let law = context.law()?;
    let form = match args.form {
        Form::Beneficiaries => registry::import::form(law),
        Form::Results => payments::results::form(),
        Form::Payees => registry::payee::form(),
        Form::Programmes => links::list::form(),
    };
    let workbook = documents::template::workbook(&form).context("không tạo được mẫu Excel")?;
    std::fs::write(&args.output, workbook)
        .with_context(|| format!("không ghi được tệp {}", args.output.display()))?;
    eprintln!("Đã ghi mẫu vào {}.", args.output.display());
    Ok(Exit::Done)
}
