//! Receivers of an area that somebody should look at again.

use access::session::SignedIn;
use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use kernel::Month;
use registry::payee::{self, Concern, Count, Item, Part};
use serde::Deserialize;

use super::payee::in_words;
use super::{Page, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::frame::{Frame, READERS, Section};
use crate::paging::{PageNumber, Paging, ROWS};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "dia-ban")]
    dia_ban: String,
    loai: String,
    trang: PageNumber,
}

#[derive(Template)]
#[template(path = "payees.html")]
struct PayeesPage {
    frame: Frame,
    areas: Vec<Choice>,
    code: String,
    name: String,
    counts: Vec<Count>,
    chosen: Option<Concern>,
    rows: Vec<(Item, String)>,
    paging: Paging,
}

impl PayeesPage {
    /// Whether the area is among those to choose from.
    fn is_offered(&self) -> bool {
        self.areas.iter().any(|choice| choice.code == self.code)
    }

    fn address(&self, page: &i64) -> String {
        let loai = self.chosen.map_or("", Concern::code);
        let area = encode(&self.code);
        format!("/nguoi-nhan?dia-ban={area}&loai={loai}&trang={page}")
    }

    fn is_chosen(&self, code: &str) -> bool {
        self.chosen.is_some_and(|concern| concern.code() == code)
    }
}

/// `GET /nguoi-nhan`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let month = Month::of(server.clock.today());
    let areas = area::offered(&who.actor, READERS, month);
    let first = areas.first().map(|choice| choice.code.clone());
    let code = match wanted.dia_ban.as_str() {
        "" => first.unwrap_or_else(|| "VN".to_owned()),
        code => code.to_owned(),
    };
    access::require(&who.actor, READERS, &code)?;
    let chosen = Concern::from_code(&wanted.loai);
    let number = wanted.trang.get();
    let part = Part {
        concern: chosen,
        offset: Paging::offset(number),
        limit: Some(ROWS),
    };
    let (pool, clock) = (&server.pool, &server.clock);
    let list = payee::work_list(pool, &who.actor, clock, &code, part).await?;
    let with_words = |item: Item| {
        // Numbers are seen whole on the person's own page, by those who may.
        let words = item.choice.as_ref().map(|choice| in_words(choice, false));
        (item, words.unwrap_or_default())
    };
    page(&PayeesPage {
        frame: Frame::inside(&server, &who, Section::Cashless),
        name: area::name(&code, month),
        rows: list.items.into_iter().map(with_words).collect(),
        paging: Paging {
            page: number,
            count: list.people,
        },
        areas,
        code,
        counts: list.counts,
        chosen,
    })
}
