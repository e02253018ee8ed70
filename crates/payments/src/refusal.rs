//! Why something about a month's list is refused.

use jiff::civil::Date;
use kernel::{Dong, Month};

use crate::Channel;
use crate::ledger::EntryNo;
use crate::order::OrderNo;

/// A refusal, or a failure of the database underneath.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The area's list of the month is approved.
    #[error("danh sách tháng {month} của địa bàn {area} đã được duyệt, không lập lại được")]
    AlreadyApproved {
        /// List month.
        month: Month,
        /// Code of the approved list's area.
        area: String,
    },
    /// Months are approved in order.
    #[error(
        "danh sách tháng {later} của địa bàn {area} đã được duyệt; tháng {month} đến sau thì không lập được nữa, phần còn thiếu sẽ là truy lĩnh của tháng sau"
    )]
    LaterMonthApproved {
        /// List month asked for.
        month: Month,
        /// The approved later month.
        later: Month,
        /// Code of the later list's area.
        area: String,
    },
    /// No such area in that month.
    #[error(
        "không có địa bàn mã {area:?} vào tháng {month}; xem lại mã, mã địa bàn đổi từ tháng 7-2025"
    )]
    UnknownArea {
        /// The code asked for.
        area: String,
        /// List month.
        month: Month,
    },
    /// Lists are made for this month, the next, or earlier ones.
    #[error("tháng {month} còn quá xa: chỉ lập được danh sách đến hết tháng {last}")]
    TooFarAhead {
        /// List month asked for.
        month: Month,
        /// The last month a list can be made for today.
        last: Month,
    },
    /// There is no list.
    #[error(
        "chưa có danh sách tháng {month} của địa bàn {area}: hãy lập trước (ansinh list make {month} --area {area})"
    )]
    NoList {
        /// List month.
        month: Month,
        /// Area asked for.
        area: String,
    },
    /// Four eyes.
    #[error(
        "người dùng {who} đã lập danh sách này nên không duyệt được: người duyệt phải là người khác"
    )]
    ApproverIsMaker {
        /// Sign-in name.
        who: String,
    },
    /// Not the draft that was looked at.
    #[error(
        "danh sách đã được lập lại sau khi bạn mở trang, nên chưa duyệt; hãy xem lại danh sách mới rồi duyệt"
    )]
    DraftChanged,
    /// What the draft stands on has changed.
    #[error(
        "danh sách đã cũ: từ lúc lập đã có danh sách khác được duyệt trả cho {people} người trong danh sách này; hãy lập lại rồi duyệt"
    )]
    DraftOutOfDate {
        /// People of the draft who are on a list approved since, or in an opening.
        people: i64,
    },
    /// What the draft offers again has reached people.
    #[error(
        "danh sách đã cũ: từ lúc lập, khoản chuyển kỳ trước của {people} người đã được báo là đã trả; hãy lập lại rồi duyệt"
    )]
    PaidSince {
        /// People whose money was paid since.
        people: i64,
    },
    /// An opening comes before any list.
    #[error(
        "không ghi nhận số đầu kỳ được: {people} người của địa bàn {area} đã có trong danh sách đã lập hoặc số đầu kỳ khác"
    )]
    AlreadyListed {
        /// Area of the opening.
        area: String,
        /// How many people.
        people: i64,
    },
    /// Nobody of that name.
    #[error("không tìm thấy người {person:?}")]
    UnknownPerson {
        /// As asked for.
        person: String,
    },
    /// Only what is approved can be ordered, drawn and transferred.
    #[error("danh sách tháng {month} của địa bàn {area} chưa được duyệt")]
    NotApproved {
        /// List month.
        month: Month,
        /// Area asked for.
        area: String,
    },
    /// Nobody pays under that code.
    #[error("không có đơn vị chi trả mã {code:?}")]
    UnknownProvider {
        /// As asked for.
        code: String,
    },
    /// A code is given once.
    #[error("đã có đơn vị chi trả mã {code:?}")]
    ProviderKnown {
        /// As given.
        code: String,
    },
    /// A provider that cannot be.
    #[error("thông tin đơn vị chi trả chưa đúng: {why}")]
    NotAProvider {
        /// What is wrong.
        why: &'static str,
    },
    /// A contract that cannot be.
    #[error("hợp đồng chưa đúng: {why}")]
    NotAContract {
        /// What is wrong.
        why: &'static str,
    },
    /// One contract at a time for an area, a channel and a bank.
    #[error(
        "hợp đồng số {contract_no} đang có hiệu lực ở địa bàn này với hình thức {} trong thời gian đó; muốn thay thì chọn thay hợp đồng cũ",
        .channel.vietnamese()
    )]
    ContractHolds {
        /// The contract that holds.
        contract_no: i64,
        /// For what.
        channel: Channel,
    },
    /// No contract of that number that holds anything then.
    #[error("không có hợp đồng số {contract_no} đang có hiệu lực vào tháng đó")]
    NoContract {
        /// As asked for.
        contract_no: i64,
    },
    /// No order of that number.
    #[error("không có lệnh chi số {order_no}")]
    NoOrder {
        /// As asked for.
        order_no: OrderNo,
    },
    /// Providers are asked to pay from today on.
    #[error("ngày chi {day} đã qua: hãy chọn từ hôm nay trở đi")]
    PayDayPast {
        /// As asked for.
        day: Date,
    },
    /// Money is recorded in whole đồng above zero.
    #[error("số tiền {amount} không đúng: cần số đồng lớn hơn 0")]
    NotAnAmount {
        /// As given.
        amount: Dong,
    },
    /// Money moved today or before.
    #[error("ngày {day} còn ở phía trước: chỉ ghi tiền đã rút, đã chuyển")]
    DayToCome {
        /// As given.
        day: Date,
    },
    /// A movement of money has a paper.
    #[error("cần số chứng từ hoặc lý do, nhiều nhất 100 chữ")]
    NoPaper,
    /// An amount typed wrong, or drawn twice.
    #[error(
        "rút như vậy thành {drawn} đồng cho danh sách này, nhiều hơn số phải chi và phí dịch vụ ({most} đồng)"
    )]
    MoreThanListed {
        /// What would be drawn in all, đồng.
        drawn: Dong,
        /// What the list pays with the highest fee, đồng.
        most: Dong,
    },
    /// What is passed on must have been drawn.
    #[error("của danh sách này chỉ còn {left} đồng đã rút mà chưa chuyển, không đủ {asked} đồng")]
    NotDrawn {
        /// Đồng asked for.
        asked: Dong,
        /// Đồng left.
        left: Dong,
    },
    /// No draw or transfer of that number.
    #[error("không có bút toán rút hoặc chuyển tiền số {entry}")]
    NoEntry {
        /// As asked for.
        entry: EntryNo,
    },
    /// A mistake is taken back once.
    #[error("bút toán số {entry} đã được hủy bằng một bút toán khác")]
    AlreadyTakenBack {
        /// The mistake.
        entry: EntryNo,
    },
    /// A provider's file cannot be read; nothing of it was recorded.
    #[error(transparent)]
    Unreadable(#[from] crate::results::Unreadable),
    /// A waiting result cannot be settled so.
    #[error(transparent)]
    Queue(#[from] crate::results::queue::QueueRefused),
    /// A month is not closed, or not opened again.
    #[error(transparent)]
    Closing(#[from] crate::closing::CloseRefused),
    /// A proposal is not decided so.
    #[error(transparent)]
    Proposal(#[from] crate::proposal::ProposalRefused),
    /// A file of lines has an end.
    #[error(
        "có {lines} khoản, nhiều hơn {most} khoản của một tệp: hãy chọn địa bàn nhỏ hơn, một đơn vị chi trả hoặc một kết quả"
    )]
    TooManyLines {
        /// Lines asked for.
        lines: i64,
        /// Lines of a file at most.
        most: i64,
    },
    /// Something about handing orders over by interface.
    #[error(transparent)]
    Interface(#[from] crate::interface::InterfaceRefused),
    /// What a provider gives back or keeps it must have.
    #[error("đơn vị chi trả chỉ còn {left} đồng, không đủ {asked} đồng")]
    NotHeld {
        /// Đồng asked for.
        asked: Dong,
        /// Đồng left.
        left: Dong,
    },
    /// The roles do not allow it.
    #[error(transparent)]
    Denied(#[from] access::Denied),
    /// What the database holds contradicts itself: nothing a user did.
    #[error("dữ liệu không nhất quán: {0}")]
    Inconsistent(String),
    /// The registry could not be read.
    #[error(transparent)]
    Registry(#[from] registry::ApplyError),
    /// The database.
    #[error("cơ sở dữ liệu báo lỗi: {0}")]
    Database(#[from] sqlx::Error),
}

impl Refused {
    /// Stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Refused::AlreadyApproved { .. } => "already_approved",
            Refused::LaterMonthApproved { .. } => "later_month_approved",
            Refused::UnknownArea { .. } => "unknown_area",
            Refused::TooFarAhead { .. } => "too_far_ahead",
            Refused::NoList { .. } => "no_list",
            Refused::ApproverIsMaker { .. } => "approver_is_maker",
            Refused::DraftChanged => "draft_changed",
            Refused::DraftOutOfDate { .. } => "draft_out_of_date",
            Refused::PaidSince { .. } => "paid_since",
            Refused::AlreadyListed { .. } => "already_listed",
            Refused::UnknownPerson { .. } => "unknown_person",
            Refused::NotApproved { .. } => "not_approved",
            Refused::UnknownProvider { .. } => "unknown_provider",
            Refused::ProviderKnown { .. } => "provider_known",
            Refused::NotAProvider { .. } => "not_a_provider",
            Refused::NotAContract { .. } => "not_a_contract",
            Refused::ContractHolds { .. } => "contract_holds",
            Refused::NoContract { .. } => "no_contract",
            Refused::NoOrder { .. } => "no_order",
            Refused::PayDayPast { .. } => "pay_day_past",
            Refused::NotAnAmount { .. } => "not_an_amount",
            Refused::DayToCome { .. } => "day_to_come",
            Refused::NoPaper => "no_paper",
            Refused::MoreThanListed { .. } => "more_than_listed",
            Refused::NotDrawn { .. } => "not_drawn",
            Refused::NoEntry { .. } => "no_entry",
            Refused::AlreadyTakenBack { .. } => "already_taken_back",
            Refused::Unreadable(unreadable) => unreadable.code(),
            Refused::Queue(refused) => refused.code(),
            Refused::Closing(refused) => refused.code(),
            Refused::Proposal(refused) => refused.code(),
            Refused::TooManyLines { .. } => "too_many_lines",
            Refused::Interface(refused) => refused.code(),
            Refused::NotHeld { .. } => "not_held",
            Refused::Denied(denied) => denied.code(),
            Refused::Inconsistent(_) => "inconsistent",
            Refused::Registry(error) => error.code(),
            Refused::Database(_) => "database",
        }
    }
}
