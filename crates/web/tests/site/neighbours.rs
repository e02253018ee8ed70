//! Two places beside each other, with the same things in both: a person who is paid through somebody
//! else, a list and its order, a dossier with a scan and a message, a move, an application begun.

use access::user::{self, NewUser, Wanted};
use axum::http::StatusCode;
use kernel::Actor;
use kernel::actor::Role;
use law::Law;
use messages::{Channel, Contact};
use payments::provider::contract::Handover;
use payments::provider::{self, NewContract};
use registry::event::read_lines;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Site, keys};
use crate::month_of_money::{month, other, provider_of, somebody_of};

/// Where the things of a place are, and what nobody of elsewhere may read.
#[derive(Clone, Copy)]
pub(crate) struct Where {
    /// Area of its month's list.
    pub(crate) list: &'static str,
    pub(crate) commune: &'static str,
    pub(crate) name: &'static str,
    pub(crate) holder: &'static str,
    pub(crate) id_number: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) dossier: &'static str,
}

/// In Quảng Ngãi.
pub(crate) const HERE: Where = Where {
    list: "51",
    commune: "21031",
    name: "Vân Trong Làng",
    holder: "Hộ Nhận Trong",
    id_number: "999140000011",
    phone: "0912345611",
    dossier: "000.00.00.H51-240506-0001",
};

/// In another commune of the same province, on the same list.
pub(crate) const NEXT_DOOR: Where = Where {
    list: "51",
    commune: "21175",
    name: "Quách Ngoài Xóm",
    holder: "Giữ Thay Ngoài",
    id_number: "999140000029",
    phone: "0987654329",
    dossier: "000.00.00.H51-240506-0002",
};

/// In Đà Nẵng.
pub(crate) const FAR_AWAY: Where = Where {
    list: "48",
    commune: "20194",
    dossier: "000.00.00.H48-240506-0001",
    ..NEXT_DOOR
};

/// What is in a place, by the numbers addresses name it with.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) at: Where,
    pub(crate) person: i64,
    pub(crate) order: i64,
    pub(crate) transfer: i64,
}

const DECISION: &str = "so=12/QĐ-UBND&ngay_ky=20/05/2024&nguoi_ky=Trần+Văn+Ký";
const PDF: &str = "%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";

/// The sample sign-ins have their roles in `held`; somebody of the post is there too.
pub(crate) async fn settled(held: &str, places: &[Where]) -> (Site, Vec<Place>) {
    let site = Site::open_in(held).await;
    provider_of(&site, "buu-dien", "Bưu điện").await;
    somebody_of(&site, "buu.dien", "buu-dien", held).await;
    country_officer(&site).await;
    for (at, place) in places.iter().enumerate() {
        register(&site, at, place).await;
        open_dossier(&site, place).await;
    }
    let clerk = other();
    messages::gather(site.db.pool(), &clerk, &site.clock)
        .await
        .expect("gathered");
    pay(&site, places).await;
    let officer = site.sign_in("ca.nuoc").await;
    let mut settled = Vec::new();
    for place in places {
        settled.push(act(&site, &officer, place).await);
    }
    (site, settled)
}

async fn country_officer(site: &Site) {
    let mut tx = site.db.pool().begin().await.expect("begin");
    let user = NewUser {
        name: "ca.nuoc".to_owned(),
        full_name: "Người cả nước".to_owned(),
        password: access::practice::PASSWORD.to_owned(),
        first: Wanted {
            role: Role::Officer,
            area_code: String::new(),
            provider: None,
        },
    };
    user::add(&mut tx, site.clock.now(), &other(), user)
        .await
        .expect("added");
    tx.commit().await.expect("commit");
}

async fn register(site: &Site, at: usize, place: &Where) {
    let Where {
        commune,
        name,
        holder,
        id_number,
        ..
    } = place;
    let events = [
        format!(
            r#""kind":"person_registered","full_name":"{name}","birth_date":"1940-02-01","sex":"female","ethnicity":null,"id_number":"{id_number}","area":"{commune}""#
        ),
        r#""kind":"fact_started","fact_id":"f1","fact":{"kind":"disability","grade":"severe"}"#
            .to_owned(),
        r#""kind":"enrolled","benefit":"disability","from":"2024-05","decision":{"number":"1/QĐ","date":"2024-05-02"}"#
            .to_owned(),
        format!(r#""kind":"payee_set","channel":"post_office","holder":"guardian","holder_name":"{holder}""#),
    ];
    let line = |(step, event): (usize, &String)| {
        format!(
            r#"{{"event_id":"0190a000-0000-7000-8000-0000000{at}000{step}","person":"p{at}","effective":"2024-05-02","source":"thử",{event}}}"#
        )
    };
    let lines: Vec<String> = events.iter().enumerate().map(line).collect();
    let (events, refused) = read_lines(lines.join("\n").as_bytes());
    assert_eq!(refused, []);
    let applied = registry::apply(site.db.pool(), &other(), &site.clock, &events).await;
    assert_eq!(applied.expect("applies").refused, []);
}

async fn tell(site: &Site, dossier: &str, kind: &str, at: &str, mut fields: Value) {
    let whole = fields.as_object_mut().expect("fields");
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{dossier} {kind}").as_bytes());
    whole.insert("event_id".into(), json!(id));
    whole.insert("dossier".into(), json!(dossier));
    whole.insert("kind".into(), json!(kind));
    whole.insert("at".into(), json!(format!("{at}:00+07:00")));
    let event = casework::Event::parse(fields.to_string().as_bytes()).expect("a step");
    let rows = [casework::Submitted { row: 1, event }];
    let applied = casework::apply(site.db.pool(), &other(), &site.clock, &rows).await;
    assert_eq!(applied.expect("recorded").refused, []);
}

async fn open_dossier(site: &Site, place: &Where) {
    let submitted = json!({"procedure": "1.001776", "area": place.commune, "channel": "direct",
                           "applicant": place.name, "applicant_id_number": place.id_number,
                           "papers": [{"name": "Tờ khai"}]});
    let at = "2024-05-06T08:00";
    tell(site, place.dossier, "submitted", at, submitted).await;
    tell(
        site,
        place.dossier,
        "received",
        "2024-05-06T09:00",
        json!({}),
    )
    .await;
    let mut tx = site.db.pool().begin().await.expect("begin");
    let contact = Contact::of(Channel::Sms, place.phone, "").expect("sound");
    let now = "2024-05-06T08:30:00+07:00".parse().expect("an instant");
    messages::contact::record(&mut tx, now, place.dossier, &contact, "thử")
        .await
        .expect("recorded");
    tx.commit().await.expect("commit");
}

/// One list for each area, approved and ordered.
async fn pay(site: &Site, places: &[Where]) {
    let law = Law::embedded();
    let office = site.office(&law);
    let mut areas: Vec<&str> = places.iter().map(|place| place.list).collect();
    areas.dedup();
    for area in areas {
        let maker = Actor::with_every_role("mẫu");
        payments::make(&office, &maker, month(), area)
            .await
            .expect("made");
        payments::approve(&office, &other(), month(), area)
            .await
            .expect("approved");
        let terms = NewContract {
            provider: "buu-dien".to_owned(),
            area: area.to_owned(),
            bank: None,
            channels: vec![payments::Channel::PostOffice, payments::Channel::Home],
            from: month(),
            to: None,
            fee_basis_points: 80,
            list_before_day: 25,
            report_before_day: 20,
            settlement_months: 1,
            handover: Handover::Paper,
            signed_number: None,
        };
        provider::record(&office, &other(), &terms, false)
            .await
            .expect("recorded");
        payments::order::make(&office, &other(), month(), area, None)
            .await
            .expect("ordered");
    }
}

/// Adds the scan and tells of the move, as an officer of the country does on the pages.
async fn act(site: &Site, officer: &str, place: &Where) -> Place {
    let db = site.db.pool();
    let person = sqlx::query_scalar("select person_id from person where full_name = $1")
        .bind(place.name)
        .fetch_one(db)
        .await
        .expect("the person");
    let order = sqlx::query_scalar("select order_no from payment_order where area_code = $1")
        .bind(place.list)
        .fetch_one(db)
        .await
        .expect("the order");
    let papers = format!("/ho-so/{}/giay-to", place.dossier);
    let page = site.get(&papers, officer).await;
    let fields = [
        ("khoa", keys(&page.body)[0]),
        ("giay_to", "Tờ khai"),
        ("thay", ""),
    ];
    let added = site
        .upload_as(&papers, officer, &fields, ("to-khai.pdf", PDF))
        .await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let address = format!("/doi-tuong/{person}/chuyen-di");
    let form = site.get(&address, officer).await;
    let notice = format!(
        "khoa={}&xa=00001&ngay_xin=17/05/2024&thang_cuoi=2024-05&giay_to=Hồ+sơ&{DECISION}",
        keys(&form.body)[0]
    );
    let told = site.post(&address, officer, &notice).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.body);
    let path = told.header("location").split('?').next().expect("a path");
    let number = path.rsplit('/').next().expect("a number");
    Place {
        at: *place,
        person,
        order,
        transfer: number.parse().expect("a number"),
    }
}

impl Place {
    /// A path of the table with what is in this place; a number stands for a move, except where
    /// forms are numbered.
    pub(crate) fn fill(&self, path: &str) -> String {
        let code = match path {
            path if path.starts_with("/api/v1/forms") => "d20-1dd",
            path if path.starts_with("/nop-ho-so") => "full_name",
            _ => self.at.dossier,
        };
        let number = match path {
            path if path.starts_with("/chuyen-di-den") => self.transfer.to_string(),
            _ => "1".to_owned(),
        };
        path.replace("{hash}/{name}", "0/ansinh.css")
            .replace("{id}", &self.person.to_string())
            .replace("{draft}", "0190a000-0000-7000-8000-000000000000")
            .replace("{section}", "person")
            .replace("{ticket}", "none")
            .replace("{file}", "loi.csv")
            .replace("{order}", &self.order.to_string())
            .replace("{month}", "2024-05")
            .replace("{contract}", "1")
            .replace("{name}", "trend")
            .replace("{area}", self.at.list)
            .replace("{user}", "xem")
            .replace("{dossier}", self.at.dossier)
            .replace("{code}", code)
            .replace("{number}", &number)
            .replace("{message}", "0190a000-0000-7000-8000-000000000000")
            .replace("{scan}", "1")
            .replace("{letter}", "giay-tiep-nhan")
            .replace("{form}", "xlsx")
            .replace("{sha256}", &"ab".repeat(32))
            .replace(
                "{instance}/{class}/{member}/{subsystem}/{service}",
                "VN/GOV/BYT/AN-SINH/nopHoSo",
            )
    }
}
