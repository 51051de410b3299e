//! The kiosk's screen on a local web page; the mouse is the finger.
