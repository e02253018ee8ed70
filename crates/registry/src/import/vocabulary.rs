//! The words of the drop-down lists, in any spelling, and the codes of the contract.

use kernel::Sex;
use kernel::name::compact_key;
use law::person::{Grade, PovertyStatus};
use law::{Benefit, Law};

use crate::event::{Channel, Holder};

pub(super) fn benefit(law: &Law, text: &str) -> Option<Benefit> {
    let text = text.trim();
    let key = compact_key(text);
    Benefit::from_code(text)
        .or_else(|| super::benefits().find(|benefit| compact_key(law.name(*benefit)) == key))
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
