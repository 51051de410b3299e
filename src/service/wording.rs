//! What may not be said to a resident (R194-R197 and others), in both scripts, with what to say instead. It looks at
//! staff's words before they are sent. It never changes them, and never looks at what residents say.

use super::case::Objection;
use super::contact::Text;
use serde::Serialize;

/// A phrase that must change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// As the table has it, in the script that was written.
    pub phrase: &'static str,
    /// What to say instead, simplified and traditional.
    pub replacement: &'static str,
    pub replacement_hant: &'static str,
    pub rule: &'static str,
    /// Bytes of the text, from and up to.
    pub at: (usize, usize),
    /// R196: offer to ask a leader instead of sending this.
    pub ask_leader: bool,
}

/// What to say instead.
struct Advice {
    rule: &'static str,
    hans: &'static str,
    hant: &'static str,
    ask_leader: bool,
}

/// R194, R195, R197; R196 and R198 have the words.
const ASK: Advice = Advice {
    rule: "R197",
    hans: "请让我请示我们经理，尽快答复您",
    hant: "請讓我請示我們經理，盡快答覆您",
    ask_leader: true,
};
/// R145, R197.
const MINE: Advice = Advice {
    rule: "R145",
    hans: "我来帮您转给负责的同事，并把结果告诉您",
    hant: "我來幫您轉給負責的同事，並把結果告訴您",
    ask_leader: true,
};
/// R142.
const DEVELOPER: Advice = Advice {
    rule: "R142",
    hans: "我来帮您联系有关部门，并把结果告诉您",
    hant: "我來幫您聯繫有關部門，並把結果告訴您",
    ask_leader: true,
};
/// R144.
const REFUSAL: Advice = Advice {
    rule: "R144",
    hans: "很抱歉，这件事不在我们的服务范围，您可以……",
    hant: "很抱歉，這件事不在我們的服務範圍，您可以……",
    ask_leader: true,
};
/// R194: 大包大揽.
const PROMISE: Advice = Advice {
    rule: "R194",
    hans: "我们会尽力处理，并在约定的时间告诉您结果",
    hant: "我們會盡力處理，並在約定的時間告訴您結果",
    ask_leader: false,
};
/// R190.
const THIRD: Advice =
    Advice { rule: "R190", hans: "那位先生/那位女士", hant: "那位先生/那位女士", ask_leader: false };
/// R193.
const HEY: Advice = Advice { rule: "R193", hans: "您好", hant: "您好", ask_leader: false };
/// R219, R220: nobody is blamed.
const BLAME: Advice =
    Advice {
        rule: "R219", hans: "麻烦您再确认一次，谢谢", hant: "麻煩您再確認一次，謝謝", ask_leader: false
    };
/// R122: not in a hurry to defend oneself.
const DEFENCE: Advice = Advice {
    rule: "R122",
    hans: "谢谢您告诉我们，很抱歉给您带来不便",
    hant: "謝謝您告訴我們，很抱歉給您帶來不便",
    ask_leader: false,
};
/// R124: neither pushed away nor admitted wholesale.
const SHIFT: Advice = Advice {
    rule: "R124",
    hans: "很抱歉给您添麻烦了，我们马上了解情况并告诉您下一步",
    hant: "很抱歉給您添麻煩了，我們馬上了解情況並告訴您下一步",
    ask_leader: false,
};
/// R217: R212 has the words.
const RUDE: Advice = Advice {
    rule: "R217",
    hans: "不好意思，我想我们可能是误会了",
    hant: "不好意思，我想我們可能是誤會了",
    ask_leader: false,
};
/// R218: R213 has the words.
const JOKE: Advice =
    Advice {
        rule: "R218", hans: "实在对不起，我不是那个意思", hant: "實在對不起，我不是那個意思", ask_leader: false
    };

/// Simplified, traditional, what to say instead. No phrase that stands inside an innocent word, but for those of
/// [`innocent`].
const TABLE: &[(&str, &str, &Advice)] = &[
    ("不知道", "不知道", &ASK),
    ("我不清楚", "我不清楚", &ASK),
    ("不清楚", "不清楚", &ASK),
    ("不是我的事", "不是我的事", &MINE),
    ("不关我的事", "不關我的事", &MINE),
    ("不关我们的事", "不關我們的事", &MINE),
    ("不归我管", "不歸我管", &MINE),
    ("不归我们管", "不歸我們管", &MINE),
    ("与我无关", "與我無關", &MINE),
    ("与我们无关", "與我們無關", &MINE),
    ("跟我没关系", "跟我沒關係", &MINE),
    ("找开发商", "找開發商", &DEVELOPER),
    ("找开发公司", "找開發公司", &DEVELOPER),
    ("找发展商", "找發展商", &DEVELOPER),
    ("问开发商", "問開發商", &DEVELOPER),
    ("问开发公司", "問開發公司", &DEVELOPER),
    ("是开发商的事", "是開發商的事", &DEVELOPER),
    ("是开发公司的事", "是開發公司的事", &DEVELOPER),
    ("办不到", "辦不到", &REFUSAL),
    ("管不了", "管不了", &REFUSAL),
    ("包在我身上", "包在我身上", &PROMISE),
    ("保证没问题", "保證沒問題", &PROMISE),
    ("绝对没问题", "絕對沒問題", &PROMISE),
    ("肯定没问题", "肯定沒問題", &PROMISE),
    ("百分之百保证", "百分之百保證", &PROMISE),
    ("什么都能办", "什麼都能辦", &PROMISE),
    ("他", "他", &THIRD),
    ("她", "她", &THIRD),
    ("喂", "喂", &HEY),
    ("您填错", "您填錯", &BLAME),
    ("你填错", "你填錯", &BLAME),
    ("您弄错", "您弄錯", &BLAME),
    ("你弄错", "你弄錯", &BLAME),
    ("您搞错", "您搞錯", &BLAME),
    ("你搞错", "你搞錯", &BLAME),
    ("是您的错", "是您的錯", &BLAME),
    ("是你的错", "是你的錯", &BLAME),
    ("您自己的问题", "您自己的問題", &BLAME),
    ("你自己的问题", "你自己的問題", &BLAME),
    ("你怎么不", "你怎麼不", &BLAME),
    ("您怎么不", "您怎麼不", &BLAME),
    ("我们没有错", "我們沒有錯", &DEFENCE),
    ("我们没错", "我們沒錯", &DEFENCE),
    ("早就说过", "早就說過", &DEFENCE),
    ("已经跟您说过", "已經跟您說過", &DEFENCE),
    ("已经跟你说过", "已經跟你說過", &DEFENCE),
    ("不是我们的责任", "不是我們的責任", &SHIFT),
    ("不怪我们", "不怪我們", &SHIFT),
    ("不能怪我们", "不能怪我們", &SHIFT),
    ("是别的部门的", "是別的部門的", &SHIFT),
    ("都是我们的错", "都是我們的錯", &SHIFT),
    ("全是我们的错", "全是我們的錯", &SHIFT),
    ("完全是我们的责任", "完全是我們的責任", &SHIFT),
    ("无理取闹", "無理取鬧", &RUDE),
    ("不讲道理", "不講道理", &RUDE),
    ("不讲理", "不講理", &RUDE),
    ("你懂什么", "你懂什麼", &RUDE),
    ("爱信不信", "愛信不信", &RUDE),
    ("随便你", "隨便你", &RUDE),
    ("随便您", "隨便您", &RUDE),
    ("神经病", "神經病", &RUDE),
    ("乡巴佬", "鄉巴佬", &RUDE),
    ("乡下人", "鄉下人", &RUDE),
    ("王八蛋", "王八蛋", &RUDE),
    ("混蛋", "混蛋", &RUDE),
    ("滚蛋", "滾蛋", &RUDE),
    ("滚出去", "滾出去", &RUDE),
    ("白痴", "白癡", &RUDE),
    ("笨蛋", "笨蛋", &RUDE),
    ("傻瓜", "傻瓜", &RUDE),
    ("傻子", "傻子", &RUDE),
    ("聋子", "聾子", &RUDE),
    ("残废", "殘廢", &RUDE),
    ("他妈的", "他媽的", &RUDE),
    ("开个玩笑", "開個玩笑", &JOKE),
    ("开玩笑的", "開玩笑的", &JOKE),
];

/// Characters before 他 and 她 that make another word of it: 其他, 吉他, 维他命, 马耳他, 利他, 排他.
const BEFORE_THIRD: &str = "其吉维維耳利排无無";
/// Characters after it that do: 他们 speaks of several; 他人, 他乡, 他日, 他国, 他处, 他山, 他律, 他杀, 他项, 他用.
const AFTER_THIRD: &str = "们們人乡鄉日国國处處山律杀殺项項用";
/// 听不清楚 and the like speak of hearing and seeing (R220 asks so).
const BEFORE_UNCLEAR: &str = "听聽看拍照写寫说說讲講印录錄拍显顯";
/// After 喂 as an address; before food it is to feed.
const AFTER_HEY: &str = "你您喂先女小";

/// What parts clauses: full width as Chinese is written, and as a keyboard in a hurry gives them.
const CLAUSE_ENDS: &str = "。、\u{ff0c}\u{ff01}\u{ff1f}\u{ff1b}\u{ff1a},!?;:\n";

/// One character that counts, and where it stands.
#[derive(Clone, Copy)]
struct Letter {
    c: char,
    from: usize,
    to: usize,
    /// The number of its clause: a phrase does not reach over a comma or a full stop.
    clause: u32,
}

/// Every phrase that may not be said, in the order of the text. Spaces, dots and dashes between characters hide nothing.
pub fn lint(text: &str) -> Vec<Hit> {
    let letters = letters(text);
    let mut hits = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let found = TABLE.iter().filter_map(|entry| at_this(&letters, at, entry)).max_by_key(|(_, length)| *length);
        match found {
            Some((hit, length)) => {
                hits.push(hit);
                at += length;
            }
            None => at += 1,
        }
    }
    hits
}

/// What every step checks that carries words to a resident.
///
/// # Errors
/// [`Objection::Wording`] when there is a hit; the page has shown it before (R195).
pub fn passes(text: &Text) -> Result<(), Objection> {
    if lint(text.as_str()).is_empty() { Ok(()) } else { Err(Objection::Wording) }
}

fn letters(text: &str) -> Vec<Letter> {
    let mut clause = 0;
    let mut letters = Vec::new();
    for (from, c) in text.char_indices() {
        if c.is_alphanumeric() {
            letters.push(Letter { c, from, to: from + c.len_utf8(), clause });
        } else if CLAUSE_ENDS.contains(c) {
            clause += 1;
        }
    }
    letters
}

fn at_this(letters: &[Letter], at: usize, entry: &'static (&str, &str, &Advice)) -> Option<(Hit, usize)> {
    let (hans, hant, advice) = *entry;
    let phrase = [hans, hant].into_iter().find(|phrase| starts(&letters[at..], phrase))?;
    let length = phrase.chars().count();
    if innocent(letters, at, length, phrase) {
        return None;
    }
    let hit = Hit {
        phrase,
        replacement: advice.hans,
        replacement_hant: advice.hant,
        rule: advice.rule,
        at: (letters[at].from, letters[at + length - 1].to),
        ask_leader: advice.ask_leader,
    };
    Some((hit, length))
}

fn starts(letters: &[Letter], phrase: &str) -> bool {
    let mut found = letters.iter();
    let clause = letters.first().map(|letter| letter.clause);
    phrase.chars().all(|c| found.next().is_some_and(|letter| letter.c == c && Some(letter.clause) == clause))
}

/// Whether its neighbours make another word of it.
fn innocent(letters: &[Letter], at: usize, length: usize, phrase: &str) -> bool {
    let clause = letters[at].clause;
    let same = |letter: &&Letter| letter.clause == clause;
    let before = at.checked_sub(1).and_then(|at| letters.get(at)).filter(same).map(|letter| letter.c);
    let after = letters.get(at + length).filter(same).map(|letter| letter.c);
    match phrase {
        "他" | "她" => {
            before.is_some_and(|c| BEFORE_THIRD.contains(c)) || after.is_some_and(|c| AFTER_THIRD.contains(c))
        }
        "喂" => before.is_some() || after.is_some_and(|c| !AFTER_HEY.contains(c)),
        "不清楚" => before.is_some_and(|c| BEFORE_UNCLEAR.contains(c)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn phrases(text: &str) -> Vec<&'static str> {
        lint(text).into_iter().map(|hit| hit.phrase).collect()
    }

    #[test]
    fn what_may_not_be_said_is_found_in_both_scripts() {
        assert_eq!(phrases("对不起,我不清楚。"), ["我不清楚"]);
        assert_eq!(phrases("這與我無關,您去找開發商吧"), ["與我無關", "找開發商"]);
        assert_eq!(phrases("喂!您找哪一位?"), ["喂"]);
        assert_eq!(phrases("喂,你好"), ["喂"]);
        assert_eq!(phrases("他现在不在"), ["他"]);
        assert_eq!(phrases("是您填错了"), ["您填错"]);
        assert_eq!(phrases("包在我身上!"), ["包在我身上"]);
        assert_eq!(phrases("你不讲道理"), ["不讲道理"]);
        for (hans, hant, _) in TABLE {
            assert!(!lint(hans).is_empty() && !lint(hant).is_empty(), "{hans} {hant}");
        }
    }

    #[test]
    fn spaces_and_dots_between_the_characters_hide_nothing() {
        assert_eq!(phrases("不 知 道"), ["不知道"]);
        assert_eq!(phrases("不-知·道"), ["不知道"]);
        assert_eq!(phrases("不\u{200b}清*楚"), ["不清楚"]);
    }

    #[test]
    fn innocent_words_pass() {
        for text in [
            "请您到一楼喂奶室休息",
            "可以在这里喂养小猫吗",
            "小区里喂鸽子请注意卫生",
            "还有其他问题吗",
            "請問還有其他需要嗎",
            "吉他课在周六",
            "他们马上就到",
            "他人不得代领",
            "请勿向他人透露门禁密码",
            "维他命水在一楼",
            "不好意思,我听不清楚,麻烦您再说一次",
            "照片看不清楚,麻烦您再拍一张",
            "不,知道的朋友请到前台登记",
            "不，知道的朋友请到前台登记",
            "那位先生现在不在,您能留下口讯吗?",
            "请让我请示我们经理,看是否能帮您解决。",
            "实在对不起,我不是那个意思",
            "妈妈的钥匙已登记",
        ] {
            assert_eq!(phrases(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn every_hit_says_what_to_say_instead_and_where() {
        let text = "您好,不知道。";
        let hit = &lint(text)[0];
        assert_eq!(&text[hit.at.0..hit.at.1], "不知道");
        assert!(hit.ask_leader, "ask a leader instead (R196)");
        for (hans, _, advice) in TABLE {
            assert!(lint(advice.hans).is_empty() && lint(advice.hant).is_empty(), "the advice for {hans} is no better");
            assert!(advice.rule.starts_with('R') && !advice.hans.is_empty() && !advice.hant.is_empty());
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_every_place_is_in_the_text(text in "[不知道清楚他喂其。, a-z]{0,40}") {
            for hit in lint(&text) {
                prop_assert!(text.get(hit.at.0..hit.at.1).is_some());
            }
        }
    }
}
