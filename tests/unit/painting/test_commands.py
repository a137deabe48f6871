"""What is asked of the painter in so many words, and what only sounds like it."""

from __future__ import annotations

import pytest

from meetbot.engines.painter.storyboard.styles import STYLES
from meetbot.painting.commands import Commands, Drawing, Wish

COMMANDS = Commands(STYLES)

DRAWINGS = [
    ("draw a cat", "a cat"),
    ("Draw me a cat, please.", "a cat"),
    ("Please draw a castle on a hill.", "a castle on a hill"),
    ("Can you draw a red bicycle?", "a red bicycle"),
    ("Could you please paint the old harbour of Genoa?", "the old harbour of Genoa"),
    ("paint us a picture of a thunderstorm", "a thunderstorm"),
    ("Sketch two friends in a kitchen", "two friends in a kitchen"),
    ("illustrate our trip to Texas", "our trip to Texas"),
    ("show me a lighthouse", "a lighthouse"),
    ("Show us a picture of the solar system!", "the solar system"),
    ("show me what a volcano looks like", "a volcano"),
    ("Make a drawing of my grandmother's house", "my grandmother's house"),
    ("create an image with three horses", "three horses"),
    ("Generate a funny picture about Monday mornings", "Monday mornings"),
    ("I'd like to see a picture of the sea", "the sea"),
    ("I want a sketch of a dragon", "a dragon"),
    ("Can we have an illustration of a market?", "a market"),
    ("Now draw a dog instead", "a dog"),
    ("I want you to draw a spaceship", "a spaceship"),
    ("Would you paint a bowl of soup for me?", "a bowl of soup"),
    ("let's draw a train", "a train"),
    ("Hey, just draw something", ""),
    ("draw what we are talking about", ""),
    ("paint what Anna just said", ""),
    ("another picture, please", ""),
    ("draw it again", ""),
    ("draw me", ""),
    ("imagine a city on the moon", "a city on the moon"),
    ("Visualize our roadmap", "our roadmap"),
    ("draw me in a spaceship", "me in a spaceship"),
    ("I think so. Draw a truck.", "a truck"),
    ("Draw a house. It has a red roof.", "a house. It has a red roof"),
    ("depict a winter evening in Moscow", "a winter evening in Moscow"),
    ("Draw 🍕🍕", "🍕🍕"),
    ("нарисуй кота", "кота"),
    ("Нарисуй, пожалуйста, замок на горе.", "замок на горе"),
    ("Нарисуй мне красный велосипед", "красный велосипед"),
    ("Можешь нарисовать старый порт?", "старый порт"),
    ("Не мог бы ты изобразить грозу над морем?", "грозу над морем"),
    ("изобрази двух друзей на кухне", "двух друзей на кухне"),
    ("Набросай лошадь в поле", "лошадь в поле"),
    ("Проиллюстрируйте наш разговор с врачом", "наш разговор с врачом"),
    ("покажи картинку с маяком", "маяком"),
    ("Покажи мне рисунок кота", "кота"),
    ("сделай картинку про понедельник", "понедельник"),
    ("Создай изображение солнечной системы", "солнечной системы"),
    ("Сгенерируй смешную картинку про зиму", "зиму"),
    ("Хочу картинку с драконом", "драконом"),
    ("Я хочу увидеть картинку с морем", "морем"),
    ("покажи, как выглядит вулкан", "вулкан"),
    ("Нарисуй картинку, на которой едет поезд", "едет поезд"),
    ("Теперь нарисуй собаку", "собаку"),
    ("Давай нарисуем космический корабль", "космический корабль"),
    ("Я хочу, чтобы ты нарисовал снег", "снег"),
    ("рисуй лес", "лес"),
    ("Нарисуйте нам дом у озера", "дом у озера"),
    ("нарисуй тарелку супа для меня", "тарелку супа"),
    ("Слушай, нарисуй велосипед", "велосипед"),
    ("нарисуй что-нибудь", ""),
    ("Нарисуй меня", ""),
    ("Нарисуй то, о чём мы говорим", ""),
    ("Ещё одну картинку", ""),
    ("Нарисуй ещё раз", ""),
    ("Понятно. Нарисуй грузовик.", "грузовик"),
    ("Нарисуй ёлку и ёжика", "ёлку и ёжика"),
    ("Попробуй нарисовать радугу", "радугу"),
]

WISHES = [
    ("paint me in watercolour", Wish(style="watercolour")),
    ("Please paint me in watercolor from now on.", Wish(style="watercolour")),
    ("Could you draw us as a blueprint?", Wish(style="blueprint")),
    ("draw my pictures in ink", Wish(style="ink")),
    ("use watercolour", Wish(style="watercolour")),
    ("switch to the blueprint style", Wish(style="blueprint")),
    ("change my style to flat", Wish(style="flat")),
    ("my style is papercut", Wish(style="papercut")),
    ("I want watercolour", Wish(style="watercolour")),
    ("In watercolour, please.", Wish(style="watercolour")),
    ("I like cats", Wish(likes=("cats",))),
    ("I love cats and dogs.", Wish(likes=("cats", "dogs"))),
    ("My favourite animal is a fox", Wish(likes=("fox",))),
    ("paint more flowers", Wish(likes=("flowers",))),
    ("Add a cat to my pictures", Wish(likes=("cat",))),
    ("more trees in my pictures", Wish(likes=("trees",))),
    ("don't draw spiders", Wish(dislikes=("spiders",))),
    ("Please don't draw any spiders or snakes.", Wish(dislikes=("spiders", "snakes"))),
    ("never show me clowns again", Wish(dislikes=("clowns",))),
    ("no more spiders please", Wish(dislikes=("spiders",))),
    ("Stop drawing cars", Wish(dislikes=("cars",))),
    ("No spiders!", Wish(dislikes=("spiders",))),
    (
        "Paint me in watercolour and don't draw spiders",
        Wish(style="watercolour", dislikes=("spiders",)),
    ),
    ("Stop painting me in watercolour", Wish(forget=True)),
    ("рисуй меня тушью и побольше котов", Wish(style="ink", likes=("котов",))),
    ("I hate snakes", Wish(dislikes=("snakes",))),
    ("I don't like clowns", Wish(dislikes=("clowns",))),
    ("forget my style", Wish(forget=True)),
    ("Reset my colours", Wish(forget=True)),
    ("forget my style and colours", Wish(forget=True)),
    ("go back to the default style", Wish(forget=True)),
    ("paint me in the style of cubism", Wish(unknown="cubism")),
    ("use the pixel art style", Wish(unknown="pixel art")),
    ("рисуй меня акварелью", Wish(style="watercolour")),
    ("Рисуй меня, пожалуйста, в стиле акварели.", Wish(style="watercolour")),
    ("Можешь рисовать меня тушью?", Wish(style="ink")),
    ("рисуй мои картинки как чертёж", Wish(style="blueprint")),
    ("хочу акварель", Wish(style="watercolour")),
    ("смени стиль на аппликацию", Wish(style="papercut")),
    ("Мой стиль — плоский", Wish(style="flat")),
    ("я люблю котов", Wish(likes=("котов",))),
    ("Мне нравятся кошки и собаки", Wish(likes=("кошки", "собаки"))),
    ("Рисуй побольше цветов", Wish(likes=("цветов",))),
    ("Добавь кота на мои картинки", Wish(likes=("кота",))),
    ("больше не рисуй пауков", Wish(dislikes=("пауков",))),
    ("Не рисуй мне больше змей и пауков.", Wish(dislikes=("змей", "пауков"))),
    ("хватит рисовать машины", Wish(dislikes=("машины",))),
    ("Перестань рисовать клоунов", Wish(dislikes=("клоунов",))),
    ("я не люблю пауков", Wish(dislikes=("пауков",))),
    ("Мне не нравятся клоуны", Wish(dislikes=("клоуны",))),
    ("Ненавижу змей", Wish(dislikes=("змей",))),
    ("никаких пауков", Wish(dislikes=("пауков",))),
    ("забудь мой стиль", Wish(forget=True)),
    ("Сбрось мои цвета", Wish(forget=True)),
    ("верни обычный стиль", Wish(forget=True)),
    ("рисуй меня в стиле кубизма", Wish(unknown="кубизма")),
]

COLOURS = [
    ("use warm colours", "warm colours"),
    ("Use bright colours please", "bright colours"),
    ("paint me in blue and gold", "blue and gold"),
    ("I want pastel tones", "pastel colours"),
    ("I'd like dark colours", "dark colours"),
    ("make my pictures green", "green"),
    ("my colours are red and white", "red and white"),
    ("draw me in black and white", "monochrome colours"),
    ("I like blue", "blue"),
    ("make my pictures darker", "dark colours"),
    ("use colder colours", "cool colours"),
    ("Сделай мои картинки ярче", "яркие"),
    ("хочу тёплые цвета", "тёплые"),
    ("Рисуй меня синим и золотым", "синий, золотой"),
    ("рисуй меня в холодных тонах", "холодные"),
    ("используй яркие цвета", "яркие"),
    ("Давай пастельные тона", "пастельные"),
    ("мои цвета — красный и белый", "красный, белый"),
    ("рисуй в чёрно-белых тонах", "чёрно-белые"),
]

NOTHING = [
    "What did Anna say about the drawing?",
    "Who painted the Mona Lisa?",
    "Did you draw a cat?",
    "Can you draw?",
    "How do you draw a cat?",
    "Why did you draw that?",
    "What style do you paint in?",
    "Do you like cats?",
    "Show me the decisions.",
    "No thanks",
    "No worries",
    "Imagine the worst",
    "Imagine that",
    "Picture this",
    "Put it on my list",
    "I'd like to add something",
    "Use what Anna said",
    "Make it so",
    "In the end",
    "Add this to the minutes",
    "Draw a distinction between the two",
    "Show me what Anna said about the budget",
    "Show me how it works",
    "Show us the summary of the meeting",
    "Let's draw a conclusion",
    "We should draw up a contract",
    "draw up a list of questions",
    "Draw on your experience",
    "Don't draw any conclusions from that",
    "I like the idea",
    "I like your answer",
    "I like what Diane said",
    "I like to paint",
    "I love it",
    "I don't like that",
    "I don't like this idea",
    "I want to paint the kitchen on Saturday",
    "I want an answer",
    "I'd like to know more about it",
    "We painted the fence yesterday",
    "The picture was beautiful",
    "That drawing is nice",
    "Is there a drawing of the house?",
    "Tell me about watercolour",
    "Use the other door",
    "Try again",
    "Forget it",
    "Forget what I said",
    "Make it short",
    "Give me a minute",
    "Give me more details",
    "No more questions",
    "In Texas",
    "Blue",
    "Thank you",
    "",
    "What colour is the house?",
    "How many pictures have you painted?",
    "Stop it",
    "Что Анна сказала о рисунке?",
    "Кто нарисовал эту картину?",
    "Ты нарисовал кота?",
    "Ты умеешь рисовать?",
    "Как нарисовать кота?",
    "Почему ты это нарисовал?",
    "В каком стиле ты рисуешь?",
    "Ты любишь кошек?",
    "Покажи решения",
    "Покажи, что сказала Анна",
    "Покажи нам итоги встречи",
    "Какие выводы можно сделать?",
    "Сделай выводы из разговора",
    "Мне нравится эта идея",
    "Мне нравится твой ответ",
    "Мне нравится, как ты говоришь",
    "Я люблю рисовать",
    "Мне это не нравится",
    "Я не люблю, когда опаздывают",
    "Я хочу покрасить кухню",
    "Хочу узнать больше об этом",
    "Мы вчера рисовали забор",
    "Картина была красивая",
    "Расскажи про акварель",
    "Возьми другую дверь",
    "Попробуй ещё раз",
    "Забудь об этом",
    "Забудь, что я сказал",
    "Сделай короче",
    "Давай дальше",
    "Дай мне минуту",
    "Больше вопросов нет",
    "Без проблем",
    "В Москве",
    "Синий",
    "Спасибо",
    "Какого цвета дом?",
    "Сколько картинок ты нарисовал?",
    "Хватит",
]


@pytest.mark.parametrize(("text", "subject"), DRAWINGS)
def test_a_request_for_a_picture(text: str, subject: str) -> None:
    command = COMMANDS.parse(text, named=False)
    assert isinstance(command, Drawing)
    assert command.subject == subject
    assert command.style is None


@pytest.mark.parametrize(("text", "wish"), WISHES)
def test_a_wish_how_to_be_painted(text: str, wish: Wish) -> None:
    assert COMMANDS.parse(text, named=True) == wish


@pytest.mark.parametrize(("text", "colours"), COLOURS)
def test_a_wish_for_colours(text: str, colours: str) -> None:
    wish = COMMANDS.parse(text, named=True)
    assert isinstance(wish, Wish)
    assert wish.colours == colours
    assert 2 <= len(wish.palette) <= 6
    assert not wish.likes


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_not_for_the_painter(text: str) -> None:
    assert COMMANDS.parse(text, named=True) is None


@pytest.mark.parametrize(
    "text",
    ["I like cats", "I hate Mondays", "No more spiders", "я люблю котов", "без сахара", "Blue"],
)
def test_tastes_are_no_wishes_unless_the_bot_is_called(text: str) -> None:
    assert COMMANDS.parse(text, named=False) is None


@pytest.mark.parametrize(
    ("style", "name"), [(style, name) for style, names in STYLES.items() for name in names]
)
def test_every_name_of_every_style(style: str, name: str) -> None:
    for text in (f"paint me in {name}", f"use the {name} style", f"рисуй меня в стиле {name}"):
        assert COMMANDS.parse(text, named=True) == Wish(style=style, palette=(), colours="")


def test_a_picture_in_a_style_is_no_wish() -> None:
    assert COMMANDS.parse("Paint a cat in watercolour", named=True) == Drawing(
        "a cat", "watercolour"
    )
    assert COMMANDS.parse("нарисуй кота в стиле акварели", named=True) == Drawing(
        "кота", "watercolour"
    )
    assert COMMANDS.parse("Paint a lighthouse in a storm in ink", named=True) == Drawing(
        "a lighthouse in a storm", "ink"
    )
    assert COMMANDS.parse("Paint a cat in a hat", named=True) == Drawing("a cat in a hat")
