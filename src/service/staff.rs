//! Who acts: the roles that the regulations name, and the person, post or machine behind a step. Rights are decided
//! here and in the rules, never on the page that shows the buttons.

use crate::event::{Data, Slug};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What a member of staff may do; each role has its least privilege.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// 前台接待 / 客服专员: owns a ticket from intake to its end (R001), calls back.
    FrontDesk,
    /// 保安员: calls, doors, visitors, patrols.
    Guard,
    /// 保安部值班班长 / 领班: names people for an emergency (R157), takes over from a silent post (R014).
    ShiftLeader,
    /// 维修人员: confirms the fault, does the work (R005).
    Engineer,
    /// 主管: checks and signs (R068, R299), reviews fees (R259). The CS manager's rights where a site has none.
    Supervisor,
    /// 项目经理: end of every ladder (R059), consents to a re-appointment (R060), signs the month (R300).
    ProjectManager,
    /// 监督小组: reads everything, changes nothing (R012).
    Auditor,
}

impl Role {
    pub const ALL: [Role; 7] = [
        Role::FrontDesk,
        Role::Guard,
        Role::ShiftLeader,
        Role::Engineer,
        Role::Supervisor,
        Role::ProjectManager,
        Role::Auditor,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Role::FrontDesk => "front-desk",
            Role::Guard => "guard",
            Role::ShiftLeader => "shift-leader",
            Role::Engineer => "engineer",
            Role::Supervisor => "supervisor",
            Role::ProjectManager => "project-manager",
            Role::Auditor => "auditor",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// May take and give tasks of every post, not only of the one where they stand.
    pub const fn leads(self) -> bool {
        matches!(self, Role::ShiftLeader | Role::Supervisor | Role::ProjectManager)
    }
}

/// A person as cards and slips name him (R016, R053). A name without an id was told by radio or phone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct Named {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Slug>,
    pub name: String,
}

/// Never prints the name: it would end in a log.
impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Named({})", self.id.as_ref().map_or("…", Slug::as_str))
    }
}

/// By which way a step came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    Kiosk,
    Page,
    Mqtt,
    Daemon,
    Office,
}

impl Via {
    pub const fn name(self) -> &'static str {
        match self {
            Via::Kiosk => "kiosk",
            Via::Page => "page",
            Via::Mqtt => "mqtt",
            Via::Daemon => "daemon",
            Via::Office => "office",
        }
    }
}

/// Who takes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// `None` for people at the glass and for machines.
    pub role: Option<Role>,
    pub who: Option<Named>,
    /// Where a member of staff stands now.
    pub post: Option<Slug>,
    pub via: Via,
}

impl Actor {
    /// Somebody at the kiosk: a visitor or a resident.
    pub const GUEST: Actor = Actor { role: None, who: None, post: None, via: Via::Kiosk };
    /// A deadline, a device: the daemon itself.
    pub const DAEMON: Actor = Actor { role: None, who: None, post: None, via: Via::Daemon };

    pub fn staff(id: Slug, name: String, role: Role, post: Option<Slug>, via: Via) -> Self {
        Actor { role: Some(role), who: Some(Named { id: Some(id), name }), post, via }
    }

    pub fn is(&self, roles: &[Role]) -> bool {
        self.role.is_some_and(|role| roles.contains(&role))
    }

    /// What an event says of who did it: the id and the way; the name goes to the event's person.
    pub fn facts(&self) -> Data {
        let mut facts = crate::event::data([("via", json!(self.via.name()))]);
        if let Some(id) = self.who.as_ref().and_then(|who| who.id.as_ref()) {
            facts.insert("by".into(), json!(id));
        }
        if let Some(post) = &self.post {
            facts.insert("post".into(), json!(post));
        }
        facts
    }
}
