//! The program and PostgreSQL are killed in the middle of recording events and of making and
//! approving lists. Afterwards the old state is there or the new one, nothing between, and the
//! next run works.

use std::time::{Duration, Instant};

use kernel::Month;

use crate::program::killer::Killer;
use crate::program::people;
use crate::program::{Program, errors, text};

/// How often each kind of work is really interrupted.
const KILLS: usize = 8;

const PEOPLE: usize = 400;

/// How many rows there are in each table people's events are spread over.
async fn recorded(program: &Program) -> Vec<i64> {
    let mut look = program.look().await;
    let mut counts = Vec::new();
    for query in [
        "select count(*) from event",
        "select count(*) from event_claim",
        "select count(*) from person",
        "select count(*) from person_key",
        "select count(*) from residence",
        "select count(*) from fact",
        "select count(*) from enrolment",
    ] {
        counts.push(look.number(query).await);
    }
    counts
}

/// Kill the recording of files, each with as much in it as the first: afterwards all of a file is
/// there or nothing of it, and recording it again makes it whole.
async fn kill_recording(program: &Program, seed: u64, file: impl Fn(usize) -> Vec<String>) {
    assert_eq!(recorded(program).await, [0; 7]);
    let since = Instant::now();
    program.succeed_all(&file(0));
    let mut killer = Killer::new(KILLS, seed, since.elapsed());
    let whole = recorded(program).await;
    let mut before = whole.clone();
    while !killer.is_done() {
        let file = file(killer.attempts + 1);
        let arguments: Vec<&str> = file.iter().map(String::as_str).collect();
        killer.interrupt(program, &arguments);
        let after = recorded(program).await;
        let new: Vec<i64> = before.iter().zip(&whole).map(|(a, b)| a + b).collect();
        assert!(
            after == before || after == new,
            "neither old {before:?} nor new {new:?}: {after:?}"
        );
        program.succeed_all(&file);
        assert_eq!(recorded(program).await, new);
        before = new;
    }
}

#[tokio::test]
async fn events_are_recorded_whole_or_not_at_all() {
    let program = Program::practice();
    let apply = |number: usize| {
        let events = people::events(&format!("tệp-{number}"), 1, PEOPLE);
        let file = program.file("events.ndjson", &events);
        ["apply", text(&file), "--actor", "an"]
            .map(str::to_owned)
            .into()
    };
    kill_recording(&program, 20_240_501, apply).await;
}

#[tokio::test]
async fn a_sheet_is_imported_whole_or_not_at_all() {
    let program = Program::practice();
    let import = |number: usize| {
        let sheet = people::sheet(&format!("Người Bảng {number} Số"), PEOPLE);
        let file = program.file(&format!("sheet-{number}.csv"), &sheet);
        let arguments = ["import", text(&file), "--area", "51", "--actor", "an"];
        arguments.map(str::to_owned).into()
    };
    kill_recording(&program, 20_240_502, import).await;
}

const LINES: &str =
    "select coalesce(md5(string_agg(concat_ws(' ', person_id, line_no, benefit, kind,
    for_month, amount, area_code), ';' order by person_id, line_no)), '') || ' ' || count(*)
    from list_line";

const HEADERS: &str = "select coalesce(string_agg(concat_ws(' ', month, area_code, people, lines, payable,
    encode(lines_fingerprint, 'hex'), approved_by), ';' order by month), '') || ' ' || coalesce(sum(lines), 0)
    from payment_list";

const HELD: &str = "select coalesce(md5(string_agg(listed::text, ';' order by person_id, benefit,
    from_month)), '') || ' ' || count(*) from listed";

/// The lists and what approved ones hold, as text to compare.
#[derive(Clone, Debug, PartialEq)]
struct Lists {
    headers: String,
    lines: String,
    held: String,
}

impl Lists {
    async fn of(program: &Program) -> Lists {
        let [headers, lines, held] = program.look().await.texts([HEADERS, LINES, HELD]).await;
        let lists = Lists {
            headers,
            lines,
            held,
        };
        let last = |text: &str| text.rsplit(' ').next().map(str::to_owned);
        assert_eq!(
            last(&lists.headers),
            last(&lists.lines),
            "headers count their lines"
        );
        lists
    }
}

fn enrol(program: &Program, source: &str, count: usize) {
    let file = program.file("events.ndjson", &people::events(source, 1, count));
    program.succeed(&[
        "--now",
        "2024-04-30T08:00:00+07:00",
        "apply",
        text(&file),
        "--actor",
        "an",
    ]);
}

#[tokio::test]
async fn a_draft_is_the_old_one_or_the_new_one() {
    let program = Program::practice();
    let make = [
        "--now",
        "2024-05-05T08:00:00+07:00",
        "list",
        "make",
        "2024-05",
        "--area",
        "51",
        "--actor",
        "lap",
    ];
    enrol(&program, "tỉnh", PEOPLE * 4);
    program.succeed(&make);
    let since = Instant::now();
    program.succeed(&make);
    let mut killer = Killer::new(KILLS, 20_240_505, since.elapsed());
    while !killer.is_done() {
        enrol(&program, &format!("thêm-{}", killer.attempts), 3);
        let before = Lists::of(&program).await;
        killer.interrupt(&program, &make);
        let after = Lists::of(&program).await;
        program.succeed(&make);
        let new = Lists::of(&program).await;
        assert_ne!(before, new, "somebody was added");
        assert!(
            after == before || after == new,
            "{before:?}\n{after:?}\n{new:?}"
        );
    }
}

#[tokio::test]
async fn a_list_is_approved_or_it_is_not() {
    let program = Program::practice();
    enrol(&program, "tỉnh", PEOPLE * 4);
    let run = |month: Month, action: &str, actor: &str| {
        let now = format!("{}T08:00:00+07:00", month.first_day());
        let month = month.to_string();
        let arguments = [
            "--now", &now, "list", action, &month, "--area", "51", "--actor", actor,
        ];
        arguments.map(str::to_owned)
    };
    let mut month: Month = "2024-05".parse().expect("a month");
    program.succeed_all(&run(month, "make", "lap"));
    let since = Instant::now();
    program.succeed_all(&run(month, "approve", "duyet"));
    let mut killer = Killer::new(KILLS, 20_240_506, since.elapsed());
    while !killer.is_done() {
        month = month.next();
        program.succeed_all(&run(month, "make", "lap"));
        let before = Lists::of(&program).await;
        let approve = run(month, "approve", "duyet");
        killer.interrupt(&program, &approve.each_ref().map(String::as_str));
        let after = Lists::of(&program).await;
        if after == before {
            program.succeed_all(&approve);
        }
        let new = Lists::of(&program).await;
        assert!(
            after == before || after == new,
            "{before:?}\n{after:?}\n{new:?}"
        );
        assert!(new.headers.matches("duyet").count() > before.headers.matches("duyet").count());
        program.succeed_all(&run(month, "verify", "xem"));
    }
}

/// A list of the month, made and approved; what a provider reports of it: paid, each line.
fn approved(program: &Program, month: Month) -> String {
    let now = format!("{}T08:00:00+07:00", month.first_day());
    let text = month.to_string();
    for (action, actor) in [("make", "lap"), ("approve", "duyet")] {
        program.succeed(&[
            "--now", &now, "list", action, &text, "--area", "51", "--actor", actor,
        ]);
    }
    let lines = program.succeed(&["list", "show", &text, "--area", "51", "--format", "ndjson"]);
    let reported = lines.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).expect("a line");
        format!(
            r#"{{"result_id":"k-{}","line":{},"status":"paid","date":"{}","amount":{}}}"#,
            line["line"].as_str().expect("a name"),
            line["line"],
            month.first_day(),
            line["amount"]
        )
    });
    // One that nobody ordered: it waits for a person.
    let stray =
        r#"{"result_id":"lạ","line":"2020-01-1-1","status":"paid","date":"2024-05-01","amount":1}"#;
    let all: Vec<String> = reported.chain([stray.to_owned()]).collect();
    all.join("\n")
}

/// Rows of everything an import of results writes.
async fn reported(program: &Program) -> Vec<i64> {
    let mut look = program.look().await;
    let mut counts = Vec::new();
    for query in [
        "select count(*) from payment_result",
        "select count(*) from result_claim",
        "select count(*) from result_queue",
    ] {
        counts.push(look.number(query).await);
    }
    assert_eq!(counts[0], counts[1], "each result has its claim");
    counts
}

#[tokio::test]
async fn results_are_imported_whole_or_not_at_all() {
    let program = Program::practice();
    enrol(&program, "tỉnh", PEOPLE * 4);
    let mut month: Month = "2024-05".parse().expect("a month");
    let import = |month: Month, file: &str| {
        let file = program.file(&format!("{month}.ndjson"), file);
        let arguments = ["results", "import", text(&file), "--provider", "bd"];
        arguments.map(str::to_owned)
    };
    let first = import(month, &approved(&program, month));
    let first = first.each_ref().map(String::as_str);
    let since = Instant::now();
    assert_eq!(program.run(&first).status.code(), Some(3), "one is listed");
    let mut killer = Killer::new(KILLS, 20_240_507, since.elapsed());
    let mut before = reported(&program).await;
    assert_eq!(before[2], 1);
    while !killer.is_done() {
        month = month.next();
        let file = approved(&program, month);
        let lines = file.lines().count() as i64 - 1;
        let arguments = import(month, &file);
        let arguments = arguments.each_ref().map(String::as_str);
        killer.interrupt(&program, &arguments);
        let after = reported(&program).await;
        let new = vec![before[0] + lines, before[1] + lines, 1];
        assert!(
            after == before || after == new,
            "neither old {before:?} nor new {new:?}: {after:?}"
        );
        assert_eq!(program.run(&arguments).status.code(), Some(3));
        assert_eq!(reported(&program).await, new);
        before = new;
    }
}

#[tokio::test]
async fn a_month_is_closed_or_it_is_not() {
    let program = Program::practice();
    enrol(&program, "tỉnh", PEOPLE * 4);
    let mut month: Month = "2024-05".parse().expect("a month");
    let mut killer = Killer::new(KILLS, 20_240_508, Duration::ZERO);
    const CLOSED: &str = "select coalesce(string_agg(closure_no || ' ' || list_month || ' '
        || (select count(*) from closed_commune c where c.closure_no = closure.closure_no), ';'
        order by list_month), '') from closure";
    while !killer.is_done() {
        let file = approved(&program, month);
        let ordered: Vec<&str> = file.lines().filter(|line| !line.contains("lạ")).collect();
        let file = program.file("results.ndjson", &ordered.join("\n"));
        program.succeed(&["results", "import", text(&file), "--provider", "bd"]);
        let name = month.to_string();
        let close = ["month", "close", &name, "--area", "51", "--actor", "khoa"];
        let before = program.look().await.text(CLOSED).await;
        if killer.usual.is_zero() {
            let since = Instant::now();
            program.succeed(&close);
            killer.usual = since.elapsed();
        } else {
            killer.interrupt(&program, &close);
        }
        let after = program.look().await.text(CLOSED).await;
        if after == before {
            program.succeed(&close);
        }
        let again = program.run(&close);
        assert_eq!(
            again.status.code(),
            Some(1),
            "closed once: {}",
            errors(&again)
        );
        let closed = program.look().await.text(CLOSED).await;
        assert_eq!(closed.matches(' ').count(), before.matches(' ').count() + 2);
        assert!(closed.ends_with(" 1"), "with its commune: {closed}");
        month = month.next();
    }
}
