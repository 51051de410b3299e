//! The office broker: every event out, in order and once; commands in.
