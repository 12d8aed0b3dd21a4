// Slack's text, as DOM nodes. Nothing here ever parses HTML: content reaches the page as text nodes only.

const EMOJI = {
  large_green_circle: "🟢", red_circle: "🔴", large_red_circle: "🔴", large_yellow_circle: "🟡", large_orange_circle: "🟠",
  large_blue_circle: "🔵", large_blue_diamond: "🔷", white_circle: "⚪", black_circle: "⚫", white_large_square: "⬜",
  hourglass_flowing_sand: "⏳", hourglass: "⌛", raised_hand: "✋", hand: "✋", white_check_mark: "✅", heavy_check_mark: "✔️",
  x: "❌", no_entry: "⛔", no_entry_sign: "🚫", warning: "⚠️", information_source: "ℹ️", question: "❓", bell: "🔔",
  no_bell: "🔕", lock: "🔒", unlock: "🔓", key: "🔑", rocket: "🚀", wrench: "🔧", gear: "⚙️", mag: "🔍", clock3: "🕒",
  calendar: "📅", chart_with_upwards_trend: "📈", package: "📦", link: "🔗", eyes: "👀", tada: "🎉", fire: "🔥",
  wave: "👋", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", point_right: "👉", construction: "🚧",
  arrow_right: "➡️", arrows_counterclockwise: "🔄", stopwatch: "⏱️", zzz: "💤", speech_balloon: "💬", page_facing_up: "📄",
  double_vertical_bar: "⏸️", black_square_for_stop: "⏹️", arrow_forward: "▶️", wastebasket: "🗑️", shield: "🛡️",
  globe_with_meridians: "🌐", cloud: "☁️", bulb: "💡", pushpin: "📌", pencil2: "✏️", floppy_disk: "💾",
};

// h makes an element. Properties that begin with "on" are listeners; the others are attributes.
export function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "rect", "line", "circle", "text"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export const emoji = (name) => EMOJI[name] ?? `:${name}:`;

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);

// link answers an anchor for web and mail addresses, and plain text for anything else.
export function link(address, label) {
  if (!/^(https?:\/\/|mailto:)/i.test(address)) return h("span", {}, label || address);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, label || address);
}

export const mention = (label) => h("span", { class: "mention" }, label);

// plain renders a plain_text object.
export function plain(text) {
  return lines(withEmoji(text ?? ""));
}

function lines(text) {
  return text.split("\n").flatMap((line, i) => (i ? [h("br"), line] : [line]));
}

// mrkdwn renders Slack's markup. Names answers the names of people and channels by id.
export function mrkdwn(text, names) {
  const out = [];
  for (const [i, part] of (text ?? "").split(/```\n?/).entries()) {
    if (i % 2) out.push(h("pre", {}, h("code", {}, unescape(part.replace(/\n$/, "")).replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, (_, a, b) => b ?? a))));
    else if (part) out.push(...quoted(part, names));
  }
  return out;
}

// quoted renders lines, those that begin with > as quotations.
function quoted(text, names) {
  const out = [];
  let run = [];
  let inQuote = false;
  const flush = () => {
    const content = inline(run.join("\n"), names);
    if (run.length) out.push(...(inQuote ? [h("blockquote", {}, content)] : content));
    run = [];
  };
  for (const line of text.split("\n")) {
    const isQuote = line.startsWith("&gt;");
    if (isQuote !== inQuote) {
      flush();
      inQuote = isQuote;
    }
    run.push(isQuote ? line.slice(4).trimStart() : line);
  }
  flush();
  return out;
}

const INLINE = new RegExp(
  [
    "`([^`\\n]+)`", // 1 code
    "<([^<>\\n]+)>", // 2 link, mention, date
    "(?<![\\w*])\\*(\\S(?:[^*\\n]*?\\S)?)\\*(?![\\w*])", // 3 bold
    "(?<![\\w_])_(\\S(?:[^_\\n]*?\\S)?)_(?![\\w_])", // 4 italic
    "(?<![\\w~])~(\\S(?:[^~\\n]*?\\S)?)~(?![\\w~])", // 5 struck out
  ].join("|"),
  "g",
);

function inline(text, names) {
  const out = [];
  let at = 0;
  for (const found of text.matchAll(INLINE)) {
    out.push(...lines(withEmoji(unescape(text.slice(at, found.index)))));
    at = found.index + found[0].length;
    const [, code, special, bold, italic, struck] = found;
    if (code) out.push(h("code", {}, ...codeSpan(code)));
    else if (special) out.push(angle(special, names));
    else if (bold) out.push(h("strong", {}, inline(bold, names)));
    else if (italic) out.push(h("em", {}, inline(italic, names)));
    else out.push(h("s", {}, inline(struck, names)));
  }
  out.push(...lines(withEmoji(unescape(text.slice(at)))));
  return out;
}

// codeSpan shows code as written, without the link notation that Slack adds to addresses.
function codeSpan(code) {
  return [unescape(code.replace(/<([^<>|]+)(?:\|([^<>]*))?>/g, (_, address, label) => label ?? address))];
}

// angle renders what stands between < and >.
function angle(content, names) {
  const bar = content.indexOf("|");
  const target = unescape(bar < 0 ? content : content.slice(0, bar));
  const label = bar < 0 ? "" : unescape(content.slice(bar + 1));
  if (target.startsWith("@")) return mention("@" + (names.person(target.slice(1)) || label || target.slice(1)));
  if (target.startsWith("#")) return mention("#" + (names.channel(target.slice(1)) || label || target.slice(1)));
  if (target.startsWith("!subteam^")) return mention("@" + (label.replace(/^@/, "") || target.slice("!subteam^".length)));
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return mention("@" + (label || target.slice(1)));
  return link(target, label);
}

// date renders "!date^SECONDS^FORMAT^LINK" in the reader's own zone.
function date(target, fallback) {
  const [, seconds, format, address] = target.split("^");
  const when = new Date(Number(seconds) * 1000);
  if (!format || Number.isNaN(when.getTime())) return h("span", {}, fallback);
  const shown = moment(when, format);
  const node = h("time", { datetime: when.toISOString(), title: when.toISOString() }, shown);
  return address ? h("a", { href: /^https?:/.test(address) ? address : null, target: "_blank", rel: "noopener noreferrer" }, node) : node;
}

// moment fills in Slack's tokens for dates.
export function moment(when, format) {
  const as = (options) => new Intl.DateTimeFormat(undefined, options).format(when);
  const near = relativeDay(when);
  const day = (options, pretty) => (pretty && near) || as(options);
  const forms = {
    date_num: () => [when.getFullYear(), pad(when.getMonth() + 1), pad(when.getDate())].join("-"),
    date: () => day({ year: "numeric", month: "long", day: "numeric" }),
    date_short: () => day({ year: "numeric", month: "short", day: "numeric" }),
    date_long: () => day({ weekday: "long", year: "numeric", month: "long", day: "numeric" }),
    date_pretty: () => day({ year: "numeric", month: "long", day: "numeric" }, true),
    date_short_pretty: () => day({ year: "numeric", month: "short", day: "numeric" }, true),
    date_long_pretty: () => day({ weekday: "long", year: "numeric", month: "long", day: "numeric" }, true),
    time: () => as({ hour: "numeric", minute: "2-digit" }),
    time_secs: () => as({ hour: "numeric", minute: "2-digit", second: "2-digit" }),
    ago: () => ago(when),
  };
  const text = format.replace(/\{(\w+)\}/g, (whole, name) => forms[name]?.() ?? whole);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const pad = (n) => String(n).padStart(2, "0");

function relativeDay(when) {
  const midnight = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(when) - midnight(new Date())) / 86_400_000);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days];
}

function ago(when) {
  const minutes = Math.round((when - Date.now()) / 60_000);
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  if (Math.abs(minutes) < 60) return relative.format(minutes, "minute");
  if (Math.abs(minutes) < 60 * 24) return relative.format(Math.round(minutes / 60), "hour");
  return relative.format(Math.round(minutes / 1440), "day");
}

const MARKDOWN = /`([^`\n]+)`|\[([^\]\n]+)\]\(([^)\s]+)\)|\*\*([^*\n]+)\*\*|\*([^*\n]+)\*|_([^_\n]+)_|~~([^~\n]+)~~/g;

function markdownInline(text) {
  const out = [];
  let at = 0;
  for (const found of text.matchAll(MARKDOWN)) {
    out.push(withEmoji(text.slice(at, found.index)));
    at = found.index + found[0].length;
    const [, code, label, address, bold, star, underscore, struck] = found;
    if (code) out.push(h("code", {}, code));
    else if (label) out.push(link(address, label));
    else if (bold) out.push(h("strong", {}, markdownInline(bold)));
    else if (struck) out.push(h("s", {}, markdownInline(struck)));
    else out.push(h("em", {}, markdownInline(star ?? underscore)));
  }
  out.push(withEmoji(text.slice(at)));
  return out;
}

// markdown renders a markdown block: headings, lists, quotations, fences and paragraphs.
export function markdown(text) {
  const out = [];
  for (const [i, part] of text.split(/^```.*$/m).entries()) {
    if (i % 2) {
      out.push(h("pre", {}, h("code", {}, part.replace(/^\n|\n$/g, ""))));
      continue;
    }
    for (const paragraph of part.split(/\n{2,}/)) {
      if (paragraph.trim()) out.push(...markdownLines(paragraph.trim().split("\n")));
    }
  }
  return out;
}

function markdownLines(rows) {
  const out = [];
  const into = (tag, content) => {
    if (out.at(-1)?.localName !== tag) out.push(h(tag));
    out.at(-1).append(content);
  };
  for (const row of rows) {
    const [, hashes, heading] = row.match(/^(#{1,6})\s+(.*)$/) ?? [];
    const [, bullet] = row.match(/^\s*[-*]\s+(.*)$/) ?? [];
    const [, numbered] = row.match(/^\s*\d+[.)]\s+(.*)$/) ?? [];
    if (hashes) out.push(h("p", { class: "heading" }, markdownInline(heading)));
    else if (bullet) into("ul", h("li", {}, markdownInline(bullet)));
    else if (numbered) into("ol", h("li", {}, markdownInline(numbered)));
    else if (row.startsWith(">")) into("blockquote", h("p", {}, markdownInline(row.slice(1).trimStart())));
    else if (out.at(-1)?.localName === "p" && out.at(-1).className === "") out.at(-1).append(h("br"), ...markdownInline(row));
    else out.push(h("p", {}, markdownInline(row)));
  }
  return out;
}
