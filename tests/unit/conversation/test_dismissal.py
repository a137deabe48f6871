from __future__ import annotations

import pytest

from meetbot.conversation.dismissal import Dismissal

SENT = """
Meetbot, please leave.
Meetbot, leave the meeting.
You can go now, Meetbot.
Please leave the room, Meetbot.
Meetbot, could you leave the call, please?
Okay Meetbot, you can leave now.
Meetbot, I'd like you to leave the meeting.
Hey Meetbot, leave.
Meetbot please leave
leave the meeting meetbot
you can go now meetbot
Thanks, Meetbot, that's all. You can go.
Meetbot, that will be all, you may leave.
Meetbot, please disconnect.
Meetbot, get out of this call.
Meetbot, we don't need you anymore, you can go.
Meetbot, you're dismissed.
Meetbot, go away.
Meetbot, please hang up.
Meetbot, drop off the call, please.
Meet bot, leave the conversation now.
Meatbot, please leave the meeting.
Meetbot, it's time for you to leave.
Meetbot, exit the room.
Meetbot, would you please leave us alone?
Meetbot, will you leave the meeting now, thank you.
Meetbot, I think you should leave.
Meetbot, please log off.
Please go, Meetbot.
Meetbot! Leave, please!
Meetbot, feel free to leave.
MEETBOT, LEAVE THE ROOM
Alright Meetbot, that's enough, please leave the meeting now.
Meetbot, thank you for your help, you may go now.
Meetbot, we'd like to continue without you, please leave.
Митбот, спасибо за помощь, можешь идти.
Митбот, мы хотим поговорить без тебя, выйди, пожалуйста.
Митбот, выйди, пожалуйста.
Митбот, покинь встречу.
Митбот, уйди.
Митбот, выйди из комнаты.
Митбот, можешь идти.
Можешь идти, Митбот.
Митбот, пожалуйста, покинь звонок.
Митбот, отключись.
Митбот, уходи.
Митбот, ты свободен.
Митбот, оставь нас наедине.
Митбот, выйди из разговора, пожалуйста.
Митбот, ты нам больше не нужен.
Спасибо, Митбот, можешь быть свободен.
Митбот, не мог бы ты выйти из звонка?
Митбот, я хочу, чтобы ты вышел.
Выйди, пожалуйста, Митбот.
покинь встречу митбот
Митбот, тебе пора уходить.
Митбот, давай выходи.
Мит бот, выйди из встречи.
Эй, Митбот, выйди сейчас же.
Митбот, прошу тебя покинуть конференцию.
Митбот, отключайся, пожалуйста, от звонка.
Митбот, выйдите из созвона.
Хорошо, Митбот, уходи.
Meetbot, выйди из комнаты.
Митбот, ты можешь уйти.
"""

KEPT = """
Did Meetbot leave a note?
Don't leave, Meetbot.
Meetbot, don't leave yet.
Meetbot, please do not go.
Meetbot, did Anna leave the meeting?
Meetbot, when does Boris leave?
Meetbot left the meeting yesterday.
When will Meetbot leave?
I have to leave the meeting.
Please leave the door open.
Meetbot, leave a comment on that.
Meetbot, leave it.
Meetbot, leave out the budget.
Meetbot, who left the room?
Meetbot, should we leave now?
Can I leave, Meetbot?
Meetbot, may I leave the meeting?
Meetbot, what happens if you leave?
Meetbot, are you leaving?
Somebody asked Meetbot to leave.
We could tell Meetbot to leave the meeting.
Meetbot, when everybody is gone, summarise the call.
Meetbot, please leave. No, wait.
Leave Meetbot.
I want Meetbot to leave.
Meetbot, if it gets late, leave the meeting.
Meetbot, Anna said, leave the meeting.
We should leave Meetbot running.
Anna, please leave the room.
Meetbot, let's go.
Meetbot, go on.
Meetbot, go ahead.
Meetbot, stop.
Meetbot, leave us a summary.
Goodbye, Meetbot.
You can go now.
Please leave the meeting.
Meetbot, how do I leave the meeting?
Meetbot, remind Boris to leave the room.
Meetbot, draw people leaving the room.
Meetbot, what did Anna say about leaving the company?
Митбот, не уходи.
Митбот, не надо выходить.
Митбот ушёл вчера рано.
Митбот, кто вышел из комнаты?
Митбот, когда Анна ушла?
Мне пора уходить.
Анна, выйди, пожалуйста.
Митбот, что будет, если ты уйдёшь?
Митбот, можно мне выйти?
Митбот, выйди. Нет, подожди.
Митбот, оставь комментарий.
Митбот, оставь это.
Почему Митбот вышел из встречи?
Попроси Митбота уйти.
Митбот, продолжай.
Митбот, иди дальше по списку.
Митбот, нарисуй, как люди выходят из комнаты.
Митбот, как выйти из встречи?
Пока, Митбот.
Можешь идти.
Митбот, хватит.
Митбот, стоит ли нам уходить?
Митбот, напомни Борису выйти.
Митбот сказал, чтобы ты вышел из комнаты.
Мы попросили, чтобы Митбот покинул встречу.
"""


@pytest.fixture
def dismissal() -> Dismissal:
    return Dismissal(["Meetbot", "Meetbot (AI)", "Митбот"])


@pytest.mark.parametrize("text", SENT.strip().splitlines())
def test_the_bot_is_sent_away(dismissal: Dismissal, text: str) -> None:
    assert dismissal.meant(text, expected=False)


@pytest.mark.parametrize("text", KEPT.strip().splitlines())
def test_what_only_sounds_like_it_sends_nobody_away(dismissal: Dismissal, text: str) -> None:
    assert not dismissal.meant(text, expected=False)


@pytest.mark.parametrize("text", ["You can go now.", "Please leave the meeting.", "Можешь идти."])
def test_no_name_is_needed_by_whom_the_bot_listens_to(dismissal: Dismissal, text: str) -> None:
    assert dismissal.meant(text, expected=True)


@pytest.mark.parametrize("text", ["I have to leave the meeting.", "Let's go.", "Мне пора уходить."])
def test_who_leaves_themselves_does_not_send_the_bot_away(dismissal: Dismissal, text: str) -> None:
    assert not dismissal.meant(text, expected=True)


def test_a_long_text_is_no_order_and_is_not_searched(dismissal: Dismissal) -> None:
    assert not dismissal.meant("Meetbot, please " * 500 + "leave", expected=True)
