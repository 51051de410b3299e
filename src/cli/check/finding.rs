//! What `lobbyd check` found: data first, then as text for a person and as JSON for a program. Never holds a secret.

use serde_json::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Ok,
    /// Works today, and will bite.
    Warning,
    /// Does not work.
    Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Area {
    Configuration,
    Board,
    Devices,
    DataDir,
    Journal,
    Backup,
    Permissions,
    Clock,
    Fonts,
    Service,
    Certificates,
    Handbook,
    Console,
    Building,
    Office,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub area: Area,
    pub level: Level,
    pub what: String,
    /// How to mend it, or to make it better.
    pub remedy: Option<String>,
}

impl Finding {
    pub fn ok(area: Area, what: impl Into<String>) -> Self {
        Finding { area, level: Level::Ok, what: what.into(), remedy: None }
    }

    /// Nothing is wrong, and it could be better.
    pub fn hint(area: Area, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding { area, level: Level::Ok, what: what.into(), remedy: Some(remedy.into()) }
    }

    pub fn warning(area: Area, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding { area, level: Level::Warning, what: what.into(), remedy: Some(remedy.into()) }
    }

    pub fn fault(area: Area, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding { area, level: Level::Fault, what: what.into(), remedy: Some(remedy.into()) }
    }
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Fault => "fault",
        }
    }
}

impl Area {
    const fn name(self) -> &'static str {
        match self {
            Area::Configuration => "configuration",
            Area::Board => "board",
            Area::Devices => "devices",
            Area::DataDir => "data_dir",
            Area::Journal => "journal",
            Area::Backup => "backup",
            Area::Permissions => "permissions",
            Area::Clock => "clock",
            Area::Fonts => "fonts",
            Area::Service => "service",
            Area::Certificates => "certificates",
            Area::Handbook => "handbook",
            Area::Console => "console",
            Area::Building => "building",
            Area::Office => "office",
        }
    }
}

/// One line a finding, its remedy below it, and the sum at the end.
pub(super) fn to_text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { area, level, what, remedy } in findings {
        text += &format!("{:<8} {:<14} {what}\n", level.name(), area.name());
        if let Some(remedy) = remedy {
            text += &format!("{:<23} to mend: {remedy}\n", "");
        }
    }
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    text + &format!("faults: {}, warnings: {}\n", count(Level::Fault), count(Level::Warning))
}

pub(super) fn to_json(findings: &[Finding]) -> String {
    let faulty = findings.iter().any(|finding| finding.level == Level::Fault);
    let entries: Vec<_> = findings
        .iter()
        .map(|f| json!({ "area": f.area.name(), "level": f.level.name(), "what": f.what, "remedy": f.remedy }))
        .collect();
    json!({ "ok": !faulty, "findings": entries }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_printed_with_its_remedy_and_counted() {
        let findings = [Finding::ok(Area::Board, "known"), Finding::fault(Area::Clock, "not set", "install chrony")];
        let text = to_text(&findings);
        assert!(
            text.contains("fault    clock          not set\n") && text.contains("to mend: install chrony"),
            "{text}"
        );
        assert!(text.ends_with("faults: 1, warnings: 0\n"));
        assert!(to_json(&findings).contains("\"ok\":false"));
    }
}
