//! A province's platform that is called, misbehaving in one way at a time.

use std::path::Path;

use serde_json::{Value, json};

use super::NOW;
use crate::program::one_stop::sandbox;
use crate::program::{Program, Running};

const TOKEN: &str = "nen-tang";

struct Platform {
    program: Program,
    count: u32,
}

impl Platform {
    /// Begun anew, with more options.
    fn start(&mut self, more: &[&str]) -> Running {
        self.count += 1;
        let table = self
            .program
            .file(&format!("table-{}.ndjson", self.count), "");
        self.resume(table.to_str().expect("UTF-8"), more)
    }

    fn resume(&self, table: &str, more: &[&str]) -> Running {
        let serves = ["--dialect", "pull", "--listen", "127.0.0.1:0"];
        let whose = ["--token", TOKEN];
        let sandbox = sandbox("40", Path::new(table));
        let arguments = [&NOW[..], &sandbox, &serves, &whose, more].concat();
        Running::start(self.program.command(&arguments))
    }

    /// What is named as falling short.
    fn short(&self, url: &str, token: &str, (province, area): (&str, &str)) -> Vec<String> {
        let output = self.program.run(&[
            NOW[0],
            NOW[1],
            "sandbox",
            "check",
            url,
            "--dialect",
            "pull",
            "--token",
            token,
            "--province",
            province,
            "--area",
            area,
            "--within-ms",
            "5000",
        ]);
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        let rows = printed.lines();
        let rows = rows.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let rows: Vec<Value> = rows.collect();
        assert!(rows.len() > 15, "{printed}");
        let short = rows.iter().filter(|row| row["ok"] == false);
        let short: Vec<String> = short
            .map(|row| {
                assert!(
                    row["asks"].as_str().is_some_and(|it| !it.is_empty()),
                    "{row}"
                );
                row["check"].as_str().expect("a sentence").to_owned()
            })
            .collect();
        assert_eq!(
            output.status.code(),
            Some(i32::from(!short.is_empty())),
            "{printed}"
        );
        short
    }
}

fn post(url: &str, operation: &str, body: &Value) -> Value {
    let request = g2p::client::agent().post(format!("{url}/{operation}"));
    let request = request.header("authorization", format!("Bearer {TOKEN}"));
    let mut answer = request.send(body.to_string()).expect("answers");
    serde_json::from_str(&answer.body_mut().read_to_string().expect("text")).expect("JSON")
}

/// Citizens are asked for papers, so that some have two sendings waiting.
fn ask_everybody(url: &str) {
    let out = post(url, "traHoSo", &json!({}));
    for it in out["giaTri"].as_array().expect("a list") {
        let mark = json!({"declarationId": it["declarationId"]});
        assert_eq!(post(url, "danhDauHsThanhCong", &mark)["trangThai"], 1);
        let asks = json!({"DECLARATION_ID": uuid::Uuid::new_v4(), "RECEIVE_NO": it["maHoSo"],
            "DEC_STATUS_ID": 2, "DEC_STATUS_NAME": "Cần bổ sung", "CHANGE_NO": 1,
            "NATIONAL_STATUS_ID": 5, "NATIONAL_STATUS_NAME": "Yêu cầu bổ sung",
            "CONTENT": {"kind": "supplement_asked", "papers": ["Giấy bổ sung"], "reason": "thiếu"}});
        assert_eq!(post(url, "capNhatTrangThaiHs", &asks)["trangThai"], 1);
    }
}

#[test]
fn each_way_of_a_platform_to_break_the_contract_is_named() {
    let mut platform = Platform {
        program: Program::bare(),
        count: 0,
    };
    let here = ("51", "21031");
    let sound = platform.start(&[]);
    let none = Vec::<String>::new();
    assert_eq!(platform.short(&sound.url(), TOKEN, here), none);
    let strange = platform.short(&sound.url(), "khac", here);
    assert!(
        strange.iter().any(|it| it == "traHoSo trả ra hồ sơ"),
        "{strange:?}"
    );
    let elsewhere = platform.short(&sound.url(), TOKEN, ("48", "20194"));
    assert_eq!(elsewhere, ["không có hồ sơ của tỉnh khác"]);
    drop(sound);
    let each: [(&[&str], &str); 7] = [
        (&["--twice", "90"], "không hồ sơ nào trả ra hai lần"),
        (&["--answer-lost", "90"], "mọi yêu cầu đều được trả lời"),
        (&["--ack-lost", "90"], "đã đánh dấu thì không trả ra nữa"),
        (
            &["--clock-wrong", "90"],
            "không hồ sơ nào ghi giờ của ngày mai",
        ),
        (&["--half", "90"], "mọi câu trả lời đều trọn vẹn"),
        (&["--slow", "10", "--slow-ms", "5100"], "trả lời kịp"),
        (&["--down", "90"], "mọi yêu cầu đều được trả lời"),
    ];
    for (faults, named) in each {
        let running = platform.start(faults);
        let short = platform.short(&running.url(), TOKEN, here);
        assert!(short.iter().any(|it| it == named), "{faults:?}: {short:?}");
    }
    let table = platform.program.file("asked.ndjson", "");
    let table = table.to_str().expect("UTF-8");
    let running = platform.resume(table, &[]);
    ask_everybody(&running.url());
    assert_eq!(platform.short(&running.url(), TOKEN, here), none);
    drop(running);
    let disordered = platform.resume(table, &["--out-of-order", "50"]);
    let short = platform.short(&disordered.url(), TOKEN, here);
    assert!(
        short.iter().any(|it| it == "các lần nộp theo thứ tự"),
        "{short:?}"
    );
}
