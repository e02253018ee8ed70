//! Binding separately laid out pages into one file, numbered from first to last.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use lopdf::{Bookmark, Dictionary, Document, Object, ObjectId, dictionary};

/// Pages bound so far.
pub(crate) struct Binding {
    document: Document,
    pages: Vec<ObjectId>,
    root: ObjectId,
}

impl Binding {
    pub(crate) fn new() -> Binding {
        let mut document = Document::with_version("1.7");
        let root = document.new_object_id();
        Binding {
            document,
            pages: Vec::new(),
            root,
        }
    }

    /// How many pages.
    pub(crate) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Adds the pages of a document behind those already there.
    pub(crate) fn add(&mut self, part: Document) -> Result<()> {
        let (pages, root) = (self.take_objects(part), self.root);
        for page in &pages {
            self.page_mut(*page)?.set("Parent", root);
        }
        self.pages.extend(pages);
        Ok(())
    }

    /// Lays the pages of `feet` over the bound pages, beginning at page index `first`.
    pub(crate) fn stamp(&mut self, first: usize, feet: Document) -> Result<()> {
        let feet = self.take_objects(feet);
        ensure!(
            first + feet.len() <= self.pages.len(),
            "more feet than pages"
        );
        for (at, foot) in (first..).zip(feet) {
            let drawing = self.make_drawing(foot)?;
            self.draw_over(self.pages[at], drawing)?;
        }
        Ok(())
    }

    /// A bookmark to a page by its index.
    pub(crate) fn mark(&mut self, page: usize, title: String) {
        if let Some(page) = self.pages.get(page) {
            let bookmark = Bookmark::new(title, [0.0; 3], 0, *page);
            self.document.add_bookmark(bookmark, None);
        }
    }

    /// Writes the file whole or not at all.
    pub(crate) fn save(mut self, title: &str, out: &Path) -> Result<()> {
        let outline = self.document.build_outline();
        let kids: Vec<Object> = self.pages.iter().map(|page| (*page).into()).collect();
        let count = i64::try_from(kids.len())?;
        let tree = dictionary! { "Type" => "Pages", "Kids" => kids, "Count" => count };
        self.document.set_object(self.root, tree);
        let mut catalog = dictionary! {
            "Type" => "Catalog",
            "Pages" => self.root,
            "Lang" => Object::string_literal("vi-VN"),
            "ViewerPreferences" => dictionary! { "DisplayDocTitle" => true },
        };
        if let Some(outline) = outline {
            catalog.set("Outlines", outline);
        }
        let catalog = self.document.add_object(catalog);
        let info = dictionary! { "Title" => utf16(title), "Creator" => utf16("An Sinh") };
        let info = self.document.add_object(info);
        self.document.trailer.set("Root", catalog);
        self.document.trailer.set("Info", info);
        let mut unfinished = out.as_os_str().to_owned();
        unfinished.push(".part");
        let told = || format!("không ghi được {}", out.display());
        self.document.save(&unfinished).with_context(told)?;
        std::fs::rename(&unfinished, out).with_context(told)
    }

    /// Moves a document's objects in under numbers of their own; its catalog and page tree stay
    /// behind.
    fn take_objects(&mut self, mut part: Document) -> Vec<ObjectId> {
        part.renumber_objects_with(self.document.max_id + 1);
        let pages: Vec<ObjectId> = part.get_pages().into_values().collect();
        self.document.max_id = part.max_id.max(self.document.max_id);
        let kept = part
            .objects
            .into_iter()
            .filter(|(_, object)| !matches!(object.type_name(), Ok(b"Catalog" | b"Pages")));
        self.document.objects.extend(kept);
        pages
    }

    fn page_mut(&mut self, page: ObjectId) -> Result<&mut Dictionary> {
        Ok(self.document.get_dictionary_mut(page)?)
    }

    /// Turns a page into a drawing other pages can show: its content becomes a form object that
    /// brings its own fonts.
    fn make_drawing(&mut self, page: ObjectId) -> Result<ObjectId> {
        let page = self.document.get_dictionary(page)?;
        let resources = page.get(b"Resources")?.clone();
        let bounds = page.get(b"MediaBox")?.clone();
        let content = page.get(b"Contents")?.as_reference()?;
        let drawing = &mut self.document.get_object_mut(content)?.as_stream_mut()?.dict;
        drawing.set("Type", "XObject");
        drawing.set("Subtype", "Form");
        drawing.set("BBox", bounds);
        drawing.set("Resources", resources);
        Ok(content)
    }

    fn draw_over(&mut self, page: ObjectId, drawing: ObjectId) -> Result<()> {
        self.document.add_xobject(page, "Foot", drawing)?;
        // What is there may leave any state behind; it is put in brackets.
        let before = lopdf::Stream::new(Dictionary::new(), b"q\n".to_vec());
        let after = lopdf::Stream::new(Dictionary::new(), b"\nQ /Foot Do".to_vec());
        let (before, after) = (
            self.document.add_object(before),
            self.document.add_object(after),
        );
        let page = self.page_mut(page)?;
        let content = page.get(b"Contents")?.as_reference()?;
        page.set(
            "Contents",
            vec![before.into(), content.into(), after.into()],
        );
        Ok(())
    }
}

/// Text strings of a PDF hold Vietnamese only as UTF-16.
fn utf16(text: &str) -> Object {
    let units = text.encode_utf16().flat_map(u16::to_be_bytes);
    Object::string_literal([0xfe, 0xff].into_iter().chain(units).collect::<Vec<u8>>())
}
