//! Two programs in the other dialects: ours pulls from a province's platform that forgets what was marked and
//! hands it out again, and is killed while it pulls; and a province that calls by pull-and-acknowledge and by
//! X-Road, as REST and as SOAP. Afterwards both sides agree on every dossier.

use std::collections::BTreeMap;
use std::time::Duration;

use casework::letter::Kind;
use casework::letter::signed::{Signature, Way};
use files::Files;
use private_postgres::{Durability, PrivatePostgres};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use crate::program::one_stop::sandbox;
use crate::program::{Program, Running, clock, errors, text};

const DOSSIERS: usize = 8;
const KILLS: usize = 3;
const APPROVER: [&str; 2] = ["--actor", "duyet"];
const CLIENT: &str = "VN/GOV/51/MOT-CUA";
const FAULTS: [&str; 8] = [
    "--slow",
    "--down",
    "--twice",
    "--out-of-order",
    "--answer-lost",
    "--ack-lost",
    "--clock-wrong",
    "--half",
];

fn connect(program: &Program, dialect: &[&str]) {
    let now = "2024-05-06T07:00";
    let set = ["connection", "set", "51", "two_way", "--from", "2024-01-01"];
    program.done(now, &[&APPROVER[..], &set].concat());
    speak(program, now, dialect);
}

fn speak(program: &Program, now: &str, dialect: &[&str]) {
    let set = ["connection", "dialect", "51"];
    program.done(now, &[&APPROVER[..], &set, dialect].concat());
}

/// The officers take the same step in dossiers.
fn officers(program: &Program, now: &str, dossiers: &[String], fields: &str) {
    let mut lines = String::new();
    for dossier in dossiers {
        let id = uuid::Uuid::new_v5(
            &uuid::Uuid::NAMESPACE_OID,
            format!("{now} {dossier}").as_bytes(),
        );
        lines += &format!(
            "{{\"event_id\":\"{id}\",\"dossier\":\"{dossier}\",\"at\":\"{now}:00+07:00\",{fields}}}\n"
        );
    }
    let file = program.file("steps.ndjson", &lines);
    program.done(now, &["dossier", "apply", text(&file)]);
}

const RECEIVED: &str = "\"kind\":\"received\"";
const ASKED: &str =
    "\"kind\":\"supplement_asked\",\"papers\":[\"Giấy bổ sung\"],\"reason\":\"thiếu\"";
const REFUSED: &str = "\"kind\":\"decided\",\"outcome\":\"refused\",\"condition\":\"chưa đủ tuổi\",\
     \"law\":\"20/2021/NĐ-CP Điều 5 khoản 5\",\"decision\":{\"number\":\"12/QĐ-UBND\",\
     \"date\":\"2024-05-08\",\"signed_by\":\"Trần Văn Thử\"}";
const STOPPED: &str = "\"kind\":\"stopped\",\"reason\":\"công dân xin rút\"";

/// What we hold of each dossier: status, messages told to us that have an outcome, messages to them that were
/// taken, letters of decisions.
const OURS: &str = "select coalesce(json_object_agg(code, json_build_array(
        (select status from dossier_step s where s.dossier_id = d.dossier_id order by seq desc limit 1),
        (select count(*) from exchange_inbox i join exchange_inbox_outcome o using (inbox_no)
         where i.dossier_code = d.code),
        (select count(*) from exchange_outbox o join exchange_delivery y using (outbox_no)
         where o.dossier_id = d.dossier_id and y.outcome = 'taken'),
        (select count(*) from signed_letter l where l.dossier_id = d.dossier_id))), '{}')::text
    from dossier d";
const OPEN: &str = "select count(*) from exchange_outbox o where not exists
    (select from exchange_delivery y where y.outbox_no = o.outbox_no and outcome = 'taken')";
const DOUBLED: &str = "select count(*) from (select dossier_id, kind from dossier_step
    where kind in ('submitted', 'supplemented', 'withdrawal_asked')
    group by dossier_id, kind having count(*) > 1) twice";
const REFUSALS: &str = "select count(*) from exchange_inbox_outcome where code is not null";
const PAPERS: &str = "select count(*) from exchange_paper";
const SCANS: &str = "select count(*) from attachment";
const BIRTHS: &str = "select count(*) from dossier_step
    where kind = 'submitted' and body ->> 'applicant_birth' = '1950'";

/// Both sides say the same of every dossier, and nothing is open, doubled or out of order.
async fn agree(program: &Program, theirs: &[Value]) {
    let mut look = program.look().await;
    let ours: BTreeMap<String, [i64; 4]> =
        serde_json::from_str(&look.text(OURS).await).expect("JSON");
    assert_eq!((ours.len(), theirs.len()), (DOSSIERS, DOSSIERS));
    for row in theirs {
        let [status, told, taken, letters] = ours[row["dossier"].as_str().expect("a code")];
        let fields = ["status", "told", "heard", "letters", "wrong"];
        let said = fields.map(|field| row[field].as_i64());
        let expected = [status, told, taken, letters, 0].map(Some);
        assert_eq!(said, expected, "{row}");
    }
    assert_eq!(look.number(OPEN).await, 0, "they took every message");
    assert_eq!(look.number(DOUBLED).await, 0);
    assert_eq!(look.number(REFUSALS).await, 0, "all was sound");
    let letters: i64 = ours.values().map(|it| it[3]).sum();
    assert!(letters > 0, "decisions went out with their letters");
    assert_eq!(look.number(SCANS).await, look.number(PAPERS).await);
    assert!(look.number(PAPERS).await >= i64::try_from(DOSSIERS).expect("few"));
}

fn of(rows: &[Value], wanted: impl Fn(&Value) -> bool) -> Vec<String> {
    let wanted = rows.iter().filter(|row| wanted(row));
    wanted
        .map(|row| row["dossier"].as_str().expect("a code").to_owned())
        .collect()
}

/// The story of every dossier, with a phase of talking between the steps of the officers.
async fn story(program: &Program, mut talk: impl FnMut(&str) -> Vec<Value>) -> Vec<Value> {
    let submitted = talk("2024-05-06T08:00");
    let all = of(&submitted, |_| true);
    assert_eq!(all.len(), DOSSIERS);
    officers(program, "2024-05-06T09:00", &all, RECEIVED);
    let asked: Vec<String> = all.iter().step_by(2).cloned().collect();
    officers(program, "2024-05-06T10:00", &asked, ASKED);
    let heard = talk("2024-05-07T08:00");
    let withdrawn = of(&heard, |row| row["told"] == 3);
    let others = of(&heard, |row| row["told"] != 3);
    officers(program, "2024-05-08T08:00", &others, REFUSED);
    sign(program, &others).await;
    if !withdrawn.is_empty() {
        officers(program, "2024-05-08T08:30", &withdrawn, STOPPED);
    }
    talk("2024-05-09T08:00")
}

/// The letters of refusals are signed, each a file of its own.
async fn sign(program: &Program, dossiers: &[String]) {
    let server = PrivatePostgres::open(&program.data(), Durability::Full);
    let server = server.unwrap_or_else(|refusal| panic!("{refusal}"));
    let pool = sqlx::PgPool::connect_with(server.options()).await;
    let pool = pool.expect("connects");
    let files = Files::in_folder(&program.data().join("files")).expect("a store");
    let clock = testkit::clock("2024-05-08T08:10:00+07:00");
    for dossier in dossiers {
        let content = format!("%PDF-1.7\n% {dossier}\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n");
        let pieces = futures_util::stream::iter([Ok::<_, String>(content.into())]);
        let signature = Signature {
            kind: Kind::Refusal,
            seq: 1,
            file: files.take_in("quyet-dinh.pdf", pieces).await.expect("kept"),
            way: Way::Uploaded {
                signed_by: "Trần Văn Thử".to_owned(),
                signed_on: "2024-05-08".parse().expect("a day"),
            },
        };
        let actor = kernel::Actor::with_every_role("thử");
        let signed = casework::letter::signed::sign(&pool, &actor, &clock, dossier, &signature);
        signed.await.expect("signed");
    }
    pool.close().await;
}

struct Pulling<'a> {
    program: &'a Program,
    random: StdRng,
}

impl Pulling<'_> {
    /// The platform of the province, at a place that is recorded anew.
    fn platform(&self, now: &str, faults: bool) -> Running {
        let (time, table) = (clock(now), self.program.data().join("platform.ndjson"));
        let count = DOSSIERS.to_string();
        let serves = ["--dialect", "pull", "--listen", "127.0.0.1:0"];
        let whose = ["--token", "nen-tang", "--seed", "7", "--slow-ms", "20"];
        let mut arguments = vec![time[0].as_str(), &time[1]];
        arguments.extend(sandbox(&count, &table));
        arguments.extend(serves.iter().chain(&whose));
        if faults {
            FAULTS
                .iter()
                .for_each(|fault| arguments.extend([fault, "15"]));
        }
        let running = Running::start(self.program.command(&arguments));
        speak(
            self.program,
            now,
            &["pull", "--platform", &running.url(), "--from", "2024-01-01"],
        );
        running
    }

    fn pull<'b>(now: &'b [String; 2], token: &'b str) -> Vec<&'b str> {
        let pull = ["exchange", "--province", "51", "pull", "--token", token];
        [&[now[0].as_str(), &now[1]], &pull[..]].concat()
    }

    /// Ours pulls and is killed, the platform misbehaving; then in peace. The platform's table.
    fn phase(&mut self, now: &str) -> Vec<Value> {
        let time = clock(now);
        let mischief = self.platform(now, true);
        for _ in 0..KILLS {
            let mut pulling = self.program.command(&Self::pull(&time, "nen-tang")).spawn();
            let pulling = pulling.as_mut().expect("starts");
            std::thread::sleep(Duration::from_millis(self.random.random_range(100..900)));
            // It may have ended by itself.
            let _ = pulling.kill();
            pulling.wait().expect("ended");
        }
        for _ in 0..4 {
            // The platform breaks most of them off: what was begun goes on with the next.
            self.program.run(&Self::pull(&time, "nen-tang"));
        }
        drop(mischief);
        let platform = self.platform(now, false);
        let wrong = self.program.run(&Self::pull(&time, "khac"));
        assert_eq!(wrong.status.code(), Some(1), "{}", errors(&wrong));
        let last = self.program.run(&Self::pull(&time, "nen-tang"));
        assert!(last.status.success(), "{}", errors(&last));
        let again = self.program.succeed(&Self::pull(&time, "nen-tang"));
        assert_eq!(again, "", "nothing is left to pull or push");
        let table = g2p::client::agent().get(format!("{}/table", platform.url()));
        let table = table.call().expect("answers").body_mut().read_to_string();
        serde_json::from_str(&table.expect("text")).expect("JSON")
    }
}

#[tokio::test]
async fn what_is_handed_out_again_counts_once_whoever_is_killed() {
    let program = Program::practice();
    connect(&program, &["pull", "--from", "2024-01-01"]);
    let mut pulling = Pulling {
        program: &program,
        random: StdRng::seed_from_u64(13),
    };
    let theirs = story(&program, |now| pulling.phase(now)).await;
    agree(&program, &theirs).await;
    let mut look = program.look().await;
    assert_eq!(
        look.number(BIRTHS).await,
        i64::try_from(DOSSIERS).expect("few")
    );
}

/// A province that calls in a dialect, misbehaving.
async fn calls(recorded: &[&str], spoken: &[&str]) {
    let program = Program::practice();
    connect(&program, recorded);
    let now = "2024-05-06T07:30";
    let token = program.one_stop_token(now);
    let key = program.data().join("one-stop.key");
    program.one_stop_signs(now, &key);

    let theirs = story(&program, |now| {
        let (time, table) = (clock(now), program.data().join("table.ndjson"));
        let server = program.listen(now, &["serve", "--listen", "127.0.0.1:0"]);
        let url = server.url();
        let count = DOSSIERS.to_string();
        let whose = ["--url", &url, "--token", &token];
        let signed = ["--key", text(&key), "--key-id", "k1"];
        let pace = ["--seed", "7", "--pause-ms", "10", "--slow-ms", "20"];
        let mut arguments = vec![time[0].as_str(), &time[1]];
        arguments.extend(sandbox(&count, &table));
        arguments.extend(whose.iter().chain(&signed).chain(&pace));
        arguments.extend(spoken);
        FAULTS
            .iter()
            .for_each(|fault| arguments.extend([fault, "10"]));
        let printed = program.succeed(&arguments);
        let rows = printed.lines();
        rows.map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    });
    let theirs = theirs.await;
    agree(&program, &theirs).await;
}

#[tokio::test]
async fn a_province_may_call_by_pull_and_acknowledge() {
    let recorded = ["pull", "--from", "2024-01-01"];
    calls(&recorded, &["--dialect", "pull"]).await;
}

#[tokio::test]
async fn a_province_may_call_by_x_road_as_rest() {
    let recorded = ["x_road", "--client", CLIENT, "--from", "2024-01-01"];
    calls(&recorded, &["--dialect", "x-road", "--client", CLIENT]).await;
}

#[tokio::test]
async fn a_province_may_call_by_x_road_as_soap() {
    let recorded = ["x_road", "--client", CLIENT, "--from", "2024-01-01"];
    calls(&recorded, &["--dialect", "x-road-soap", "--client", CLIENT]).await;
}
