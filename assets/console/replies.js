// What a complaint is answered with (R115, R123, R128): thanks, why they are meant, the apology, what is done next and by when,
// and thanks for support and understanding at the end. One line a part, in the order in which it is said: its name, simplified
// Chinese, traditional Chinese, English. {what} and {at} are what the person writes and until when.

export const REPLY_LANGUAGES = ["zh-Hans", "zh-Hant", "en"];

export const REPLY = [
  ["thanks", "谢谢您把这件事告诉我们。", "謝謝您把這件事告訴我們。", "Thank you for telling us about this."],
  ["why", "您的意见让我们看到服务中的不足，可以及时改正。", "您的意見讓我們看到服務中的不足，可以及時改正。", "It shows us where our service fell short, so that we can put it right."],
  ["apology", "给您带来不便，我们非常抱歉。", "給您帶來不便，我們非常抱歉。", "We are very sorry for the trouble this has caused you."],
  ["action", "我们会在{at}前{what}。", "我們會在{at}前{what}。", "By {at} we will {what}."],
  ["closing", "感谢您的支持与理解。", "感謝您的支持與理解。", "Thank you for your support and understanding."],
];
