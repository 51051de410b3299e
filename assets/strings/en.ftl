# Every sentence on the screen (English). One question a screen; greet first; ask to repeat, never blame (R219, R220).
# One line each; the variables are the same in both languages.

# On every screen
help = Staff help
emergency = Emergency
language = Language
language-question = Choose your language 语言
large = Large text
contrast = Contrast
read-aloud = Read aloud
read-no-more = Silent
normal = Normal text
back = Back
leave = Cancel
next = Next
step = Step { $n } of { $of }
step-first = Step 1
more-tiles = More { $n }/{ $of }
still-waiting = Still writing it down, almost there. You can also touch "Staff help".
or = { " or " }
weekday = { $weekday } { $day }/{ $month }
weekdays = Mon Tue Wed Thu Fri Sat Sun

# Home
greeting-morning = Good morning, welcome
greeting-noon = Good day, welcome
greeting-afternoon = Good afternoon, welcome
greeting-evening = Good evening, welcome
greeting-new-year = Happy New Year, welcome
home-question = How can we help you?
home-visit = Visitor sign-in
home-visit-hint = Guests, deliveries
home-repair = Report
home-repair-hint = Repairs, complaints
home-services = Services
home-services-hint = Progress, questions
home-sign-out = Sign out
alarm-cannot-store = Out of order: please ask the guard
alarm-recovered = Needs service: tell the service centre

# Visitor sign-in
visit-unit-question = Hello, which flat are you visiting?
visit-name-question = May we have your name, please?
visit-phone-question = Your mobile number, please, so that we can reach you
visit-privacy = Only to reach you about this visit. Deleted after { $days } days.
visit-purpose-question = What brings you here today?
purpose-friends = Family, friends
purpose-delivery = Delivery
purpose-work = Work, repairs
purpose-viewing = Viewing a flat
purpose-business = Official visit
purpose-other = Other
visit-sending = Signing you in, one moment please
visit-received = You are signed in, thank you
visit-now = The service centre is being told. Please take a seat; they will contact { $unit }.
visit-keep = To sign out: the last 4 digits of your phone
visit-again = Welcome back!{" "}
visit-again-named = Welcome back, { $surname }!{" "}
visit-calling = One moment, we are calling
visit-calling-now = We are calling { $unit }. Please take a seat; the answer will appear here.
visit-coming = Coming, one moment
visit-coming-now = Somebody from { $unit } is on the way to you.
visit-waiting = A little patience, please
visit-waiting-now = They know that you are here. Please take a seat.
visit-not-here = Sorry, not in at the moment
visit-not-here-now = Would you like to leave a card or a message? Touch "Staff help" and we pass it on.
visit-guard = Please wait here a moment
visit-guard-now = A colleague is coming to help you.
visit-welcome = Thank you, and welcome
visit-welcome-now = Please go in. When you leave, sign out here.

# Invited visitors
invitation-entry = I have an invitation
invitation-question = Your six-digit invitation code, please
invitation-hint = The six digits that your host sent you
invitation-label = Invitation code
invitation-digits = Six digits, please
invitation-unknown = I found no invitation with these digits. Could you enter them once more?
invitation-other = I did not recognise this QR code. Could you enter the six digits?
invitation-sending = Looking at your invitation, one moment please
invitation-received = { $host } will be with you shortly
invitation-now = We are telling { $host } that you are here. Please take a seat.
invitation-keep = Your visit number, should you need us
invitation-early = You are a little early: it begins at { $time }
invitation-over = The time of this invitation has passed
invitation-used = This invitation has been used already
invitation-elsewhere = This invitation is for another place
invitation-check = We would like to check this invitation with you
invitation-several = Several invitations have these digits
invitation-wait = Please try the code again after { $time }
invitation-person = Somebody is being asked to come and help you. You can also sign in as a visitor.
invitation-show = Please show the QR code of your invitation, or sign in as a visitor.
invitation-welcome = Please go in. Tell us your visit number if you need us.
invitation-sign-in = Sign in

# Unit and phone
unit-hint = For building 3, flat 1203 type 3-1203
unit-building = Bldg { $building }, flat { $room }
unit-plain = Flat { $room }
unit-again = Sorry, I could not read that. Please type it once more
unit-unknown = Sorry, I could not find that flat. Please check it once more, or touch "Staff help"
phone-hint = Mobile number, or landline with area code
phone-again = That looks a little short. Please type it once more
name-hint = Pinyin: family name first. English: switch the keyboard
name-hint-letters = Please type your name
name-again = Please type your name once more
name-pick = Please pick a character above, or the letters on the right
name-long = That is a little long. Please shorten it
name-label = Name
phone-label = Mobile number
unit-label = Flat number
tail-label = Last 4 digits of your phone
detail-label = Description
text-again = A few more words, please, so that we can help

# Keyboard
key-space = Space
key-symbols = ?123
key-letters = Eng
key-pinyin = 拼音
key-digits = Digits
key-backspace = Delete
key-shift = Capital
key-more = More
key-candidate = Choice { $n }

# Sign out
sign-out-question = Leaving? The last 4 digits of your phone, please
sign-out-hint = The mobile number that you signed in with
sign-out-go = Sign out
sign-out-again = Four digits, please
sign-out-unknown = Sorry, I found no visit with these digits. Please try once more, or touch "Staff help"
sign-out-unit = Thank you. And which flat did you visit?
sign-out-sending = Signing you out, one moment please
sign-out-done = Goodbye, and see you again!
sign-out-thanks = You are signed out. Thank you for your visit.

# Report
report-question = What would you like to tell us?

# Repair
repair-home = Repair at home
repair-home-hint = We agree a time first
repair-public = Repair elsewhere
repair-public-hint = Lobby, lift, garage
repair-unit-question = Which flat is yours, please?
repair-spot-question = Which place is it?
spot-lobby = Lobby
spot-lift = Lift
spot-corridor = Corridor
spot-garage = Garage
spot-garden = Garden
spot-other = Elsewhere
repair-what-question = What is the matter?
what-water = Water leak
what-power = Electricity
what-light = Lights
what-air-conditioning = Cooling
what-door = Doors, locks
what-lift = Lift
what-intercom = Intercom
what-other = Other
repair-what-note = Usually solved within 24 hours.
repair-when-question = When would a visit suit you? Choose up to two
when-soon = Soonest
when-today-afternoon = This afternoon
when-today-evening = This evening
when-tomorrow-morning = Tomorrow a.m.
when-tomorrow-afternoon = Tomorrow p.m.
repair-when-note = The technician will phone you before coming.
repair-name-question = May we have your name, please?
repair-phone-question = Your mobile number, please, for the technician
repair-privacy = Only to reach you about this repair. Deleted after { $days } days.
repair-detail-question = Please tell us what happened
repair-detail-hint = As little or as much as you like
repair-check-question = Did I note it correctly?
check-place = Place
check-what = Problem
check-when = Time
check-name = Name
check-phone = Phone
check-detail = Details
check-empty = Touch to add
repair-price = If there is a charge, you hear the price first and nothing begins before you agree.
repair-submit = Submit
repair-sending = Noting it down, one moment please
repair-received = Received, thank you for telling us
repair-now-home = The service centre is being told, and a technician will phone you. Usually solved within 24 hours.
repair-now-public = The service centre is being told. Usually solved within 24 hours.
repair-keep = Your repair number, to ask about progress

# Complaint
complaint-entry = Complaint
complaint-entry-hint = Tell us what went badly
complaint-words-question = What happened?
complaint-words-hint = As much as you like; we read all of it
complaint-topic-question = What is it about?
topic-service = Service
topic-repair = Repairs
topic-security = Security
topic-cleaning = Cleaning
topic-noise = Noise
topic-parking = Parking
topic-charges = Charges
topic-favours = Asked for favours
topic-other = Other
complaint-name-question = May we have your name, please?
complaint-phone-question = Your mobile number, please, so that you hear the result
complaint-privacy = Only to reach you about this. Deleted after { $days } days.
complaint-submit = Submit
complaint-sending = Noting it down, one moment please
complaint-received = Thank you for telling us
complaint-now = We are sorry for the trouble. The supervisor is being told, and you will hear the result by phone.
complaint-keep = Your number, to ask about progress

# Suggestion
suggestion-entry = Suggestion
suggestion-entry-hint = We read every one of them
suggestion-words-question = What would you like us to do better?
suggestion-words-hint = As much as you like; we read all of it
suggestion-reply-question = Would you like an answer?
suggestion-reply-yes = Yes, please
suggestion-reply-yes-hint = With a phone number
suggestion-reply-no = Not needed
suggestion-reply-no-hint = Just a suggestion
suggestion-phone-question = Your mobile number, please, so that we can answer
suggestion-submit = Submit
suggestion-sending = Noting it down, one moment please
suggestion-received = Thank you for your advice
suggestion-now = The service centre is being told, and the manager hears it in full.
suggestion-now-reply = The service centre is being told, and the manager hears it in full. You have our answer by { $when }.
suggestion-keep = Your suggestion number

# Enquiry
enquiry-entry = Question
enquiry-entry-hint = Write down what you wish to know
enquiry-words-question = What would you like to know?
enquiry-words-hint = A person at the service centre answers
enquiry-name-question = May we have your name, please?
enquiry-phone-question = Your mobile number, please, so that we can answer
enquiry-submit = Submit
enquiry-sending = Noting it down, one moment please
enquiry-received = We have your question, thank you
enquiry-now = The service centre is being told, and will phone you.
enquiry-now-by = The service centre is being told. You have our answer by { $when }.
enquiry-keep = Your number, to ask about progress

# Progress
progress-entry = My request
progress-entry-hint = By its number and your phone
progress-kind-question = Which of these would you like to look up?
kind-repair = Repair
kind-complaint = Complaint
kind-enquiry = Question
kind-suggestion = Suggestion
kind-service = Services
kind-key = Keys
kind-pass = Release pass
kind-delivery = Parcel
kind-emergency = Emergency
progress-number-question = The digits of your number, please
progress-number-hint = It is on your slip: for R-1121-07 type 112107
progress-number-label = Number
progress-number-again = That looks a little short. Please look once more
progress-phone-question = The last 4 digits of your phone, please
progress-phone-hint = The number that you left with us
progress-go = Look up
progress-sending = Looking it up, one moment please
progress-noting = Noting it down, one moment please
progress-unknown = Sorry, I found nothing. Please check the number and the last 4 digits once more, or touch "Staff help"
progress-later = Please look again after { $time }
progress-later-now = Several tries did not match, so there is a short wait: it keeps everybody's data safe. If it is urgent, touch "Staff help".
progress-changed = Something new has just happened
progress-changed-now = Please look at how it stands now.
progress-look = Look now
progress-earlier = Earlier { $n }/{ $of }
progress-chase = Remind
progress-withdraw = Withdraw
progress-rate = Rate
progress-chased = The service centre is being reminded.
progress-withdrawn = It is withdrawn. Please tell us whenever you need us.
progress-withdraw-question = Would you like to withdraw { $number }?
progress-withdraw-now = Nobody works on it any more from then on.
progress-withdraw-no = Keep it
progress-withdraw-yes = Withdraw
stage-received = Received
stage-accepted = Taken on
stage-appointed = Time agreed
stage-arrived = Arrived
stage-no-access = You were out
stage-quoted = Price told
stage-working = Being worked on
stage-told = Progress
stage-answered = Answered
stage-done = Done
stage-called-back = Asked afterwards
stage-chased = You reminded us
stage-late = Late, we are sorry
stage-withdrawn = Withdrawn
stage-closed = Closed
promise-accept = Somebody takes it by { $when }
promise-arrive = Somebody is there by { $when }
promise-solve = Solved by { $when }
promise-reply = Answered by { $when }
promise-progress = You hear more by { $when }
promise-call = A call by { $when }
promise-result = The result by { $when }
promise-call-back = We ask you by { $when }
promise-other = The next step by { $when }

# Keys

# Release pass

# Parcels

# Rating
rate-service = How was the service?
rate-quality = How was the work?
rate-time = How was the time that it took?
rate-5 = Very good
rate-4 = Good
rate-3 = Fair
rate-2 = Poor
rate-1 = Very poor
rate-thanks = Thank you for telling us
rate-thanks-now = We read every rating, to serve you better.

# The end
time-today = { $time } today
time-tomorrow = { $time } tomorrow
time-yesterday = { $time } yesterday
time-day = { $time } on { $day }/{ $month }
anything-else = Anything else we can do for you?
more = Yes, please
done = Done
finish = No, thank you
finish-code = Scan to keep

# Staff help, emergency
help-sending = Finding somebody for you, one moment please
help-told = Noted. The service centre is being told
help-coming = { $who } is coming
help-told-now = Please wait here, or take a seat.
help-number = Request { $number }
help-phone = You can also call { $phone }
help-return = Back to where I was
help-failed = Sorry, the message cannot go out just now
help-failed-now = Please ask the guard at the door, who will help you at once.
emergency-question = Do you need somebody at once?
emergency-now = Touch the button below and we tell the staff on duty at once.
emergency-120 = If somebody is hurt or ill, please also call 120.
emergency-confirm = Yes, please come now
emergency-cancel = No, go back
emergency-told = Telling the staff on duty
emergency-told-now = Please stay here, or ask somebody near you to help.
emergency-failed = Please call 120 now, or call out to the guard
emergency-failed-now = The message cannot go out from here, sorry.

# Services
services-title = Services
services-call = Service centre: { $phone }
services-person = Call somebody
services-person-hint = We tell them at once

# Notices and handbook
handbook-title = Notices, handbook
handbook-hint = Rules, news, events
section-notice = Notices
section-handbook = Handbook
section-moving-in = Moving in, out
section-decoration = Renovation
section-activities = Activities
section-committee = Committee
section-assembly = Owners' assembly
section-news = Service news
section-surroundings = Getting around
list-next = More { $n }/{ $of }
page-next = Next page { $n }/{ $of }
entry-contact = Ask: { $who }
entry-until = Valid until { $day }

# Household services
catalogue-title = 29 services
catalogue-hint = Names and prices
catalogue-price = { $from } to { $to } yuan each, plus material
catalogue-note = You hear the price before you agree.
service-01 = Mail, sent and received
service-02 = Car club membership
service-03 = Hotels and travel
service-04 = Newspapers, magazines
service-05 = Coach, ship and air tickets
service-06 = Drinking water
service-07 = Homes to let and for sale
service-08 = Car hire
service-09 = Festival gifts
service-10 = Dry cleaning, door to door
service-11 = Phone, internet accounts
service-12 = Festival events
service-13 = Company parties
service-14 = Fitting glass
service-15 = Fitting extractor fans
service-16 = Fitting air conditioners
service-17 = Fitting lamps
service-18 = Fitting bathroom ware
service-19 = Indoor plants for hire
service-20 = Meeting, seeing off guests
service-21 = Waxing wooden floors
service-22 = Local fax
service-23 = Chinese, English typing
service-24 = Electrical repairs
service-25 = Windows, curtains, blinds
service-26 = Clearing drains
service-27 = Power and water meters
service-28 = Switches, sockets, boxes
service-29 = Bulbs, tubes and shades

# Not written down
trouble-title = Sorry, that could not be noted
trouble-now = Everything you typed is still here. Please try once more. We apologise for the trouble.
trouble-phone = You can also call the service centre: { $phone }
trouble-person = You can also touch "Staff help", or ask the guard at the door.
retry = Try again

# Nobody has touched the glass for a while
idle-question = Do you need more time?
idle-now = Home in { $seconds } seconds. What you typed will be cleared.
idle-stay = Yes, please go on
idle-leave = No, thank you
