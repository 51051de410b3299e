//! The 29 convenience services (R266) and the requests of the customer service that go the same way (R039-R042, R044,
//! R047), and what the company's list says that they cost. One price stands in the regulations: 1 to 20 yuan a time for number 29,
//! without material (R261). Nothing here is called free: the company has not said so.

use crate::service::price::{Prices, Range};
use serde::{Deserialize, Serialize};

/// What it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Price {
    /// By the company's list.
    Listed(Range),
    /// The company's list says nothing of it.
    Unset,
    /// Asked of whoever sells it: an airline, a hotel, an agency.
    ThirdParty,
}

/// One line of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// As it stands in events and on the page: `29`, `parking-lease`.
    pub code: &'static str,
    /// As the regulation prints it.
    pub name: &'static str,
    /// Before the company's list is looked at.
    pub price: Price,
    /// R272: agreed by phone, never booked at once.
    pub by_phone: bool,
    /// R041, R042: papers are reviewed first.
    pub reviewed: bool,
    /// Needs somebody in the home.
    pub at_home: bool,
}

const fn entry(code: &'static str, name: &'static str, price: Price) -> Entry {
    Entry { code, name, price, by_phone: false, reviewed: false, at_home: false }
}

const fn at_home(code: &'static str, name: &'static str) -> Entry {
    Entry { at_home: true, ..entry(code, name, Price::Unset) }
}

pub const CATALOGUE: [Entry; 36] = [
    entry("01", "邮件收递", Price::Unset),
    entry("02", "代办车友俱乐部入会", Price::ThirdParty),
    entry("03", "酒店、旅游代订", Price::ThirdParty),
    entry("04", "代订报刊杂志", Price::ThirdParty),
    Entry { by_phone: true, ..entry("05", "代订车、船票、飞机票", Price::ThirdParty) },
    entry("06", "水站", Price::ThirdParty),
    entry("07", "房屋租售", Price::Unset),
    entry("08", "租车", Price::ThirdParty),
    entry("09", "节日礼物代订", Price::ThirdParty),
    entry("10", "干洗衣物上门取/送", Price::ThirdParty),
    entry("11", "代办电话/网络开户委托设点", Price::ThirdParty),
    entry("12", "组织节日庆祝活动", Price::Unset),
    entry("13", "公司派对及礼仪", Price::Unset),
    at_home("14", "安装玻璃"),
    at_home("15", "安装排风扇"),
    at_home("16", "安装空调"),
    at_home("17", "安装灯具等"),
    at_home("18", "安装洗手间洁具"),
    at_home("19", "室内绿化租摆"),
    entry("20", "代接代送客人", Price::Unset),
    at_home("21", "木地板打蜡"),
    entry("22", "市内收发传真", Price::Unset),
    entry("23", "中英文打字", Price::Unset),
    at_home("24", "检修电路"),
    at_home("25", "修理窗、帘、拉帘等"),
    at_home("26", "疏通下水管道"),
    at_home("27", "修理/更换电表、水表"),
    at_home("28", "修理、更换开关、插座、电话盒"),
    Entry { at_home: true, ..entry("29", "修理更换灯泡、日光灯管、灯罩", Price::Unset) },
    // R039, R040, R041, R043, R044, R047.
    entry("parking-lease", "车位租赁、使用协议", Price::Unset),
    entry("utility-opening", "电话、光纤、煤气、宽带开通", Price::ThirdParty),
    entry("bill-collection", "费用代收代缴", Price::ThirdParty),
    Entry { reviewed: true, ..entry("decoration", "装修手续", Price::Unset) },
    entry("entrust-let", "委托租售", Price::Unset),
    entry("move-in", "零星入伙", Price::Unset),
    entry("overtime-air", "加时空调", Price::Unset),
];

/// One of the catalogue, by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Item(&'static Entry);

impl Item {
    pub fn of(code: &str) -> Option<Self> {
        CATALOGUE.iter().find(|entry| entry.code == code).map(Item)
    }

    pub const fn entry(self) -> &'static Entry {
        self.0
    }

    /// What it costs by this list.
    pub fn price(self, list: &Prices) -> Price {
        match (self.0.price, list.0.get(self.0.code)) {
            (Price::Unset, Some(range)) => Price::Listed(*range),
            (price, _) => price,
        }
    }
}

impl TryFrom<String> for Item {
    type Error = String;

    fn try_from(code: String) -> Result<Self, String> {
        Item::of(&code).ok_or_else(|| format!("the catalogue has no service \"{code}\""))
    }
}

impl From<Item> for String {
    fn from(item: Item) -> String {
        item.0.code.to_owned()
    }
}
