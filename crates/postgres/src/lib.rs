//! A PostgreSQL of the program's own, from the installed binaries, over a unix socket.
