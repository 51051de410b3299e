//! Time zones as people write them, and the name that the tz database wants instead.

use super::error::nearest;

/// What people in China write for the one zone of the mainland.
const MEANS_SHANGHAI: &[&str] =
    &["beijing", "shenzhen", "guangzhou", "chengdu", "wuhan", "china", "cst", "gmt+8", "utc+8", "utc+08:00", "+08:00"];

/// What to write instead of `written`.
pub(super) fn suggest(written: &str) -> String {
    let city = written.rsplit('/').next().unwrap_or(written).to_lowercase();
    if MEANS_SHANGHAI.contains(&city.as_str()) {
        return "the whole of mainland China is \"Asia/Shanghai\"".into();
    }
    match nearest(written, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name())) {
        Some(zone) => format!("did you mean \"{zone}\"?"),
        None => "write a name of the tz database, such as \"Asia/Shanghai\"".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beijing_is_told_its_zone_and_a_slip_its_name() {
        assert!(suggest("Asia/Beijing").contains("Asia/Shanghai"));
        assert!(suggest("GMT+8").contains("Asia/Shanghai"));
        assert!(suggest("Asia/Shangai").contains("\"Asia/Shanghai\""));
        assert!(suggest("?").contains("such as"));
    }
}
