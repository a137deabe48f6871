"""Simulated meetings at one microphone, by people whom the calibration has not seen.

    python benchmarks/simulate_meetings.py --data DIR [--meetings N]

``DIR`` as for ``calibrate_speakers.py``. In each of four folds the identifier is calibrated on
three quarters of the people and meets the others: two to six of them in turn, through one channel.
Prints how much was named, how much of that wrongly, and how many people were invented.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from calibrate_speakers import FOLDS, calibrate, load_sound
from channels import CHANNELS
from meetbot.core.types import Participant
from meetbot.engines.registry import load_engine
from meetbot.models import ModelStore
from meetbot.people import PeopleDirectory, Rules, VoiceIdentifier
from meetbot.people.present import Priors
from meetbot.store import Store
from pairs import Bank

if TYPE_CHECKING:
    from meetbot.core.ports import SpeakerEncoder
    from meetbot.people.voices import Scorer

__all__ = ["Tally", "main", "simulate"]

RATE = 16_000
SILENCE = np.zeros(RATE // 5, np.float32)


@dataclass(slots=True)
class Tally:
    """Seconds of speech by what became of them, and people counted."""

    seconds: float = 0.0
    right: float = 0.0
    wrong: float = 0.0
    present: int = 0
    found: int = 0
    invented: int = 0

    def add(self, other: Tally) -> None:
        """Sum up."""
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))

    def rates(self) -> dict[str, float]:
        """Shares that people understand."""
        return {
            "named_right": round(self.right / self.seconds, 4),
            "named_wrong": round(self.wrong / self.seconds, 4),
            "found_of_present": round(self.found / self.present, 4),
            "invented_per_present": round(self.invented / self.present, 4),
        }


def utterances(
    sounds: dict[str, np.ndarray], people: list[str], rng: np.random.Generator
) -> list[tuple[str, np.ndarray]]:
    """The people's recordings cut into turns of 1…5 s, each person's in order, people mixed."""
    waiting: dict[str, list[np.ndarray]] = {}
    for person in people:
        sound, at = sounds[person], 0
        while len(sound) - at >= RATE:
            size = int(rng.uniform(1.0, 5.0) * RATE)
            waiting.setdefault(person, []).append(sound[at : at + size])
            at += size
    order = []
    while waiting:
        person = str(rng.choice(sorted(waiting)))
        order.append((person, waiting[person].pop(0)))
        if not waiting[person]:
            del waiting[person]
    return [(who, np.concatenate([SILENCE, piece, SILENCE])) for who, piece in order]


async def simulate(
    turns: list[tuple[str, np.ndarray]],
    encoder: SpeakerEncoder,
    scorer: Scorer,
    rules: Rules,
    priors: Priors,
) -> Tally:
    """One meeting; a found person belongs to whoever spoke most under the name."""
    microphone = Participant("m", "Microphone", shared_microphone=True)
    said: list[tuple[str, str | None, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(folder) as store:
            identifier = VoiceIdentifier(
                encoder, PeopleDirectory(store), rules=rules, priors=priors, scorer=scorer
            )
            for who, audio in turns:
                for span in await identifier.attribute(audio, participant=microphone):
                    name = span.speaker.person_id if span.speaker else None
                    said.append((who, name, (span.end - span.start) / RATE))
    return tally(said)


def tally(said: list[tuple[str, str | None, float]]) -> Tally:
    """Count what was said by whom under which name."""
    spoken: dict[str, dict[str, float]] = {}
    for who, name, seconds in said:
        if name is not None:
            spoken.setdefault(name, {}).setdefault(who, 0.0)
            spoken[name][who] += seconds
    owners = {name: max(by, key=lambda who: by[who]) for name, by in spoken.items()}
    people = {who for who, _, _ in said}
    main_name: dict[str, str] = {}
    for name, owner in owners.items():
        best = main_name.get(owner)
        if best is None or spoken[name][owner] > spoken[best][owner]:
            main_name[owner] = name
    result = Tally(present=len(people), found=len(main_name))
    result.invented = len(owners) - len(main_name)
    for who, name, seconds in said:
        result.seconds += seconds
        if name is not None:
            good = main_name.get(who) == name
            result.right += seconds * good
            result.wrong += seconds * (not good)
    return result


async def run(options: argparse.Namespace, rules: Rules, priors: Priors) -> dict[str, object]:
    """All folds and channels."""
    encoder: SpeakerEncoder = load_engine("speaker", options.encoder, ModelStore(), object())
    bank = Bank.load(options.cache)
    files = {p.stem: p for p in sorted(options.data.glob("*.flac"))}
    people = [p for p in sorted(bank.people) if p in files]
    rng = np.random.default_rng(options.seed)
    order = [people[index] for index in rng.permutation(len(people))]
    total: dict[str, Tally] = {}
    for fold in range(FOLDS):
        strangers = order[fold::FOLDS]
        scorer, _ = calibrate(encoder.model_id, bank, [p for p in order if p not in strangers])
        sounds = {p: load_sound(files[p]) for p in strangers}
        long = [p for p in strangers if len(sounds[p]) >= 6 * RATE]
        for index in range(options.meetings):
            channel = sorted(CHANNELS)[(index + fold) % len(CHANNELS)]
            chosen = [str(p) for p in rng.choice(long, 2 + index % 5, replace=False)]
            through = {p: CHANNELS[channel](sounds[p]) for p in chosen}
            turns = utterances(through, chosen, rng)
            result = await simulate(turns, encoder, scorer, rules, priors)
            for key in ("all", channel, f"{len(chosen)} people"):
                total.setdefault(key, Tally()).add(result)
    return {key: tally.rates() for key, tally in sorted(total.items())}


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True, help="from calibrate_speakers.py")
    parser.add_argument("--encoder", default="ge2e")
    parser.add_argument("--meetings", type=int, default=7, help="per fold")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    result = asyncio.run(run(options, Rules(), Priors()))
    settings = {"rules": asdict(Rules()), "priors": asdict(Priors())}
    sys.stdout.write(json.dumps({**settings, "meetings": result}, indent=1) + "\n")


if __name__ == "__main__":
    main()
