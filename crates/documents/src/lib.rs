//! Excel in and out, and the paper forms handed to the PDF program.
