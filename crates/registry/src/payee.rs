//! Who receives a person's money: what there is to look at again, changes of it, and the lists
//! that providers return after opening accounts.
//!
//! A receiver is what `payee_set` and `payee_wish` say; nothing here is kept beside those events.

pub mod concern;
mod list;
mod set;
mod work;

pub use concern::{Concern, Receiver};
pub use list::{PayeeList, ReadList, form, record_list};
pub use set::{PayeeForm, check_form};
pub use work::{Count, Item, Part, WorkList, of_person, work_list};
