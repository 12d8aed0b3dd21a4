// The page: who one is, where one looks, what is said there. The server owns everything; this shows it.

import { blocks } from "./blocks.js";
import { h, mrkdwn, plain } from "./text.js";

const $ = (id) => document.getElementById(id);

const workspace = await (await fetch("page/state")).json();
const at = { user: "", channel: "", thread: "" };
const messages = new Map(); // by channel and ts
const history = new Map(); // typed lines by person
const looked = new Map(); // latest ts seen, by person and channel
let placesShown = "";
let stream = null;
let live = false; // what arrives is new, not the past

const keyOf = (message) => `${message.channel}/${message.ts}`;
const person = (id) => workspace.people.find((p) => p.id === id);
const names = {
  person: (id) => (id === workspace.bot.id ? workspace.bot.name : id === "USLACKBOT" ? "Slackbot" : person(id)?.name ?? ""),
  channel: (id) => workspace.channels.find((c) => c.id === id)?.name ?? "",
};
const isDirect = () => at.channel === person(at.user).direct;

// Where one is stands in the address, so that a reload and a bookmark come back to it.

function readAddress() {
  const [user, channel] = decodeURIComponent(location.hash.slice(1)).split("/");
  const who = person(user) ?? workspace.people[0];
  const known = [...workspace.channels.map((c) => c.id), who.direct];
  go(who.id, known.includes(channel) ? channel : known[0]);
}

function go(user, channel) {
  const changedUser = user !== at.user;
  // Somebody else's direct messages become one's own.
  if (changedUser && at.user && channel === person(at.user).direct) channel = person(user).direct;
  Object.assign(at, { user, channel });
  const address = `#${user}/${channel}`;
  if (location.hash !== address) window.history.replaceState(null, "", address);
  say("");
  closeThread();
  if (changedUser) connect();
  showPlaces();
  showAll();
}

function connect() {
  stream?.close();
  messages.clear();
  live = false;
  stream = new EventSource(`page/events?as=${encodeURIComponent(at.user)}`);
  stream.addEventListener("open", () => ($("offline").hidden = true));
  stream.addEventListener("error", () => ($("offline").hidden = false));
  stream.addEventListener("reset", () => {
    messages.clear();
    live = false;
    showAll();
  });
  stream.addEventListener("message", (event) => arrived(JSON.parse(event.data)));
  stream.addEventListener("gone", (event) => left(JSON.parse(event.data)));
  stream.addEventListener("view", (event) => live && showView(JSON.parse(event.data)));
  stream.addEventListener("current", () => {
    if (!live) showAll();
    live = true;
    showPlaces();
  });
}

function arrived(message) {
  const isNew = !messages.has(keyOf(message));
  messages.set(keyOf(message), message);
  if (!live) return;
  if (message.channel === at.channel) {
    if (isNew || message.edited) speak(message);
    for (const list of listsOf(message)) place(list, message);
    seen();
  }
}

function left({ channel, ts }) {
  messages.delete(`${channel}/${ts}`);
  document.querySelectorAll(`[data-key="${CSS.escape(`${channel}/${ts}`)}"]`).forEach((node) => node.remove());
  $("empty").hidden = $("messages").childElementCount > 0;
}

// listsOf answers where a message of this channel is shown: the channel, the open thread, or both for a thread's parent.
function listsOf(message) {
  const lists = message.thread ? [] : [$("messages")];
  if (at.thread && (message.thread === at.thread || message.ts === at.thread)) lists.push($("replies"));
  return lists;
}

// place shows a message at its place in a list and keeps what the reader looks at where it is.
function place(list, message) {
  const key = keyOf(message);
  const old = [...list.children].find((node) => node.dataset.key === key);
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const anchor = atEnd ? null : [...list.children].find((node) => node.offsetTop + node.offsetHeight > list.scrollTop && node !== old);
  const before = anchor?.offsetTop;
  const focused = old?.contains(document.activeElement) ? document.activeElement.dataset.action : undefined;
  const node = render(message);
  if (old) old.replaceWith(node);
  else list.insertBefore(node, [...list.children].find((other) => other.dataset.key && other.dataset.ts > message.ts) ?? null);
  if (focused) [...node.querySelectorAll("[data-action]")].find((b) => b.dataset.action === focused)?.focus({ preventScroll: true });
  if (atEnd) list.scrollTop = list.scrollHeight;
  else if (anchor) list.scrollTop += anchor.offsetTop - before;
  if (list === $("messages")) $("empty").hidden = true;
}

// keepEnd keeps the newest message in sight while the room for a list changes, if it was in sight.
function keepEnd(list) {
  let atEnd = true;
  list.addEventListener("scroll", () => (atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60));
  new ResizeObserver(() => atEnd && (list.scrollTop = list.scrollHeight)).observe(list);
}

function showAll() {
  const here = [...messages.values()].filter((m) => m.channel === at.channel && !m.thread).sort((a, b) => (a.ts < b.ts ? -1 : 1));
  $("messages").replaceChildren(...here.map(render));
  $("messages").scrollTop = $("messages").scrollHeight;
  $("empty").hidden = here.length > 0;
  seen();
}

function seen() {
  looked.set(`${at.user}/${at.channel}`, latest(at.channel));
}

function latest(channel) {
  let ts = "";
  for (const m of messages.values()) if (m.channel === channel && m.ts > ts) ts = m.ts;
  return ts;
}

// One message.

function render(message) {
  const who = names.person(message.user) || message.user;
  const isApp = message.user === workspace.bot.id;
  const when = new Date(Number(message.ts) * 1000);
  const context = { names, press: (button, block, node) => press(message, button, block, node) };
  return h(
    "article",
    { class: message.private ? "message private" : "message", "data-key": keyOf(message), "data-ts": message.ts },
    h("div", { class: `avatar tint-${tint(message.user)}`, "aria-hidden": "true" }, who.slice(0, 2).toUpperCase()),
    h(
      "div",
      { class: "content" },
      message.private && h("p", { class: "only-you" }, "Only visible to you"),
      h(
        "header",
        {},
        h("strong", {}, who),
        isApp && h("span", { class: "app" }, "APP"),
        h("time", { datetime: when.toISOString(), title: when.toLocaleString() }, clock(when)),
        message.edited && h("span", { class: "edited" }, "edited"),
        message.command && h("code", { class: "command" }, message.command),
      ),
      message.blocks ? blocks(message.blocks, context) : h("div", { class: "words" }, mrkdwn(message.text, names)),
      message.files?.map(file),
      footer(message),
    ),
  );
}

function clock(when) {
  const today = when.toDateString() === new Date().toDateString();
  const options = { hour: "numeric", minute: "2-digit", ...(today ? {} : { day: "numeric", month: "short" }) };
  return new Intl.DateTimeFormat(undefined, options).format(when);
}

function tint(id) {
  if (id === workspace.bot.id) return "app";
  return Math.max(0, workspace.people.findIndex((p) => p.id === id)) % 4;
}

function file(f) {
  const size = f.size < 1024 ? `${f.size} bytes` : `${(f.size / 1024).toFixed(1)} kB`;
  return h("a", { class: "file", href: `page/files/${f.id}`, download: f.name }, h("strong", {}, f.title), h("span", {}, `${f.name} · ${size}`));
}

function footer(message) {
  if (message.private || message.thread) return null;
  const replies = message.replies ?? 0;
  const label = replies ? `${replies} ${replies === 1 ? "reply" : "replies"}` : "Reply in thread";
  return h("button", { type: "button", class: replies ? "replies" : "replies quiet", onclick: () => openThread(message) }, label);
}

function speak(message) {
  const what = message.text || message.files?.map((f) => f.title).join(", ");
  $("spoken").textContent = `${names.person(message.user)}${message.edited ? ", edited" : ""}: ${what.replace(/<[^|>]*\|([^>]*)>/g, "$1")}`;
}

// Threads.

function openThread(message) {
  at.thread = message.ts;
  $("thread").hidden = false;
  const all = [...messages.values()].filter((m) => m.channel === at.channel && (m.ts === at.thread || m.thread === at.thread));
  $("replies").replaceChildren(...all.sort((a, b) => (a.ts < b.ts ? -1 : 1)).map(render));
  $("replies").scrollTop = $("replies").scrollHeight;
  $("reply-line").focus();
}

function closeThread() {
  if (!at.thread) return;
  at.thread = "";
  $("thread").hidden = true;
  $("line").focus({ preventScroll: true });
}

// Doing things.

async function send(path, body) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: at.user, channel: at.channel, ...body }),
    });
    if (!response.ok) return { ok: false, message: await response.text() };
    return await response.json();
  } catch {
    return { ok: false, message: "The page's own server does not answer." };
  }
}

const reason = (answer) => (answer.error ? `${answer.message.replace(/\.$/, "")} (${answer.error}).` : answer.message);

function say(problem) {
  $("problem").textContent = problem;
  $("problem").hidden = !problem;
}

async function press(message, button, block, node) {
  if (button.confirm && !(await ask(button.confirm, button.style))) return;
  if (button.url) window.open(button.url, "_blank", "noopener,noreferrer");
  node.setAttribute("aria-busy", "true");
  const answer = await send("page/press", { channel: message.channel, ts: message.ts, block: block.block_id, action: button.action_id, value: button.value });
  node.removeAttribute("aria-busy");
  say(answer.ok ? "" : reason(answer));
}

// ask puts a question before an action; it answers true where it was confirmed.
function ask({ title, text, confirm, deny }, style) {
  const dialog = $("question");
  $("question-title").replaceChildren(...plain(title.text));
  $("question-text").replaceChildren(...(text.type === "mrkdwn" ? mrkdwn(text.text, names) : plain(text.text)));
  $("question-yes").textContent = confirm?.text ?? "Yes";
  $("question-yes").className = style === "danger" ? "danger" : "primary";
  $("question-no").textContent = deny?.text ?? "Cancel";
  $("question-no").hidden = false;
  return answerOf(dialog);
}

function answerOf(dialog, first) {
  return new Promise((resolve) => {
    const close = (yes) => () => dialog.close(yes ? "yes" : "");
    $("question-yes").onclick = close(true);
    $("question-no").onclick = close(false);
    dialog.returnValue = "";
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.showModal();
    first?.focus();
  });
}

// showView shows a modal that the app opened. What it asks for is sent; where the app does not take it, its words stand below and it stays.
async function showView({ view }) {
  $("question-title").replaceChildren(...plain(view.title?.text));
  const words = h("p", { class: "problem", role: "alert", hidden: true });
  $("question-text").replaceChildren(...blocks(view.blocks, { names, press: () => {} }), words);
  const inputs = [...$("question-text").querySelectorAll("input[data-block]")];
  $("question-yes").textContent = (inputs.length ? view.submit?.text : view.close?.text) ?? "Close";
  $("question-yes").className = "primary";
  $("question-no").textContent = view.close?.text ?? "Cancel";
  $("question-no").hidden = inputs.length === 0;
  for (const input of inputs) {
    input.addEventListener("keydown", (event) => event.key === "Enter" && $("question-yes").click());
  }
  while ((await answerOf($("question"), inputs[0])) && inputs.length) {
    const fields = Object.fromEntries(inputs.map((input) => [input.dataset.block, input.value]));
    const answer = await send("page/submit", { fields });
    if (answer.ok) return;
    words.textContent = answer.error === "rejected" ? answer.message : reason(answer);
    words.hidden = false;
  }
}

// compose makes a form send its lines: Enter sends, Shift+Enter breaks the line, the up arrow brings back what was sent.
function compose(form, area, thread) {
  let back = 0;
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 200)}px`;
  };
  const put = (text) => {
    area.value = text;
    area.setSelectionRange(text.length, text.length);
    fit();
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = area.value.trim();
    if (!text) return;
    const typed = history.get(at.user) ?? [];
    history.set(at.user, [...typed.filter((line) => line !== text), text].slice(-100));
    back = 0;
    put("");
    say("");
    const answer = await send("page/type", { thread: thread(), text });
    if (answer.ok || answer.told) return;
    say(reason(answer));
    if (!area.value && answer.error !== "dispatch_failed" && answer.error !== "operation_timeout") put(text);
  });
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    }
    const typed = history.get(at.user) ?? [];
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key] ?? 0;
    const browsing = back > 0 || area.value === "";
    if (step && browsing && back + step >= 0 && back + step <= typed.length) {
      event.preventDefault();
      back += step;
      put(back ? typed.at(-back) : "");
    } else if (!step) back = 0;
  });
  return put;
}

// The side bar, and the two lists that stand for it where there is no room.

function showPlaces() {
  const places = [
    ...workspace.channels.map((c) => ({ id: c.id, name: `#${c.name}`, external: c.external })),
    { id: person(at.user).direct, name: `@${workspace.bot.name}`, direct: true },
  ];
  // Rebuilt only where something changed, so that focus and an open list stay.
  const isUnread = (id) => id !== at.channel && latest(id) > (looked.get(`${at.user}/${id}`) ?? "");
  const state = JSON.stringify([at.user, at.channel, places.map((p) => isUnread(p.id))]);
  if (state === placesShown) return;
  placesShown = state;
  const focused = [...$("side").querySelectorAll("button")].indexOf(document.activeElement);
  const choice = (current, label, onclick) => h("li", {}, h("button", { type: "button", "aria-current": current ? "true" : null, onclick }, label));
  $("people").replaceChildren(
    ...workspace.people.map((p) =>
      choice(p.id === at.user, [h("strong", {}, p.name), h("span", { class: "about" }, p.about)], () => go(p.id, at.channel)),
    ),
  );
  $("places").replaceChildren(
    ...places.map((p) =>
      choice(p.id === at.channel, [p.name, isUnread(p.id) ? h("span", { class: "unread" }, "new") : null], () => go(at.user, p.id)),
    ),
  );
  const option = (value, text, chosen) => h("option", { value, selected: chosen }, text);
  $("who").replaceChildren(...workspace.people.map((p) => option(p.id, `${p.name} · ${p.about}`, p.id === at.user)));
  $("where").replaceChildren(...places.map((p) => option(p.id, isUnread(p.id) ? `${p.name} (new)` : p.name, p.id === at.channel)));
  const here = places.find((p) => p.id === at.channel);
  $("place").textContent = here.name;
  $("about").textContent = here.direct ? `Only ${person(at.user).name} and the app read this.` : here.external ? "Shared with another organisation." : "";
  if (focused >= 0) $("side").querySelectorAll("button")[focused]?.focus();
  $("line").placeholder = `Message ${here.name}`;
}

document.title = workspace.title;
$("title").textContent = workspace.title;
$("thread-about").textContent = `Mention @${workspace.bot.name} to ask it here.`;
$("reply-line").placeholder = "Reply";
const put = compose($("composer"), $("line"), () => "");
compose($("reply"), $("reply-line"), () => at.thread);
$("hints").append(
  ...workspace.hints.map((line) => h("button", { type: "button", class: "hint", onclick: () => { put(line); $("line").focus(); } }, line)),
);
$("who").addEventListener("change", (event) => go(event.target.value, at.channel));
$("where").addEventListener("change", (event) => go(at.user, event.target.value));
$("thread-close").addEventListener("click", closeThread);
$("thread").addEventListener("keydown", (event) => event.key === "Escape" && closeThread());
for (const list of [$("messages"), $("replies")]) keepEnd(list);
window.addEventListener("hashchange", readAddress);
readAddress();
