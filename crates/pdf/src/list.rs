//! A month's list on paper: gathering rows into sections, sections into forms.

use anyhow::Result;
use documents::format;
use documents::payment_list::{ListPaper, Row};
use documents::tally::{Subtotal, Sums, Tally};
use kernel::Dong;
use kernel::clock::vietnam_time;
use kernel::words::dong_in_words;
use serde::Serialize;

use crate::binding::Binding;
use crate::press::{self, FOOTER, PAYMENT_LIST};

/// Rows laid out together, whole communes: about fifty pages, where memory and the cost of
/// starting balance.
const ROWS_AT_ONCE: usize = 1_000;
/// Rows after which even a commune is laid out in parts.
const MOST_ROWS_AT_ONCE: usize = 2_000;
/// Feet of pages laid out together.
const FEET_AT_ONCE: usize = 400;

#[derive(Clone, Serialize)]
struct Head {
    agency: Vec<String>,
    title: String,
    status: String,
    draft: bool,
    place_and_date: String,
    maker: String,
    approver: String,
}

/// A commune, or a part of a very large one.
#[derive(Serialize)]
struct Section {
    opens: bool,
    place: String,
    running_head: String,
    rows: Vec<[Text; 12]>,
    total: Option<Total>,
}

/// One line, or a line over a smaller one.
#[derive(Serialize)]
#[serde(untagged)]
enum Text {
    Line(String),
    Two { main: String, small: String },
}

#[derive(Serialize)]
struct Total {
    label: String,
    amounts: [String; 4],
    words: String,
}

#[derive(Serialize)]
struct Summary {
    title: String,
    place: String,
    parts: [Part; 2],
    note: Option<String>,
    words: String,
}

#[derive(Serialize)]
struct Part {
    heading: &'static str,
    name: &'static str,
    rows: Vec<[String; 9]>,
    total: [String; 6],
}

#[derive(Serialize)]
struct Sheets<'a> {
    head: &'a Head,
    sections: &'a [Section],
    summary: Option<Summary>,
}

#[derive(Serialize)]
struct Feet<'a> {
    first: usize,
    last: usize,
    numbers: Vec<String>,
    pages: String,
    fingerprint: &'a str,
    middle: &'a str,
}

/// A list being printed: rows go in, pages gather.
pub(crate) struct ListPrinter {
    paper: ListPaper,
    head: Head,
    tally: Tally,
    sections: Vec<Section>,
    commune: Option<(String, Sums)>,
    waiting: usize,
    marks: Vec<(usize, String)>,
    binding: Binding,
}

impl ListPrinter {
    pub(crate) fn new(paper: ListPaper) -> ListPrinter {
        ListPrinter {
            head: Head::of(&paper),
            paper,
            tally: Tally::default(),
            sections: Vec::new(),
            commune: None,
            waiting: 0,
            marks: Vec::new(),
            binding: Binding::new(),
        }
    }

    /// Takes one row; lays out what waits when it is enough.
    pub(crate) fn row(&mut self, row: &Row) -> Result<()> {
        let same = self
            .commune
            .as_ref()
            .is_some_and(|(code, _)| *code == row.commune_code);
        if !same {
            self.close_commune();
            self.commune = Some((row.commune_code.clone(), Sums::default()));
        }
        let enough = if same {
            MOST_ROWS_AT_ONCE
        } else {
            ROWS_AT_ONCE
        };
        if self.waiting >= enough {
            self.lay_out(None)?;
        }
        if !same || self.sections.is_empty() {
            self.sections.push(self.section(row, !same));
        }
        let first_of_person = self.tally.all().people;
        self.tally.add(row);
        let new_person = self.tally.all().people > first_of_person;
        if let Some((_, sums)) = &mut self.commune {
            sums.people += u64::from(new_person);
            sums.add_money(row);
        }
        if let Some(section) = self.sections.last_mut() {
            section.rows.push(cells(row, new_person));
            self.waiting += 1;
        }
        Ok(())
    }

    /// Adds the summary, numbers the pages; the file is written only if the list is whole.
    pub(crate) fn finish(mut self, out: &std::path::Path) -> Result<usize> {
        self.tally.agrees_with(&self.paper)?;
        self.close_commune();
        self.lay_out(None)?;
        let summary_at = self.binding.pages();
        self.marks.push((summary_at, "Bảng tổng hợp".to_owned()));
        self.lay_out(Some(self.summary()))?;
        self.number_pages()?;
        for (page, title) in self.marks {
            self.binding.mark(page, title);
        }
        let pages = self.binding.pages();
        self.binding.save(&self.head.title, out)?;
        Ok(pages)
    }

    fn section(&self, row: &Row, opens: bool) -> Section {
        let month = format::month(self.paper.month);
        Section {
            opens,
            place: row.commune_name.clone(),
            running_head: format!(
                "{} (mã {}), chi trả tháng {month}",
                row.commune_name, row.commune_code
            ),
            rows: Vec::new(),
            total: None,
        }
    }

    fn close_commune(&mut self) {
        let (Some((_, sums)), Some(section)) = (self.commune.take(), self.sections.last_mut())
        else {
            return;
        };
        section.total = Some(Total {
            label: format!("Cộng: {} người", format::count(sums.people)),
            amounts: [sums.regular, sums.arrears, sums.other(), sums.total].map(|a| a.to_string()),
            words: dong_in_words(sums.total),
        });
    }

    fn lay_out(&mut self, summary: Option<Summary>) -> Result<()> {
        if self.sections.is_empty() && summary.is_none() {
            return Ok(());
        }
        let sheets = Sheets {
            head: &self.head,
            sections: &self.sections,
            summary,
        };
        let laid_out = press::lay_out(PAYMENT_LIST, &sheets)?;
        self.binding.add(laid_out)?;
        self.sections.clear();
        self.waiting = 0;
        eprintln!(
            "Đã dàn {} trang, {}/{} người",
            format::count(self.binding.pages() as u64),
            format::count(self.tally.all().people),
            format::count(self.paper.people),
        );
        Ok(())
    }

    fn number_pages(&mut self) -> Result<()> {
        let all = self.binding.pages();
        let fingerprint = self.paper.short_fingerprint();
        let middle = format!(
            "{}{}, tháng {}, in lúc {}",
            if self.head.draft { "BẢN NHÁP. " } else { "" },
            self.paper.area_name,
            format::month(self.paper.month),
            format::moment(self.paper.printed_at)
        );
        for first in (0..all).step_by(FEET_AT_ONCE) {
            let end = all.min(first + FEET_AT_ONCE);
            let feet = Feet {
                first: first + 1,
                last: end,
                numbers: (first + 1..=end)
                    .map(|page| format::count(page as u64))
                    .collect(),
                pages: format::count(all as u64),
                fingerprint: &fingerprint,
                middle: &middle,
            };
            self.binding.stamp(first, press::lay_out(FOOTER, &feet)?)?;
        }
        Ok(())
    }

    fn summary(&self) -> Summary {
        let all = self.tally.all();
        let total = [
            format::count(all.people),
            all.regular.to_string(),
            all.arrears.to_string(),
            all.other().to_string(),
            all.total.to_string(),
            (-all.recovery).to_string(),
        ];
        let month = self.paper.month;
        let owed_back = !all.recovery.is_zero();
        Summary {
            title: format!(
                "BẢNG TỔNG HỢP CHI TRẢ TRỢ CẤP XÃ HỘI THÁNG {} NĂM {}",
                month.number(),
                month.year()
            ),
            place: self.paper.area_name.clone(),
            parts: [
                Part {
                    heading: "I. Theo xã, phường, thị trấn",
                    name: "Xã, phường, thị trấn",
                    rows: summary_rows(self.tally.communes().iter(), true),
                    total: total.clone(),
                },
                Part {
                    heading: "II. Theo chính sách (người hưởng hai chính sách được tính ở cả hai)",
                    name: "Chính sách",
                    rows: summary_rows(self.tally.benefits(), false),
                    total,
                },
            ],
            note: owed_back.then(|| {
                "Số phải thu hồi được theo dõi riêng, không trừ vào số tiền chi trả.".to_owned()
            }),
            words: dong_in_words(all.total),
        }
    }
}

impl Head {
    fn of(paper: &ListPaper) -> Head {
        let signed_at = paper
            .approved
            .as_ref()
            .map_or(paper.made.at, |signed| signed.at);
        let day = format::date_in_words(vietnam_time(signed_at).date());
        Head {
            agency: paper.agency.clone(),
            title: format!(
                "DANH SÁCH CHI TRẢ TRỢ CẤP XÃ HỘI THÁNG {} NĂM {}",
                paper.month.number(),
                paper.month.year()
            ),
            status: match &paper.approved {
                Some(signed) => {
                    format!("(Đã duyệt: {}, {})", signed.by, format::moment(signed.at))
                }
                None => "(Bản nháp, chưa duyệt, không dùng để chi trả)".to_owned(),
            },
            draft: paper.approved.is_none(),
            place_and_date: format!("{}, {day}", paper.place),
            maker: paper.made.by.clone(),
            approver: paper
                .approved
                .as_ref()
                .map_or(String::new(), |signed| signed.by.clone()),
        }
    }
}

fn cells(row: &Row, first_of_person: bool) -> [Text; 12] {
    let line = |text: &str| Text::Line(text.to_owned());
    let seq = if first_of_person {
        row.seq.to_string()
    } else {
        String::new()
    };
    let owed_back = match row.recovery {
        Dong::ZERO => String::new(),
        recovery => format!("Phải thu hồi {} (chưa trừ)", -recovery),
    };
    let span = row.arrears_span.map(format::span).unwrap_or_default();
    let carried = if row.carried_over.is_zero() {
        ""
    } else {
        "kỳ trước chưa nhận"
    };
    let way = if row.account.is_empty() {
        row.channel.clone()
    } else {
        format!("{} {}", row.channel, row.account)
    };
    [
        Text::Line(seq),
        over(row.full_name.clone(), row.note.clone()),
        Text::Line(format::birth(row.birth)),
        line(&row.id_number),
        over(row.benefit.clone(), owed_back),
        Text::Line(row.coefficient.map(format::coefficient).unwrap_or_default()),
        Text::Line(amount(row.regular)),
        over(amount(row.arrears), span),
        over(amount(row.other()), carried.to_owned()),
        Text::Line(row.total.to_string()),
        over(row.payee.clone(), way),
        Text::Line(String::new()),
    ]
}

fn over(main: String, small: String) -> Text {
    if small.is_empty() {
        Text::Line(main)
    } else {
        Text::Two { main, small }
    }
}

/// Nothing is left blank, as on paper, so that the amounts that are there stand out.
fn amount(amount: Dong) -> String {
    if amount.is_zero() {
        String::new()
    } else {
        amount.to_string()
    }
}

fn summary_rows<'a>(
    subtotals: impl Iterator<Item = &'a Subtotal>,
    with_code: bool,
) -> Vec<[String; 9]> {
    (1..)
        .zip(subtotals)
        .map(|(number, Subtotal { code, name, sums }): (u32, _)| {
            [
                number.to_string(),
                if with_code {
                    code.clone()
                } else {
                    String::new()
                },
                name.clone(),
                format::count(sums.people),
                sums.regular.to_string(),
                sums.arrears.to_string(),
                sums.other().to_string(),
                sums.total.to_string(),
                (-sums.recovery).to_string(),
            ]
        })
        .collect()
}
