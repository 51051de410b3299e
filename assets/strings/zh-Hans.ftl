# 屏幕上的每一句话（简体）。一问一屏；先问候；请对方再说一次，不说对方错了（R219、R220）。
# 每条一行；变量在两种语言里相同。

# 每一屏都有
help = 人工帮助
emergency = 紧急求助
language = Language
language-question = 请选择语言 Language
large = 大字
contrast = 高对比
read-aloud = 朗读
read-no-more = 静音
normal = 标准字
back = 返回
leave = 取消
next = 下一步
step = 第 { $n } 步，共 { $of } 步
step-first = 第 1 步
more-tiles = 更多 { $n }/{ $of }
still-waiting = 还在记录，马上就好。您也可以点“人工帮助”。
or = ，或
weekday = { $month }月{ $day }日 星期{ $weekday }
weekdays = 一二三四五六日

# 首页
greeting-morning = 早上好，欢迎光临
greeting-noon = 中午好，欢迎光临
greeting-afternoon = 下午好，欢迎光临
greeting-evening = 晚上好，欢迎光临
greeting-new-year = 新年好，欢迎光临
home-question = 请问您有什么事？
home-visit = 访客登记
home-visit-hint = 看望住户、送件
home-repair = 报事报修
home-repair-hint = 报修、投诉、建议
home-services = 查询与服务
home-services-hint = 进度、咨询、便民
home-sign-out = 签离
alarm-cannot-store = 本机暂停登记，请找门口的保安
alarm-recovered = 本机需要检修，请告诉服务中心

# 访客登记
visit-unit-question = 您好，请问您找哪一户？
visit-name-question = 请问您怎么称呼？
visit-phone-question = 请留一个手机号码，方便联系您
visit-privacy = 只为这次来访联系您，{ $days } 天后删除。
visit-purpose-question = 请问您这次来是？
purpose-friends = 看望亲友
purpose-delivery = 送件送餐
purpose-work = 施工维修
purpose-viewing = 看房
purpose-business = 公务
purpose-other = 其他
visit-sending = 正在为您登记，请稍等
visit-received = 登记好了，谢谢您的合作
visit-now = 正在通知服务中心。请您先在座位上休息，服务中心会与 { $unit }联系。
visit-keep = 您的登记号，离开时请用手机号后四位签离
visit-again = 欢迎您再次光临。
visit-again-named = { $surname }姓贵客，欢迎您再次光临。
visit-calling = 请稍等，我帮您找
visit-calling-now = 正在联系 { $unit }，请您先在座位上休息，有了回音会在这里告诉您。
visit-coming = 马上来，请您先稍等一下
visit-coming-now = { $unit }的业主马上来，请您先稍等一下，好吗？
visit-waiting = 请您稍等一会儿
visit-waiting-now = 已经告诉对方您到了，请您先在座位上休息。
visit-not-here = 对不起，暂时不在
visit-not-here-now = 那位先生/女士现在不在，您能留下名片或口讯吗？请点“人工帮助”，我们替您转告。
visit-guard = 请您在这里稍等
visit-guard-now = 我们的同事马上过来，帮您办理。
visit-welcome = 谢谢您的合作，欢迎光临
visit-welcome-now = 请进。离开时请在这里签离。

# Invited visitors
invitation-entry = 我有邀请码
invitation-question = 请输入六位邀请码
invitation-hint = 住户发给您的六位数字
invitation-label = 邀请码
invitation-digits = 请输入六位数字，麻烦您了
invitation-unknown = 这六位数字我没有找到邀请，麻烦您再输入一次
invitation-other = 这个二维码我没有认出来，麻烦您输入六位邀请码
invitation-sending = 正在核对邀请，请稍等
invitation-received = 您要拜访的{ $host }马上来
invitation-now = 正在告诉{ $host }您到了，请您先在座位上休息。
invitation-keep = 您的来访号，需要时请告诉我们
invitation-early = 邀请从 { $time } 开始，您来得早了一些
invitation-over = 这份邀请的时间已经过了
invitation-used = 这份邀请已经用过了
invitation-elsewhere = 这份邀请写的是另一个地方
invitation-check = 这份邀请需要我们再核对一下
invitation-several = 这六位数字对应不止一份邀请
invitation-wait = 请在 { $time } 以后再输入邀请码
invitation-person = 正在请工作人员过来帮您，请稍等。也可以直接登记来访。
invitation-show = 请出示邀请二维码，或者直接登记来访。
invitation-welcome = 请进。需要时，请把来访号告诉我们。
invitation-sign-in = 登记来访

# 房号和电话
unit-hint = 例如 3 栋 1203 室，请按 3-1203
unit-building = { $building } 栋 { $room } 室
unit-plain = { $room } 室
unit-again = 这个房号我没有看明白，麻烦您再输入一次
unit-unknown = 这个房号我没有找到，麻烦您再核对一次，或点“人工帮助”
phone-hint = 11 位手机号，或带区号的电话
phone-again = 这个号码好像还差几位，麻烦您再输入一次
name-hint = 请用拼音，先姓后名；也可以换成英文
name-hint-letters = 请输入您的姓名
name-again = 麻烦您再输入一次姓名
name-pick = 请点选上面的字，或点最右边保留字母
name-long = 字数有点多，麻烦您写短一些
name-label = 姓名
phone-label = 手机号码
unit-label = 房号
tail-label = 手机号后四位
detail-label = 说明
text-again = 麻烦您再说几个字，我们好帮您

# 键盘
key-space = 空格
key-symbols = 符号
key-letters = 英文
key-pinyin = 拼音
key-digits = 数字
key-backspace = 删除
key-shift = 大写
key-more = 更多
key-candidate = 候选 { $n }

# 签离
sign-out-question = 您要走了吗？请输入手机号后四位
sign-out-hint = 登记时留的那个手机号
sign-out-go = 签离
sign-out-again = 请输入四位数字，麻烦您了
sign-out-unknown = 这四位数字我没有找到登记，麻烦您再输入一次，或点“人工帮助”
sign-out-unit = 谢谢。再请问您去的是哪一户？
sign-out-sending = 正在为您签离，请稍等
sign-out-done = 欢迎您再来，再见！
sign-out-thanks = 已经签离。感谢您的到访，您慢走。

# 报事报修
report-question = 请问是什么事？

# 报修
repair-home = 家里报修
repair-home-hint = 师傅上门前先与您约时间
repair-public = 公共地方报修
repair-public-hint = 大堂、电梯、车库、花园
repair-unit-question = 请问您家是哪一户？
repair-spot-question = 请问在哪个位置？
spot-lobby = 大堂
spot-lift = 电梯
spot-corridor = 楼道
spot-garage = 车库
spot-garden = 花园
spot-other = 其他地方
repair-what-question = 请问是哪里的问题？
what-water = 水管漏水
what-power = 电路插座
what-light = 照明
what-air-conditioning = 空调
what-door = 门窗锁具
what-lift = 电梯
what-intercom = 对讲门禁
what-other = 其他
repair-what-note = 一般情况下 24 小时内解决。
repair-when-question = 什么时候方便上门？可以选两个
when-soon = 尽快
when-today-afternoon = 今天下午
when-today-evening = 今天晚上
when-tomorrow-morning = 明天上午
when-tomorrow-afternoon = 明天下午
repair-when-note = 师傅上门前会先打电话与您确认。
repair-name-question = 请问您贵姓？怎么称呼您？
repair-phone-question = 请留一个手机号码，方便师傅联系
repair-privacy = 只为这次报修联系您，{ $days } 天后删除。
repair-detail-question = 请说说是什么情况
repair-detail-hint = 可以不写，写多少都行
repair-check-question = 请您看一下，记得对不对？
check-place = 地点
check-what = 问题
check-when = 时间
check-name = 称呼
check-phone = 电话
check-detail = 说明
check-empty = 点这里补充（可不填）
repair-price = 如需收费，会先告诉您价格，您同意后再施工。
repair-submit = 确认报修
repair-sending = 正在为您登记，请稍等
repair-received = 收到了，谢谢您告诉我们
repair-now-home = 正在通知服务中心派工，师傅上门前会先打电话与您确认。一般情况下 24 小时内解决。
repair-now-public = 正在通知服务中心派工。一般情况下 24 小时内解决。
repair-keep = 您的报修号，查进度时请报这个号

# 投诉
complaint-entry = 投诉
complaint-entry-hint = 请说说哪里让您不满意
complaint-words-question = 请问发生了什么事？
complaint-words-hint = 写多少都行，我们会认真看
complaint-topic-question = 是哪一方面的事？
topic-service = 服务态度
topic-repair = 维修
topic-security = 安全
topic-cleaning = 清洁
topic-noise = 噪音
topic-parking = 停车
topic-charges = 收费
topic-favours = 索要财物
topic-other = 其他
complaint-name-question = 请问怎么称呼您？
complaint-phone-question = 请留一个手机号码，方便把结果告诉您
complaint-privacy = 只为这件事联系您，{ $days } 天后删除。
complaint-submit = 提交
complaint-sending = 正在为您记下来，请稍等
complaint-received = 谢谢您告诉我们
complaint-now = 给您添麻烦了，很抱歉。正在通知主管，处理结果会打电话告诉您。
complaint-keep = 您的投诉号，问进度时请报这个号

# 建议
suggestion-entry = 建议
suggestion-entry-hint = 您的每一条建议我们都会看
suggestion-words-question = 请问您有什么建议？
suggestion-words-hint = 写多少都行，我们会认真看
suggestion-reply-question = 希望我们答复您吗？
suggestion-reply-yes = 请答复我
suggestion-reply-yes-hint = 请留一个手机号码
suggestion-reply-no = 不用答复
suggestion-reply-no-hint = 只是提个建议
suggestion-phone-question = 请留一个手机号码，方便答复您
suggestion-submit = 提交
suggestion-sending = 正在为您记下来，请稍等
suggestion-received = 谢谢您的宝贵意见
suggestion-now = 正在转给服务中心，会如实向经理汇报。
suggestion-now-reply = 正在转给服务中心，会如实向经理汇报。最迟{ $when } 答复您。
suggestion-keep = 您的建议号

# 咨询
enquiry-entry = 咨询
enquiry-entry-hint = 想问什么，请写下来
enquiry-words-question = 请问您想了解什么？
enquiry-words-hint = 写多少都行，由服务中心的人来答复
enquiry-name-question = 请问怎么称呼您？
enquiry-phone-question = 请留一个手机号码，方便答复您
enquiry-submit = 提交
enquiry-sending = 正在为您记下来，请稍等
enquiry-received = 您的问题收到了
enquiry-now = 正在转给服务中心，会打电话答复您。
enquiry-now-by = 正在转给服务中心，最迟{ $when } 答复您。
enquiry-keep = 您的咨询号，问进度时请报这个号

# 进度
progress-entry = 查进度、催办
progress-entry-hint = 用单号和手机号后四位
progress-kind-question = 请问您想查哪一件事？
kind-repair = 报修
kind-complaint = 投诉
kind-enquiry = 咨询
kind-suggestion = 建议
kind-service = 便民服务
kind-key = 钥匙托管
kind-pass = 放行条
kind-delivery = 快递
kind-emergency = 急救
progress-number-question = 请输入单号后面的数字
progress-number-hint = 单号在您留的单子上，例如 R-1121-07 就按 112107
progress-number-label = 单号
progress-number-again = 单号好像还差几位，麻烦您再看一下
progress-phone-question = 请输入手机号后四位
progress-phone-hint = 当时留的那个手机号
progress-go = 查询
progress-sending = 正在为您查询，请稍等
progress-noting = 正在为您记下来，请稍等
progress-unknown = 没有找到这张单子。麻烦您再核对单号和手机号后四位，或点“人工帮助”
progress-later = 请您 { $time } 以后再查
progress-later-now = 为了保护大家的资料，核对几次没有对上，要稍等一会儿。着急的话，请点“人工帮助”。
progress-changed = 这件事刚刚有了新的进展
progress-changed-now = 请您再看一下现在的情况。
progress-look = 看现在的情况
progress-earlier = 更早 { $n }/{ $of }
progress-chase = 催办
progress-withdraw = 撤回
progress-rate = 评价
progress-chased = 已为您催办，正在通知服务中心。
progress-withdrawn = 已为您撤回。需要时请您再告诉我们。
progress-withdraw-question = 请问您要撤回 { $number } 吗？
progress-withdraw-now = 撤回以后，这件事就停下来，不再办理。
progress-withdraw-no = 先不撤回
progress-withdraw-yes = 撤回
stage-received = 已收到
stage-accepted = 已有人负责
stage-appointed = 已约好时间
stage-arrived = 已到现场
stage-no-access = 上门时没有见到您
stage-quoted = 已报价格
stage-working = 正在处理
stage-told = 有新的进展
stage-answered = 已答复
stage-done = 已办好
stage-called-back = 已回访
stage-chased = 您催办过
stage-late = 比约定晚了，很抱歉
stage-withdrawn = 已撤回
stage-closed = 已办结
promise-accept = 最迟{ $when } 有人负责
promise-arrive = 最迟{ $when } 到
promise-solve = 最迟{ $when } 解决
promise-reply = 最迟{ $when } 答复
promise-progress = 最迟{ $when } 告诉您进展
promise-call = 最迟{ $when } 给您打电话
promise-result = 最迟{ $when } 告诉您结果
promise-call-back = 最迟{ $when } 回访
promise-other = 最迟{ $when } 有下一步

# 钥匙托管

# 放行条

# 快递

# 评价
rate-service = 服务态度，您满意吗？
rate-quality = 办事的质量，您满意吗？
rate-time = 办理的速度，您满意吗？
rate-5 = 很满意
rate-4 = 满意
rate-3 = 一般
rate-2 = 不太满意
rate-1 = 不满意
rate-thanks = 谢谢您的评价
rate-thanks-now = 每一条我们都会看，把服务做得更好。

# 结束
time-today = 今天 { $time }
time-tomorrow = 明天 { $time }
time-yesterday = 昨天 { $time }
time-day = { $month }月{ $day }日 { $time }
anything-else = 您有别的事吗？
more = 还有别的事
done = 完成
finish = 没有了，谢谢
finish-code = 可扫码保存

# 人工帮助、紧急求助
help-sending = 正在为您找人，请稍等
help-told = 已记下，正在通知服务中心
help-coming = { $who }马上过来
help-told-now = 请您在这里稍等，或先坐一下。
help-number = 求助号 { $number }
help-phone = 也可以打电话：{ $phone }
help-return = 回到刚才的页面
help-failed = 很抱歉，这里暂时通知不出去
help-failed-now = 请找门口的保安，保安会马上帮您。
emergency-question = 需要马上有人来帮您吗？
emergency-now = 按下面的按钮，我们马上通知值班人员。
emergency-120 = 有人受伤或生病，请同时拨打 120。
emergency-confirm = 需要，请马上来人
emergency-cancel = 不需要，返回
emergency-told = 正在通知值班人员
emergency-told-now = 请留在这里，或请旁边的人帮忙。
emergency-failed = 请马上拨打 120，或大声叫保安
emergency-failed-now = 这里暂时通知不出去，对不起。

# 查询与服务
services-title = 查询与服务
services-call = 服务中心电话 { $phone }
services-person = 请人过来帮我
services-person-hint = 我们马上通知服务中心

# 公告与手册
handbook-title = 公告与手册
handbook-hint = 公告、守则、活动
section-notice = 公告
section-handbook = 业户手册
section-moving-in = 入住与退租
section-decoration = 装修守则
section-activities = 社区活动
section-committee = 居委会
section-assembly = 业主大会
section-news = 服务动态
section-surroundings = 周边与交通
list-next = 更多 { $n }/{ $of }
page-next = 下一页 { $n }/{ $of }
entry-contact = 咨询：{ $who }
entry-until = 有效期至 { $day }

# 便民服务
catalogue-title = 便民服务 29 项
catalogue-hint = 服务项目、收费
catalogue-price = 每次 { $from } 至 { $to } 元，不含材料
catalogue-note = 收费项目先告诉您价格，您同意后再办理。
service-01 = 邮件收递
service-02 = 代办车友俱乐部入会
service-03 = 酒店、旅游代订
service-04 = 代订报刊杂志
service-05 = 代订车、船票、飞机票
service-06 = 水站
service-07 = 房屋租售
service-08 = 租车
service-09 = 节日礼物代订
service-10 = 干洗衣物上门取/送
service-11 = 代办电话/网络开户委托设点
service-12 = 组织节日庆祝活动
service-13 = 公司派对及礼仪
service-14 = 安装玻璃
service-15 = 安装排风扇
service-16 = 安装空调
service-17 = 安装灯具等
service-18 = 安装洗手间洁具
service-19 = 室内绿化租摆
service-20 = 代接代送客人
service-21 = 木地板打蜡
service-22 = 市内收发传真
service-23 = 中英文打字
service-24 = 检修电路
service-25 = 修理窗、帘、拉帘等
service-26 = 疏通下水管道
service-27 = 修理/更换电表、水表
service-28 = 修理、更换开关、插座、电话盒
service-29 = 修理更换灯泡、日光灯管、灯罩

# 没有记下来
trouble-title = 很抱歉，刚才没能记下来
trouble-now = 您填写的内容都还在，请再试一次。给您添麻烦了。
trouble-phone = 也可以拨打服务中心电话 { $phone }
trouble-person = 也可以点“人工帮助”，或请门口的保安登记。
retry = 再试一次

# 一会儿没有人碰
idle-question = 您还需要更多时间吗？
idle-now = { $seconds } 秒后回到首页，填写的内容会清除。
idle-stay = 需要，请继续
idle-leave = 不用了，谢谢
