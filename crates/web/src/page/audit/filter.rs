//! What an auditor looks for, as it stands in the address.

use access::audit::{Action, Group, Wanted};
use jiff::civil::Date;
use serde::Deserialize;

use crate::address::encode;
use crate::page::read_day;

/// Origins that are no address, as typed and as the log writes them.
const ORIGINS: [(&str, &str); 3] = [
    ("hệ thống", "system"),
    ("dòng lệnh", "command_line"),
    ("trang web", "request"),
];

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Filter {
    /// Sign-in name of who did it.
    pub nguoi: String,
    /// Code of an action, or of a group of them.
    pub viec: String,
    /// What it was done to, as the log names it.
    #[serde(rename = "doi-tuong")]
    pub doi_tuong: String,
    /// Code of an area.
    #[serde(rename = "dia-ban")]
    pub dia_ban: String,
    /// First day.
    pub tu: String,
    /// Last day.
    pub den: String,
    /// From where.
    #[serde(rename = "tu-dau")]
    pub tu_dau: String,
    /// The last entry of the page before.
    truoc: Option<i64>,
}

impl Filter {
    /// The same for the log, or what is wrong with it.
    pub(super) fn wanted(&self, limit: i64) -> Result<Wanted, &'static str> {
        let (action, group) = match given(&self.viec) {
            None => (None, None),
            Some(code) => (Action::from_code(&code), Group::from_code(&code)),
        };
        if action.is_none() && group.is_none() && given(&self.viec).is_some() {
            return Err("Nhật ký không có việc này: hãy chọn lại trong danh sách");
        }
        Ok(Wanted {
            actor: given(&self.nguoi).map(|name| name.to_lowercase()),
            group,
            action,
            object: given(&self.doi_tuong),
            area: given(&self.dia_ban).filter(|code| code != "VN"),
            origin: given(&self.tu_dau).map(origin),
            since: day(&self.tu)?,
            until: day(&self.den)?,
            before: self.truoc,
            limit,
        })
    }

    /// The page after an entry.
    pub(super) fn older(&self, last: &i64) -> String {
        format!("/nhat-ky?{}&truoc={last}", self.address())
    }

    /// The same entries as a file.
    pub(super) fn file(&self) -> String {
        format!("/nhat-ky/xuat/xlsx?{}", self.address())
    }

    /// Whether it goes on from a page before.
    pub(super) fn is_later_page(&self) -> bool {
        self.truoc.is_some()
    }

    /// The first page of the same.
    pub(super) fn first(&self) -> String {
        format!("/nhat-ky?{}", self.address())
    }

    fn address(&self) -> String {
        let given = [
            ("nguoi", &self.nguoi),
            ("viec", &self.viec),
            ("doi-tuong", &self.doi_tuong),
            ("dia-ban", &self.dia_ban),
            ("tu", &self.tu),
            ("den", &self.den),
            ("tu-dau", &self.tu_dau),
        ];
        let given = given.iter().filter(|(_, value)| !value.is_empty());
        let given = given.map(|(name, value)| format!("{name}={}", encode(value)));
        given.collect::<Vec<_>>().join("&")
    }
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn day(text: &str) -> Result<Option<Date>, &'static str> {
    match text.trim() {
        "" => Ok(None),
        text => match read_day(text) {
            Some(day) => Ok(Some(day)),
            None => Err("Ghi ngày dạng 31/12/2026"),
        },
    }
}

fn origin(text: String) -> String {
    let small = text.to_lowercase();
    let known = ORIGINS.iter().find(|(typed, _)| *typed == small);
    known.map_or(text, |(_, written)| (*written).to_owned())
}

/// An origin as readers see it.
pub(super) fn origin_in_words(written: &str) -> Option<&'static str> {
    let known = ORIGINS.iter().find(|(_, code)| *code == written);
    known.map(|(words, _)| *words)
}
