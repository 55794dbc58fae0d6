"use strict";

// Texts of the report reach the page as text nodes only, made visible where a character would not be.

const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const DEEPEST = 40; // levels of JSON that are indented; what is deeper is shown as it came

const visible = (text) =>
  text.replace(UNSEEN, (one) => `⟨U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

function make(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  for (const child of children.flat(Infinity)) if (child) node.append(typeof child === "string" ? visible(child) : child);
  return node;
}

// A sentence of the ledger: what stands in backticks is code.
const prose = (text) => text.split(/`([^`]+)`/).map((piece, at) => (at % 2 ? make("code", {}, piece) : unbroken(piece)));

// No line ends behind a hyphen of an option.
const unbroken = (text) => text.split(/(--[a-z][\w-]*)/).map((piece, at) => (at % 2 ? make("span", { class: "word" }, piece) : piece));

function copyButton(label, text) {
  const button = make("button", { type: "button", class: "copy" }, label);
  button.addEventListener("click", () => copy(button, typeof text === "function" ? text() : text));
  return button;
}

async function copy(button, text) {
  const label = button.firstChild.data;
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", { class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.firstChild.data = done ? "Copied" : "Could not copy";
  setTimeout(() => (button.firstChild.data = label), 1500);
}

// Indents JSON by its tokens, so that numbers, duplicate members and escapes stay as they came.
function jsonLines(text) {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const tokens = text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g);
  const lines = [{ depth: 0, text: "", key: null }];
  let depth = 0;
  const begin = () => lines.push({ depth, text: "", key: null });
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    const line = lines.at(-1);
    if ("{[".includes(token)) {
      line.text += token;
      if ("}]".includes(tokens[at + 1])) line.text += tokens[++at];
      else {
        if (++depth > DEEPEST) return null;
        begin();
      }
    } else if ("}]".includes(token)) {
      depth--;
      begin();
      lines.at(-1).text = token;
    } else if (token === ",") {
      line.text += token;
      begin();
    } else if (token === ":") {
      line.key = JSON.parse(line.text);
      line.text += ": ";
    } else line.text += token;
  }
  return lines;
}

// The lines of the members that are looked for, with all that is inside them.
function markedLines(lines, members) {
  const marked = new Set();
  lines.forEach((line, at) => {
    if (line.key === null || !members.includes(line.key)) return;
    marked.add(at);
    if (/[{[]$/.test(line.text)) {
      do marked.add(++at);
      while (lines[at].depth > line.depth);
    }
  });
  return marked;
}

function bodyParts(body, members) {
  const rest = body.omitted ? `\n… ${body.omitted.toLocaleString("en")} more bytes are in evidence.har` : "";
  if (body.base64 !== null) return [make("em", {}, "not UTF-8 text; in Base64:"), `\n${body.base64}`, rest];
  if (!body.text) return [make("em", {}, rest ? "" : "no body"), rest];
  const lines = rest ? null : jsonLines(body.text);
  if (!lines) return [body.text, rest];
  const marked = markedLines(lines, members);
  return lines.map((line, at) => {
    const text = marked.has(at) ? make("mark", {}, line.text) : line.text;
    return ["  ".repeat(line.depth), text, at + 1 < lines.length ? "\n" : ""];
  });
}

function headerLines(headers, members) {
  const names = members.map((name) => name.toLowerCase());
  return headers.map(([name, value]) => {
    const line = `${name}: ${value}\n`;
    return names.includes(name.toLowerCase()) ? make("mark", {}, line) : line;
  });
}

function message(title, first, headers, body, members) {
  const content = make("pre", { tabindex: "0" }, first, headerLines(headers, members), "\n", bodyParts(body, members));
  return make("div", { class: "message" }, make("p", { class: "label" }, title), content);
}

function readFrom(step, answer) {
  if (!step.members.length) return ["The verdict was read from the status, or from the answer as a whole."];
  const names = step.members.flatMap((name, at) => [at ? ", " : "", make("code", {}, name)]);
  const absent = answer.querySelector("mark") ? " (marked)" : " (not in this answer)";
  return ["The verdict was read from ", ...names, absent, "."];
}

// One exchange; `step` is the ProofRecord that names it.
function exchangeView(exchange, step) {
  if (!exchange) return make("p", {}, `The exchange ${step.exchange} is in evidence.har only.`);
  const { request, response } = exchange;
  const members = step.deciding ? step.members : [];
  const sent = message("Request", `${request.method} ${request.url}\n`, request.headers, request.body, []);
  let answer;
  if (response) {
    const status = `${response.status}\n`;
    const first = step.deciding && !members.length ? make("mark", {}, status) : status;
    answer = message("Response", first, response.headers, response.body, members);
  } else answer = make("div", { class: "message" }, make("p", { class: "label" }, "No response"), make("pre", {}, exchange.failure || ""));
  return make(
    "div",
    { class: "exchange" },
    step.deciding && make("p", { class: "read" }, readFrom(step, answer)),
    make("div", { class: "messages" }, sent, answer),
    make("div", { class: "curl" }, make("p", { class: "label" }, "Repeat it"), copyButton("Copy curl", exchange.curl), make("pre", { tabindex: "0" }, exchange.curl)),
    make("p", { class: "note" }, `${moment(exchange.started)}, answered in ${(exchange.seconds * 1000).toFixed(1)} ms`),
  );
}

const moment = (text) => text.replace(/^(\d{4}-\d\d-\d\d)T([\d:]{8}(?:\.\d{1,3})?)\d*(?:Z|\+00:00)$/, "$1 $2 UTC");

const LONGEST_SUMMARY = 120; // characters of a body, or of the members that decide, that still fit into one line

// An exchange in a line: what was sent where, the status of the answer, and the members that decide.
function inShort({ request, response }, members) {
  const place = request.url.replace(/^https?:\/\/[^/]*/, "").replace(UUID, "$1…");
  const sent = request.body.text ?? "";
  const status = response ? `${response.status}` : "no response";
  return [request.method, place, brief(sent), "→", status, brief(values(response, members))].filter(Boolean).join(" ");
}

const UUID = /\b([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

const brief = (text) => (text.length <= LONGEST_SUMMARY && !text.includes("\n") ? text : "…");

function values(response, members) {
  const lines = (members.length && response?.body.text && jsonLines(response.body.text)) || [];
  return [...markedLines(lines, members)].map((at) => lines[at].text).join(" ").replace(/,$/, "");
}

// A step that is opened shows its exchange; it is built then and not before.
function stepView(exchange, step, flawed, opened) {
  const address = exchange ? inShort(exchange, step.deciding ? step.members : []) : step.exchange;
  const label = flawed ? " shows the flaw" : step.deciding && " decides";
  const view = make("details", {}, make("summary", {}, make("span", { class: "address" }, address), label && make("strong", {}, label)));
  const build = () => view.children.length === 1 && view.append(exchangeView(exchange, step));
  view.addEventListener("toggle", build);
  if (opened) {
    build();
    view.open = true;
  }
  return view;
}
