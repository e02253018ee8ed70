//! A list as a file: Excel, CSV, paper.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context as _;
use documents::list_csv::ListCsv;
use documents::list_workbook::ListWorkbook;
use documents::payment_list::Row;
use documents::pdf::Printing;
use kernel::Actor;
use payments::{Disclosure, Office, Paper};

use super::Of;
use crate::exit::{Exit, WrongUsage};
use crate::output::Format;

/// Writes the file.
pub async fn export(
    office: &Office<'_>,
    actor: &Actor,
    of: &Of,
    format: Format,
    output: &Path,
    masked: bool,
) -> anyhow::Result<Exit> {
    let disclosure = if masked {
        Disclosure::Masked
    } else {
        Disclosure::Whole
    };
    let paper = payments::paper(office, actor, of.month, &of.area, disclosure).await?;
    match format {
        Format::Xlsx => workbook(&paper, output).await?,
        Format::Csv => csv(&paper, output).await?,
        Format::Pdf => pdf(&paper, output).await?,
        _ => anyhow::bail!(WrongUsage("Chọn --format xlsx, pdf hoặc csv.".to_owned())),
    }
    eprintln!("Đã ghi {}.", output.display());
    Ok(Exit::Done)
}

fn file(output: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(output)
        .with_context(|| format!("Không ghi được tệp {}.", output.display()))?;
    Ok(BufWriter::new(file))
}

async fn workbook(paper: &Paper<'_>, output: &Path) -> anyhow::Result<()> {
    let mut book = ListWorkbook::new(paper.header.clone())?;
    paper
        .rows(|row: Row| book.row(&row).map_err(anyhow::Error::from))
        .await?;
    book.finish(file(output)?)?;
    Ok(())
}

async fn csv(paper: &Paper<'_>, output: &Path) -> anyhow::Result<()> {
    let mut list = ListCsv::new(paper.header.clone(), file(output)?, true)?;
    paper
        .rows(|row: Row| list.row(&row).map_err(anyhow::Error::from))
        .await?;
    list.finish()?;
    Ok(())
}

async fn pdf(paper: &Paper<'_>, output: &Path) -> anyhow::Result<()> {
    let progress = |line: &str| eprintln!("{line}");
    let mut printing = Printing::start(&paper.header, output, progress)?;
    paper
        .rows(|row: Row| printing.row(&row).map_err(anyhow::Error::from))
        .await?;
    printing.finish()?;
    Ok(())
}
