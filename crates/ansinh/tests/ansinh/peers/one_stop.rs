//! Two programs, ours and a province's one-stop system that misbehaves in every way at once: whatever is
//! lost, told twice, early, half or with a wrong clock, and whoever is killed on the way, either program or
//! PostgreSQL, afterwards both sides agree on every dossier, nothing lost, doubled or out of order.
//!
//! `ANSINH_ONE_STOP_DOSSIERS=10000`, which `script/prove-exchange` sets, makes it a large province.

use std::collections::BTreeMap;
use std::process::{Child, Output};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use crate::program::one_stop::sandbox;
use crate::program::{Program, clock, errors, text};

/// Dossiers unless the environment says otherwise.
const DOSSIERS: usize = 60;
/// Kills of each phase, and more for each thousand dossiers.
const KILLS: usize = 3;
const APPROVER: [&str; 2] = ["--actor", "duyet"];

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

struct Test {
    program: Program,
    token: String,
    random: StdRng,
    dossiers: usize,
}

impl Test {
    fn province(&self, now: &str, url: &str) -> Child {
        let now = clock(now);
        let (count, table) = (self.dossiers.to_string(), self.program.data());
        let (table, key) = (table.join("table.ndjson"), table.join("one-stop.key"));
        let whose = ["--url", url, "--token", &self.token];
        let signed = ["--key", text(&key), "--key-id", "k1"];
        let pace = ["--seed", "7", "--pause-ms", "10", "--slow-ms", "20"];
        let mut arguments = vec![now[0].as_str(), now[1].as_str()];
        arguments.extend(sandbox(&count, &table));
        arguments.extend(whose.iter().chain(&signed).chain(&pace));
        arguments.extend(["--at-once", "8"]);
        let faults = [
            "--slow",
            "--down",
            "--twice",
            "--out-of-order",
            "--answer-lost",
            "--ack-lost",
            "--clock-wrong",
            "--half",
        ];
        for fault in faults {
            arguments.extend([fault, "15"]);
        }
        self.program.command(&arguments).spawn().expect("starts")
    }

    /// Both at work at a time, one or the other or PostgreSQL killed on the way; then in peace. The
    /// province's table.
    fn phase(&mut self, now: &str) -> Vec<Value> {
        let mut server = self.program.listen(now, &SERVE);
        for turn in 0..KILLS + self.dossiers / 1_000 {
            let mut province = self.province(now, &server.url());
            let most = 400 + 15 * u64::try_from(self.dossiers.min(1_000)).expect("few");
            let after = self.random.random_range(50..most);
            std::thread::sleep(Duration::from_millis(after));
            if turn % 3 == 2 {
                let postgres = self.program.server_process().expect("it runs");
                kill(Pid::from_raw(postgres), Signal::SIGKILL).expect("our own server");
            }
            if turn % 3 > 0 {
                // Without its database the server answers that it cannot; then it is begun again.
                std::thread::sleep(Duration::from_millis(100));
                server.child.kill().expect("our own child");
                server.child.wait().expect("ended");
                std::thread::sleep(Duration::from_millis(100));
                server = self.program.listen(now, &SERVE);
            }
            // It may have ended by itself.
            let _ = province.kill();
            province.wait().expect("ended");
        }
        let output: Output = self
            .province(now, &server.url())
            .wait_with_output()
            .expect("ends");
        assert!(output.status.success(), "{}", errors(&output));
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        let rows = printed
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        rows.collect()
    }

    /// The officers take a step in dossiers, as a file.
    fn officers(&self, now: &str, steps: &[(String, String)]) {
        let mut lines = String::new();
        for (number, (dossier, fields)) in (1..).zip(steps) {
            let id = uuid::Uuid::new_v5(
                &uuid::Uuid::NAMESPACE_OID,
                format!("{now} {number}").as_bytes(),
            );
            lines += &format!(
                "{{\"event_id\":\"{id}\",\"dossier\":\"{dossier}\",\"at\":\"{now}:00+07:00\",{fields}}}\n"
            );
        }
        let file = self.program.file("steps.ndjson", &lines);
        self.program.done(now, &["dossier", "apply", text(&file)]);
    }
}

fn connect(program: &Program) -> String {
    let now = "2024-05-06T07:00";
    let set = ["connection", "set", "51", "two_way", "--from", "2024-01-01"];
    program.done(now, &[&APPROVER[..], &set].concat());
    program.one_stop_signs(now, &program.data().join("one-stop.key"));
    program.one_stop_token(now)
}

/// What we hold of each dossier: status, messages told to us that became steps, messages to them that
/// were taken.
const OURS: &str = "select json_object_agg(code, json_build_array(
        (select status from dossier_step s where s.dossier_id = d.dossier_id order by seq desc limit 1),
        (select count(*) from exchange_inbox i join exchange_inbox_outcome o using (inbox_no)
         where i.dossier_code = d.code),
        (select count(*) from exchange_outbox o join exchange_delivery y using (outbox_no)
         where o.dossier_id = d.dossier_id and y.outcome = 'taken')))::text from dossier d";

/// Papers a message names, by file, and scans: as many.
const PAPERS: &str = "select count(*) from exchange_paper";
const SCANS: &str = "select count(*) from attachment";
const OPEN: &str = "select count(*) from exchange_outbox o where not exists
    (select from exchange_delivery y where y.outbox_no = o.outbox_no and outcome = 'taken')";
const DISORDERED: &str = "select count(*) from (
    select array_agg(i.seq order by s.seq) as told
    from exchange_inbox i join dossier_step s on s.event_id = i.message_id
    group by i.dossier_code) each where told <> array(select generate_series(1, cardinality(told)))";
const DOUBLED: &str = "select count(*) from (select dossier_id, kind from dossier_step
    where kind in ('submitted', 'supplemented', 'withdrawal_asked')
    group by dossier_id, kind having count(*) > 1) twice";

fn of(rows: &[Value], wanted: impl Fn(&Value) -> bool) -> Vec<String> {
    let wanted = rows.iter().filter(|row| wanted(row));
    wanted
        .map(|row| row["dossier"].as_str().expect("a code").to_owned())
        .collect()
}

#[tokio::test]
async fn both_sides_agree_on_every_dossier_after_faults_and_kills() {
    let program = Program::practice();
    let token = connect(&program);
    let wanted = std::env::var("ANSINH_ONE_STOP_DOSSIERS").ok();
    let mut test = Test {
        program,
        token,
        random: StdRng::seed_from_u64(11),
        dossiers: wanted.map_or(DOSSIERS, |count| count.parse().expect("a number")),
    };

    let submitted = test.phase("2024-05-06T08:00");
    assert_eq!(submitted.len(), test.dossiers);
    let all = of(&submitted, |_| true);
    let receive = |it: &String| (it.clone(), "\"kind\":\"received\"".to_owned());
    test.officers(
        "2024-05-06T09:00",
        &all.iter().map(receive).collect::<Vec<_>>(),
    );
    let ask = |it: &String| {
        let asks =
            "\"kind\":\"supplement_asked\",\"papers\":[\"Giấy bổ sung\"],\"reason\":\"thiếu\"";
        (it.clone(), asks.to_owned())
    };
    let asked: Vec<_> = all.iter().step_by(2).map(ask).collect();
    test.officers("2024-05-06T10:00", &asked);

    let heard = test.phase("2024-05-07T08:00");
    let withdrawn = of(&heard, |row| row["told"] == 3);
    assert!(!withdrawn.is_empty() && withdrawn.len() < asked.len());
    let end = |it: &String| match withdrawn.contains(it) {
        true => (
            it.clone(),
            "\"kind\":\"stopped\",\"reason\":\"công dân xin rút\"".to_owned(),
        ),
        false => (
            it.clone(),
            "\"kind\":\"decided\",\"outcome\":\"refused\",\"condition\":\"chưa đủ tuổi\",\
             \"law\":\"20/2021/NĐ-CP Điều 5 khoản 5\",\"decision\":{\"number\":\"12/QĐ-UBND\",\
             \"date\":\"2024-05-08\",\"signed_by\":\"Trần Văn Thử\"}"
                .to_owned(),
        ),
    };
    test.officers("2024-05-08T08:00", &all.iter().map(end).collect::<Vec<_>>());

    let theirs = test.phase("2024-05-09T08:00");
    let mut look = test.program.look().await;
    let ours: BTreeMap<String, [i64; 3]> =
        serde_json::from_str(&look.text(OURS).await).expect("JSON");
    assert_eq!(ours.len(), theirs.len());
    for row in &theirs {
        let code = row["dossier"].as_str().expect("a code");
        let [status, told, taken] = ours[code];
        let said = ["status", "told", "heard", "wrong"].map(|field| row[field].as_i64());
        assert_eq!(
            said,
            [Some(status), Some(told), Some(taken), Some(0)],
            "{row}"
        );
    }
    assert_eq!(look.number(OPEN).await, 0, "they took every message");
    assert_eq!(look.number(DOUBLED).await, 0);
    assert_eq!(look.number(DISORDERED).await, 0);
    assert_eq!(look.number(SCANS).await, look.number(PAPERS).await);
    assert!(look.number(PAPERS).await >= i64::try_from(test.dossiers).expect("few"));
}

#[test]
fn our_side_keeps_the_contract_and_a_wrong_token_shows() {
    let program = Program::practice();
    let token = connect(&program);
    let now = "2024-05-06T08:00";
    let server = program.listen(now, &SERVE);
    let (key, clock) = (program.data().join("one-stop.key"), clock(now));
    let check = |token: &str| {
        let asked = [
            &clock[0],
            &clock[1],
            "sandbox",
            "check",
            &server.url(),
            "--token",
            token,
            "--province",
            "51",
            "--area",
            "21031",
            "--key",
            text(&key),
            "--key-id",
            "k1",
        ];
        program.run(&asked)
    };
    let good = check(&token);
    let printed = String::from_utf8_lossy(&good.stdout).into_owned();
    assert_eq!(good.status.code(), Some(0), "{printed}{}", errors(&good));
    assert!(printed.lines().count() > 15, "{printed}");
    assert_eq!(check("wrong").status.code(), Some(1));
}
