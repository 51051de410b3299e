//! How the gateway is: status topic, metrics, systemd watchdog, the trust in its clock.
