//! Who pays, and under which contracts: recorded and ended by approvers, read by everybody who reads
//! lists.

use access::session::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::{Extension, Form};
use kernel::Month;
use kernel::actor::Role;
use kernel::bank::Bank;
use payments::Channel;
use payments::provider::contract::Handover;
use payments::provider::{self, Contract, NewContract, Provider, ProviderKind};
use serde::Deserialize;

use super::months::read_month;
use super::{Page, leads_on, page};
use crate::Server;
use crate::address::encode;
use crate::area::{self, Choice};
use crate::failure::Failure;
use crate::frame::{Frame, Section};
use crate::once::{form_key, form_once};

/// Who signs contracts.
const SIGNATORY: &[Role] = &[Role::Approver];

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    thang: String,
    xong: String,
}

#[derive(Template)]
#[template(path = "contracts.html")]
struct ContractsPage {
    frame: Frame,
    error: Option<String>,
    done: &'static str,
    month: Month,
    providers: Vec<Provider>,
    contracts: Vec<Contract>,
    /// Where the reader may sign; nowhere, if it is empty.
    areas: Vec<Choice>,
    key: String,
}

impl ContractsPage {
    fn name_of<'a>(&'a self, code: &'a str) -> &'a str {
        let known = self.providers.iter().find(|it| it.code == code);
        known.map_or(code, |provider| &provider.name)
    }

    /// Whether the reader may end a contract of the area.
    fn may_end(&self, contract: &Contract) -> bool {
        let code = match contract.terms.area.as_str() {
            "" => "VN",
            code => code,
        };
        !contract.holds_for.is_empty() && self.areas.iter().any(|choice| choice.code == code)
    }
}

pub(crate) fn channels(channels: &[Channel]) -> String {
    let names: Vec<&str> = channels.iter().map(|it| it.vietnamese()).collect();
    names.join(", ")
}

/// A fee in hundredths of a percent, as people write it: `0,8 %`.
pub(crate) fn percent(basis_points: &i32) -> String {
    let (whole, part) = (basis_points / 100, basis_points % 100);
    match part {
        0 => format!("{whole} %"),
        part if part % 10 == 0 => format!("{whole},{} %", part / 10),
        part => format!("{whole},{part:02} %"),
    }
}

pub(crate) fn bank_name(code: &str) -> &str {
    Bank::find(code).map_or(code, |bank| bank.short_name)
}

/// `GET /don-vi-chi-tra`.
pub(crate) async fn show(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Query(wanted): Query<Wanted>,
) -> Page {
    let month = read_month(wanted.thang.trim());
    let month = month.unwrap_or_else(|| Month::of(server.clock.today()));
    let done = match wanted.xong.as_str() {
        "don-vi" => "Đã ghi đơn vị chi trả.",
        "hop-dong" => "Đã ghi hợp đồng.",
        "ket-thuc" => "Đã ghi hợp đồng kết thúc.",
        _ => "",
    };
    page(&contracts_page(&server, &who, month, done, None).await?)
}

async fn contracts_page(
    server: &Server,
    who: &SignedIn,
    month: Month,
    done: &'static str,
    error: Option<String>,
) -> Result<ContractsPage, Failure> {
    let office = server.office();
    let frame = Frame::inside(server, who, Section::Providers);
    Ok(ContractsPage {
        frame: frame.telling(error.as_ref()),
        providers: provider::all(&office, &who.actor).await?,
        contracts: provider::contracts(&office, &who.actor, month).await?,
        areas: area::offered(&who.actor, SIGNATORY, month),
        key: form_key(),
        month,
        done,
        error,
    })
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    khoa: String,
    /// `don-vi`, `hop-dong` or `ket-thuc`.
    viec: String,
    thang: String,
    // Of a provider.
    ma: String,
    ten: String,
    loai: String,
    ngan_hang: String,
    tai_khoan: String,
    // Of a contract.
    don_vi: String,
    dia_ban: String,
    hinh_thuc: String,
    tu_thang: String,
    den_thang: String,
    phi: String,
    giao_truoc: String,
    bao_truoc: String,
    ky_quyet_toan: String,
    cach_giao: String,
    so_hop_dong: String,
    thay: String,
    // Of its end.
    so: i64,
}

/// `POST /don-vi-chi-tra`: records a provider or a contract, or ends one.
pub(crate) async fn act(
    State(server): State<Server>,
    Extension(who): Extension<SignedIn>,
    Form(asked): Form<Asked>,
) -> Page {
    let month = read_month(asked.thang.trim());
    let month = month.unwrap_or_else(|| Month::of(server.clock.today()));
    let work = async {
        carry_out(&server, &who, &asked).await?;
        let done = encode(&asked.viec);
        Ok(format!("/don-vi-chi-tra?thang={month}&xong={done}"))
    };
    let (number, parts) = (asked.so.to_string(), asked.parts());
    let request = [&["contracts", number.as_str()], parts.as_slice()].concat();
    let done = form_once(&server, &who.actor, &asked.khoa, &request, work).await;
    let shown = async |error| contracts_page(&server, &who, month, "", Some(error)).await;
    leads_on(done, shown).await
}

async fn carry_out(server: &Server, who: &SignedIn, asked: &Asked) -> Result<(), Failure> {
    let (office, actor) = (server.office(), &who.actor);
    match asked.viec.as_str() {
        "don-vi" => provider::add(&office, actor, &asked.provider()?).await?,
        "hop-dong" => {
            let take_over = asked.thay == "1";
            provider::record(&office, actor, &asked.terms()?, take_over).await?;
        }
        "ket-thuc" => {
            let from = month("Hết hiệu lực từ tháng", &asked.tu_thang)?;
            provider::end(&office, actor, asked.so, from).await?;
        }
        _ => return Err(Failure::bad_request("Không rõ cần làm việc gì")),
    }
    Ok(())
}

fn wrong(field: &str, why: &str) -> Failure {
    Failure::refused("malformed", format!("{field}: {why}"))
}

fn month(field: &str, text: &str) -> Result<Month, Failure> {
    read_month(text.trim()).ok_or_else(|| wrong(field, "nhập dạng 05/2024 hoặc 2024-05"))
}

/// A whole number; what the form offers when nothing is written.
fn number<N: std::str::FromStr>(field: &str, text: &str) -> Result<N, Failure> {
    let number = text.trim().parse();
    number.map_err(|_| wrong(field, "cần một số nguyên"))
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Asked {
    /// All but the number that makes two requests the same.
    fn parts(&self) -> [&str; 18] {
        [
            &self.viec,
            &self.ma,
            &self.ten,
            &self.loai,
            &self.ngan_hang,
            &self.tai_khoan,
            &self.don_vi,
            &self.dia_ban,
            &self.hinh_thuc,
            &self.tu_thang,
            &self.den_thang,
            &self.phi,
            &self.giao_truoc,
            &self.bao_truoc,
            &self.ky_quyet_toan,
            &self.cach_giao,
            &self.so_hop_dong,
            &self.thay,
        ]
    }

    fn provider(&self) -> Result<Provider, Failure> {
        let kind = ProviderKind::from_code(&self.loai);
        Ok(Provider {
            kind: kind.ok_or_else(|| wrong("Loại", "chọn ngân hàng, ví hoặc bưu điện"))?,
            code: self.ma.trim().to_owned(),
            name: self.ten.trim().to_owned(),
            bank_code: given(&self.ngan_hang),
            account_number: given(&self.tai_khoan),
        })
    }

    fn terms(&self) -> Result<NewContract, Failure> {
        let named = self.hinh_thuc.split(' ').filter(|code| !code.is_empty());
        let channels: Option<Vec<Channel>> = named.map(Channel::from_code).collect();
        let handover = Handover::from_code(&self.cach_giao);
        Ok(NewContract {
            provider: self.don_vi.trim().to_owned(),
            area: self.dia_ban.clone(),
            bank: given(&self.ngan_hang),
            channels: channels.ok_or_else(|| wrong("Hình thức nhận", "chọn trong danh sách"))?,
            from: month("Từ tháng", &self.tu_thang)?,
            to: given(&self.den_thang)
                .map(|to| month("Đến tháng", &to))
                .transpose()?,
            fee_basis_points: fee(&self.phi)?,
            list_before_day: number("Giao danh sách trước ngày", &self.giao_truoc)?,
            report_before_day: number("Báo kết quả trước ngày", &self.bao_truoc)?,
            settlement_months: number("Kỳ quyết toán", &self.ky_quyet_toan)?,
            handover: handover.ok_or_else(|| wrong("Cách giao", "chọn trong danh sách"))?,
            signed_number: given(&self.so_hop_dong),
        })
    }
}

/// A fee as people write it, `0,8` percent, in hundredths of a percent.
fn fee(text: &str) -> Result<i32, Failure> {
    let text = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = digits(whole) && digits(part) && whole.len() <= 3 && part.len() <= 2;
    let hundredths = sound.then(|| format!("{whole}{part:0<2}").parse().ok());
    hundredths
        .flatten()
        .ok_or_else(|| wrong("Phí", "nhập phần trăm số tiền chi, ví dụ 0,8"))
}

#[cfg(test)]
mod tests {
    use super::{fee, percent};

    #[test]
    fn a_fee_is_read_as_it_is_shown() {
        for (text, hundredths, shown) in [
            ("0,8", 80, "0,8 %"),
            ("0.85 %", 85, "0,85 %"),
            ("1", 100, "1 %"),
            ("0,05", 5, "0,05 %"),
        ] {
            assert_eq!(fee(text).expect("a fee"), hundredths, "{text}");
            assert_eq!(percent(&hundredths), shown);
        }
        for wrong in ["", "-1", "0,855", "một"] {
            assert!(fee(wrong).is_err(), "{wrong}");
        }
    }
}
