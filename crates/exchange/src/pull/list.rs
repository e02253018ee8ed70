//! Lists of codes (danhMuc).

use casework::{Status, procedure};
use jiff::civil::Date;
use kernel::area::{Areas, Level};
use kernel::ethnic_group::ethnic_groups;
use serde::Serialize;

/// A code and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Known (judicial records): `ID`.
    #[serde(rename = "ID")]
    pub id: String,
    /// Known (judicial records): `NAME`.
    #[serde(rename = "NAME")]
    pub name: String,
}

/// A list by its code: 3 ethnic groups and 4 areas of the province, as the guide numbers them; to verify:
/// `thuTuc` (procedures) and `trangThai` (the national statuses). `None` for what is kept by others.
pub fn list(code: &str, province: &str, day: Date) -> Option<Vec<Listed>> {
    let listed = |id: &str, name: &str| Listed {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    match code {
        "3" => Some(
            ethnic_groups()
                .iter()
                .map(|it| listed(it.code, it.name))
                .collect(),
        ),
        "4" => {
            let areas = Areas::embedded();
            let here = areas.all().iter().filter(|area| {
                area.exists_on(day)
                    && area.level != Level::Province
                    && areas.province_of(area).code == province
            });
            Some(here.map(|it| listed(it.code, &it.full_name)).collect())
        }
        "thuTuc" => {
            let mut codes: Vec<&str> = procedure::all().iter().map(|it| it.code.as_str()).collect();
            codes.dedup();
            let named = codes.into_iter();
            Some(
                named
                    .map(|code| listed(code, procedure::name(code)))
                    .collect(),
            )
        }
        "trangThai" => {
            let all = Status::ALL.iter();
            Some(
                all.map(|it| listed(&it.number().to_string(), it.vietnamese()))
                    .collect(),
            )
        }
        _ => None,
    }
}
