//! The program and PostgreSQL are killed in the middle of making orders and of recording that they
//! were handed over. No line is ordered twice and none is lost.

use std::fmt::Write as _;
use std::time::Instant;

use kernel::area::{Areas, BEFORE_RECORDS};

use crate::program::killer::Killer;
use crate::program::people;
use crate::program::{Program, errors, text};

/// How often making orders, and recording that one was handed over, is really interrupted.
const KILLS: [usize; 2] = [12, 8];

const COMMUNES: usize = 60;
const PEOPLE: usize = 25;
const NOW: [&str; 2] = ["--now", "2024-05-05T08:00:00+07:00"];

/// Communes of the province as they were in May 2024.
fn communes() -> Vec<&'static str> {
    let may = "2024-05".parse().expect("a month");
    let all = Areas::embedded().communes_under("51", may).into_iter();
    let then = all.filter(|(_, since)| *since == BEFORE_RECORDS);
    then.map(|(code, _)| code).take(COMMUNES).collect()
}

/// An approved list of people in many communes, all of whom are paid by the post.
fn listed(communes: &[&str]) -> Program {
    let program = Program::practice();
    let mut events = String::new();
    for (number, commune) in communes.iter().enumerate() {
        let first = number * PEOPLE + 1;
        events += &people::events("tỉnh", first, PEOPLE).replace("21010", commune);
        for person in first..first + PEOPLE {
            writeln!(
                events,
                r#"{{"event_id":"00000000-0000-4000-8000-{person:012}","kind":"payee_set","person":"{person}","source":"tỉnh","effective":"2024-01-10","channel":"post_office","holder":"self"}}"#
            )
            .expect("text grows");
        }
    }
    let file = program.file("events.ndjson", &events);
    let run = |arguments: &[&str]| program.succeed(&[&NOW, arguments].concat());
    run(&["apply", text(&file)]);
    run(&["list", "make", "2024-05", "--area", "51", "--actor", "lap"]);
    run(&[
        "list", "approve", "2024-05", "--area", "51", "--actor", "duyet",
    ]);
    run(&[
        "provider",
        "add",
        "bd",
        "--name",
        "Bưu điện",
        "--kind",
        "post",
    ]);
    run(&[
        "provider",
        "contract",
        "bd",
        "--area",
        "51",
        "--channels",
        "post_office",
        "--from",
        "2024-05",
        "--fee",
        "50",
    ]);
    program
}

/// Orders and their lines: how many, and đồng; and how often orders were handed over.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ordered {
    orders: i64,
    lines: i64,
    amount: i64,
    sent: i64,
}

impl Ordered {
    async fn of(program: &Program) -> Ordered {
        let mut look = program.look().await;
        let mut number = async |query| look.number(query).await;
        let ordered = Ordered {
            orders: number("select count(*) from payment_order").await,
            lines: number("select count(*) from order_line").await,
            amount: number("select coalesce(sum(amount), 0)::bigint from order_line").await,
            sent: number("select count(*) from order_sent").await,
        };
        let headers = (
            number("select coalesce(sum(lines), 0) from payment_order").await,
            number("select coalesce(sum(amount), 0)::bigint from payment_order").await,
        );
        assert_eq!(headers, (ordered.lines, ordered.amount), "orders add up");
        let logged = (
            number("select count(*) from audit_entry where action = 'order.make'").await,
            number("select count(*) from audit_entry where action = 'order.send'").await,
        );
        assert_eq!(logged, (ordered.orders, ordered.sent), "and are in the log");
        ordered
    }
}

#[tokio::test]
async fn orders_are_made_whole_or_not_at_all() {
    let communes = communes();
    let program = listed(&communes);
    let mut communes = communes.iter();
    let mut make = || {
        let commune = communes.next().expect("enough communes");
        [
            NOW[0], NOW[1], "order", "make", "2024-05", "--area", *commune,
        ]
    };
    let first = make();
    let since = Instant::now();
    program.succeed(&first);
    let mut killer = Killer::new(KILLS[0], 20_240_509, since.elapsed());
    let mut before = Ordered::of(&program).await;
    let (lines, amount) = (before.lines, before.amount);
    assert_eq!(before.orders, 1);
    while !killer.is_done() {
        let make = make();
        killer.interrupt(&program, &make);
        let after = Ordered::of(&program).await;
        let new = Ordered {
            orders: before.orders + 1,
            lines: before.lines + lines,
            amount: before.amount + amount,
            ..before
        };
        assert!(
            after == before || after == new,
            "neither old {before:?} nor new {new:?}: {after:?}"
        );
        for _ in 0..2 {
            program.succeed(&make);
            assert_eq!(
                Ordered::of(&program).await,
                new,
                "made once, asked again or not"
            );
        }
        before = new;
    }
    // The rest in one order: then every line of the list is in exactly one.
    program.succeed(&[NOW[0], NOW[1], "order", "make", "2024-05", "--area", "51"]);
    let all = Ordered::of(&program).await;
    let mut look = program.look().await;
    let listed = "select coalesce(sum(payable), 0)::bigint from payment_list";
    assert_eq!(look.number(listed).await, all.amount);
    let unordered = "select count(*) from list_line left join order_line
        using (list_month, person_id, line_no) where order_no is null";
    assert_eq!(look.number(unordered).await, 0);
}

#[tokio::test]
async fn an_order_is_handed_over_or_it_is_not() {
    let program = listed(&communes()[..1]);
    program.succeed(&[NOW[0], NOW[1], "order", "make", "2024-05", "--area", "51"]);
    let number = program
        .look()
        .await
        .number("select order_no from payment_order")
        .await;
    let number = number.to_string();
    let file = program.file("lenh.xlsx", "");
    program.succeed(&["order", "export", &number, "-o", text(&file)]);
    let send = [
        NOW[0],
        NOW[1],
        "order",
        "send",
        number.as_str(),
        text(&file),
    ];
    let since = Instant::now();
    program.succeed(&send);
    let mut killer = Killer::new(KILLS[1], 20_240_510, since.elapsed());
    let mut before = Ordered::of(&program).await;
    assert_eq!((before.orders, before.sent), (1, 1));
    while !killer.is_done() {
        killer.interrupt(&program, &send);
        let after = Ordered::of(&program).await;
        let new = Ordered {
            sent: before.sent + 1,
            ..before
        };
        assert!(
            after == before || after == new,
            "neither old {before:?} nor new {new:?}: {after:?}"
        );
        before = after;
    }
    let again = program.run(&["order", "export", &number, "-o", text(&file)]);
    assert!(again.status.success(), "{}", errors(&again));
}
