//! A receiver as an officer sets one: refused where money could not reach anybody.

use jiff::civil::Date;
use kernel::Bank;
use kernel::name::tidy;

use super::concern::is_account;
use crate::event::{Channel, Holder, PayeeChoice};
use crate::refusal::Fault;

/// What an officer wrote, or a row of a list; empty text is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PayeeForm {
    /// How the money is received.
    pub channel: Option<Channel>,
    /// Whose name; the beneficiary's when nothing is said.
    pub holder: Option<Holder>,
    /// The name.
    pub holder_name: String,
    /// ID number of somebody else who receives.
    pub holder_id_number: String,
    /// Bank or wallet, by any of its names.
    pub provider: String,
    /// Account or wallet number; spaces are taken out.
    pub account_number: String,
    /// Last day of an authorisation.
    pub authorised_until: Option<Date>,
}

/// Makes the receiver of a form, or says everything that is wrong with it by the fields of
/// `payee_set`.
///
/// # Errors
/// Every fault.
pub fn check_form(form: &PayeeForm) -> Result<PayeeChoice, Vec<Fault>> {
    let mut faults = Vec::new();
    let holder = form.holder.unwrap_or(Holder::Itself);
    let filled = |text: &str| Some(tidy(text)).filter(|text| !text.is_empty());
    let (holder_name, provider) = (filled(&form.holder_name), filled(&form.provider));
    let compact: String = form
        .account_number
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let account_number = Some(compact).filter(|number| !number.is_empty());
    let mut fault = |field, code, why: &str| faults.push(Fault::new(field, code, why));
    if form.channel.is_none() {
        fault("channel", "missing", "chưa chọn hình thức nhận");
    }
    if holder != Holder::Itself && holder_name.is_none() {
        fault("holder_name", "missing", "thiếu tên người nhận thay");
    }
    if holder == Holder::Authorised && form.authorised_until.is_none() {
        let why = "thiếu ngày hết hạn của giấy ủy quyền";
        fault("authorised_until", "missing", why);
    }
    let by_account = form.channel == Some(Channel::Account);
    if by_account && provider.is_none() {
        fault("provider", "missing", "thiếu ngân hàng");
    }
    if by_account && account_number.is_none() {
        fault("account_number", "missing", "thiếu số tài khoản");
    }
    let bank = provider.as_deref().and_then(Bank::find);
    let wallet = matches!(form.channel, Some(Channel::EWallet | Channel::MobileMoney));
    if provider.is_some() && bank.is_none() && !wallet {
        let why = "không có ngân hàng này: ghi tên viết tắt hoặc mã 6 chữ số";
        fault("provider", "unknown_bank", why);
    }
    if !wallet && account_number.as_deref().is_some_and(|it| !is_account(it)) {
        let why = "số tài khoản phải gồm 6 đến 19 chữ số hoặc chữ cái không dấu";
        fault("account_number", "account_form", why);
    }
    match form.channel {
        Some(channel) if faults.is_empty() => Ok(PayeeChoice {
            channel,
            holder,
            holder_name,
            holder_id_number: filled(&form.holder_id_number),
            provider: bank
                .map(|bank| bank.provider_code().to_owned())
                .or(provider),
            account_number,
            authorised_until: form
                .authorised_until
                .filter(|_| holder == Holder::Authorised),
        }),
        _ => Err(faults),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{PayeeForm, check_form};
    use crate::event::{Channel, Holder};

    #[test]
    fn a_bank_is_kept_by_its_number_and_spaces_go() {
        let form = PayeeForm {
            channel: Some(Channel::Account),
            provider: "agribank".to_owned(),
            account_number: "0012 345 678".to_owned(),
            ..PayeeForm::default()
        };
        let choice = check_form(&form).expect("sound");
        assert_eq!(choice.provider.as_deref(), Some("970405"));
        assert_eq!(choice.account_number.as_deref(), Some("0012345678"));
        assert_eq!(choice.holder, Holder::Itself);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let form = PayeeForm {
            channel: Some(Channel::Account),
            holder: Some(Holder::Authorised),
            provider: "ngân hàng lạ".to_owned(),
            account_number: "12-34".to_owned(),
            ..PayeeForm::default()
        };
        let faults = check_form(&form).expect_err("four faults");
        let found: Vec<(&str, &str)> = faults.iter().map(|it| (&*it.field, it.code)).collect();
        assert_eq!(
            found,
            [
                ("holder_name", "missing"),
                ("authorised_until", "missing"),
                ("provider", "unknown_bank"),
                ("account_number", "account_form"),
            ]
        );
    }

    #[test]
    fn a_wallet_needs_no_bank() {
        let form = PayeeForm {
            channel: Some(Channel::EWallet),
            holder: Some(Holder::Authorised),
            holder_name: " Đỗ  Văn Đào ".to_owned(),
            provider: "Ví thử".to_owned(),
            account_number: "0100000001".to_owned(),
            authorised_until: Some(date(2024, 12, 31)),
            ..PayeeForm::default()
        };
        let choice = check_form(&form).expect("sound");
        assert_eq!(choice.provider.as_deref(), Some("Ví thử"));
        assert_eq!(choice.holder_name.as_deref(), Some("Đỗ Văn Đào"));
    }
}
