//! The wiring: the story of the machine from power-on to shutdown.
