const read = (id) => JSON.parse(document.getElementById(id).textContent);
const details = read("details");
let table = null;

// What the page says once stands where it is shown again: the names of tests now, an exchange when somebody opens it.

const nameOf = (place) => details.tests[place];
for (const cell of details.clauses.flatMap((clause) => clause.cells)) {
  cell.tests = cell.tests.map(nameOf);
  for (const step of [...cell.flaws, ...cell.exchanges]) step.test = nameOf(step.test);
}
for (const observation of details.observations) observation.tests = observation.tests.map(nameOf);

function exchangeOf(id) {
  table ??= read("exchanges");
  if (!Object.hasOwn(table.rows, id)) return null;
  const exchange = {};
  table.columns.forEach((path, at) => {
    const names = path.split(".");
    const last = names.pop();
    const part = names.reduce((inside, name) => (inside[name] ??= {}), exchange);
    part[last] = table.values[table.rows[id][at]];
  });
  const parts = [exchange.request.url, exchange.request.body.text];
  exchange.curl = exchange.curl.map((piece) => (typeof piece === "number" ? parts[piece] : piece)).join("");
  if (exchange.response.status === null) exchange.response = null;
  return exchange;
}

// What is inside a cell.

const MOST_TESTS = 5;

const part = (title, ...content) => make("div", { class: "part" }, make("h4", {}, title), content);
const list = (items) => make("ul", {}, items.map((item) => make("li", {}, item)));

function causeOf(one) {
  if (!Object.hasOwn(details.causes, one.cause)) return null;
  const link = make("a", { href: `#cause-${one.cause}` }, details.causes[one.cause]);
  return [make("dt", {}, "Cause"), make("dd", {}, link)];
}

function flawsOf(clause, cell) {
  if (!cell.flaws.length) {
    const cause = causeOf(cell);
    return cause && part("What blocks it", make("dl", { class: "flaw" }, cause));
  }
  const shown = cell.flaws.map((flaw) =>
    make("dl", { class: "flaw" }, make("dt", {}, "Expected"), make("dd", {}, flaw.expected), make("dt", {}, "Observed"), make("dd", {}, flaw.observed), make("dt", {}, "Test"), make("dd", {}, flaw.test), causeOf(flaw)),
  );
  return part("What is wrong", shown, scriptButton(clause.id, `${cell.dialect}-${cell.service}`));
}

function testsOf(how, names) {
  if (!names.length) return "";
  const tests = names.map((name) => make("code", {}, name));
  const more = tests.splice(MOST_TESTS);
  const rest = more.length > 0 && make("details", {}, make("summary", {}, `and ${more.length} more`), list(more));
  return part(`${how} by ${names.length} test${names.length === 1 ? "" : "s"}`, list(tests), rest);
}

function proofOf(cell) {
  const flawed = new Set(cell.flaws.map((flaw) => flaw.exchange));
  const known = new Set(cell.exchanges.map((step) => step.exchange));
  const steps = [...cell.exchanges];
  for (const flaw of cell.flaws) {
    if (known.has(flaw.exchange)) continue;
    known.add(flaw.exchange);
    steps.push({ test: flaw.test, exchange: flaw.exchange, deciding: true, members: [] });
  }
  if (!steps.length) return part("Exchanges", make("p", {}, "None is kept for this cell; what its tests exchanged is in evidence.har."));
  // What shows a flaw is open, or else the last step that decides.
  const last = steps.findLast((step) => step.deciding);
  const opened = (step) => (flawed.size ? flawed.has(step.exchange) : step === last);
  const view = (step) => stepView(exchangeOf(step.exchange), step, flawed.has(step.exchange), opened(step));
  const byTest = new Map();
  for (const step of steps) byTest.set(step.test, [...(byTest.get(step.test) ?? []), step]);
  const shown = [...byTest].map(([test, own]) => [
    make("p", { class: "test" }, "In ", make("code", {}, test)),
    make("ol", { class: "steps" }, own.map((step) => make("li", {}, view(step)))),
  ]);
  const rest = cell.tests.length - byTest.size;
  const more = rest > 0 && make("p", { class: "note" }, `What the other ${rest > 1 ? `${rest} tests` : "test"} exchanged is in evidence.har, by the name of the test.`);
  return part("What proves it", shown, more);
}

function choicesOf(clause, cell) {
  const name = `${cell.dialect}-${cell.service}`;
  const made = details.observations.filter((one) => one.clause === clause.id && one.cells.includes(name));
  return made.length > 0 && part("What this server chose here, where the documents leave room", list(made.map((one) => one.choice)));
}

function cellView(clause, cell, button, close) {
  const title = `${clause.id} in /${cell.dialect} ${cell.service}`;
  const view = make("section", { "aria-label": title });
  const tag = make("span", { class: `tag ${button.classList[1]}` }, button.querySelector(".sign").textContent, " ", cell.verdict);
  const closing = make("button", { type: "button", class: "close" }, "Close");
  closing.addEventListener("click", close);
  view.append(
    closing,
    make("h3", {}, tag, " ", title),
    make("p", { class: "says" }, prose(clause.says)),
    make("p", { class: "summary" }, make("strong", {}, "Verdict: "), unbroken(`${cell.verdict}: ${cell.summary}`)),
    ...[
      flawsOf(clause, cell),
      choicesOf(clause, cell),
      proofOf(cell),
      testsOf("Decided", cell.tests),
      clause.why && part("Why this is a clause", make("p", {}, prose(clause.why))),
      part(`Sources (${clause.level}, ${clause.basis})`, list(clause.sources)),
    ].filter(Boolean),
  );
  return view;
}

function choiceView(observation, close) {
  const view = make("section", { "aria-label": `${observation.clause}: ${observation.choice}` });
  const closing = make("button", { type: "button", class: "close" }, "Close");
  closing.addEventListener("click", close);
  const step = { exchange: observation.exchange, deciding: false, members: [] };
  view.append(
    closing,
    make("h3", {}, `${observation.clause}: ${observation.choice}`),
    exchangeView(exchangeOf(step.exchange), step),
    testsOf("Seen", observation.tests),
  );
  return view;
}

// Opening and closing: each row of a table has one panel below it.

function shut(panel) {
  const button = opener(panel);
  panel.hidden = true;
  panel.firstElementChild.replaceChildren();
  button?.setAttribute("aria-expanded", "false");
  return button;
}

const opener = (panel) => panel.previousElementSibling.querySelector("button[aria-expanded=true]");

function open(button) {
  const panel = document.getElementById(button.getAttribute("aria-controls"));
  const before = shut(panel);
  if (before === button) return;
  const close = () => {
    shut(panel);
    button.focus();
  };
  const row = panel.previousElementSibling;
  if (button.dataset.choice) panel.firstElementChild.append(choiceView(details.observations[button.dataset.choice], close));
  else {
    const clause = details.clauses[row.dataset.clause];
    const cell = clause.cells[button.dataset.cell];
    panel.firstElementChild.append(cellView(clause, cell, button, close));
    history.replaceState(null, "", `#${encodeURIComponent(row.id)}/${cell.dialect}-${cell.service}`);
  }
  panel.hidden = false;
  button.setAttribute("aria-expanded", "true");
}

const WORST = ["violates", "deviates", "advises", "blocked", "inconclusive", "not tested", "conforms", "not applicable"];

// #clause-SLUG opens the clause where it fares worst, #clause-SLUG/DIALECT-SERVICE in that cell.
function follow() {
  const [id, cell] = location.hash.slice(1).split("/").map(decoded);
  const row = document.getElementById(id);
  if (!row?.matches("tr.clause")) return;
  if (row.hidden) {
    form.reset();
    filter();
  }
  const places = [...row.cells].filter((place) => place.querySelector("button"));
  const wanted = places.find((place) => `${place.dataset.dialect}-${place.dataset.service}` === cell);
  places.sort((one, other) => WORST.indexOf(one.dataset.verdict) - WORST.indexOf(other.dataset.verdict));
  const button = (wanted ?? places[0]).querySelector("button");
  if (button.getAttribute("aria-expanded") === "false") open(button);
  row.scrollIntoView();
  button.focus({ preventScroll: true });
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// Filters: nothing ticked in a group restricts nothing.

const form = document.getElementById("filters");
const rows = [...document.querySelectorAll("#cells tr.clause")].map((row) => ({
  row,
  panel: row.nextElementSibling,
  places: [...row.querySelectorAll("td")],
  text: words(details.clauses[row.dataset.clause]),
}));
const columns = [...document.querySelectorAll("#cells thead th[data-dialect]")];
const columnWidths = [...document.querySelectorAll("#cells col.cell")];

function words(clause) {
  const found = clause.cells.flatMap((cell) => [cell.summary, ...cell.flaws.flatMap((flaw) => [flaw.expected, flaw.observed])]);
  const chosen = details.observations.filter((one) => one.clause === clause.id).map((one) => one.choice);
  return visible([clause.id, clause.says, clause.why ?? "", ...clause.sources, ...found, ...chosen].join("\n")).toLowerCase();
}

function filter() {
  const ticked = {};
  for (const group of form.querySelectorAll("fieldset")) {
    ticked[group.dataset.filter] = [...group.querySelectorAll(":checked")].map((box) => box.value);
  }
  const allowed = (name, value) => !ticked[name].length || ticked[name].includes(value);
  const here = ({ dataset }) => allowed("dialect", dataset.dialect) && allowed("service", dataset.service);
  const texts = document.getElementById("text").value.toLowerCase().split(/\s+/);
  let clauses = 0;
  let cells = 0;
  columns.forEach((column, at) => (column.hidden = columnWidths[at].hidden = !here(column)));
  for (const { row, panel, places, text } of rows) {
    let found = 0;
    for (const place of places) {
      place.hidden = !here(place);
      const counts = !place.hidden && allowed("verdict", place.dataset.verdict);
      place.classList.toggle("aside", !counts);
      found += counts;
    }
    row.hidden = !found || !allowed("level", row.dataset.level) || !texts.every((one) => text.includes(one));
    const button = opener(panel);
    if (button && (row.hidden || button.closest("td").hidden)) shut(panel);
    if (!row.hidden) {
      clauses++;
      cells += found;
    }
  }
  for (const body of document.querySelectorAll("#cells tbody")) body.hidden = !body.querySelector("tr.clause:not([hidden])");
  document.getElementById("nothing").hidden = clauses > 0;
  document.getElementById("shown").textContent = `${clauses} of ${rows.length} clauses, ${cells} of ${rows.length * columns.length} cells`;
}

// Keyboard.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function move(button, [across, down]) {
  const shown = rows.filter(({ row }) => !row.hidden);
  let at = shown.findIndex(({ row }) => row === button.closest("tr"));
  let column = shown[at].places.indexOf(button.closest("td"));
  for (;;) {
    at += down;
    column += across;
    const place = shown[at]?.places[column];
    if (!place) return;
    const next = place.hidden ? null : place.querySelector("button");
    if (next) return next.focus();
  }
}

document.addEventListener("keydown", (event) => {
  const button = event.target.closest?.("button.cell");
  if (button && event.key in STEPS) {
    event.preventDefault();
    move(button, STEPS[event.key]);
  }
  if (event.key !== "Escape") return;
  const panel = event.target.closest?.("tr.panel") ?? event.target.closest?.("tr")?.nextElementSibling;
  if (panel?.matches(".panel:not([hidden])")) shut(panel)?.focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[aria-controls]")) open(button);
  else if (button?.dataset.copy) copy(button, button.dataset.copy);
  else if (button?.matches("[data-copy-list]")) copy(button, reliable(button.parentElement));
  const chip = event.target.closest("[data-only]");
  if (chip) {
    form.reset();
    for (const box of form.querySelectorAll("[data-filter=verdict] input")) box.checked = box.value === chip.dataset.only;
    setTimeout(filter);
  }
  // A link to the clause that the address names already changes nothing; the reader still wants it opened.
  const link = event.target.closest("a[href^='#clause-']");
  if (link && link.hash === location.hash) follow();
});

function reliable(section) {
  const target = document.querySelector("h1").innerText.replace(/\s+/g, " ");
  const lines = [...section.querySelectorAll("li")].map((item) => `- ${item.textContent.trim().replace(/\s+/g, " ")}`);
  return `${section.querySelector("h3").textContent} (${target})\n${lines.join("\n")}\n`;
}

for (const node of document.querySelectorAll(".needs-script, .copy, #filters")) node.hidden = false;
for (const place of document.querySelectorAll("p.script")) place.append(" ", scriptButton(place.dataset.clause, place.dataset.cell));
document.querySelector(".without-script").hidden = true; // and no noscript: where a server forbids scripts, that is not shown
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
addEventListener("hashchange", follow);
filter();
follow();
