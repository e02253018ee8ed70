//! Lists as they come: with other columns, with faults, or empty.

use std::fs;
use std::path::PathBuf;

use matching::{Failure, Linked, Options, link};
use proptest::prelude::*;
use tempfile::TempDir;

const LEFT: &str = "id,full_name,birth_date,id_number
1,Trần Thị Bưởi,1950-03-02,999150000001
2,Nguyễn Văn Ân,1948,
3,Đinh Thị Hòa,1961-07-01,999161000003
";

fn options() -> Options {
    Options {
        threshold: 0.5,
        also: Vec::new(),
        one_to_one: false,
        memory: 1 << 30,
        one_register: false,
    }
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).expect("written");
        path
    }
}

fn linked(left: &[u8], right: &[u8], options: &Options) -> Result<(Linked, String), Failure> {
    let folder = Folder::new();
    let (left, right) = (
        folder.file("trai.csv", left),
        folder.file("phai.csv", right),
    );
    let mut out = Vec::new();
    let linked = link(&left, Some(&right), options, &mut out, |_, _| {})?;
    Ok((linked, String::from_utf8(out).expect("text")))
}

#[test]
fn names_written_in_two_columns_and_without_marks() {
    let right = "surname,given_name,id,birth_date\r\nTRAN,THI BUOI,x,02/03/1950\r\n";
    let (linked, answer) = linked(LEFT.as_bytes(), right.as_bytes(), &options()).expect("linked");
    assert_eq!((linked.left, linked.right, linked.pairs), (3, 1, 1));
    let told = answer.lines().nth(1).expect("a pair");
    assert!(told.starts_with("1,x,0."), "{told}");
    assert!(
        told.ends_with("\"giống: tên, họ, chữ đệm, ngày sinh\""),
        "{told}"
    );
}

#[test]
fn further_columns_are_compared_as_text() {
    let left = "id,full_name,mã hộ\n1,Lê Thị Lan,H-77\n2,Phan Dũng,H-78\n";
    let right = "id,full_name,mã hộ\na,Lê Thị Lan,h 77\n";
    let also = vec!["mã hộ".to_owned()];
    let with = Options {
        also,
        threshold: 0.0,
        ..options()
    };
    let (_, answer) = linked(left.as_bytes(), right.as_bytes(), &with).expect("linked");
    assert!(answer.contains("mã hộ"), "{answer}");
    let with = Options {
        also: vec!["họ hàng".to_owned()],
        ..with
    };
    let refused = linked(left.as_bytes(), right.as_bytes(), &with).expect_err("no such column");
    assert_eq!(refused.to_string(), "tệp trai.csv không có cột họ hàng");
}

#[test]
fn faults_of_a_list_name_the_file_and_the_line() {
    let said = |left: &[u8]| {
        let refused = linked(left, LEFT.as_bytes(), &options()).expect_err("refused");
        format!("{}: {refused}", refused.code())
    };
    assert_eq!(said(b""), "no_heading: tệp trai.csv không có dòng tiêu đề");
    assert_eq!(said(b"full_name\nx\n"), "no_id: tệp trai.csv thiếu cột id");
    assert_eq!(
        said(b"id,sex,sex\n1,,\n"),
        "repeated_heading: tệp trai.csv có hai cột cùng tên sex"
    );
    assert_eq!(
        said(b"id,sex\n1,male\n2\n"),
        "unequal_row: tệp trai.csv, dòng 3: số ô khác với dòng tiêu đề"
    );
    assert_eq!(
        said(b"id,sex\n1,\xff\xfe\n"),
        "not_utf8: tệp trai.csv, dòng 2: không phải văn bản UTF-8"
    );
}

#[test]
fn a_row_without_id_is_left_out_and_told() {
    let right =
        "\u{feff}id,full_name,birth_date\n,Trần Thị Bưởi,1950-03-02\nx,Đinh Thị Hòa,1961-07-01\n";
    let (linked, _) = linked(LEFT.as_bytes(), right.as_bytes(), &options()).expect("linked");
    assert_eq!((linked.right, linked.pairs), (1, 1));
    let refused = &linked.refused[0];
    assert_eq!(
        (refused.list.as_str(), refused.line, refused.code),
        ("phai.csv", 2, "missing")
    );
}

#[test]
fn nobody_on_one_side() {
    let (linked, answer) = linked(LEFT.as_bytes(), b"id\n", &options()).expect("linked");
    assert_eq!((linked.right, linked.pairs), (0, 0));
    assert_eq!(answer, "left_id,right_id,probability,why\n");
}

#[test]
fn too_little_memory_is_said() {
    let little = Options {
        memory: 1 << 20,
        one_register: false,
        ..options()
    };
    let refused = linked(LEFT.as_bytes(), LEFT.as_bytes(), &little).expect_err("refused");
    assert_eq!(refused.code(), "too_little_memory");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_cells_hold_is_compared(rows in prop::collection::vec(
        ("[a-zđĂ0-9 ,\"]{0,12}", "[0-9/. -]{0,10}", "\\PC{0,9}"), 0..30))
    {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "full_name", "birth_date", "id_number"]).expect("written");
        for (number, (name, birth, id_number)) in rows.iter().enumerate() {
            let number = number.to_string();
            writer.write_record([&number, name, birth, id_number]).expect("written");
        }
        let list = writer.into_inner().expect("written");
        let any = Options { threshold: 0.0, ..options() };
        let (linked, answer) = linked(&list, &list, &any).expect("linked");
        prop_assert_eq!(linked.left as usize, rows.len());
        for row in csv::Reader::from_reader(answer.as_bytes()).records() {
            let row = row.expect("a row");
            let probability: f64 = row[2].parse().expect("a number");
            prop_assert!((0.0..=1.0).contains(&probability));
            prop_assert!(row[0].parse::<usize>().is_ok_and(|left| left < rows.len()));
        }
    }
}
