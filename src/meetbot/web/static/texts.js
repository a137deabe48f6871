// Everything that the page says, in English and in Russian.
const TEXTS = {
  en: {
    name: "Your name", namePlaceholder: "As the others will see it", room: "Room", roomPlaceholder: "team-meeting",
    token: "Access token", microphone: "Microphone", camera: "Camera", none: "None",
    shared: "Several people at this microphone", sharedHint: "Voices are then told apart, and none bears your name.",
    sharedShort: "Shared mic", join: "Join", joining: "Joining…",
    aiNotice: "An AI takes part: it listens, writes down who says what, shows it to everyone, and may answer when it is asked.",
    aiListens: "An AI is listening", copy: "Copy link", copied: "Copied", inRoom: "In the room",
    botComing: "The bot is on its way…", captions: "Said and written", captionsEmpty: "What is said appears here, under the name of the voice.",
    chat: "Write to everyone and to the bot", send: "Send", noChat: "Writing works once the bot is here",
    latest: "Latest ↓", mic: "Microphone", cam: "Camera", leave: "Leave", hear: "Click to hear the meeting",
    micOn: "Turn the microphone on", micOff: "Turn the microphone off", camOn: "Turn the camera on", camOff: "Turn the camera off",
    you: "you", bot: "AI", listening: "listens", thinking: "is thinking…", speaking: "speaks", sharedBy: "shared mic", away: "reconnecting…", connecting: "connecting…", external: "WHIP",
    reconnecting: "The connection was lost. Reconnecting…", waitMedia: "Waiting for the camera and the microphone…",
    denied: "The browser was not allowed to use the microphone. Allow it in the address bar, or join to listen.",
    missing: "No microphone was found. You can join and listen.", noCamera: "No camera was found. You join with sound only.",
    busy: "The microphone or camera is in use by another program. Close it there, then choose it here again.",
    insecure: "Browsers give the microphone to secure pages only: open this page by https, or on this computer by localhost.",
    errToken: "The access token is missing or wrong.", errFull: "The room is full. In a room of this kind everyone sends to everyone; for more than six people use a LiveKit room.",
    errRoom: "That is not a name for a room.", errClosing: "The server has closed the room.", errGone: "The server cannot be reached.",
    errOther: "The server put you out: ", left: "You have left the room.", guest: "Guest",
    picture: "picture", neutral: "A neutral picture, instead of one that not everyone should see.", larger: "Show this large",
  },
  ru: {
    name: "Ваше имя", namePlaceholder: "Так вас увидят остальные", room: "Комната", roomPlaceholder: "планёрка",
    token: "Ключ доступа", microphone: "Микрофон", camera: "Камера", none: "Нет",
    shared: "У этого микрофона несколько человек", sharedHint: "Голоса различаются, и ни один не получает вашего имени.",
    sharedShort: "Общий микрофон", join: "Войти", joining: "Входим…",
    aiNotice: "В беседе участвует ИИ: он слушает, записывает, кто что сказал, показывает это всем и может ответить, когда его спросят.",
    aiListens: "Вас слушает ИИ", copy: "Скопировать ссылку", copied: "Скопировано", inRoom: "В комнате",
    botComing: "Бот уже идёт…", captions: "Сказано и написано", captionsEmpty: "Сказанное появится здесь под именем говорящего.",
    chat: "Напишите всем и боту", send: "Отправить", noChat: "Писать можно, когда бот пришёл",
    latest: "К последним ↓", mic: "Микрофон", cam: "Камера", leave: "Выйти", hear: "Нажмите, чтобы слышать встречу",
    micOn: "Включить микрофон", micOff: "Выключить микрофон", camOn: "Включить камеру", camOff: "Выключить камеру",
    you: "вы", bot: "ИИ", listening: "слушает", thinking: "думает…", speaking: "говорит", sharedBy: "общий микрофон", away: "возвращается…", connecting: "соединение…", external: "WHIP",
    reconnecting: "Связь потеряна. Восстанавливаем…", waitMedia: "Ждём камеру и микрофон…",
    denied: "Браузеру не разрешено пользоваться микрофоном. Разрешите в адресной строке или войдите, чтобы слушать.",
    missing: "Микрофон не найден. Можно войти и слушать.", noCamera: "Камера не найдена. Вы войдёте только со звуком.",
    busy: "Микрофон или камера заняты другой программой. Закройте её и выберите устройство снова.",
    insecure: "Браузеры дают микрофон только защищённым страницам: откройте страницу по https или на этом компьютере по localhost.",
    errToken: "Ключа доступа нет, или он неверен.", errFull: "Комната заполнена. Здесь каждый передаёт каждому; если вас больше шести, возьмите комнату LiveKit.",
    errRoom: "Так назвать комнату нельзя.", errClosing: "Сервер закрыл комнату.", errGone: "Сервер недоступен.",
    errOther: "Сервер прервал участие: ", left: "Вы вышли из комнаты.", guest: "Гость",
    picture: "картинка", neutral: "Нейтральная картинка вместо той, которую стоит видеть не всем.", larger: "Показать крупно",
  },
};

let language = localStorage.getItem("meetbot.language") || (navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en");

/** The text of a key in the language of the page. */
export function t(key) { return TEXTS[language][key] ?? TEXTS.en[key] ?? key; }

/** Write all texts of the page; `wanted` switches the language. */
export function speak(wanted) {
  if (wanted) localStorage.setItem("meetbot.language", (language = wanted));
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-t-placeholder]")) node.placeholder = t(node.dataset.tPlaceholder);
  for (const node of document.querySelectorAll("[data-t-title]")) node.title = t(node.dataset.tTitle);
  for (const node of document.querySelectorAll("[data-language]")) node.setAttribute("aria-pressed", node.dataset.language === language);
}
