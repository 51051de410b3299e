// What staff say to people, word by word as the regulations have it (R161-R231), and the checklists that go with the work
// (R152, R248-R257). One line a sentence: the number of its rule, Chinese, English. 他/她 is never said of a person who is
// sought (R190), 喂 never (R193). {gaps} are filled with what the card knows: {who} is 王先生, or 先生/女士 where no
// surname is known (R188, R189).

export const SCRIPTS = {
  // Calls and the phone.
  "say.answer": ["您好！{site}服务中心。", "Hello, {site} service centre."], // R225
  "say.who-sought": ["请问您找哪一位？", "Whom would you like to see?"], // R161, R174
  "say.what-matter": ["请问您有什么事？", "What can I do for you?"], // R174
  "say.can-help": ["请问有什么可以帮您的吗？", "How may I help you?"], // R174
  "say.transfer": ["请您稍等，我帮您转接。", "One moment please, I will connect you."], // R226
  "say.hold": ["对不起，我需要离开一下，请您稍等，好吗？", "I am sorry, may I ask you to hold for a moment?"], // R230
  "say.resident": ["您好！某某先生／女士，您回来了。", "Good day, Mr or Ms …, welcome home."], // R181, R192
  "say.back": ["对不起，让您久等了。", "I am sorry to have kept you waiting."], // R200, R201, R230
  "say.call-end": ["谢谢，再见。", "Thank you, goodbye."], // R227
  "say.call-last": ["请等对方先挂机，再轻轻挂断。", "Let the caller hang up first."], // R228
  "say.putonghua": ["对不起，请您用普通话，好吗？", "I am sorry, could you speak Putonghua, please?"], // R229
  "say.outbound": ["您好！我是{site}服务中心的{me}。请问是{who}吗？", "Hello, this is {me} of the {site} service centre. Is that {who}?"], // R231
  "say.outbound-visit": ["有一位客人在大堂，想拜访您。您现在方便吗？", "A guest is in the lobby and would like to see you. Is this a good time?"], // R163, R231
  "say.outbound-repair": ["关于您报修的事，想向您回访一下，现在方便吗？", "May I ask how the repair went? Is this a good time?"], // R231
  // Visitors.
  "say.calling-host": ["请稍等，我帮您联系。", "One moment please, I am calling."], // R163
  "say.host-comes": ["您要拜访的{who}马上来，请您先稍等一下，好吗？", "{who} will be here in a moment. Would you wait, please?"], // R164
  "say.not-here": ["对不起，那位先生/女士现在不在，您能留下名片或口讯吗？", "I am sorry, that gentleman or lady is not in. Would you leave a card or a message?"], // R169, R170, R190
  "say.safety": ["对不起，先生/女士，这是为了业主的安全，请理解。", "I am sorry, this is for the safety of the residents. Thank you for understanding."], // R165
  "say.safety-on": ["先生/女士，这是为了业主的安全，请理解。", "This is for the safety of the residents. Thank you for understanding."], // R165 after R200: one apology
  "say.ask-butler": ["先生/女士，请稍后，让我请示一下好吗？", "One moment please, may I ask?"], // R166
  "say.butler-called": ["已呼叫客服管家，由客服管家决定。", "The butler has been called and decides."], // R167
  "say.welcome": ["谢谢您的合作，欢迎光临。", "Thank you for your help, and welcome."], // R168
  "say.show-card": ["您好，请您出示门禁卡。谢谢！", "Hello, please show your access card. Thank you."], // R162, R202
  "say.please-sit": ["您请坐，请稍等。", "Please take a seat for a moment."], // R176
  "say.busy": ["对不起，请稍等。", "I am sorry, one moment please."], // R175
  "say.second": ["看到您了，请稍候。", "I have seen you. I will be with you in a moment."], // R178
  "say.leaving-you": ["请稍候，我去处理一下，马上就过来。", "One moment, I will see to it and be right back."], // R199
  "say.turn-away": ["很抱歉，这种情况，服务中心的规定是这样的。给您添麻烦了，请您理解。", "I am very sorry, these are the rules of the service centre. Thank you for understanding."], // R179, R211
  "say.farewell-visit": ["欢迎您再来，再见！您慢走。", "You are welcome any time. Goodbye!"], // R171, R177
  "say.farewell-opinion": ["再次谢谢您提的意见，再见！", "Thank you again for telling us. Goodbye!"], // R205
  "say.farewell-call": ["再次谢谢您的电话，再见！", "Thank you again for calling. Goodbye!"], // R205
  "say.anything-else": ["您有别的事吗？", "Is there anything else?"], // R209
  // Courtesy.
  "say.five": ["您好 · 请 · 谢谢 · 对不起 · 再见", "Hello · please · thank you · sorry · goodbye"], // R206
  "say.thanks-taken": ["谢谢。", "Thank you."], // R202
  "say.no-thanks-needed": ["不用谢。不客气，没关系。", "You are welcome."], // R203, R281
  "say.sorry": ["对不起，请原谅，打扰您了。", "I am sorry to have disturbed you."], // R207
  "say.sorry-trouble": ["请原谅，给您添麻烦了。", "Please forgive the trouble."], // R204
  "say.understood": ["好的，我明白了。这是我应该做的。", "Certainly, I understand. It is my job."], // R208
  "say.propose": ["……，您看这样好不好？", "… Would that suit you?"], // R210
  "say.explain": ["很抱歉，这种情况，服务中心的规定是这样的。", "I am very sorry, in this case our rules are as follows."], // R211
  "say.misunderstood": ["不好意思，我想我们可能是误会了。", "I am sorry, I think we have misunderstood each other."], // R212
  "say.not-meant": ["实在对不起，我不是那个意思。", "I am truly sorry, I did not mean it that way."], // R213
  "say.repeat": ["对不起，麻烦您再说一遍，好吗？", "I am sorry, could you say that once more?"], // R220
  "say.extra": ["对不起，打扰您了……谢谢！", "I am sorry to trouble you… Thank you!"], // R221
  "say.door-open": ["您有困难请直接说，但愿我能给您帮助。", "Please tell me what is wrong; I hope I can help."], // R258
  "say.unsolved": ["请让我请示我们经理，看是否能帮您解决。我会把您的意见及时完整地向经理汇报，请您留下电话或手机号码。", "Let me ask our manager. I will report everything you said at once; please leave a phone number."], // R198, R037
  "say.gift": ["谢谢您的好意，服务中心有规定不能收取，请您理解。", "Thank you, you are very kind, but our rules do not allow it."], // R215, R257, R265
  // Hard moments, at the post.
  "say.respect": ["请尊重我们的工作，先生/女士。", "Please respect our work."], // R214
  "say.stop": ["先生/女士，请留步。", "Excuse me, please wait a moment."], // R216
  "say.cooperate": ["先生/女士，请您配合一下我们的工作，谢谢。", "May I ask for your cooperation? Thank you."], // R216
  "say.calm": ["先生/女士，请您不要着急，有话慢慢说。", "Please take your time and tell me slowly."], // R216
  "say.on-duty": ["对不起，我们有规定，执勤时不能离开岗位。我马上请同事过来。", "I am sorry, I may not leave this post on duty. I will call a colleague at once."], // R015, R216
  "say.no-argument": ["不争辩，不开玩笑，不取外号，不评论外表。", "Do not argue, joke, give nicknames or comment on looks."], // R217, R218, R219
  "say.short": ["话要简洁，一次只问一件事。", "Be brief: one question at a time."], // R222
  "say.at-door": ["您好，我是{site}物业的维修人员{me}，来为您维修。", "Hello, I am {me}, the technician of {site}. I have come about your repair."], // R250
  // Things that leave the building.
  "say.carry-greet": ["先生/女士，您好！搬这么多东西，辛苦了。", "Hello! That is a lot to carry."], // R278
  "say.carry-pass": ["对不起，请出示放行条。", "I am sorry, may I see the release pass?"], // R279
  "say.carry-help": ["需要我帮您搬吗？", "May I help you carry?"], // R280
  // An emergency: nobody gives medical advice (R153).
  "say.patient-gate": ["我们会安排人员在小区入口处接应救护车，给救护车带路。", "Somebody of ours will meet the ambulance at the gate and show the way."], // R154
  "say.patient-more": ["请问您还需要别的帮助吗？", "Is there anything else you need?"], // R160
  // Apologies for a promise that was not kept.
  "say.late": ["答应您的时间没有做到，实在对不起。", "We did not keep the time we promised. We are truly sorry."], // R090, R204
  "say.thanks-first": ["谢谢您告诉我们。给您带来不便，非常抱歉。", "Thank you for telling us. We are very sorry for the trouble."], // R115

  // Checklists.
  "check.family": ["请家属同往", "A relative comes along"], // R152
  "check.bring": ["带好身份证、医保卡、病历和常用药", "Identity card, insurance card, records, usual medicine"], // R152
  "check.no-advice": ["不给医疗建议，听120的", "No medical advice: 120 advises"], // R153
  "check.knock": ["敲门三下一组；无人应答等五分钟再敲", "Knock in threes; wait five minutes, knock again"], // R096, R248
  "check.card": ["佩戴工作卡，先报姓名和来意", "Wear your badge; say your name and why you come"], // R016, R250, R251
  "check.tools": ["带齐工具、材料和资料", "Tools, material and papers are with you"], // R247
  "check.sign": ["公共区域摆放警示牌", "Warning sign in common areas"], // R253
  "check.cover": ["地面铺好保护垫", "Floor covered"], // R254
  "check.restored": ["现场清理干净，恢复原样", "Place cleaned and restored"], // R255
  "check.rubbish": ["维修垃圾已带走", "Rubbish taken away"], // R256
  "check.nothing-taken": ["没有拿客户的东西，没有收礼", "Nothing taken, no gift accepted"], // R257
};

/** The phrase book, by what happens: the keys of a section in the order of saying. */
export const PHRASES = {
  call: ["answer", "can-help", "transfer", "hold", "back", "putonghua", "call-end", "call-last"],
  outbound: ["outbound", "outbound-visit", "outbound-repair", "farewell-call"],
  visitor: ["who-sought", "show-card", "calling-host", "host-comes", "please-sit", "not-here", "ask-butler", "welcome", "farewell-visit"],
  waiting: ["busy", "second", "leaving-you", "back", "sorry-trouble"],
  hard: ["safety", "stop", "explain", "cooperate", "calm", "misunderstood", "not-meant", "respect", "on-duty", "unsolved"],
  goods: ["carry-greet", "carry-pass", "carry-help", "no-thanks-needed"],
  home: ["at-door", "door-open", "extra", "propose", "gift", "anything-else"],
  courtesy: ["five", "understood", "thanks-taken", "no-thanks-needed", "sorry", "repeat", "short", "no-argument"],
  complaint: ["thanks-first", "late", "unsolved", "farewell-opinion"],
};

/** What a card says to its guard, by errand: at most two sentences, those that are needed first. */
export const SAYS = {
  "answer-call": ["answer", "who-sought"],
  "missed-call": ["sorry-trouble"],
  "see-help": ["can-help"],
  "call-host": ["outbound", "outbound-visit"],
  "ask-butler": ["ask-butler", "butler-called"],
  "see-person": ["safety", "unsolved"],
  "support": [],
  "call-back": ["outbound", "outbound-repair"],
  "tell-result": ["outbound"],
  "apologise": ["outbound", "late"],
  "talk": ["thanks-first", "late"],
  "take-up": ["door-open"],
  "take-over": ["explain", "misunderstood"],
  "know-complaint": ["thanks-first"],
  "ask-reporter": ["outbound"],
  "reappoint": ["sorry-trouble", "propose"],
  "revisit": ["outbound", "propose"],
  "meet-ambulance": ["patient-gate"],
  "check-care": ["patient-more"],
  "carry": ["carry-greet", "carry-help"],
  "hand-over": ["thanks-taken", "anything-else"],
  "serve": ["outbound", "propose"],
  "repair": ["at-door"],
};

/** What a card reminds of, by errand. */
export const CHECKS = {
  "go-to-patient": ["family", "bring", "no-advice"],
  "meet-ambulance": ["no-advice"],
  "name-carer": ["no-advice"],
  "see-emergency": ["no-advice"],
  "repair": ["tools", "card", "knock", "sign", "cover", "restored", "rubbish", "nothing-taken"],
  "serve": ["tools", "card", "knock", "restored", "nothing-taken"],
};
