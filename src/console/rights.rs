//! Who may do what on the page, in one place: least privilege by role (R013). The rules decide about each step again
//! (`service`); this decides about routes and about whose records somebody may see at all.

use crate::journal::CaseRow;
use crate::service::card::{self, Viewer};
use crate::service::matter::Matter;
use crate::service::staff::Role;
use crate::service::{birthday, gathering};
use Role::{Auditor, Engineer, FrontDesk, Guard, ProjectManager, ShiftLeader, Supervisor};

/// What a route lets somebody do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Know himself, sign out, change post and secret.
    Self_,
    /// The live page; of what it holds, each sees his part.
    Look,
    /// Work: steps, new tickets, the call log, the silent alert.
    Work,
    /// The day's visitors, the muster list, release passes.
    Visitors,
    /// Who lives where, for whoever is asked for somebody at the counter, the gate or on the phone (R309).
    Directory,
    /// Begin and end a muster.
    Muster,
    /// Close and take over a shift.
    Shift,
    /// Figures (R008, R012).
    Figures,
    /// Records out of the house (R302, R308).
    Export,
    /// The month's birthdays, also as a file (R271).
    Birthdays,
}

impl Right {
    /// The table. The auditor reads everything and changes nothing (R012).
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Right::Self_ | Right::Look => &Role::ALL,
            Right::Work => &[FrontDesk, Guard, ShiftLeader, Engineer, Supervisor, ProjectManager],
            Right::Visitors => &[FrontDesk, Guard, ShiftLeader, Supervisor, ProjectManager, Auditor],
            Right::Directory => &[FrontDesk, Guard, ShiftLeader, Supervisor, ProjectManager],
            Right::Muster => &[FrontDesk, Guard, ShiftLeader, Supervisor, ProjectManager],
            Right::Shift => &[FrontDesk, Guard, ShiftLeader, Engineer, Supervisor],
            Right::Figures => &[FrontDesk, ShiftLeader, Supervisor, ProjectManager, Auditor],
            Right::Birthdays => &birthday::KEEPERS,
            Right::Export => &[Supervisor, ProjectManager, Auditor],
        }
    }

    pub fn is_of(self, role: Role) -> bool {
        self.roles().contains(&role)
    }
}

/// Whether a role works with matters of this kind; what it does not work with it sees only when a task asks its post.
pub fn works_with(role: Role, matter: &str) -> bool {
    match role {
        // R066: the command centre, which the shift leader runs by night, has the same queue as the front desk.
        // R271: whose birthday it is only those know who keep the list, and the auditor.
        ShiftLeader if matter == "birthday" => false,
        FrontDesk | ShiftLeader | Supervisor | ProjectManager | Auditor => true,
        Guard => matches!(
            matter,
            "call" | "help" | "emergency" | "visit" | "alarm" | "patrol" | "pass" | "custody" | "delivery" | "support"
        ),
        Engineer => matches!(matter, "repair" | "service"),
    }
}

/// Whether this person may see this case.
pub fn may_see(row: &CaseRow, viewer: &Viewer) -> bool {
    if matches!(&row.case.matter, Matter::Complaint(complaint) if complaint.delicate) {
        // R132: it may name whoever leads; nobody below the manager knows that it exists.
        return matches!(viewer.role, ProjectManager | Auditor);
    }
    works_with(viewer.role, row.case.matter.name()) || row.case.docket.tasks.iter().any(|task| card::asks(task, viewer))
}

/// What this role may open by hand. Calls, alarms, rounds and checks come from devices and the calendar.
pub fn may_open(role: Role, matter: &str) -> bool {
    match matter {
        "gathering" => gathering::PLANNERS.contains(&role),
        "birthday" => birthday::KEEPERS.contains(&role),
        _ => !matches!(matter, "call" | "alarm" | "patrol" | "check" | "support"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auditor_changes_nothing() {
        for right in [Right::Work, Right::Muster, Right::Shift] {
            assert!(!right.is_of(Auditor), "{right:?}");
        }
        assert!(Right::Export.is_of(Auditor) && Right::Figures.is_of(Auditor));
    }

    #[test]
    fn only_those_who_plan_open_a_gathering_and_only_those_who_keep_the_list_a_birthday() {
        let who = |matter: &str| Role::ALL.into_iter().filter(|role| may_open(*role, matter)).collect::<Vec<_>>();
        assert_eq!(who("gathering"), [Supervisor, ProjectManager]);
        assert_eq!(who("birthday"), [FrontDesk, Supervisor, ProjectManager]);
        assert!(!works_with(ShiftLeader, "birthday") && !works_with(Guard, "birthday"));
    }

    #[test]
    fn an_engineer_sees_repairs_and_neither_visitors_nor_complaints() {
        assert!(works_with(Engineer, "repair"));
        assert!(
            !works_with(Engineer, "visit") && !works_with(Engineer, "complaint") && !Right::Visitors.is_of(Engineer)
        );
    }
}
