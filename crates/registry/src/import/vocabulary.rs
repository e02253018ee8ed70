//! The words of the drop-down lists, in any spelling, and the codes of the contract.

use std::collections::HashMap;

use kernel::Sex;
use kernel::name::compact_key;
use law::person::{Grade, PovertyStatus};
use law::{Benefit, Law};

use crate::event::{Channel, Holder};

/// The benefits by every name a sheet may give them.
#[derive(Debug)]
pub(super) struct Benefits(HashMap<String, Benefit>);

impl Benefits {
    pub(super) fn of(law: &Law) -> Benefits {
        let named = |benefit: Benefit| {
            [benefit.code(), law.name(benefit)].map(|name| (compact_key(name), benefit))
        };
        Benefits(Benefit::ALL.into_iter().flat_map(named).collect())
    }

    pub(super) fn find(&self, text: &str) -> Option<Benefit> {
        self.0.get(&compact_key(text)).copied()
    }
}

pub(super) fn sex(text: &str) -> Option<Sex> {
    match compact_key(text).as_str() {
        "nam" | "male" => Some(Sex::Male),
        "nu" | "female" => Some(Sex::Female),
        _ => None,
    }
}

pub(super) fn grade(text: &str) -> Option<Grade> {
    match compact_key(text).as_str() {
        "nhe" | "mild" => Some(Grade::Mild),
        "nang" | "severe" => Some(Grade::Severe),
        "dacbietnang" | "extremelysevere" => Some(Grade::ExtremelySevere),
        _ => None,
    }
}

/// The outer `None`: not a word of the list; the inner: not poor.
pub(super) fn poverty(text: &str) -> Option<Option<PovertyStatus>> {
    match compact_key(text).as_str() {
        "ngheo" | "hongheo" | "poor" => Some(Some(PovertyStatus::Poor)),
        "canngheo" | "hocanngheo" | "nearpoor" => Some(Some(PovertyStatus::NearPoor)),
        "khong" | "no" => Some(None),
        _ => None,
    }
}

pub(super) fn channel(text: &str) -> Option<Channel> {
    match compact_key(text).as_str() {
        "taikhoan" | "taikhoannganhang" | "account" => Some(Channel::Account),
        "vidientu" | "ewallet" => Some(Channel::EWallet),
        "tiendidong" | "mobilemoney" => Some(Channel::MobileMoney),
        "buudien" | "postoffice" => Some(Channel::PostOffice),
        "tainha" | "home" => Some(Channel::Home),
        _ => None,
    }
}

pub(super) fn holder(text: &str) -> Option<Holder> {
    match compact_key(text).as_str() {
        "banthan" | "chinhchu" | "self" => Some(Holder::Itself),
        "nguoigiamho" | "giamho" | "guardian" => Some(Holder::Guardian),
        "nguoiduocuyquyen" | "duocuyquyen" | "uyquyen" | "authorised" => Some(Holder::Authorised),
        _ => None,
    }
}
