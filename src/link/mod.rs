//! One MQTT connection done right: back-off, acknowledged publish, acknowledgement after commit.
