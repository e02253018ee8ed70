//! Where a citizen's dossier stands, and its money.

use askama::Template;
use axum::extract::{Query, State};
use casework::Status;
use casework::citizen::{Next, Phase, Standing, standing};
use casework::letter::Kind;
use casework::letter::own::offered;
use kernel::Dong;
use kernel::area::Areas;
use payments::received::{self, Payment, State as Stands};
use payments::results::Status as Told;
use payments::{Channel, LineKind};
use serde::Deserialize;

use super::super::{Page, page};
use super::Verified;
use crate::Server;
use crate::frame::Frame;

#[derive(Template)]
#[template(path = "standing.html")]
struct StandingPage {
    frame: Frame,
    standing: Standing,
    commune: String,
    payments: Vec<Payment>,
    letters: Vec<(Kind, bool)>,
    pay_points: Vec<String>,
    /// What was just done.
    done: Option<&'static str>,
}

impl StandingPage {
    /// What the citizen has to know first.
    fn headline(&self) -> &'static str {
        match (self.standing.status, &self.standing.decided) {
            (Status::Registered, _) => "Hồ sơ đã nộp, xã chưa tiếp nhận",
            (Status::Received, _) => "Xã đã tiếp nhận hồ sơ",
            (Status::NotAccepted, _) => "Xã chưa tiếp nhận được hồ sơ",
            (Status::InProcess, _) => "Xã đang xét hồ sơ",
            (Status::SupplementAsked | Status::PaymentAsked, _) => "Cần bổ sung giấy tờ",
            (Status::WithdrawalAsked, _) => "Đã xin rút hồ sơ, chờ xã xác nhận",
            (Status::Stopped, _) => "Hồ sơ đã dừng xử lý",
            (Status::Processed, _) => "Đã có quyết định",
            (Status::ResultReturned, Some(_)) => "Đã trả kết quả",
            (Status::ResultReturned, None) => "Hồ sơ đã xong",
        }
    }

    /// What comes after this part of the way.
    fn comes_next(&self) -> Option<&'static str> {
        match (self.standing.next, self.standing.phase) {
            (Next::Nobody, _) => None,
            (_, Phase::Received) => Some("Sau đó: xã xét hồ sơ, rồi ra quyết định."),
            (_, Phase::Examined) => Some("Sau đó: ra quyết định, rồi báo ông/bà đến nhận."),
            (_, Phase::Decided) => {
                let approved = self.standing.decided.as_ref().is_some_and(|it| it.approved);
                (approved && self.payments.is_empty())
                    .then_some("Sau đó: tiền có trong danh sách chi trả của tháng tới.")
            }
            (_, Phase::Paid) => None,
        }
    }

    fn who_acts(&self) -> &'static str {
        match self.standing.next {
            Next::Office => "Việc tiếp theo là của xã. Ông/bà không phải làm gì.",
            Next::Citizen => "Việc tiếp theo là của ông/bà: bổ sung hồ sơ bên dưới.",
            Next::Collect => "Ông/bà đến xã nhận kết quả, nhớ mang giấy hẹn và giấy tờ tùy thân.",
            Next::Nobody => "Không còn việc gì phải làm với hồ sơ này.",
        }
    }

    fn is_at(&self, phase: &Phase) -> bool {
        self.standing.phase == *phase
    }

    fn is_past(&self, phase: &Phase) -> bool {
        let place = |phase: &Phase| Phase::ALL.iter().position(|it| it == phase);
        place(phase) < place(&self.standing.phase)
    }

    /// What is shown as paid, added up.
    fn paid(&self) -> Dong {
        let is_paid = |it: &&Payment| {
            matches!(
                it.state,
                Stands::Told {
                    status: Told::Paid,
                    ..
                }
            )
        };
        let paid = self.payments.iter().filter(is_paid);
        paid.map(|it| it.amount).sum()
    }

    /// Whether money of earlier months is among it.
    fn has_arrears(&self) -> bool {
        let is_arrears = |it: &Payment| it.kind == LineKind::Arrears;
        self.payments.iter().any(is_arrears)
    }

    fn may_withdraw(&self) -> bool {
        let open = self.standing.status.is_open();
        open && self.standing.status != Status::WithdrawalAsked
    }
}

/// How a payment comes to the person.
const fn way(payment: &Payment) -> &'static str {
    match payment.channel {
        None => "chưa có cách nhận tiền, mời báo với xã",
        Some(Channel::Account) => "vào tài khoản",
        Some(Channel::EWallet) => "vào ví điện tử",
        Some(Channel::MobileMoney) => "vào tài khoản di động",
        Some(Channel::PostOffice) => "tiền mặt tại điểm chi trả",
        Some(Channel::Home) => "tiền mặt tại nhà",
    }
}

/// Where a payment stands, in words.
fn in_words(payment: &Payment) -> String {
    let day = |day: &jiff::civil::Date| crate::page::date(day);
    match &payment.state {
        Stands::Approved => "Đã duyệt, chờ giao đơn vị chi trả".to_owned(),
        Stands::Ordered { provider, from } => {
            format!("{provider} chi trả từ {}", day(from))
        }
        Stands::Told {
            status,
            day: on,
            reason,
        } => {
            let what = match status {
                Told::Paid => "Đã trả",
                Told::Failed => "Chưa trả được",
                Told::Returned => "Đã trả rồi bị hoàn lại",
                Told::NotCollected => "Chưa ai đến nhận",
            };
            let on = day(on);
            match reason {
                Some(reason) => format!("{what} {on}: {reason}"),
                None => format!("{what} {on}"),
            }
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Came {
    xong: String,
}

/// `GET /tra-cuu/ho-so`.
pub(crate) async fn show(
    State(server): State<Server>,
    Verified(citizen): Verified,
    Query(came): Query<Came>,
) -> Page {
    let office = server.office();
    let letters = offered(&server.pool, &server.clock, &citizen).await?;
    let standing = standing(&server.pool, &server.clock, &citizen).await?;
    let done = match came.xong.as_str() {
        "nop" => Some("Đã nộp hồ sơ. Hãy lấy mã tra cứu bên dưới để xem lại sau."),
        "bo-sung" => Some("Đã gửi bổ sung cho xã."),
        "rut" => Some("Đã gửi đề nghị rút hồ sơ cho xã."),
        "bao-tin" => Some("Đã ghi cách báo tin."),
        _ => None,
    };
    page(&StandingPage {
        frame: Frame::outside(&server),
        commune: Areas::embedded().written_path(standing.commune),
        payments: received::payments(&office, &citizen).await?,
        pay_points: received::pay_points(&office, &citizen).await?,
        letters,
        standing,
        done,
    })
}
