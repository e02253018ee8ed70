//! From a form and its data to pages.

use anyhow::{Context, Result, anyhow};
use lopdf::Document;
use serde::Serialize;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::world::Sheet;

/// The list itself.
pub(crate) const PAYMENT_LIST: &str = include_str!("../forms/payment_list.typ");
/// A statistical form.
pub(crate) const FORM: &str = include_str!("../forms/form.typ");
/// A letter.
pub(crate) const LETTER: &str = include_str!("../forms/letter.typ");
/// What stands at the foot of its pages.
pub(crate) const FOOTER: &str = include_str!("../forms/footer.typ");

/// Lays out a form. Everything typst remembers is dropped afterwards: laying out a thousand pages
/// in one go takes gigabytes, fifty at a time a few dozen megabytes.
pub(crate) fn lay_out(form: &'static str, data: &impl Serialize) -> Result<Document> {
    let sheet = Sheet::new(form, serde_json::to_vec(data)?);
    let laid_out = typst::compile::<PagedDocument>(&sheet).output;
    let pages = laid_out.map_err(|errors| anyhow!("biểu mẫu có lỗi: {errors:?}"))?;
    // Tags would double the file and every writer's memory; the same list is there as Excel.
    let options = PdfOptions {
        tagged: false,
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&pages, &options).map_err(|errors| anyhow!("{errors:?}"))?;
    drop(pages);
    comemo::evict(0);
    Document::load_mem(&bytes).context("không đọc lại được trang vừa dàn")
}
