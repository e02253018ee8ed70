//! Writing messages, in the transaction of whatever they tell of.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::contact::is_phone;
use crate::{Channel, Refused};

/// A message to be written.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Identity of what it tells of: a second message of the same cause is not written.
    pub cause: Uuid,
    /// Code of the template.
    pub template: String,
    /// What it belongs to: messages of one thread are sent in the order they were written.
    pub thread: String,
    /// Commune it concerns: code and first day.
    pub area: (String, Date),
    /// Heading.
    pub subject: String,
    /// The words, at most [`crate::template::LONGEST`] letters.
    pub body: String,
    /// The channel wished; `None` for the best there is.
    pub wish: Option<Channel>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
}

impl NewMessage {
    /// The channel it sets out on: the one wished if it can be used, else the best there is.
    fn channel(&self) -> Channel {
        let usable = |channel: &Channel| match channel {
            Channel::Sms | Channel::Zalo => self.phone.as_deref().is_some_and(is_phone),
            Channel::Email => self.email.is_some(),
            Channel::Letter => true,
        };
        let best = [Channel::Sms, Channel::Email, Channel::Letter];
        let mut choices = self.wish.into_iter().chain(best);
        choices.find(usable).unwrap_or(Channel::Letter)
    }
}

/// Writes messages to the outbox, in the caller's transaction. Returns how many were new: of those
/// with a cause told of before nothing is written.
///
/// # Errors
/// Those of the database.
pub async fn write(
    tx: &mut PgConnection,
    at: Timestamp,
    written_by: &str,
    messages: &[NewMessage],
) -> Result<u64, Refused> {
    if messages.is_empty() {
        return Ok(0);
    }
    let text = |of: fn(&NewMessage) -> &String| messages.iter().map(of).cloned().collect();
    let (templates, threads): (Vec<String>, Vec<String>) =
        (text(|it| &it.template), text(|it| &it.thread));
    let (subjects, bodies): (Vec<String>, Vec<String>) =
        (text(|it| &it.subject), text(|it| &it.body));
    let areas: Vec<String> = text(|it| &it.area.0);
    let since: Vec<jiff_sqlx::Date> = messages.iter().map(|it| it.area.1.to_sqlx()).collect();
    let causes: Vec<Uuid> = messages.iter().map(|it| it.cause).collect();
    let ids: Vec<Uuid> = messages.iter().map(|_| Uuid::new_v4()).collect();
    let phones = messages
        .iter()
        .map(|it| it.phone.clone().filter(|phone| is_phone(phone)));
    let phones: Vec<Option<String>> = phones.collect();
    let emails: Vec<Option<String>> = messages.iter().map(|it| it.email.clone()).collect();
    let channels = messages.iter().map(|it| it.channel().code().to_owned());
    let channels: Vec<String> = channels.collect();
    let written = sqlx::query!(
        "with given as (
             select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[],
                                  $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
                 with ordinality as given(message_id, cause, template, thread, area_code,
                                          area_valid_from, subject, body, phone, email, channel, place)),
         written as (
             insert into message (message_id, cause, template, thread, area_code, area_valid_from, subject,
                                  body, phone, email, written_by, written_at)
             select message_id, cause, template, thread, area_code, area_valid_from, subject, body, phone,
                    email, $12, $13 from given order by place
             on conflict (cause) do nothing returning message_no, message_id)
         insert into message_delivery (message_no, state, channel, due_at, changed_at)
         select message_no, 'waiting', channel, $13, $13 from written join given using (message_id)",
        &ids,
        &causes,
        &templates,
        &threads,
        &areas,
        &since as _,
        &subjects,
        &bodies,
        &phones as _,
        &emails as _,
        &channels,
        written_by,
        at.to_sqlx() as _
    )
    .execute(tx)
    .await?;
    Ok(written.rows_affected())
}
