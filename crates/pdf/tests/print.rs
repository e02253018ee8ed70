//! The program prints a list: pages, fonts, letters, and what it refuses.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use documents::letter::{Block, Letter, LetterFile};
use documents::payment_list::{ListPaper, Row, Signed};
use jiff::Timestamp;
use kernel::{Coefficient, Dong, Month, PersonId};
use lopdf::{Document, Object};

/// Every accented letter of Vietnamese.
const LETTERS: &str = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ\
                       ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ";

fn rows(communes: i64, people: i64) -> Vec<Row> {
    let mut rows = Vec::new();
    for commune in 0..communes {
        for number in 0..people {
            rows.push(Row {
                commune_code: format!("{:05}", 21_000 + commune),
                commune_name: format!("Xã Nghĩa Hoà {commune}, Huyện Tư Nghĩa"),
                seq: number as u32 + 1,
                person: PersonId(commune * people + number + 1),
                person_key: format!("QN{commune}-{number}"),
                full_name: "Nguyễn Thị Hoàng Yến".to_owned(),
                birth: "1951-03-09".parse().expect("a date"),
                id_number: "••••••••1234".to_owned(),
                benefit_no: 9,
                benefit_code: "disability".to_owned(),
                benefit: "Người khuyết tật nặng, đặc biệt nặng".to_owned(),
                coefficient: Some(Coefficient::from_tenths(15)),
                standard: Dong(360_000),
                regular: Dong(540_000),
                arrears: Dong::ZERO,
                arrears_span: None,
                one_off: Dong::ZERO,
                carried_over: Dong::ZERO,
                recovery: Dong::ZERO,
                total: Dong(540_000),
                payee: "Chính chủ".to_owned(),
                channel: "Bưu điện".to_owned(),
                account: String::new(),
                note: String::new(),
            });
        }
    }
    rows
}

fn header(rows: &[Row], approved: bool) -> ListPaper {
    let at: Timestamp = "2024-05-03T01:00:00Z".parse().expect("an instant");
    let by = |by: &str| Signed {
        by: by.to_owned(),
        at,
    };
    ListPaper {
        agency: ListPaper::agency_of("Tỉnh Quảng Ngãi"),
        place: "Quảng Ngãi".to_owned(),
        area_code: "51".to_owned(),
        area_name: "Tỉnh Quảng Ngãi".to_owned(),
        month: Month::new(2024, 5).expect("a month"),
        made: by("Nguyễn Thị An"),
        approved: approved.then(|| by("Trần Văn Bình")),
        fingerprint: "3f9ac07b12de4567".repeat(4),
        people: rows.len() as u64,
        payable: rows.iter().map(|row| row.total).sum(),
        recoverable: Dong::ZERO,
        printed_at: at,
    }
}

/// A file that is not there yet. No crate for temporary files: its features would have typst built
/// a second time.
fn paper(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        std::fs::remove_file(&path).expect("the file of an earlier run goes");
    }
    path
}

fn print(header: &ListPaper, rows: &[Row], out: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ansinh-pdf"))
        .arg(out)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = serde_json::to_string(header).expect("plain data");
    for row in rows {
        input.push('\n');
        input.push_str(&serde_json::to_string(row).expect("plain data"));
    }
    let mut stdin = program.stdin.take().expect("piped");
    stdin
        .write_all(input.as_bytes())
        .expect("the program reads");
    drop(stdin);
    program.wait_with_output().expect("the program ends")
}

/// The text of the file, if the machine has pdftotext.
fn text(pdf: &Path) -> Option<String> {
    let read = Command::new("pdftotext")
        .arg("-layout")
        .arg(pdf)
        .arg("-")
        .output()
        .ok()?;
    Some(String::from_utf8(read.stdout).expect("UTF-8"))
}

#[test]
fn a_list_is_printed_whole_with_its_letters_and_page_numbers() {
    let out = paper("danh-sach.pdf");
    let mut rows = rows(3, 45);
    rows[7].full_name = LETTERS.chars().take(67).collect();
    rows[8].full_name = LETTERS.chars().skip(67).collect();
    let done = print(&header(&rows, true), &rows, &out);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );

    let file = Document::load(&out).expect("a PDF file");
    let pages = file.get_pages();
    assert!((10..=16).contains(&pages.len()), "{} pages", pages.len());
    let dictionaries = file
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok());
    let fonts: Vec<_> = dictionaries
        .filter(|it| it.has_type(b"FontDescriptor"))
        .collect();
    assert!(fonts.len() >= 3);
    assert!(
        fonts
            .iter()
            .all(|font| font.has(b"FontFile2") || font.has(b"FontFile3"))
    );
    let outlines = file.catalog().and_then(|catalog| catalog.get(b"Outlines"));
    assert!(matches!(outlines, Ok(Object::Reference(_))));

    let Some(text) = text(&out) else { return };
    for wanted in [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập – Tự do – Hạnh phúc",
        "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI THÁNG 5 NĂM 2024",
        "Hai mươi tư triệu ba trăm nghìn đồng",
        "Bảy mươi hai triệu chín trăm nghìn đồng",
        "Mã kiểm tra: 3f9a c07b 12de 4567",
        &format!("Trang {0}/{0}", pages.len()),
        "Trang 1/",
    ] {
        assert!(text.contains(wanted), "{wanted} is not on the paper");
    }
    assert!(!text.contains("BẢN NHÁP"));
    let without_breaks: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let lost: String = LETTERS
        .chars()
        .filter(|letter| !without_breaks.contains(*letter))
        .collect();
    assert!(lost.is_empty(), "letters lost: {lost}");
}

#[test]
fn a_letter_is_printed_with_its_head_and_every_piece() {
    let out = paper("van-ban.pdf");
    let text_of = |text: &str| text.to_owned();
    let letter = Letter {
        agency: vec![text_of("ỦY BAN NHÂN DÂN"), text_of("XÃ TỊNH KHÊ")],
        number: text_of("Số: 12/QĐ-UBND"),
        place_and_date: text_of("Tịnh Khê, ngày 20 tháng 5 năm 2024"),
        title: text_of("QUYẾT ĐỊNH"),
        about: text_of("Về việc trợ cấp xã hội"),
        authority: text_of("CHỦ TỊCH ỦY BAN NHÂN DÂN XÃ TỊNH KHÊ"),
        body: vec![
            Block::Ground {
                text: text_of("Căn cứ Luật Tổ chức chính quyền địa phương;"),
            },
            Block::Article {
                head: text_of("Điều 1."),
                text: text_of("Trợ cấp cho ông/bà Trần Thị Thử."),
            },
            Block::Facts {
                rows: vec![(text_of("Mức hưởng"), text_of("540.000 đồng"))],
            },
            Block::Items {
                items: vec![text_of("Tờ khai")],
            },
            Block::Table {
                headings: vec![text_of("STT"), text_of("Họ và tên")],
                widths: vec![1, 5],
                figures: vec![],
                rows: (1..=60)
                    .map(|number| vec![number.to_string(), text_of("Người Thử")])
                    .collect(),
            },
            Block::Code {
                label: text_of("Mã tra cứu"),
                code: text_of("ACDE-FGHJ"),
                hint: text_of("Hãy giữ kín."),
            },
            Block::Centred {
                text: text_of("HẾT"),
            },
            Block::Text {
                text: text_of(LETTERS),
            },
        ],
        receivers: vec![text_of("Như Điều 1;")],
        signed_as: vec![text_of("CHỦ TỊCH")],
        signed_by: text_of("Lê Văn Lãnh"),
        notice: text_of("Văn bản luyện tập"),
    };
    let mut program = Command::new(env!("CARGO_BIN_EXE_ansinh-pdf"))
        .arg(&out)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let input = serde_json::to_string(&LetterFile { letter }).expect("plain data");
    let mut stdin = program.stdin.take().expect("piped");
    stdin
        .write_all(input.as_bytes())
        .expect("the program reads");
    drop(stdin);
    let done = program.wait_with_output().expect("the program ends");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    let pages = Document::load(&out).expect("a PDF file").get_pages().len();
    assert!(pages > 1, "sixty rows go on to another page");
    let Some(text) = text(&out) else { return };
    for told in [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Số: 12/QĐ-UBND",
        "Điều 1. Trợ cấp cho ông/bà Trần Thị Thử.",
        "540.000 đồng",
        "ACDE-FGHJ",
        "Nơi nhận:",
        "Lê Văn Lãnh",
        "Văn bản luyện tập",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn a_draft_says_so_on_every_page() {
    let out = paper("nhap.pdf");
    let rows = rows(1, 30);
    assert!(print(&header(&rows, false), &rows, &out).status.success());
    let Some(text) = text(&out) else { return };
    let pages = text.matches('\u{c}').count();
    assert!(text.matches("BẢN NHÁP").count() >= pages, "{pages} pages");
}

#[test]
fn a_list_broken_off_is_not_printed() {
    let out = paper("dut.pdf");
    let rows = rows(1, 10);
    let done = print(&header(&rows, true), &rows[..9], &out);
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("error: danh sách không khớp"), "{said}");
    assert!(!out.exists());
}
