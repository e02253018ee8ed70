//! How the citizen of a dossier wishes to be told.

use access::audit::{Action, Changed};
use access::citizen::Citizen;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::Clock;
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::{Channel, Refused};

/// A wish, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    channel: Channel,
    phone: Option<String>,
    email: Option<String>,
}

impl Contact {
    /// As written in a form: blank is none, spaces and dots in a number are left out.
    ///
    /// # Errors
    /// [`Refused::PhoneMalformed`], [`Refused::EmailMalformed`], [`Refused::ContactMissing`] when the
    /// channel needs what is not given.
    pub fn of(channel: Channel, phone: &str, email: &str) -> Result<Contact, Refused> {
        let digits: String = phone.chars().filter(|it| !" .-".contains(*it)).collect();
        let phone = (!digits.is_empty()).then_some(digits);
        if phone.as_deref().is_some_and(|phone| !is_phone(phone)) {
            return Err(Refused::PhoneMalformed);
        }
        let email = Some(email.trim()).filter(|email| !email.is_empty());
        if email.is_some_and(|email| !is_email(email)) {
            return Err(Refused::EmailMalformed);
        }
        let enough = match channel {
            Channel::Sms | Channel::Zalo => phone.is_some(),
            Channel::Email => email.is_some(),
            Channel::Letter => true,
        };
        let email = email.map(str::to_owned);
        match enough {
            true => Ok(Contact {
                channel,
                phone,
                email,
            }),
            false => Err(Refused::ContactMissing),
        }
    }
}

/// Ten digits, the first a zero.
pub(crate) fn is_phone(text: &str) -> bool {
    text.len() == 10 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_email(text: &str) -> bool {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b',');
    let parts: Vec<&str> = text.split('@').collect();
    let two = matches!(parts[..], [name, place] if !name.is_empty() && place.contains('.'));
    plain && two && text.len() <= 200
}

/// Records the wish for a dossier, in the caller's transaction, which checks who may and writes the
/// audit entry. It holds from the next message on.
///
/// # Errors
/// [`Refused::UnknownDossier`].
pub async fn record(
    tx: &mut PgConnection,
    at: Timestamp,
    dossier: &str,
    contact: &Contact,
    recorded_by: &str,
) -> Result<(), Refused> {
    let added = sqlx::query!(
        "insert into message_contact (dossier_id, channel, phone, email, recorded_by, recorded_at)
         select dossier_id, $2, $3, $4, $5, $6 from dossier where code = $1",
        dossier,
        contact.channel.code(),
        contact.phone,
        contact.email,
        recorded_by,
        at.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    match added.rows_affected() {
        1 => Ok(()),
        _ => Err(Refused::UnknownDossier),
    }
}

/// Records the wish of a citizen for their own dossier. The audit log says that, without the number.
///
/// # Errors
/// Those of the database.
pub async fn record_own(
    pool: &PgPool,
    clock: &Clock,
    citizen: &Citizen,
    contact: &Contact,
) -> Result<(), Refused> {
    let now = clock.now();
    let mut tx = pool.begin().await?;
    let dossier = sqlx::query_scalar!(
        "select code from dossier where dossier_id = $1",
        citizen.dossier().0
    )
    .fetch_one(&mut *tx)
    .await?;
    let was = sqlx::query!(
        "select channel, phone, email from message_contact where dossier_id = $1
         order by contact_no desc limit 1",
        citizen.dossier().0
    )
    .fetch_optional(&mut *tx)
    .await?;
    let was = was.as_ref();
    let changed = Changed::new()
        .value(
            "channel",
            was.map(|it| it.channel.as_str()),
            contact.channel.code(),
        )
        .masked(
            "phone",
            was.and_then(|it| it.phone.as_deref()),
            contact.phone.as_deref(),
        );
    let email = was.and_then(|it| it.email.as_deref()) != contact.email.as_deref();
    let changed = if email {
        changed.hidden("email")
    } else {
        changed
    };
    record(&mut tx, now, &dossier, contact, &citizen.actor().name).await?;
    let (object, action) = (format!("dossier {dossier}"), Action::CitizenContact);
    let detail = changed.with(json!({}));
    access::audit::record(&mut tx, now, citizen.actor(), action, &object, None, detail).await?;
    tx.commit().await?;
    Ok(())
}
