//! People, households, events, facts, enrolments, identity state.
