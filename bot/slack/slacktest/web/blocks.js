// Block Kit, as DOM nodes. Context: {names, press(button, block)}.

import { chart } from "./chart.js";
import { emoji, h, link, markdown, mention, mrkdwn, plain } from "./text.js";

const textObject = (object, context) => (object?.type === "mrkdwn" ? mrkdwn(object.text, context.names) : plain(object?.text));

const KINDS = {
  section: (block, context) =>
    h(
      "div",
      { class: "section" },
      h(
        "div",
        { class: "section-words" },
        block.text && h("div", { class: "words" }, textObject(block.text, context)),
        block.fields && h("div", { class: "fields" }, block.fields.map((field) => h("div", {}, textObject(field, context)))),
      ),
      block.accessory && element(block.accessory, block, context),
    ),
  header: (block) => h("h3", { class: "header" }, plain(block.text?.text)),
  divider: () => h("hr"),
  context: (block, context) =>
    h(
      "div",
      { class: "context" },
      block.elements.map((item) => (item.type === "image" ? image(item, true) : h("span", {}, textObject(item, context)))),
    ),
  actions: (block, context) => h("div", { class: "actions" }, block.elements.map((item) => element(item, block, context))),
  context_actions: (block, context) => h("div", { class: "actions" }, block.elements.map((item) => element(item, block, context))),
  image: (block) => h("figure", {}, block.title && h("figcaption", {}, plain(block.title.text)), image(block)),
  rich_text: (block, context) => h("div", { class: "words" }, richText(block.elements, context)),
  markdown: (block) => h("div", { class: "words markdown" }, markdown(block.text)),
  table: (block, context) => table(block, context),
  data_table: (block, context) => dataTable(block, context),
  data_visualization: (block) => chart(block),
  input: (block, context) =>
    h(
      "label",
      { class: "field" },
      h("span", {}, textObject(block.label, context)),
      h("input", {
        "data-block": block.block_id,
        placeholder: block.element?.placeholder?.text,
        maxlength: block.element?.max_length,
        autocomplete: "off",
      }),
      block.hint && h("small", {}, textObject(block.hint, context)),
    ),
};

// blocks renders a list of blocks. One that is not known shows its type.
export function blocks(list, context) {
  return list.map((block) => {
    const kind = Object.hasOwn(KINDS, block.type) ? KINDS[block.type] : null;
    return kind ? kind(block, context) : unknown(block.type);
  });
}

const unknown = (type) => h("div", { class: "unknown" }, `${type} block`);

// image shows images of this page's own; the page loads nothing from elsewhere, so others are links.
function image(item, small = false) {
  const address = item.image_url ?? "";
  const own = address.startsWith("data:image/") || address.startsWith(location.origin + "/");
  if (own) return h("img", { src: address, alt: item.alt_text, class: small ? "small" : "" });
  return h("span", { class: "far-image" }, "Image: ", link(address, item.alt_text));
}

function element(item, block, context) {
  if (item.type === "image") return image(item);
  if (item.type === "static_select") return list(item, block, context);
  if (item.type === "checkboxes") return boxes(item, block, context);
  if (item.type !== "button") return h("span", { class: "unknown" }, `${item.type} element`);
  return h(
    "button",
    {
      type: "button", class: `press ${item.style ?? ""}`, "data-action": item.action_id,
      "aria-label": item.accessibility_label, onclick: (event) => context.press(item, block, event.currentTarget),
    },
    plain(item.text?.text),
  );
}

// list is something to choose from; what is chosen is sent at once.
function list(item, block, context) {
  const name = item.placeholder?.text ?? "Choose";
  const options = item.options.map((option) => h("option", { value: option.value }, option.text.text));
  return h(
    "select",
    {
      class: "press", "data-action": item.action_id, "aria-label": name,
      onchange: (event) => {
        const value = event.currentTarget.value;
        if (value) context.press({ ...item, value }, block, event.currentTarget);
      },
    },
    h("option", { value: "" }, name),
    options,
  );
}

// boxes are to be ticked; each change is sent, and a button that is pressed later takes them along.
function boxes(item, block, context) {
  return h(
    "div",
    { class: "boxes" },
    item.options.map((option) =>
      h(
        "label",
        { class: "box" },
        h("input", {
          type: "checkbox", "data-action": item.action_id, value: option.value,
          onchange: (event) => context.press({ ...item, value: option.value }, block, event.currentTarget),
        }),
        h("span", {}, textObject(option.text, context)),
      ),
    ),
  );
}

function richText(elements, context) {
  const inside = (item) => item.elements.map((span) => richSpan(span, context));
  return elements.map((item) => {
    switch (item.type) {
      case "rich_text_section":
        return h("div", {}, inside(item));
      case "rich_text_preformatted":
        return h("pre", {}, h("code", {}, inside(item)));
      case "rich_text_quote":
        return h("blockquote", {}, inside(item));
      case "rich_text_list":
        return h(
          item.style === "ordered" ? "ol" : "ul",
          { class: item.indent ? `indent-${Math.min(item.indent, 4)}` : null, start: item.offset ? item.offset + 1 : null },
          item.elements.map((entry) => h("li", {}, entry.elements.map((span) => richSpan(span, context)))),
        );
      default:
        return unknown(item.type);
    }
  });
}

function richSpan(span, context) {
  const kinds = {
    text: () => plain(span.text),
    link: () => [link(span.url, span.text)],
    emoji: () => [emoji(span.name)],
    user: () => [mention("@" + (context.names.person(span.user_id) || span.user_id))],
    channel: () => [mention("#" + (context.names.channel(span.channel_id) || span.channel_id))],
    usergroup: () => [mention("@" + span.usergroup_id)],
    broadcast: () => [mention("@" + span.range)],
    date: () => mrkdwn(`<!date^${span.timestamp}^${span.format}|${span.fallback ?? ""}>`, context.names),
    color: () => [h("code", {}, span.value)],
  };
  let node = kinds[span.type]?.() ?? [h("span", { class: "unknown" }, span.type)];
  const style = span.style ?? {};
  for (const [name, tag] of [["code", "code"], ["bold", "strong"], ["italic", "em"], ["strike", "s"], ["underline", "u"]]) {
    if (style[name]) node = [h(tag, {}, node)];
  }
  return h("span", {}, node);
}

function cell(content, block, context) {
  switch (content?.type) {
    case "raw_text":
      return plain(content.text);
    case "raw_number":
      return [content.text ?? String(content.value)];
    case "rich_text":
      return richText(content.elements, context);
    case "action_cell":
      return [element(content.element, block, context)];
    default:
      return [];
  }
}

function row(cells, tag, block, context) {
  return h(
    "tr",
    {},
    cells.map((content, i) => {
      const setting = block.column_settings?.[i] ?? {};
      const classes = [`align-${setting.align || "left"}`, setting.is_wrapped ? "wraps" : ""];
      return h(tag, { class: classes.join(" "), scope: tag === "th" ? "col" : null }, cell(content, block, context));
    }),
  );
}

// scrolling is a box that scrolls sideways by itself, also with the keyboard.
const scrolling = (name, content) => h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": name }, content);

function table(block, context) {
  const [head, ...body] = block.rows;
  return scrolling(
    "Table",
    h("table", {}, h("thead", {}, row(head, "th", block, context)), h("tbody", {}, body.map((cells) => row(cells, "td", block, context)))),
  );
}

const valueOf = (content) => content.value ?? content.text ?? content.fallback?.text ?? "";

// dataTable has pages, and sorts by a column when its title is pressed.
function dataTable(block, context) {
  const [head, ...all] = block.rows;
  const size = block.page_size ?? 5;
  const state = { rows: all, page: 0, column: -1, down: false };
  const body = h("tbody");
  const pager = h("div", { class: "pager" });
  const titles = head.map((content, i) => h("button", { type: "button", class: "sort", onclick: () => sort(i) }, cell(content, block, context)));
  const headers = titles.map((title) => h("th", { scope: "col" }, title));

  function sort(column) {
    state.down = state.column === column && !state.down;
    Object.assign(state, { column, page: 0 });
    const numbers = all.every((cells) => typeof cells[column].value === "number");
    const order = (a, b) =>
      numbers ? a[column].value - b[column].value : String(valueOf(a[column])).localeCompare(String(valueOf(b[column])));
    state.rows = [...all].sort((a, b) => (state.down ? order(b, a) : order(a, b)));
    headers.forEach((header, i) => header.setAttribute("aria-sort", i !== column ? "none" : state.down ? "descending" : "ascending"));
    show();
  }

  function show() {
    const pages = Math.max(1, Math.ceil(all.length / size));
    const from = state.page * size;
    body.replaceChildren(...state.rows.slice(from, from + size).map((cells) => row(cells, "td", block, context)));
    if (pages === 1) return;
    const turn = (label, by, possible) =>
      h("button", { type: "button", disabled: !possible, onclick: () => { state.page += by; show(); } }, label);
    pager.replaceChildren(
      turn("Previous", -1, state.page > 0),
      h("span", {}, `${from + 1}–${Math.min(from + size, all.length)} of ${all.length}`),
      turn("Next", 1, state.page < pages - 1),
    );
  }

  show();
  return h(
    "div",
    { class: "data-table" },
    h("p", { class: "caption" }, block.caption),
    scrolling(block.caption, h("table", {}, h("thead", {}, h("tr", {}, headers)), body)),
    pager,
  );
}
