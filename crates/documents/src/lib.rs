//! Excel in and out, and the paper forms handed to the PDF program.

pub mod payment_list;
