//! Users, roles by area, sessions, tokens, audit log.
