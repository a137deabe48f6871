"""What the bot says about its pictures, in English and Russian."""

from __future__ import annotations

from enum import Enum

__all__ = ["Phrase"]


class Phrase(Enum):
    """A line in the languages that the bot has it in; any other language gets English."""

    LATE = (
        "Sorry, that picture took too long and was dropped.",
        "Простите, эта картинка рисовалась слишком долго, её не будет.",
    )
    FAILED = ("Sorry, that picture did not work out.", "Простите, эта картинка не получилась.")
    UNSAFE = ("Sorry, I don't paint that.", "Простите, такое я не рисую.")
    BUSY = (
        "Sorry, too many pictures are asked for already; ask again in a moment.",
        "Простите, меня уже просят о слишком многих картинках; попросите чуть позже.",
    )
    NOTHING = ("There is nothing to paint yet.", "Пока нечего рисовать.")
    STYLE = ("{name} is painted in {what} from now on.", "Стиль картинок ({name}): {what}.")
    COLOURS = (
        "{name}'s pictures are in {what} from now on.",
        "Цвета картинок ({name}): {what}.",
    )
    LIKES = ("Noted for {name}'s pictures: {what}.", "В картинках ({name}) теперь будет: {what}.")
    DISLIKES = (
        "There will be no {what} in {name}'s pictures.",
        "Больше не будет в картинках ({name}): {what}.",
    )
    FORGOTTEN = (
        "What {name} wished for pictures is forgotten.",
        "Пожелания к картинкам ({name}) забыты.",
    )
    UNKNOWN_STYLE = (
        "I don't know the style “{what}”. I know: {known}.",
        "Стиля «{what}» я не знаю. Знаю: {known}.",
    )
    UNKEPT = (
        "{name}'s wish holds for this meeting; it could not be kept for the next.",
        "Пожелание ({name}) действует на этой встрече; сохранить его не удалось.",
    )

    def text(self, language: str, **words: str) -> str:
        """The line in ``language`` (ISO 639-1), with ``words`` in their places."""
        english, russian = self.value
        return (russian if language == "ru" else english).format(**words)
