"""Which devices are heard, and that none of them carries the bot's voice."""

from __future__ import annotations

import pytest

from meetbot.core.errors import ConfigError
from meetbot_virtualcam.cables import find_cables
from meetbot_virtualcam.ears import Stamper
from meetbot_virtualcam.microphones import choose_monitor, choose_own, not_ours
from meetbot_virtualcam.sound_ports import Device

HEADSET = Device("alsa_input.usb", "Jabra Evolve 65")
BUILT_IN = Device("alsa_input.pci", "Built-in Audio")
MONITOR = Device("alsa_output.pci.monitor", "Monitor of Built-in Audio", of="pci", monitor=True)
SINK = Device("meetbot_voice", "Meetbot voice", ours=True)
OURS = Device("meetbot_microphone", "Meetbot microphone", ours=True)
OF_OURS = Device("noise_free", "Noise suppression", of="meetbot_microphone")
OF_THAT = Device("twice", "Equalizer", of="noise_free")
ALL = (MONITOR, OURS, OF_THAT, OF_OURS, BUILT_IN, HEADSET)


def test_what_is_made_of_the_bots_microphone_counts_as_the_bots() -> None:
    assert not_ours(ALL) == [MONITOR, BUILT_IN, HEADSET]


@pytest.mark.parametrize(
    ("default", "wanted", "chosen"),
    [
        ("alsa_input.usb", None, HEADSET),
        ("alsa_input.pci", None, BUILT_IN),
        (None, None, BUILT_IN),
        ("meetbot_microphone", None, BUILT_IN),
        ("noise_free", None, BUILT_IN),
        ("alsa_output.pci.monitor", None, BUILT_IN),
        ("alsa_input.pci", "jabra", HEADSET),
        ("alsa_input.usb", "Built-in Audio", BUILT_IN),
        ("alsa_input.usb", "alsa_output.pci.monitor", MONITOR),
        ("alsa_input.usb", "not there", None),
    ],
)
def test_ones_own_microphone_is_the_wanted_or_the_default_one(
    default: str | None, wanted: str | None, chosen: Device | None
) -> None:
    assert choose_own(ALL, default, wanted) == chosen


def test_no_microphone_is_chosen_where_there_are_only_the_bots() -> None:
    assert choose_own((MONITOR, OURS, OF_OURS, OF_THAT), "meetbot_microphone", None) is None


@pytest.mark.parametrize("wanted", ["Meetbot microphone", "noise_free", "equalizer"])
def test_a_microphone_with_the_bots_voice_in_it_is_refused(wanted: str) -> None:
    with pytest.raises(ConfigError, match="would hear itself"):
        choose_own(ALL, None, wanted)


def test_the_bots_own_loudspeaker_is_never_listened_to() -> None:
    speakers = Device("pci", "Speakers")
    assert choose_monitor((SINK, speakers), "meetbot_voice", None) == speakers
    assert choose_monitor((SINK,), "meetbot_voice", None) is None


@pytest.mark.parametrize(
    ("speakers", "microphones", "names"),
    [
        (
            ["Speakers", "CABLE Input (VB-Audio Virtual Cable)"],
            ["CABLE Output (VB-Audio)"],
            "CABLE",
        ),
        (["BlackHole 16ch", "BlackHole 2ch"], ["BlackHole 16ch", "BlackHole 2ch"], "BlackHole 2ch"),
        (["VoiceMeeter Input"], ["VoiceMeeter Output"], "VoiceMeeter"),
        (["Speakers"], ["Microphone"], None),
        (["CABLE Input"], ["Microphone"], None),
    ],
)
def test_virtual_cables_are_known_by_their_names(
    speakers: list[str], microphones: list[str], names: str | None
) -> None:
    cables = find_cables([Device(s, s) for s in speakers], [Device(m, m) for m in microphones])
    if names is None:
        assert cables == []
    else:
        assert cables[0].speaker.label.startswith(names)
        assert cables[0].microphone.label.startswith(names)


def test_times_of_capture_are_counted_on_and_begun_anew_when_far_off() -> None:
    stamper = Stamper()
    ms = 1_000_000
    assert stamper.stamp(1_000 * ms, 480) == 1_000 * ms
    assert stamper.stamp(1_030 * ms, 480) == 1_010 * ms
    assert stamper.stamp(1_075 * ms, 480) == 1_020 * ms
    assert stamper.stamp(1_500 * ms, 480) == 1_500 * ms
    assert stamper.stamp(1_505 * ms, 480) == 1_510 * ms
