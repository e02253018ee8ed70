//! From an approved list to orders handed over, on the command line.

use crate::program::people;
use crate::program::{Program, errors, text};

/// At a time of the story.
fn at(program: &Program, day: &str, arguments: &[&str]) -> (i32, String, String) {
    let now = format!("{day}T08:00:00+07:00");
    let output = program.run(&[&["--now", now.as_str()], arguments].concat());
    let said = errors(&output);
    let status = output.status.code().expect("it ended by itself");
    (
        status,
        String::from_utf8(output.stdout).expect("UTF-8"),
        said,
    )
}

fn done(program: &Program, day: &str, arguments: &[&str]) -> String {
    let (status, printed, said) = at(program, day, arguments);
    assert_eq!(status, 0, "{arguments:?}: {said}");
    printed
}

#[test]
fn from_an_approved_list_to_an_order_handed_over() {
    let program = Program::practice();
    let events = program.file("people.ndjson", &people::events("xã", 1, 3));
    let (day, later) = ("2024-01-20", "2024-01-22");
    done(&program, day, &["apply", text(&events)]);
    done(
        &program,
        day,
        &["list", "make", "2024-01", "--area", "51", "--actor", "lap"],
    );
    done(
        &program,
        day,
        &[
            "list", "approve", "2024-01", "--area", "51", "--actor", "duyet",
        ],
    );
    let bank = [
        "provider",
        "add",
        "nhcs",
        "--name",
        "Ngân hàng",
        "--kind",
        "bank",
        "--bank",
        "970405",
        "--account",
        "10002000",
    ];
    done(&program, day, &bank);
    let contract = [
        "provider",
        "contract",
        "nhcs",
        "--area",
        "51",
        "--channels",
        "account",
        "--from",
        "2024-01",
        "--fee",
        "50",
    ];
    done(&program, day, &contract);
    let (status, _, said) = at(&program, day, &contract);
    assert_eq!(status, 1);
    assert!(said.contains("Hợp đồng số 1 đang có hiệu lực"), "{said}");

    let (status, _, said) = at(&program, day, &["order", "make", "2024-01", "--area", "51"]);
    assert_eq!(status, 3, "nobody said how they are paid");
    assert!(said.contains("chưa có hình thức nhận"), "{said}");
    let open = done(
        &program,
        day,
        &[
            "order", "open", "2024-01", "--area", "51", "--format", "ndjson",
        ],
    );
    assert_eq!(open.lines().count(), 3);
    assert!(
        open.lines()
            .all(|line| line.contains(r#""reason":"no_payee""#))
    );

    let payees: String = (1..=3)
        .map(|number| {
            format!(
                "{{\"event_id\":\"00000000-0000-4000-8000-00000000000{number}\",\"kind\":\"payee_set\",\
                 \"person\":\"{number}\",\"source\":\"xã\",\"effective\":\"2024-01-10\",\
                 \"channel\":\"account\",\"holder\":\"self\",\"holder_name\":\"Người Thử {number}\",\
                 \"provider\":\"970436\",\"account_number\":\"00112233{number}\"}}\n"
            )
        })
        .collect();
    let payees = program.file("payees.ndjson", &payees);
    done(&program, later, &["apply", text(&payees)]);
    done(
        &program,
        later,
        &["order", "make", "2024-01", "--area", "51"],
    );
    let orders = done(
        &program,
        later,
        &["order", "show", "2024-01", "--format", "csv"],
    );
    assert_eq!(orders.lines().count(), 2);
    assert!(
        orders.contains(",nhcs,51,2024-01-22,3,3,1080000,"),
        "{orders}"
    );
    let number = orders.lines().nth(1).and_then(|row| row.split(',').next());
    let number = number.expect("an order");

    let file = program.file("order.xml", "");
    done(
        &program,
        later,
        &["order", "export", number, "-o", text(&file)],
    );
    let first = std::fs::read(&file).expect("written");
    assert!(first.starts_with(b"<?xml"));
    done(&program, later, &["order", "send", number, text(&file)]);
    done(
        &program,
        "2024-01-25",
        &["order", "export", number, "-o", text(&file)],
    );
    assert_eq!(std::fs::read(&file).expect("written"), first);
    done(
        &program,
        "2024-01-25",
        &["order", "send", number, text(&file), "--note", "gửi lại"],
    );
    let sent = done(
        &program,
        later,
        &["order", "show", "2024-01", "--format", "ndjson"],
    );
    assert_eq!(sent.matches(r#""file_sha256""#).count(), 2, "{sent}");

    let money = |action: &'static str, amount: &'static str, provider: &[&'static str]| {
        let of = [
            "treasury", action, "2024-01", amount, "--area", "51", "--paper", "UNC 1",
        ];
        at(&program, later, &[&of[..], provider].concat())
    };
    let to_bank = ["--provider", "nhcs"];
    assert_eq!(
        money("transfer", "1080000", &to_bank).0,
        1,
        "nothing is drawn"
    );
    assert_eq!(money("draw", "10800000", &[]).0, 1, "a nought too many");
    assert_eq!(money("draw", "1080000", &[]).0, 0);
    assert_eq!(money("transfer", "1080000", &to_bank).0, 0);
    let balance = done(
        &program,
        later,
        &[
            "ledger", "balance", "2024-01", "--area", "51", "--format", "csv",
        ],
    );
    assert_eq!(
        balance,
        "list_month,account,provider,amount\n\
         2024-01,owed,,-1080000\n2024-01,with_provider,nhcs,1080000\n"
    );
}
