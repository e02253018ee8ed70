//! Which pages are asked for, by whom, and each time with what.

use crate::province::Province;
use crate::visitor::Way;

/// A page and the ways it is asked for.
pub(crate) struct Asked {
    pub(crate) name: &'static str,
    pub(crate) who: &'static str,
    pub(crate) ways: Vec<Way>,
}

/// Pages of a list somebody leafs to.
const LEAVES: usize = 40;

/// Every page of an officer, each to be asked for so many times.
pub(crate) async fn pages(site: &Province, rounds: usize) -> Vec<Asked> {
    let people = sample(site, "select person_id::text from person", rounds).await;
    let numbers = "select id_number from person where id_number is not null";
    let numbers = sample(site, numbers, rounds).await;
    let names = sample(site, "select name_key from person", rounds).await;
    let communes = "select distinct area_code from list_line";
    let communes = sample(site, communes, rounds).await;
    let month = "/ky-chi/2024-05";
    let at = "?thang=2024-05&dia-ban=51";
    let page = |name, who, ways: Vec<Way>| Asked { name, who, ways };
    let same = |path: &str| vec![Way::To(path.to_owned()); rounds];
    let each = |values: &[String], way: &dyn Fn(&str) -> Way| {
        values.iter().map(|value| way(value)).collect::<Vec<_>>()
    };
    let leaf = |path: &str| {
        let leaves = (0..rounds).map(|round| format!("{path}&trang={}", 1 + round % LEAVES));
        leaves.map(Way::To).collect::<Vec<_>>()
    };
    let find = |text: &str| {
        let form = format!("tim={}&dia-ban=51", text.replace(' ', "+"));
        Way::By("/tim".to_owned(), form)
    };
    let given = |name: &str| find(name.rsplit(' ').next().unwrap_or(name));
    vec![
        page("Sign-in", "", same("/dang-nhap")),
        page("Home", "lap", same("/")),
        page("Search by whole name", "can.bo", each(&names, &find)),
        page("Search by given name", "can.bo", each(&names, &given)),
        page("Search by ID number", "can.bo", each(&numbers, &find)),
        page(
            "People of a commune",
            "can.bo",
            each(&communes, &|code| Way::To(format!("/tim?dia-ban={code}"))),
        ),
        page("People of the province", "can.bo", leaf("/tim?dia-ban=51")),
        page(
            "Person",
            "can.bo",
            each(&people, &|id| {
                Way::To(format!("/doi-tuong/{id}?thang=2024-05"))
            }),
        ),
        page("Months", "lap", same("/ky-chi")),
        page(
            "Month with changes and what comes",
            "lap",
            same(&format!("{month}?dia-ban=51")),
        ),
        page(
            "Month of a commune, first look",
            "lap",
            each(once(&communes), &|code| {
                Way::To(format!("{month}?dia-ban={code}"))
            }),
        ),
        page(
            "Month of a commune",
            "lap",
            each(&communes, &|code| {
                Way::To(format!("{month}?dia-ban={code}"))
            }),
        ),
        page(
            "Approve",
            "duyet",
            same(&format!("{month}/duyet?dia-ban=51")),
        ),
        page(
            "Behind a change",
            "lap",
            leaf(&format!("{month}/bien-dong?dia-ban=51&nguyen-nhan=new")),
        ),
        page(
            "List lines",
            "lap",
            leaf(&format!("{month}/danh-sach?dia-ban=51")),
        ),
        page(
            "List lines by name",
            "lap",
            leaf(&format!("{month}/danh-sach?dia-ban=51&xep=ten")),
        ),
        page(
            "List lines, largest first",
            "lap",
            leaf(&format!("{month}/danh-sach?dia-ban=51&xep=giam")),
        ),
        page(
            "List lines of a benefit",
            "lap",
            leaf(&format!(
                "{month}/danh-sach?dia-ban=51&chinh-sach=disability"
            )),
        ),
        page(
            "List lines of a commune",
            "lap",
            each(&communes, &|code| {
                Way::To(format!("{month}/danh-sach?dia-ban={code}"))
            }),
        ),
        page(
            "Board of accounts",
            "xem",
            same(&format!("/khong-tien-mat{at}")),
        ),
        page(
            "Board of identity",
            "xem",
            same(&format!("/chat-luong{at}")),
        ),
        page("Board of caseload", "xem", same(&format!("/bao-cao{at}"))),
        page(
            "Board of caseload by benefit",
            "xem",
            same(&format!("/bao-cao{at}&theo=chinh-sach")),
        ),
        page(
            "Board by former districts",
            "xem",
            same(&format!("/bao-cao{at}&chia=huyen-cu")),
        ),
        page(
            "Board of results",
            "xem",
            same(&format!("/bao-cao{at}&theo=ket-qua")),
        ),
        page(
            "Behind all beneficiaries",
            "xem",
            leaf(&format!("/bao-cao/nguoi{at}&nhom=beneficiaries")),
        ),
        page(
            "Behind mismatches",
            "xem",
            leaf(&format!("/bao-cao/nguoi{at}&nhom=mismatch")),
        ),
        page(
            "Behind a few, not found",
            "xem",
            same(&format!("/bao-cao/nguoi{at}&nhom=not_found")),
        ),
        page(
            "Behind a benefit",
            "xem",
            same(&format!(
                "/bao-cao/nguoi{at}&theo=chinh-sach&dong=disability"
            )),
        ),
        page(
            "Behind a former district",
            "xem",
            same("/bao-cao/nguoi?thang=2024-05&dia-ban=524@2025-06&nhom=beneficiaries"),
        ),
        page("Form 10a", "xem", same(&format!("/bao-cao/mau/10a{at}"))),
        page("Form 10c", "xem", same(&format!("/bao-cao/mau/10c{at}"))),
        page("Form 10d", "xem", same(&format!("/bao-cao/mau/10d{at}"))),
        page(
            "Behind form 10c",
            "xem",
            same(&format!("/bao-cao/nguoi{at}&mau=10c&dong=0")),
        ),
        page("Receivers", "can.bo", leaf("/nguoi-nhan?dia-ban=51")),
        page(
            "Receivers of a commune",
            "can.bo",
            each(&communes, &|code| {
                Way::To(format!("/nguoi-nhan?dia-ban={code}"))
            }),
        ),
        page("Duplicates", "can.bo", same("/trung")),
        page(
            "Duplicates of a commune",
            "can.bo",
            each(&communes, &|code| Way::To(format!("/trung?dia-ban={code}"))),
        ),
        page(
            "ID number faults",
            "can.bo",
            leaf("/so-dinh-danh?dia-ban=51&tinh-trang=missing"),
        ),
        page("Split communes", "can.bo", same("/dia-ban-tach")),
        page("Queue: mine", "can.bo", leaf("/viec?phan=mine")),
        page("Queue: overdue", "can.bo", leaf("/viec?phan=overdue")),
        page("Queue: all", "can.bo", leaf("/viec?phan=all")),
        page(
            "Queue: all by name",
            "can.bo",
            leaf("/viec?phan=all&xep=name"),
        ),
        page(
            "Queue: all of a commune",
            "can.bo",
            each(&communes, &|code| {
                Way::To(format!("/viec?phan=all&dia-ban={code}"))
            }),
        ),
        page("Import", "can.bo", same("/nhap")),
        page("Law", "can.bo", same("/tro-giup/luat")),
        page("Help", "can.bo", same("/tro-giup")),
        page("Audit log", "thanh.tra", same("/nhat-ky")),
    ]
}

/// The values before they come again.
fn once(values: &[String]) -> &[String] {
    let again = values.iter().skip(1).position(|value| *value == values[0]);
    again.map_or(values, |again| &values[..=again])
}

/// Values of a statement with one column, spread over all of them.
async fn sample(site: &Province, statement: &str, rounds: usize) -> Vec<String> {
    let ordered = format!("select value from ({statement}) as v (value) order by md5(value)");
    let all: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(ordered))
        .fetch_all(site.db.pool())
        .await
        .expect("values to ask for");
    all.into_iter().cycle().take(rounds).collect()
}
