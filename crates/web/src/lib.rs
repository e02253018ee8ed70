//! Pages and JSON interface.
