// The office pane: shows what the server tells, newest on top. It keeps nothing but what is on the page.
"use strict";

const KEPT = 200, HEARD = 8;
const events = document.getElementById("events");
const heard = document.getElementById("heard");
const count = document.getElementById("count");
const unit = document.getElementById("unit");
const state = document.getElementById("state");
const lost = document.getElementById("lost");

const KINDS = {
  "access.granted": "准许通行", "access.denied": "拒绝通行", "access.taken": "已通过", "access.not-taken": "未通过",
  "access.requested": "请求通行", "credential.presented": "出示凭证", "unlock.remote": "远程开门",
  "door.opened": "门开", "door.closed": "门关", "door.forced": "强行开门", "door.held": "门未关", "door.normal": "门恢复正常",
  "door.fault": "门故障", "lock.locked": "上锁", "lock.unlocked": "开锁", "lock.jammed": "锁卡住",
  "tamper": "防拆报警", "tamper.cleared": "防拆解除", "duress": "胁迫报警",
  "call.ringing": "呼叫", "call.answered": "接听", "call.ended": "挂断", "call.missed": "未接", "call.rejected": "拒接",
  "device.online": "设备上线", "device.offline": "设备离线", "device.boot": "设备启动", "device.heartbeat": "设备心跳",
  "device.unmapped": "未识别", "battery.low": "电量低",
  "visit.arrived": "访客登记", "visit.host-called": "联系被访人", "visit.host-answered": "被访人答复", "visit.admitted": "放行",
  "visit.guard-alerted": "请保安看看", "visit.signed-out": "访客签离",
  "repair.received": "报修受理", "repair.identified": "核实住户", "repair.appointed": "约好时间", "repair.accepted": "接单",
  "repair.arrived": "到场", "repair.closed": "结单",
  "help.requested": "请求帮助", "help.closed": "帮助结束", "emergency.requested": "紧急求助", "delivery.received": "收到快递",
  "call.opened": "来电派岗", "call.repeated": "又按了一次", "call.closed": "来电结束", "alarm.raised": "告警", "alarm.acknowledged": "告警确认",
  "alarm.closed": "告警结束", "patrol.due": "巡逻开始", "check.due": "待检查签字",
  "task.offered": "派工", "task.climbed": "逐级上派", "task.claimed": "接手", "task.lapsed": "接手失效", "task.declined": "不能前往",
  "task.arrived": "已到", "task.done": "办完", "task.missed": "未接", "task.cancelled": "撤回", "task.reminded": "再提醒",
  "promise.given": "承诺", "promise.kept": "兑现", "promise.warned": "快到时限", "promise.breached": "超时", "promise.released": "不再计时",
  "staff.signed-in": "员工登录", "staff.signed-out": "员工退出", "staff.changed": "员工名单", "staff.refused": "登录失败",
  "record.viewed": "查看记录", "request.refused": "不能这样做", "code.guessed": "多次输错号码", "shift.closed": "交班", "shift.taken": "接班",
  "post.silent": "岗位无人应", "post.heard": "岗位有人了", "report.made": "报表", "clock.stepped": "校时",
  "gateway.started": "网关启动", "gateway.stopped": "网关停止", "journal.recovered": "日志修复", "journal.restored": "日志还原", "journal.exported": "日志导出", "journal.thinned": "空间不足提前清理", "retention.changed": "保存天数变更",
  "printer.trouble": "打印机有事", "printer.ready": "打印机正常",
  "command.accepted": "指令接受", "command.refused": "指令拒绝",
};
const GLASS = /^(visit|repair|help|emergency)\./;
const ALARM = /^(access\.denied|door\.forced|door\.held|tamper$|duress|emergency\.)/;

const office = window.office = { events: [], connected: false };

const clock = (time) => new Date(time ?? Date.now()).toLocaleTimeString("en-GB");

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// What the data says to a person, in one line: who, where, what for, how. The rest is behind a click.
const SAID = ["name", "unit", "place", "purpose", "category", "window", "reason", "method", "type", "direction", "press",
  "detail", "by", "version"];

function short(data) {
  const said = new Map();
  const walk = (value, key) => {
    if (value === null || value === "") return;
    if (typeof value === "object") return Object.entries(value).forEach(([inner, one]) => walk(one, inner));
    if (!said.has(key)) said.set(key, String(value));
  };
  walk(data ?? {}, "");
  return [data?.device?.product, ...SAID.map((key) => said.get(key))].filter(Boolean).join(" · ");
}

function arrive({ n, repeated, event }) {
  count.textContent = n;
  unit.textContent = n === 1 ? "event" : "events";
  if (repeated) return;
  const kind = String(event.type ?? "").replace(/^lobbyd\./, "");
  const row = make("li");
  row.className = `fresh ${GLASS.test(kind) ? "glass" : ""} ${ALARM.test(kind) ? "alarm" : ""}`.trim();
  row.dataset.kind = kind;
  row.dataset.seq = event.seq ?? "";
  const button = make("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const time = make("time", "", clock(event.recorded ?? event.time));
  const name = make("span", "kind", kind);
  const chinese = make("span", "", KINDS[kind] ?? "");
  chinese.lang = "zh-Hans";
  name.append(chinese);
  button.append(time, name, make("span", "short", [event.subject, short(event.data)].filter(Boolean).join(" · ")));
  const whole = make("pre");
  whole.hidden = true;
  button.addEventListener("click", () => {
    whole.hidden = !whole.hidden;
    if (!whole.textContent) whole.textContent = JSON.stringify(event, null, 2);
    button.setAttribute("aria-expanded", String(!whole.hidden));
  });
  row.append(button, whole);
  events.prepend(row);
  office.events.unshift(event);
  while (events.children.length > KEPT) events.lastElementChild.remove();
  office.events.length = Math.min(office.events.length, KEPT);
}

function hear({ product, topic, payload }) {
  const row = make("li");
  row.append(make("b", "", product), make("span", "", `${topic}  ${payload}`));
  row.title = `${topic}\n${payload}`;
  heard.prepend(row);
  while (heard.children.length > HEARD) heard.lastElementChild.remove();
}

function tell(status) {
  const online = status.online === true;
  state.className = online ? "online" : "offline";
  state.textContent = online ? "gateway online · 网关在线" : "gateway offline · 网关离线";
}

// The bell of the delivery entrance, as if somebody stood there.
const ring = document.getElementById("ring"), rung = document.getElementById("rung");

ring.addEventListener("click", async () => {
  rung.textContent = "";
  const answer = await fetch("ring", { method: "POST" }).catch(() => null);
  rung.textContent = answer?.ok ? `${clock()} rang · 响了` : "did not ring, again please · 没有响，请再按";
});

let lostSince = null;

function connect() {
  const source = new EventSource("events");
  source.onopen = () => { office.connected = true; lostSince = null; lost.hidden = true; };
  source.addEventListener("begin", () => { events.replaceChildren(); heard.replaceChildren(); office.events.length = 0; });
  source.addEventListener("event", (message) => arrive(JSON.parse(message.data)));
  source.addEventListener("heard", (message) => hear(JSON.parse(message.data)));
  source.addEventListener("status", (message) => tell(JSON.parse(message.data)));
  source.onerror = () => {
    office.connected = false;
    lostSince ??= clock().slice(0, 5);
    lost.textContent = `Connection lost since ${lostSince} · 连接中断，自 ${lostSince} 起`;
    lost.hidden = false;
    // A browser tries again by itself unless the server refused it.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  };
}

connect();
