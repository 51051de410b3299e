//! The building broker: device messages in, each acknowledged after it is on disk.
