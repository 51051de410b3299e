# 螢幕上的每一句話（繁體）。一問一屏；先問候；請對方再說一次，不責怪對方（R219、R220）。用詞取物業管理在港澳與內地都通行的說法。

# 每一屏都有
help = 人工協助
emergency = 緊急求助
language = Language
language-question = 請選擇語言 Language
large = 大字
contrast = 高對比
read-aloud = 朗讀
read-no-more = 靜音
normal = 標準字
back = 返回
leave = 取消
next = 下一步
step = 第 { $n } 步，共 { $of } 步
step-first = 第 1 步
more-tiles = 更多 { $n }/{ $of }
still-waiting = 仍在記錄，馬上就好。您也可以按「人工協助」。
or = ，或
weekday = { $month }月{ $day }日 星期{ $weekday }
weekdays = 一二三四五六日

# 首頁
greeting-morning = 早安，歡迎光臨
greeting-noon = 午安，歡迎光臨
greeting-afternoon = 下午好，歡迎光臨
greeting-evening = 晚上好，歡迎光臨
greeting-new-year = 新年好，歡迎光臨
home-question = 請問有什麼可以幫您？
home-visit = 訪客登記
home-visit-hint = 探訪住戶、送件
home-repair = 報事報修
home-repair-hint = 報修、投訴、建議
home-services = 查詢與服務
home-services-hint = 進度、查詢、便民
home-sign-out = 簽退
alarm-cannot-store = 本機暫停登記，請找門口的保安
alarm-recovered = 本機需要檢修，請告知服務中心

# 訪客登記
visit-unit-question = 您好，請問您找哪一戶？
visit-name-question = 請問怎麼稱呼您？
visit-phone-question = 請留一個手提電話號碼，方便聯絡您
visit-privacy = 只為這次到訪聯絡您，{ $days } 天後刪除。
visit-purpose-question = 請問您這次來是？
purpose-friends = 探訪親友
purpose-delivery = 送件送餐
purpose-work = 工程維修
purpose-viewing = 看樓
purpose-business = 公務
purpose-other = 其他
visit-sending = 正在為您登記，請稍候
visit-received = 登記好了，多謝您的合作
visit-now = 正在通知服務中心。請您先坐下休息，服務中心會與 { $unit }聯絡。
visit-keep = 您的登記編號，離開時請以電話後四位簽退
visit-again = 歡迎您再次光臨。
visit-again-named = { $surname }姓貴賓，歡迎您再次光臨。
visit-calling = 請稍候，我幫您找
visit-calling-now = 正在聯絡 { $unit }，請您先坐下休息，有了回音會在這裡告訴您。
visit-coming = 馬上來，請您先稍候
visit-coming-now = { $unit }的業主馬上來，請您先稍候，好嗎？
visit-waiting = 請您稍候片刻
visit-waiting-now = 已經告訴對方您到了，請您先坐下休息。
visit-not-here = 對不起，暫時不在
visit-not-here-now = 那位先生/女士現在不在，您能留下名片或口訊嗎？請按「人工協助」，我們替您轉告。
visit-guard = 請您在這裡稍候
visit-guard-now = 我們的同事馬上過來，幫您辦理。
visit-welcome = 多謝您的合作，歡迎光臨
visit-welcome-now = 請進。離開時請在這裡簽退。

# Invited visitors
invitation-entry = 我有邀請碼
invitation-question = 請輸入六位邀請碼
invitation-hint = 住戶傳給您的六位數字
invitation-label = 邀請碼
invitation-digits = 請輸入六位數字，麻煩您了
invitation-unknown = 這六位數字我沒有找到邀請，麻煩您再輸入一次
invitation-other = 這個二維碼我沒有認出來，麻煩您輸入六位邀請碼
invitation-sending = 正在核對邀請，請稍候
invitation-received = 您要拜訪的{ $host }馬上來
invitation-now = 正在告訴{ $host }您到了，請您先坐下休息。
invitation-keep = 您的到訪編號，需要時請告訴我們
invitation-early = 邀請由 { $time } 開始，您來得早了一點
invitation-over = 這份邀請的時間已經過了
invitation-used = 這份邀請已經用過了
invitation-elsewhere = 這份邀請寫的是另一個地方
invitation-check = 這份邀請需要我們再核對一下
invitation-several = 這六位數字對應不止一份邀請
invitation-wait = 請在 { $time } 以後再輸入邀請碼
invitation-person = 正在請職員過來幫您，請稍候。也可以直接登記到訪。
invitation-show = 請出示邀請二維碼，或者直接登記到訪。
invitation-welcome = 請進。需要時，請把到訪編號告訴我們。
invitation-sign-in = 登記到訪

# 單位和電話
unit-hint = 例如 3 座 1203 室，請輸入 3-1203
unit-building = { $building } 座 { $room } 室
unit-plain = { $room } 室
unit-again = 這個單位號碼我沒有看明白，麻煩您再輸入一次
unit-unknown = 這個單位我沒有找到，麻煩您再核對一次，或按「人工協助」
phone-hint = 手提電話，或連區號的電話
phone-again = 這個號碼好像還差幾位，麻煩您再輸入一次
name-hint = 請用拼音，先姓後名；也可以轉用英文
name-hint-letters = 請輸入您的姓名
name-again = 麻煩您再輸入一次姓名
name-pick = 請選上面的字，或按最右邊保留字母
name-long = 字數稍多，麻煩您寫短一些
name-label = 姓名
phone-label = 電話號碼
unit-label = 單位
tail-label = 電話後四位
detail-label = 說明
text-again = 麻煩您再說幾個字，我們好幫您

# 鍵盤
key-space = 空格
key-symbols = 符號
key-letters = 英文
key-pinyin = 拼音
key-digits = 數字
key-backspace = 刪除
key-shift = 大寫
key-more = 更多
key-candidate = 候選 { $n }

# 簽退
sign-out-question = 您要走了嗎？請輸入電話後四位
sign-out-hint = 登記時留下的電話號碼
sign-out-go = 簽退
sign-out-again = 請輸入四位數字，麻煩您了
sign-out-unknown = 這四位數字我沒有找到登記，麻煩您再輸入一次，或按「人工協助」
sign-out-unit = 多謝。再請問您去的是哪一戶？
sign-out-sending = 正在為您簽退，請稍候
sign-out-done = 歡迎您再來，再見！
sign-out-thanks = 已經簽退。感謝您的到訪，慢走。

# 報事報修
report-question = 請問是什麼事？

# 報修
repair-home = 家居報修
repair-home-hint = 師傅上門前先與您約時間
repair-public = 公共地方報修
repair-public-hint = 大堂、電梯、停車場
repair-unit-question = 請問您家是哪一戶？
repair-spot-question = 請問在哪個位置？
spot-lobby = 大堂
spot-lift = 電梯
spot-corridor = 走廊樓梯
spot-garage = 停車場
spot-garden = 花園
spot-other = 其他地方
repair-what-question = 請問是哪裡的問題？
what-water = 水管漏水
what-power = 電路插座
what-light = 照明
what-air-conditioning = 冷氣
what-door = 門窗鎖具
what-lift = 電梯
what-intercom = 對講門禁
what-other = 其他
repair-what-note = 一般情況下 24 小時內解決。
repair-when-question = 什麼時候方便上門？可以選兩個
when-soon = 盡快
when-today-afternoon = 今天下午
when-today-evening = 今天晚上
when-tomorrow-morning = 明天上午
when-tomorrow-afternoon = 明天下午
repair-when-note = 師傅上門前會先致電與您確認。
repair-name-question = 請問貴姓？怎麼稱呼您？
repair-phone-question = 請留一個電話號碼，方便師傅聯絡
repair-privacy = 只為這次報修聯絡您，{ $days } 天後刪除。
repair-detail-question = 請說說是什麼情況
repair-detail-hint = 可以不寫，寫多少都可以
repair-check-question = 請您看一下，記得對嗎？
check-place = 地點
check-what = 問題
check-when = 時間
check-name = 稱呼
check-phone = 電話
check-detail = 說明
check-empty = 按這裡補充（可不填）
repair-price = 如需收費，會先告訴您價格，您同意後才施工。
repair-submit = 確認報修
repair-sending = 正在為您登記，請稍候
repair-received = 收到了，多謝您告訴我們
repair-now-home = 正在通知服務中心派工，師傅上門前會先致電與您確認。一般情況下 24 小時內解決。
repair-now-public = 正在通知服務中心派工。一般情況下 24 小時內解決。
repair-keep = 您的報修編號，查進度時請報這個編號

# 投訴
complaint-entry = 投訴
complaint-entry-hint = 請說說哪裡讓您不滿意
complaint-words-question = 請問發生了什麼事？
complaint-words-hint = 寫多少都可以，我們會認真看
complaint-topic-question = 是哪一方面的事？
topic-service = 服務態度
topic-repair = 維修
topic-security = 保安
topic-cleaning = 清潔
topic-noise = 噪音
topic-parking = 泊車
topic-charges = 收費
topic-favours = 索取財物
topic-other = 其他
complaint-name-question = 請問怎麼稱呼您？
complaint-phone-question = 請留一個電話號碼，方便把結果告訴您
complaint-privacy = 只為這件事聯絡您，{ $days } 天後刪除。
complaint-submit = 提交
complaint-sending = 正在為您記下來，請稍候
complaint-received = 多謝您告訴我們
complaint-now = 給您添麻煩了，很抱歉。正在通知主管，處理結果會致電告訴您。
complaint-keep = 您的投訴編號，問進度時請報這個編號

# 建議
suggestion-entry = 建議
suggestion-entry-hint = 您的每一條建議我們都會看
suggestion-words-question = 請問您有什麼建議？
suggestion-words-hint = 寫多少都可以，我們會認真看
suggestion-reply-question = 希望我們回覆您嗎？
suggestion-reply-yes = 請回覆我
suggestion-reply-yes-hint = 請留下手機號碼
suggestion-reply-no = 不用回覆
suggestion-reply-no-hint = 只是提個建議
suggestion-phone-question = 請留下手機號碼，方便回覆您
suggestion-submit = 提交
suggestion-sending = 正在為您記錄，請稍候
suggestion-received = 謝謝您的寶貴意見
suggestion-now = 正在轉交服務中心，會如實向經理匯報。
suggestion-now-reply = 正在轉交服務中心，會如實向經理匯報。最遲{ $when } 回覆您。
suggestion-keep = 您的建議號

# 查詢
enquiry-entry = 查詢
enquiry-entry-hint = 想問什麼，請寫下來
enquiry-words-question = 請問您想了解什麼？
enquiry-words-hint = 寫多少都可以，由服務中心的職員回覆
enquiry-name-question = 請問怎麼稱呼您？
enquiry-phone-question = 請留下手機號碼，方便回覆您
enquiry-submit = 提交
enquiry-sending = 正在為您記錄，請稍候
enquiry-received = 您的問題收到了
enquiry-now = 正在轉交服務中心，會致電回覆您。
enquiry-now-by = 正在轉交服務中心，最遲{ $when } 回覆您。
enquiry-keep = 您的查詢號，問進度時請報這個號

# 進度
progress-entry = 查進度、催辦
progress-entry-hint = 用單號和手機號後四位
progress-kind-question = 請問您想查哪一件事？
kind-repair = 報修
kind-complaint = 投訴
kind-enquiry = 查詢
kind-suggestion = 建議
kind-service = 便民服務
kind-key = 鎖匙託管
kind-pass = 放行條
kind-delivery = 快遞
kind-emergency = 急救
progress-number-question = 請輸入單號後面的數字
progress-number-hint = 單號在您的單據上，例如 R-1121-07 就按 112107
progress-number-label = 單號
progress-number-again = 單號好像還差幾位，麻煩您再看一下
progress-phone-question = 請輸入手機號後四位
progress-phone-hint = 當時留下的那個手機號
progress-go = 查詢
progress-sending = 正在為您查詢，請稍候
progress-noting = 正在為您記錄，請稍候
progress-unknown = 沒有找到這張單。麻煩您再核對單號和手機號後四位，或按「人工協助」
progress-later = 請您 { $time } 以後再查
progress-later-now = 為了保護大家的資料，核對幾次沒有對上，要稍等一會。着急的話，請按「人工協助」。
progress-changed = 這件事剛剛有了新的進展
progress-changed-now = 請您再看一下現在的情況。
progress-look = 看現在的情況
progress-earlier = 更早 { $n }/{ $of }
progress-chase = 催辦
progress-withdraw = 撤回
progress-rate = 評價
progress-chased = 已為您催辦，正在通知服務中心。
progress-withdrawn = 已為您撤回。需要時請您再告訴我們。
progress-withdraw-question = 請問您要撤回 { $number } 嗎？
progress-withdraw-now = 撤回以後，這件事就停下來，不再辦理。
progress-withdraw-no = 先不撤回
progress-withdraw-yes = 撤回
stage-received = 已收到
stage-accepted = 已有人負責
stage-appointed = 已約好時間
stage-arrived = 已到現場
stage-no-access = 上門時沒有見到您
stage-quoted = 已報價錢
stage-working = 正在處理
stage-told = 有新的進展
stage-answered = 已回覆
stage-done = 已辦好
stage-called-back = 已回訪
stage-chased = 您催辦過
stage-late = 比約定晚了，很抱歉
stage-withdrawn = 已撤回
stage-closed = 已辦結
promise-accept = 最遲{ $when } 有人負責
promise-arrive = 最遲{ $when } 到
promise-solve = 最遲{ $when } 解決
promise-reply = 最遲{ $when } 回覆
promise-progress = 最遲{ $when } 告訴您進展
promise-call = 最遲{ $when } 致電給您
promise-result = 最遲{ $when } 告訴您結果
promise-call-back = 最遲{ $when } 回訪
promise-other = 最遲{ $when } 有下一步

# 鎖匙託管

# 放行條

# 快遞

# 評分
rate-service = 服務態度，您滿意嗎？
rate-quality = 辦事的質素，您滿意嗎？
rate-time = 辦理的速度，您滿意嗎？
rate-5 = 很滿意
rate-4 = 滿意
rate-3 = 一般
rate-2 = 不太滿意
rate-1 = 不滿意
rate-thanks = 謝謝您的評價
rate-thanks-now = 每一條我們都會看，把服務做得更好。

# 結束
time-today = 今天 { $time }
time-tomorrow = 明天 { $time }
time-yesterday = 昨天 { $time }
time-day = { $month }月{ $day }日 { $time }
anything-else = 還有別的事嗎？
more = 還有別的事
done = 完成
finish = 沒有了，謝謝
finish-code = 可掃碼保存

# 人工協助、緊急求助
help-sending = 正在為您找人，請稍候
help-told = 已記下，正在通知服務中心
help-coming = { $who }馬上過來
help-told-now = 請您在這裡稍候，或先坐一下。
help-number = 求助編號 { $number }
help-phone = 也可以致電：{ $phone }
help-return = 回到剛才的頁面
help-failed = 很抱歉，這裡暫時通知不到
help-failed-now = 請找門口的保安，保安會馬上幫您。
emergency-question = 需要馬上有人來幫您嗎？
emergency-now = 按下面的按鈕，我們馬上通知當值人員。
emergency-120 = 有人受傷或不適，請同時致電 120。
emergency-confirm = 需要，請馬上來人
emergency-cancel = 不需要，返回
emergency-told = 正在通知當值人員
emergency-told-now = 請留在這裡，或請旁邊的人幫忙。
emergency-failed = 請馬上致電 120，或大聲叫保安
emergency-failed-now = 這裡暫時通知不到，對不起。

# 查詢與服務
services-title = 查詢與服務
services-call = 服務中心電話 { $phone }
services-person = 請人過來幫我
services-person-hint = 我們馬上通知服務中心

# 公告與手冊
handbook-title = 公告與手冊
handbook-hint = 公告、業戶手冊、裝修守則
section-notice = 公告
section-handbook = 業戶手冊
section-moving-in = 入伙與退租
section-decoration = 裝修守則
section-activities = 社區活動
section-committee = 居委會
section-assembly = 業主大會
section-news = 服務動態
section-surroundings = 周邊與交通
list-next = 更多 { $n }/{ $of }
page-next = 下一頁 { $n }/{ $of }
entry-contact = 查詢：{ $who }
entry-until = 有效期至 { $day }

# 便民服務
catalogue-title = 便民服務 29 項
catalogue-hint = 服務項目、收費
catalogue-price = 每次 { $from } 至 { $to } 元，不含材料
catalogue-note = 收費項目先告訴您價格，您同意後才辦理。
service-01 = 郵件收發
service-02 = 代辦車友會入會
service-03 = 酒店、旅遊代訂
service-04 = 代訂報紙雜誌
service-05 = 代訂車票、船票、機票
service-06 = 飲用水站
service-07 = 房屋租售
service-08 = 租車
service-09 = 節日禮品代訂
service-10 = 乾洗衣物上門取送
service-11 = 代辦電話、網絡開戶
service-12 = 籌辦節日慶祝活動
service-13 = 公司派對及禮儀
service-14 = 安裝玻璃
service-15 = 安裝抽氣扇
service-16 = 安裝冷氣機
service-17 = 安裝燈具等
service-18 = 安裝浴室潔具
service-19 = 室內綠化租擺
service-20 = 代接代送客人
service-21 = 木地板打蠟
service-22 = 市內收發傳真
service-23 = 中英文打字
service-24 = 檢修電路
service-25 = 修理窗、簾、拉簾等
service-26 = 疏通下水渠
service-27 = 修理、更換電錶、水錶
service-28 = 修理、更換開關、插座、電話盒
service-29 = 修理更換燈泡、光管、燈罩

# 沒有記下來
trouble-title = 很抱歉，剛才沒能記下來
trouble-now = 您填寫的內容都還在，請再試一次。給您添麻煩了。
trouble-phone = 也可以致電服務中心 { $phone }
trouble-person = 也可以按「人工協助」，或請門口的保安登記。
retry = 再試一次

# 一會兒沒有人碰
idle-question = 您還需要更多時間嗎？
idle-now = { $seconds } 秒後回到首頁，填寫的內容會清除。
idle-stay = 需要，請繼續
idle-leave = 不用了，謝謝
