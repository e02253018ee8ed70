//! What the program says and how it ends when something is not as it should be: one sentence that
//! says what to do.

use std::net::TcpListener;
use std::process::{Command, Output};
use std::{fs, io};

use insta::assert_snapshot;
use private_postgres::schema::MIGRATOR;
use private_postgres::{Durability, PrivatePostgres};
use sqlx::{Connection, PgConnection};

use crate::program::{self, Program, errors, sentence};

fn status(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

/// Refused with exit status 1 and nothing on standard output; what it said.
fn refused(program: &Program, output: &Output) -> String {
    assert_eq!(status(output), 1, "{}", errors(output));
    assert!(output.stdout.is_empty());
    sentence(output, program)
}

#[test]
fn a_data_folder_without_database() {
    let program = Program::bare();
    let output = program.run(&["db", "status"]);
    assert_snapshot!(refused(&program, &output), @"Cơ sở dữ liệu chưa được khởi tạo. Hãy chạy: ansinh --data THƯ_MỤC init (thêm --practice để luyện tập).");
    assert!(!program.data().exists(), "asking made nothing");
}

#[test]
fn no_postgresql_on_the_machine() {
    let program = Program::bare();
    let output = program
        .command(&["init", "--practice"])
        .env("ANSINH_POSTGRES_BIN", program.data())
        .output()
        .expect("the program runs");
    assert_snapshot!(refused(&program, &output), @"Chưa cài PostgreSQL. Hãy chạy: apt install postgresql (bản 15 trở lên), hoặc đặt biến DATABASE_URL để dùng một máy chủ PostgreSQL có sẵn.");
}

#[test]
fn a_real_database_keeps_the_real_time() {
    let program = Program::bare();
    program.succeed(&["init"]);
    let output = program.run(&["--now", "2024-05-05T08:00:00+07:00", "db", "status"]);
    assert_snapshot!(refused(&program, &output), @"Không được đặt giờ (--now, ANSINH_NOW) trong cơ sở dữ liệu thật. Hãy bỏ tùy chọn này, hoặc dùng cơ sở dữ liệu luyện tập.");
}

#[test]
fn a_reader_that_leaves_before_the_end_is_no_failure() {
    let program = Program::practice();
    let event = r#"{"event_id":"7c0e1f52-9f0e-4c57-8a51-0c6f1f4f3a01","kind":"person_registered","person":"p1","effective":"2024-01-05","source":"thu","full_name":"Trần Thị Bưởi","birth_date":"1950-03-02","sex":"female","ethnicity":"01","id_number":null,"area":"21010"}"#;
    let file = program.file("event.ndjson", event);
    program.succeed(&["--actor", "can.bo", "apply", program::text(&file)]);
    for text in [
        &["law", "show", "disability", "--on", "2024-05"][..],
        &["law", "check"],
        &["--actor", "xem", "explain", "p1", "2024-05"],
        &["--actor", "xem", "person", "p1"],
    ] {
        let (reader, writer) = io::pipe().expect("a pipe");
        drop(reader);
        let output = program
            .command(text)
            .stdout(writer)
            .output()
            .expect("the program runs");
        assert_eq!(errors(&output), "", "{text:?}");
        assert_eq!(status(&output), 0, "{text:?}");
    }
}

#[test]
fn lists_of_people_are_matched_without_a_database() {
    let program = Program::bare();
    let left = program.file(
        "trai.csv",
        "id,full_name,birth_date\n1,Trần Thị Bưởi,1950-03-02\n",
    );
    let right = program.file(
        "phai.csv",
        "id,full_name,birth_date\na,tran thi buoi,02/03/1950\n,,\n",
    );
    let pairs = program.file("cap.csv", "");
    let arguments = [&left, &right, &pairs].map(|path| program::text(path));
    let [left, right, output] = arguments;
    let done = program.run(&["match", left, right, "-o", output, "--threshold", "0.5"]);
    assert_eq!(status(&done), 3, "the row without id was left out");
    assert_snapshot!(errors(&done), @r"
    phai.csv, dòng 3, cột id: không có mã (missing)
    1 bản ghi bên trái, 1 bên phải: 1 cặp.
    ");
    let told = fs::read_to_string(&pairs).expect("the pairs");
    assert!(
        told.contains("giống: tên, họ, chữ đệm, ngày sinh"),
        "{told}"
    );
    let wrong = program.run(&["match", left, "--memory", "nhiều"]);
    assert_eq!(status(&wrong), 2);
    let nowhere = program.run(&["match", "không-có.csv"]);
    assert!(refused(&program, &nowhere).contains("không-có.csv"));
}

#[test]
fn a_database_is_made_once() {
    let program = Program::practice();
    program.succeed(&["init", "--practice"]);
    let output = program.run(&["init"]);
    assert_snapshot!(refused(&program, &output), @"Cơ sở dữ liệu này đã được khởi tạo để luyện tập. Hãy chọn thư mục khác với --data.");
}

#[test]
fn who_acts_must_be_said() {
    let program = Program::bare();
    program.succeed(&["init"]);
    let output = program.run(&["user", "list"]);
    assert_eq!(status(&output), 2);
    assert_snapshot!(sentence(&output, &program), @"Cần nêu người thực hiện: thêm --actor TÊN.");
}

#[test]
fn who_acts_must_be_a_user_of_a_real_database() {
    let program = Program::bare();
    program.succeed(&["init"]);
    let output = program.run(&["user", "list", "--actor", "an.nguyen"]);
    assert_snapshot!(refused(&program, &output), @"Không có người dùng an.nguyen. Hãy dùng tên đăng nhập có thật sau --actor, hoặc tạo bằng: ansinh user add.");
}

#[test]
fn an_account_of_a_provider_is_bound_to_it() {
    let program = Program::practice();
    program.succeed(&[
        "provider",
        "add",
        "bd",
        "--name",
        "Bưu điện",
        "--kind",
        "post",
    ]);
    let add = |name: &str, more: &[&str]| {
        let account = [
            "user",
            "add",
            name,
            "--full-name",
            "Người Thử",
            "--generate",
        ];
        program.run(&[&account, more].concat())
    };
    let bound = add(
        "nguoi.bd",
        &["--role", "provider", "--provider", "bd", "--area", "51"],
    );
    assert_eq!(status(&bound), 0, "{}", sentence(&bound, &program));
    let nobody = add("nguoi.la", &["--role", "provider", "--provider", "la"]);
    assert_eq!(status(&nobody), 1);
    let said = errors(&nobody).to_lowercase();
    assert!(said.contains("không có đơn vị chi trả mã \"la\""), "{said}");
    let officer = add("can.bo", &["--role", "officer", "--provider", "bd"]);
    assert_eq!(status(&officer), 1);
    let other = program.run(&["user", "grant", "nguoi.bd", "--role", "reader"]);
    assert_eq!(status(&other), 1);
    let listed = program.succeed(&["user", "list", "--format", "csv"]);
    assert!(
        listed.contains("nguoi.bd,Người Thử,provider,bd,51,"),
        "{listed}"
    );
}

#[test]
fn a_list_is_approved_by_somebody_else_named_as_they_sign_in() {
    let program = Program::practice();
    let list = |action| {
        let of = ["2024-05", "--area", "51", "--actor", "an.nguyen"];
        let now = ["--now", "2024-05-20T08:00:00+07:00", "list", action];
        program.run(&[&now[..], &of[..]].concat())
    };
    assert_eq!(status(&list("make")), 0);
    assert_snapshot!(refused(&program, &list("approve")), @"Người dùng an.nguyen đã lập danh sách này nên không duyệt được: người duyệt phải là người khác");
}

#[tokio::test]
async fn a_database_of_an_older_program() {
    let program = Program::practice();
    change(
        &program,
        "delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)",
    )
    .await;
    let output = program.run(&["db", "status"]);
    assert_snapshot!(unnumbered(&refused(&program, &output)), @"Cơ sở dữ liệu ở lược đồ số TRƯỚC, chương trình cần số CUỐI. Hãy sao lưu rồi chạy: ansinh --data THƯ_MỤC db migrate.");
}

#[tokio::test]
async fn a_database_of_a_newer_program() {
    let program = Program::practice();
    change(
        &program,
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9000, 'later', true, '', 0)",
    )
    .await;
    let output = program.run(&["db", "status"]);
    assert_snapshot!(unnumbered(&refused(&program, &output)), @"Cơ sở dữ liệu ở lược đồ số 9000, mới hơn chương trình (số CUỐI). Hãy dùng bản chương trình mới hơn.");
}

/// The sentence with the numbers of the last migrations replaced: there are more of them by and by.
fn unnumbered(sentence: &str) -> String {
    let mut versions: Vec<i64> = MIGRATOR.iter().map(|it| it.version).collect();
    versions.sort_unstable();
    let [.., before, last] = versions[..] else {
        panic!("there are migrations");
    };
    let mut words: Vec<String> = Vec::new();
    for word in sentence.split(' ') {
        let number: String = word.chars().take_while(char::is_ascii_digit).collect();
        let name = match number.parse::<i64>() {
            Ok(version) if version == last => "CUỐI",
            Ok(version) if version == before => "TRƯỚC",
            _ => number.as_str(),
        };
        words.push(format!("{name}{}", &word[number.len()..]));
    }
    words.join(" ")
}

async fn change(program: &Program, statement: &'static str) {
    let mut look = program.look().await;
    sqlx::query(statement)
        .execute(&mut look.connection)
        .await
        .expect("the statement is right");
}

#[test]
fn a_taken_port() {
    let program = Program::practice();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it has one");
    let output = program.run(&["serve", "--listen", &address.to_string()]);
    let said = refused(&program, &output).replace(&address.port().to_string(), "PORT");
    assert_snapshot!(said, @"Cổng PORT đã có chương trình khác dùng. Hãy chọn cổng khác với --listen 127.0.0.1:SỐ_CỔNG, hoặc dừng chương trình kia.");
}

#[test]
fn a_server_that_is_not_there() {
    let program = Program::bare();
    let url = "postgres://nobody:secret@127.0.0.1:1/none";
    let output = program
        .command(&["db", "status"])
        .env("DATABASE_URL", url)
        .output()
        .expect("the program runs");
    let said = refused(&program, &output);
    assert!(!said.contains("secret"));
    assert_snapshot!(said, @"Không kết nối được máy chủ PostgreSQL. Hãy kiểm tra máy chủ đang chạy và DATABASE_URL (error communicating with database: Connection refused (os error 111)).");
}

#[test]
fn an_address_that_is_none() {
    let program = Program::bare();
    let output = program
        .command(&["db", "status"])
        .env("DATABASE_URL", "mysql:secret")
        .output()
        .expect("the program runs");
    assert_eq!(status(&output), 2);
    assert_snapshot!(sentence(&output, &program), @"DATABASE_URL không đúng: cần dạng postgres://NGƯỜI_DÙNG:MẬT_KHẨU@MÁY:5432/CƠ_SỞ_DỮ_LIỆU.");
}

/// Needs the right to mount; elsewhere there is nothing to see.
#[test]
fn a_full_disk() {
    let program = Program::bare();
    let data = program.data();
    fs::create_dir_all(&data).expect("a folder is made");
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"])
        .arg(&data)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        return;
    }
    let output = program.run(&["init", "--practice"]);
    let unmounted = Command::new("umount").arg(&data).status();
    assert!(unmounted.expect("umount runs").success());
    assert_snapshot!(refused(&program, &output), @"Ổ đĩa chứa DATA đã đầy. Hãy giải phóng ít nhất 256 MB rồi chạy lại; dữ liệu đã ghi vẫn nguyên.");
}

/// Another database on an existing server is all the same.
#[tokio::test]
async fn an_existing_server() {
    let program = Program::bare();
    let server = PrivatePostgres::open(&program.data(), Durability::None)
        .unwrap_or_else(|refusal| panic!("{refusal}"));
    let mut connection = PgConnection::connect_with(&server.options())
        .await
        .expect("it takes connections");
    sqlx::query("create database other")
        .execute(&mut connection)
        .await
        .expect("a new database");
    let url = server.url().replace("/postgres", "/other");
    let run = |arguments: &[&str]| {
        let mut command = program.command(arguments);
        command.env("DATABASE_URL", &url).output().expect("it runs")
    };
    assert_eq!(status(&run(&["db", "status"])), 1);
    assert_eq!(status(&run(&["init", "--practice"])), 0);
    let output = run(&["db", "status", "--format", "ndjson"]);
    assert_eq!(status(&output), 0, "{}", errors(&output));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains(r#""practice":true"#), "{said}");
}
