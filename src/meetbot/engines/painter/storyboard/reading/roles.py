"""Where a thing may stand, by what kind of thing its icon is; and which icons no text brings."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, cast

from meetbot.engines.painter.storyboard.reading.lexicon import listed, read_table

if TYPE_CHECKING:
    from meetbot.engines.painter.storyboard.reading.icons import IconSet
    from meetbot.engines.painter.storyboard.values import Role

__all__ = ["is_shown", "role_of"]

_BY_SUBGROUP: Final[tuple[tuple[range, Role], ...]] = (
    (range(16), "symbol"),
    (range(16, 23), "symbol"),
    (range(23, 31), "person"),
    (range(31, 32), "symbol"),
    (range(34, 40), "animal"),
    (range(40, 42), "plant"),
    (range(42, 48), "food"),
    (range(48, 49), "object"),
    (range(49, 51), "land"),
    (range(51, 53), "building"),
    (range(53, 54), "land"),
    (range(54, 57), "vehicle"),
    (range(57, 59), "object"),
    (range(59, 60), "sky"),
    (range(60, 62), "object"),
    (range(62, 63), "activity"),
    (range(63, 83), "object"),
    (range(83, 100), "symbol"),
)
"""Unicode's subgroups of emoji, in its order."""

_HIDDEN = re.compile(
    r"""keycap|-button|-oclock$|-thirty$|circle$|square$|-diamond$|(?<!and)-arrow|input-|-sign$
    |^black-(?!cat)|^white-(?!flag|cane|flower|heart)|diamond|asterisk|-mark$|-suit$|curly-loop
    |transgender|gender|no-one|prohibited|no-|-room$|restroom|water-closet|on-ground$|infinity
    |middle-finger|pile-of-poo|kiss-mark|tongue|cigarette-butt|circled|trident|part-alternation
    |facing-right$|divide|multiply|^plus$|^minus$|equals|-dash$|^om$|khanda|latin-cross|menorah
    |wheel-of-dharma|star-of-david|dotted|star-and-crescent|orthodox-cross|yin-yang|peace-symbol
    |aries|taurus|gemini|^cancer$|^leo$|virgo|libra|scorpio$|sagittarius|capricorn|aquarius|pisces
    |ophiuchus|copyright|registered|trade-mark|^hamsa$|nazar|-hand$|-fist$|backhand|index-pointing
    |-skin|finger|pinch|palm-(up|down)|palms-|^hole$|anger-|speaking-head|^information$|^label$|^mate$|^knot$
    |silhouette$|^id-|medical-symbol|^baby-symbol$|banknote$""",
    re.VERBOSE,
)


@cache
def _overrides() -> dict[str, Role]:
    return {
        icon: cast("Role", role)
        for role, icons in read_table("roles").items()
        for icon in listed(icons)
    }


def role_of(icons: IconSet, icon: str) -> Role:
    """Where ``icon`` may stand: by Unicode's subgroup of it, but for what that misplaces."""
    if icon in (placed := _overrides()):
        return placed[icon]
    _, subgroup = icons.kind(icon)
    return next((role for range_, role in _BY_SUBGROUP if subgroup in range_), "object")


def is_shown(icons: IconSet, icon: str) -> bool:
    """Whether a mere keyword brings this icon; the lexicon may bring any."""
    group, _ = icons.kind(icon)
    return group not in (-1, 9) and not _HIDDEN.search(icon)
