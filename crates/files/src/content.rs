//! What a file is, by its content alone, and whether it is whole. Only kinds that can be checked are
//! taken; nothing may hide behind the end of one.

use std::io::{self, Read, Seek, SeekFrom};

use serde::Serialize;

/// Longest side of an image in pixels, and most pixels of one: an A4 sheet at 600 dpi has 35 million.
const LONGEST_SIDE: u32 = 20_000;
const MOST_PIXELS: u64 = 120_000_000;

const PNG: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
const PDF_END: &[u8; 5] = b"%%EOF";

/// Kinds of files that are taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub enum MediaType {
    /// A document, perhaps with a digital signature.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// A photograph.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// A scan.
    #[serde(rename = "image/png")]
    Png,
}

impl MediaType {
    /// Every kind.
    pub const ALL: [MediaType; 3] = [MediaType::Pdf, MediaType::Jpeg, MediaType::Png];

    /// `application/pdf`.
    pub const fn name(self) -> &'static str {
        match self {
            MediaType::Pdf => "application/pdf",
            MediaType::Jpeg => "image/jpeg",
            MediaType::Png => "image/png",
        }
    }

    /// Back from the name.
    pub fn from_name(name: &str) -> Option<MediaType> {
        MediaType::ALL.into_iter().find(|it| it.name() == name)
    }

    /// How names of such files end; the first is the usual one.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            MediaType::Pdf => &["pdf"],
            MediaType::Jpeg => &["jpg", "jpeg"],
            MediaType::Png => &["png"],
        }
    }
}

/// Why a content is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// None of the kinds that are taken.
    #[error("không phải tệp PDF, JPEG hay PNG")]
    Unknown,
    /// The name promises another kind.
    #[error("đuôi tên tệp không đúng với nội dung")]
    WrongEnding,
    /// Cut off, or not built as its kind is.
    #[error("tệp hỏng hoặc thiếu phần cuối")]
    Broken,
    /// Something stands after its end.
    #[error("có dữ liệu lạ sau phần cuối của tệp: hãy quét, chụp hoặc xuất lại")]
    MoreBehind,
    /// Would take too much memory to show.
    #[error("ảnh quá lớn: mỗi chiều nhiều nhất 20.000 điểm ảnh, cả ảnh nhiều nhất 120 triệu")]
    TooManyPixels,
}

impl Fault {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Fault::Unknown => "unknown_file_kind",
            Fault::WrongEnding => "wrong_file_ending",
            Fault::Broken => "broken_file",
            Fault::MoreBehind => "more_behind_file",
            Fault::TooManyPixels => "too_many_pixels",
        }
    }
}

/// Why a file could not be looked at, or is not taken.
#[derive(Debug)]
pub(crate) enum Failed {
    Fault(Fault),
    Io(io::Error),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Failed {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Failed::Fault(Fault::Broken),
            _ => Failed::Io(error),
        }
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Failed {
        Failed::Fault(fault)
    }
}

/// What the file of a size is, whatever it is called. Reads it piece by piece.
pub(crate) fn look(file: &mut (impl Read + Seek), size: u64) -> Result<MediaType, Failed> {
    file.seek(SeekFrom::Start(0))?;
    let mut start = Vec::with_capacity(8);
    file.by_ref().take(8).read_to_end(&mut start)?;
    if start == PNG {
        png(file, size)?;
        Ok(MediaType::Png)
    } else if start.starts_with(b"\xff\xd8\xff") {
        file.seek(SeekFrom::Start(2))?;
        jpeg(&mut Pieces::of(file), size)?;
        Ok(MediaType::Jpeg)
    } else if start.starts_with(b"%PDF-1.") || start.starts_with(b"%PDF-2.") {
        pdf(file, size)?;
        Ok(MediaType::Pdf)
    } else {
        Err(Fault::Unknown.into())
    }
}

/// Refuses a name that ends like that of another kind, or like none.
pub(crate) fn check_ending(name: &str, media_type: MediaType) -> Result<(), Fault> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    let ending = ending.unwrap_or_default().to_ascii_lowercase();
    match media_type.endings().contains(&ending.as_str()) {
        true => Ok(()),
        false => Err(Fault::WrongEnding),
    }
}

fn check_pixels(width: u32, height: u32) -> Result<(), Fault> {
    let fits = |side: u32| (1..=LONGEST_SIDE).contains(&side);
    let few = u64::from(width) * u64::from(height) <= MOST_PIXELS;
    match (width, height) {
        (0, _) | (_, 0) => Err(Fault::Broken),
        _ if fits(width) && fits(height) && few => Ok(()),
        _ => Err(Fault::TooManyPixels),
    }
}

/// From chunk to chunk until the last, which ends the file. The first says the size of the image.
fn png(file: &mut (impl Read + Seek), size: u64) -> Result<(), Failed> {
    let mut at = PNG.len() as u64;
    let mut first = true;
    loop {
        let mut head = [0; 8];
        file.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let length = u32::from_be_bytes([a, b, c, d]);
        match (first, &kind) {
            (true, b"IHDR") if length == 13 => {
                let mut sides = [0; 8];
                file.read_exact(&mut sides)?;
                let [a, b, c, d, e, f, g, h] = sides;
                let (width, height) = ([a, b, c, d], [e, f, g, h]);
                check_pixels(u32::from_be_bytes(width), u32::from_be_bytes(height))?;
            }
            (true, _) => return Err(Fault::Broken.into()),
            _ => {}
        }
        first = false;
        // Length, kind and check sum stand around the data.
        at += 12 + u64::from(length);
        if at > size {
            return Err(Fault::Broken.into());
        }
        if &kind == b"IEND" {
            return ends_at(at, size);
        }
        file.seek(SeekFrom::Start(at))?;
    }
}

fn ends_at(end: u64, size: u64) -> Result<(), Failed> {
    match end == size {
        true => Ok(()),
        false => Err(Fault::MoreBehind.into()),
    }
}

/// Bytes one by one out of a large piece at a time.
struct Pieces<'a, R> {
    file: io::BufReader<&'a mut R>,
    at: u64,
}

impl<'a, R: Read + Seek> Pieces<'a, R> {
    fn of(file: &'a mut R) -> Pieces<'a, R> {
        let file = io::BufReader::with_capacity(64 << 10, file);
        Pieces { file, at: 2 }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.file.read_exact(&mut byte)?;
        self.at += 1;
        Ok(byte[0])
    }

    fn pair(&mut self) -> io::Result<u16> {
        Ok(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, count: u16) -> io::Result<()> {
        self.at += u64::from(count);
        self.file.seek_relative(i64::from(count))
    }

    /// The next marker; what is drawn before it is passed over.
    fn marker(&mut self) -> io::Result<u8> {
        loop {
            while self.byte()? != 0xff {}
            let mut sign = self.byte()?;
            while sign == 0xff {
                sign = self.byte()?;
            }
            // A zero after it is part of the drawing; D0 to D7 begin its parts anew.
            if sign != 0 && !(0xd0..=0xd7).contains(&sign) {
                return Ok(sign);
            }
        }
    }
}

/// From segment to segment; the end of the image ends the file, and its size was told.
fn jpeg(file: &mut Pieces<'_, impl Read + Seek>, size: u64) -> Result<(), Failed> {
    let mut told = false;
    loop {
        let marker = file.marker()?;
        match marker {
            0xd9 if told => return ends_at(file.at, size),
            0xd8 | 0xd9 => return Err(Fault::Broken.into()),
            // Of the codes for frames three are for something else.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let length = file.pair()?;
                file.skip(1)?;
                let (height, width) = (file.pair()?, file.pair()?);
                check_pixels(width.into(), height.into())?;
                told = true;
                file.skip(length.checked_sub(7).ok_or(Fault::Broken)?)?;
            }
            _ => {
                let length = file.pair()?;
                file.skip(length.checked_sub(2).ok_or(Fault::Broken)?)?;
            }
        }
        if file.at > size {
            return Err(Fault::Broken.into());
        }
    }
}

/// Its end mark stands in the last kilobyte, with nothing but space behind it. What is inside is not
/// looked at: a PDF is handed out to be kept, never shown by this site.
fn pdf(file: &mut (impl Read + Seek), size: u64) -> Result<(), Failed> {
    file.seek(SeekFrom::Start(size.saturating_sub(1024)))?;
    let mut tail = Vec::with_capacity(1024);
    file.by_ref().take(1024).read_to_end(&mut tail)?;
    let end = tail.windows(PDF_END.len()).rposition(|it| it == PDF_END);
    let behind = match end {
        Some(at) => &tail[at + PDF_END.len()..],
        None => return Err(Fault::Broken.into()),
    };
    match behind
        .iter()
        .all(|byte| byte.is_ascii_whitespace() || *byte == 0)
    {
        true => Ok(()),
        false => Err(Fault::MoreBehind.into()),
    }
}
