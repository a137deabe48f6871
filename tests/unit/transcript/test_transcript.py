from __future__ import annotations

import html
import itertools
import json
import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from meetbot.core.errors import InputError
from meetbot.core.types import Participant, Speaker, Utterance, Word
from meetbot.transcript import (
    cues,
    to_document,
    to_markdown,
    to_srt,
    to_vtt,
    write_srt,
    write_vtt,
)

if TYPE_CHECKING:
    from pathlib import Path

S = 1_000_000_000
ANNA = Speaker("1", "Anna", "#7aa2ff")
PHONE = Participant("p", "Phone")


def utterance(
    text: str,
    start: float = 0.0,
    end: float = 1.0,
    *,
    speaker: Speaker | None = ANNA,
    participant: Participant = PHONE,
    words: tuple[Word, ...] = (),
    language: str = "en",
) -> Utterance:
    begin, finish = round(start * S), round(end * S)
    return Utterance("u", participant, speaker, text, language, begin, finish, words)


def spoken(text: str, start: float, pace: float) -> Utterance:
    """Words of ``text``, one each ``pace`` seconds."""
    words = tuple(
        Word(word, round((start + i * pace) * S), round((start + i * pace + pace * 0.8) * S))
        for i, word in enumerate(text.split())
    )
    return utterance(text, start, start + len(words) * pace, words=words)


def read_vtt(text: str) -> list[webvtt.Caption]:
    return list(webvtt.from_string(text).captions)


def test_a_vtt_cue_has_a_voice_span_and_times() -> None:
    (cue,) = read_vtt(to_vtt([utterance("Доброе утро!", 3661.5, 3663.25)]))
    assert cue.voice == "Anna"
    assert cue.text == "Доброе утро!"
    assert (cue.start, cue.end) == ("01:01:01.500", "01:01:03.250")


def test_markup_in_text_and_names_stays_text() -> None:
    mallory = Participant("m", "Eve</v><b>&\n\nX")
    text = "a --> b <script>alert(1)</script> & </v>\n\n00:00.000 --> 00:09.000\nfake"
    written = to_vtt([utterance(text, participant=mallory, speaker=None)])
    shown = list(read_vtt(written))
    assert all(cue.voice == html.escape("Eve</v><b>& X", quote=False) for cue in shown)
    assert html.unescape(" ".join(cue.text for cue in shown)).split() == text.split()
    assert set(re.findall(r"<[^>]*>", written)) == {f"<v {shown[0].voice}>", "</v>"}


def test_srt_has_the_name_before_the_text() -> None:
    written = to_srt([utterance("Hello there", 1, 2), utterance("Да <b>", 2, 3, speaker=None)])
    assert written == (
        "1\n00:00:01,000 --> 00:00:02,000\nAnna: Hello there\n\n"
        "2\n00:00:02,000 --> 00:00:03,000\nPhone: Да ‹b›\n"
    )
    back = webvtt.from_buffer(StringIO(written), format="srt").captions
    assert [cue.text for cue in back] == ["Anna: Hello there", "Phone: Да ‹b›"]


def test_long_speech_is_cut_by_the_times_of_its_words() -> None:
    text = " ".join(f"word{i}" for i in range(40))
    made = cues([spoken(text, 10.0, 0.5)])
    assert len(made) > 2
    assert " ".join(" ".join(cue.lines) for cue in made) == text
    for cue in made:
        assert len(cue.lines) <= 2
        assert all(len(line) <= 42 for line in cue.lines)
        first = int(cue.lines[0].split()[0].removeprefix("word"))
        last = int(cue.lines[-1].split()[-1].removeprefix("word"))
        assert cue.start_ns == round((10 + first * 0.5) * S)
        assert cue.end_ns == round((10 + last * 0.5 + 0.4) * S)


def test_without_word_times_the_span_is_shared_out() -> None:
    made = cues([utterance("abcdefghi " * 30, 0, 30)])
    assert made[0].start_ns == 0
    assert made[-1].end_ns == 30 * S
    assert all(a.end_ns <= b.start_ns for a, b in itertools.pairwise(made))


def test_a_long_silence_between_words_begins_a_new_cue() -> None:
    words = (Word("One.", 0, S), Word("Two.", 5 * S, 6 * S))
    assert [cue.lines for cue in cues([utterance("One. Two.", 0, 6, words=words)])] == [
        ("One.",),
        ("Two.",),
    ]


def test_two_who_speak_at_once_come_in_the_order_of_their_times() -> None:
    made = cues([utterance("later", 2, 3), utterance("earlier", 1, 4, speaker=None)])
    assert [cue.speaker for cue in made] == ["Phone", "Anna"]


def test_utterances_without_words_to_show_give_nothing() -> None:
    silent = utterance(" \u200b\n")
    assert read_vtt(to_vtt([silent])) == []
    assert to_srt([silent]) == ""
    assert to_document("a.wav", [silent])["segments"] == []


@given(
    st.lists(
        st.tuples(
            st.text(max_size=120), st.text(max_size=20), st.floats(0, 9000), st.floats(0, 30)
        ),
        max_size=5,
    )
)
def test_any_text_comes_back_as_it_was_shown(said: list[tuple[str, str, float, float]]) -> None:
    utterances = [
        utterance(text, start, start + long, participant=Participant("p", name), speaker=None)
        for text, name, start, long in said
    ]
    expected = cues(utterances)
    back = read_vtt(to_vtt(utterances))
    assert [html.unescape(c.text) for c in back] == ["\n".join(c.lines) for c in expected]
    assert [html.unescape(c.voice or "") for c in back] == [c.speaker for c in expected]
    assert all(c.start < c.end for c in back)
    plain = to_srt(utterances)
    if plain:
        shown = webvtt.from_buffer(StringIO(plain), format="srt").captions
        assert len(shown) == len(expected)


def test_files_are_utf_8_and_a_bad_place_is_a_clear_error(tmp_path: Path) -> None:
    said = [utterance("Привет, 世界")]
    write_vtt(tmp_path / "a.vtt", said)
    write_srt(tmp_path / "a.srt", said)
    assert webvtt.read(str(tmp_path / "a.vtt")).captions[0].text == "Привет, 世界"
    assert "Привет, 世界" in (tmp_path / "a.srt").read_text("utf-8")
    with pytest.raises(InputError, match=r"cannot write .*nowhere"):
        write_vtt(tmp_path / "nowhere" / "a.vtt", said)


def test_the_json_has_the_shape_of_the_contract() -> None:
    said = [
        utterance("Да.", 5, 9, speaker=None, language="ru"),
        spoken("Hello there", 1.0, 0.5),
    ]
    whole = json.loads(json.dumps(to_document("talk.wav", said)))
    assert whole == {
        "file": "talk.wav",
        "language": "ru",
        "segments": [
            {
                "start": 1.0,
                "end": 2.0,
                "speaker": "Anna",
                "text": "Hello there",
                "words": [
                    {"start": 1.0, "end": 1.4, "text": "Hello"},
                    {"start": 1.5, "end": 1.9, "text": "there"},
                ],
            },
            {"start": 5.0, "end": 9.0, "speaker": "Phone", "text": "Да.", "words": []},
        ],
        "speakers": [{"name": "Anna", "seconds": 1.0}, {"name": "Phone", "seconds": 4.0}],
    }


def test_markdown_joins_what_one_person_says_in_a_row_and_escapes_markup() -> None:
    said = [
        utterance("One.", 0, 1),
        utterance("*Two* [x](y) <b>", 1, 2),
        utterance("1. # three", 3725, 3726, speaker=None),
    ]
    assert to_markdown("Planning_day", said) == (
        "# Planning\\_day\n\n"
        "**Anna** · 0:00:00\n\nOne. \\*Two\\* \\[x\\](y) \\<b\\>\n\n"
        "**Phone** · 1:02:05\n\n1\\. # three\n"
    )
