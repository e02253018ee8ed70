//! What every page shows around its content.

use std::sync::Arc;

use access::session::SignedIn;
use kernel::Actor;
use kernel::actor::Role;
use law::{Benefit, Law};

use crate::{Server, asset};

/// Header, navigation and notices of a page.
pub(crate) struct Frame {
    /// The practice banner is shown.
    pub practice: bool,
    /// Who is signed in.
    pub user: Option<User>,
    /// The current section, marked in the navigation.
    pub section: Section,
    /// The title begins with "Lỗi:".
    pub failed: bool,
    law: Arc<Law>,
}

/// The signed-in user as the header shows them.
pub(crate) struct User {
    pub full_name: String,
    pub sections: Vec<Section>,
}

/// Parts of the site, in the order of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    None,
    Home,
    Work,
    Sign,
    Register,
    Book,
    Search,
    Transfers,
    Collective,
    Soon,
    Counter,
    Months,
    Providers,
    Partner,
    Cashless,
    Quality,
    Exchange,
    Messages,
    Reports,
    Import,
    Duplicates,
    SplitAreas,
    Audit,
    Administration,
    Help,
}

impl Section {
    const SHOWN: [Section; 24] = [
        Section::Home,
        Section::Work,
        Section::Sign,
        Section::Register,
        Section::Book,
        Section::Search,
        Section::Transfers,
        Section::Collective,
        Section::Soon,
        Section::Counter,
        Section::Months,
        Section::Providers,
        Section::Partner,
        Section::Cashless,
        Section::Quality,
        Section::Exchange,
        Section::Messages,
        Section::Reports,
        Section::Import,
        Section::Duplicates,
        Section::SplitAreas,
        Section::Audit,
        Section::Administration,
        Section::Help,
    ];

    pub(crate) const fn address(self) -> &'static str {
        match self {
            Section::None | Section::Home => "/",
            Section::Work => "/viec",
            Section::Sign => "/trinh-ky",
            Section::Register => "/vao-so",
            Section::Book => "/so-van-ban",
            Section::Search => "/tim",
            Section::Transfers => "/chuyen-di-den",
            Section::Collective => "/quyet-dinh-chung",
            Section::Soon => "/sap-thay-doi",
            Section::Counter => "/ho-so/moi",
            Section::Months => "/ky-chi",
            Section::Providers => "/don-vi-chi-tra",
            Section::Partner => "/doi-tac",
            Section::Cashless => "/khong-tien-mat",
            Section::Quality => "/chat-luong",
            Section::Exchange => "/lien-thong",
            Section::Messages => "/tin-nhan",
            Section::Reports => "/bao-cao",
            Section::Import => "/nhap",
            Section::Duplicates => "/trung",
            Section::SplitAreas => "/dia-ban-tach",
            Section::Audit => "/nhat-ky",
            Section::Administration => "/quan-tri",
            Section::Help => "/tro-giup",
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Section::None | Section::Home => "Trang chủ",
            Section::Work => "Việc cần làm",
            Section::Sign => "Trình ký",
            Section::Register => "Vào sổ",
            Section::Book => "Sổ văn bản",
            Section::Search => "Tìm đối tượng",
            Section::Transfers => "Chuyển đi, đến",
            Section::Collective => "Quyết định chung",
            Section::Soon => "Sắp thay đổi",
            Section::Counter => "Nhận hồ sơ",
            Section::Months => "Kỳ chi",
            Section::Providers => "Đơn vị chi trả",
            Section::Partner => "Lệnh chi được giao",
            Section::Cashless => "Không tiền mặt",
            Section::Quality => "Chất lượng",
            Section::Exchange => "Liên thông",
            Section::Messages => "Tin báo",
            Section::Reports => "Báo cáo",
            Section::Import => "Nhập dữ liệu",
            Section::Duplicates => "Hồ sơ trùng",
            Section::SplitAreas => "Địa bàn tách",
            Section::Audit => "Nhật ký",
            Section::Administration => "Người dùng",
            Section::Help => "Trợ giúp",
        }
    }
}

impl Frame {
    /// A page seen without signing in.
    pub(crate) fn outside(server: &Server) -> Frame {
        Frame {
            practice: server.practice,
            user: None,
            section: Section::None,
            failed: false,
            law: server.law.clone(),
        }
    }

    /// A page of a signed-in user.
    pub(crate) fn inside(server: &Server, who: &SignedIn, section: Section) -> Frame {
        // For people of a provider the home page is that of their orders.
        let outside = works_for_provider(&who.actor);
        let may = |section: &Section| {
            (*section != Section::Home || !outside)
                && crate::routes::who_may(section.address())
                    .is_some_and(|may| may.admits(&who.actor))
        };
        let sections = Section::SHOWN.into_iter().filter(may).collect();
        let user = User {
            full_name: who.full_name.clone(),
            sections,
        };
        Frame {
            practice: server.practice,
            user: Some(user),
            section,
            failed: false,
            law: server.law.clone(),
        }
    }

    /// Marks the page as showing errors.
    pub(crate) fn failed(mut self) -> Frame {
        self.failed = true;
        self
    }

    /// Marks the page as showing an error, if there is one.
    pub(crate) fn telling(self, error: Option<&String>) -> Frame {
        match error {
            Some(_) => self.failed(),
            None => self,
        }
    }

    /// Address of an asset, with the hash of its content.
    pub(crate) fn asset(&self, name: &str) -> String {
        asset::address(name)
    }

    /// The icon, as an address that holds it whole.
    pub(crate) fn icon(&self) -> &'static str {
        asset::icon()
    }

    /// A benefit by the name the law gives it.
    pub(crate) fn benefit(&self, benefit: &Benefit) -> &str {
        self.law.name(*benefit)
    }

    /// The same, not named to those who may not know of an infection.
    pub(crate) fn benefit_for(&self, benefit: &Benefit, handler: &bool) -> &str {
        if benefit.reveals_hiv() && !*handler {
            "Trợ giúp khác"
        } else {
            self.benefit(benefit)
        }
    }

    /// Seconds without a request after which the session ends.
    pub(crate) fn idle_seconds(&self) -> i64 {
        access::session::IDLE.as_secs()
    }
}

/// Whether somebody works at a provider, not at an office.
pub(crate) fn works_for_provider(actor: &Actor) -> bool {
    actor.areas_of(&[Role::Provider]).next().is_some()
}

pub(crate) use registry::sight::READERS;
