//! Result files larger than memory should ever become: read piece by piece, or refused. How large
//! they are says `ANSINH_HUGE_MB`; docs/benchmarks.md has what 500 come to.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use payments::results::{Arrival, Unreadable, read};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const MB: u64 = 1 << 20;
/// Megabytes of memory that reading may take, whatever the file.
const ROOM: u64 = 6;
/// Rows an Excel sheet may have.
const MAX_ROWS: u64 = 1 << 20;

/// A file that never lies in memory: a beginning, and a piece that comes again and again.
struct Endless {
    beginning: Vec<u8>,
    piece: Vec<u8>,
    at: u64,
    length: u64,
}

impl Endless {
    fn of(beginning: &str, piece: &str, length: u64) -> Endless {
        Endless {
            beginning: beginning.into(),
            piece: piece.into(),
            at: 0,
            length,
        }
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        let (beginning, piece) = (self.beginning.len() as u64, self.piece.len() as u64);
        let from = match self.at.checked_sub(beginning) {
            None => &self.beginning[self.at as usize..],
            Some(past) => &self.piece[(past % piece) as usize..],
        };
        let count = from.len().min(into.len()).min(left as usize);
        into[..count].copy_from_slice(&from[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(by) => self.length.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

const PAIN: &str =
    r#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt>"#;
const PAYMENT: &str = r#"<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>2024-05-1-1</OrgnlEndToEndId>
<TxSts>ACSC</TxSts><AccptncDtTm>2024-05-08T09:30:00+07:00</AccptncDtTm><OrgnlTxRef><Amt>
<InstdAmt Ccy="VND">540000</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>"#;
const LINE: &str = r#"{"result_id":"2024-05-123456-1:paid","line":"2024-05-123456-1","status":"paid","date":"2024-05-08","amount":540000}
"#;

/// A workbook whose one sheet unpacks to so many bytes.
fn workbook(length: u64) -> Cursor<Vec<u8>> {
    let parts = [
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
    ];
    let mut file = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        let begun = file.start_file(name, SimpleFileOptions::default());
        begun.expect("a part");
        file.write_all(text.as_bytes()).expect("written");
    }
    let begun = file.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default());
    begun.expect("a sheet");
    let text = |value: &str| format!(r#"<c t="inlineStr"><is><t>{value}</t></is></c>"#);
    let row = |number: u64, cells: &[&str]| {
        let cells: String = cells.iter().map(|it| text(it)).collect();
        format!("<row r=\"{number}\">{cells}</row>")
    };
    let heading = [
        "Mã kết quả",
        "Mã dòng",
        "Trạng thái",
        "Ngày",
        "Số tiền",
        "Ghi chú",
    ];
    let beginning = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}"#,
        row(1, &heading)
    );
    // A sheet ends at some million rows: the longer it is, the longer the notes beside the results.
    let note = "a".repeat((length / MAX_ROWS) as usize);
    let mut written = beginning.len() as u64;
    file.write_all(beginning.as_bytes()).expect("written");
    for number in 2.. {
        if written >= length {
            break;
        }
        let id = format!("k{number}");
        let cells = [
            &id,
            "2024-05-123-1",
            "Đã trả",
            "08/05/2024",
            "540000",
            &note,
        ];
        let row = row(number, &cells);
        written += row.len() as u64;
        file.write_all(row.as_bytes()).expect("written");
    }
    let end = b"</sheetData></worksheet>";
    file.write_all(end).expect("written");
    file.finish().expect("a workbook")
}

/// Megabytes this program holds at most since the last look.
fn held_at_most() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    std::fs::write("/proc/self/clear_refs", "5").expect("counted anew");
    kilobytes
        .expect("a figure")
        .parse::<u64>()
        .expect("a number")
        / 1024
}

/// What reading comes to: results, megabytes it took, the error at its end.
fn read_through(file: impl Read + Seek) -> (u64, u64, Option<&'static str>) {
    held_at_most();
    let before = held_at_most();
    let mut results = 0;
    let read = read::read(file, &mut |arrival| {
        results += u64::from(matches!(arrival, Arrival::Result { .. }));
        Ok::<(), Unreadable>(())
    });
    let held = held_at_most().saturating_sub(before);
    (results, held, read.err().map(|error| error.code()))
}

/// One test: others beside it would be counted too.
#[test]
fn memory_does_not_grow_with_the_file() {
    let megabytes = std::env::var("ANSINH_HUGE_MB").ok();
    let megabytes: u64 = megabytes.map_or(12, |it| it.parse().expect("a number"));
    let length = megabytes * MB;
    let csv = "Mã kết quả,Mã dòng,Trạng thái,Ngày,Số tiền,Ghi chú\n";
    let of_csv = format!(
        "k1,2024-05-123-1,Đã trả,08/05/2024,540000,{}\n",
        "a".repeat((length / MAX_ROWS) as usize)
    );
    let whole_lines = length / LINE.len() as u64 * LINE.len() as u64;
    let text = format!("{PAIN}<OrgnlGrpInfAndSts><GrpSts>");
    let cases = [
        (
            "NDJSON",
            read_through(Endless::of("", LINE, whole_lines)),
            None,
        ),
        (
            "one line",
            read_through(Endless::of("{", "a", length)),
            Some("line_too_long"),
        ),
        (
            "XML",
            read_through(Endless::of(PAIN, PAYMENT, length)),
            Some("file_damaged"),
        ),
        (
            "one text",
            read_through(Endless::of(&text, "a", length)),
            Some("xml_too_large"),
        ),
        ("CSV", read_through(Endless::of(csv, &of_csv, length)), None),
        (
            "one cell",
            read_through(Endless::of("\"", "a", length)),
            Some("cell_too_long"),
        ),
        ("xlsx", read_through(workbook(length)), None),
    ];
    for (name, (results, held, error), expected) in cases {
        eprintln!("{name} of {megabytes} MB: {results} results, {held} MB held, {error:?}");
        assert_eq!(error, expected, "{name}");
        assert!(held <= ROOM, "{name}: {held} MB");
        let is_read = !name.starts_with("one");
        assert_eq!(results > 10_000, is_read, "{name}: {results} results");
    }
}
