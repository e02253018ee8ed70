//! What citizens and officers hold in their hands: look-up codes, scans, letters, numbers.

mod attachment;
mod desk;
mod letter;
mod lookup;
mod register;
