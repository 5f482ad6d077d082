// The page: puts the feed, the tables, the opened series and the address together.

import { Detail } from "./detail.js";
import { breath, Feed, keyOf } from "./feed.js";
import { age, bytes, clock, count, duration, measureOf, percent } from "./human.js";
import { courseOf, folded, matcher, rowsOf, TABLES, titleOf, whichCourse } from "./rows.js";
import { Strip } from "./strip.js";
import { Table } from "./table.js";
import { copy, View } from "./view.js";

const $ = (id) => document.getElementById(id);
const view = new View();
const open = new Set();
const feed = new Feed(told);
const strip = new Strip($("strip"));
const detail = new Detail($("detail"), closed);
let tables = null;
let opened = null;

const parts = TABLES.map((about) => {
  const table = new Table(about, {
    open: (row) => show(row.series, table),
    fold: (row) => {
      if (!open.delete(row.key)) open.add(row.key);
      fill(table, true);
      draw();
    },
    sort: (column) => sort(table, column),
    course: (row) => courseOf(row, whichCourse(row.series, about.course), feed),
  });
  return table;
});

/** What the feed tells: a new overview, or that the connection stands otherwise. */
function told() {
  showState();
  strip.draw(feed);
  if (!feed.overview || feed.state === "lost") return;
  showProcess();
  showTriggers();
  showCost();
  showRows();
  if (feed.state === "live") detail.refresh(feed.asked);
  if (view.open && !detail.isOpen && opened !== keyOf(view.open)) {
    const key = keyOf(view.open);
    const series = feed.overview.series.find((series) => series.key === key);
    show(series ?? view.open, null);
  }
}

/** Takes a new overview into the tables, in two steps; a later one begins anew. */
async function showRows() {
  const { overview } = feed;
  const rows = rowsOf(feed);
  await breath();
  if (feed.overview !== overview) return;
  tables = rows;
  parts.forEach((table) => fill(table, false));
  draw();
  showMessage();
}

function fill(table, isNewOrder) {
  if (!tables) return;
  const { about } = table;
  const all = tables[about.id];
  const matches = matcher(view.filter);
  const rows = view.filter ? all.filter(matches) : all;
  const sortedBy = view.sorts[about.id] ?? about.sort;
  const shown = folded(rows, sortedBy, open, view.filter !== "");
  const note = rows.length < all.length ? `${count(rows.length)} of ${count(all.length)}` : count(all.length);
  table.showSort(sortedBy);
  table.set(shown, note, isNewOrder);
}

/** Makes the rows that can be seen. */
function draw() {
  parts.forEach((table) => table.measure());
  parts.forEach((table) => table.draw());
}

function fillAll() {
  parts.forEach((table) => fill(table, true));
  draw();
  showMessage();
}

/** Says why there is no table, where there is none. */
function showMessage() {
  const isNothing = tables !== null && parts.every((table) => table.section.hidden);
  $("message").hidden = !isNothing;
  $("message").textContent = view.filter
    ? "No series has all of these words in its name or labels."
    : "Nothing was recorded yet.";
}

function sort(table, column) {
  const { about } = table;
  const now = view.sorts[about.id] ?? about.sort;
  // Numbers are looked at from the greatest on, names from the first.
  const isDescending = now.column === column.id ? !now.isDescending : column.id !== "name";
  view.sorts[about.id] = { column: column.id, isDescending };
  view.write();
  fill(table, true);
  draw();
  say(`${about.title} sorted by ${column.title}, ${isDescending ? "descending" : "ascending"}`);
}

function show(series, table) {
  opened = keyOf(series);
  view.open = { name: series.name, labels: series.labels };
  view.write();
  detail.from = table;
  detail.open(series, feed.asked);
}

function closed() {
  const key = opened;
  opened = null;
  view.open = null;
  view.write();
  // Back to where the reader came from.
  detail.from?.focusKey(key);
}

const STATES = { connecting: "connecting", live: "live", paused: "paused", lost: "no answer" };

function showState() {
  const state = feed.standing;
  const root = $("state");
  const seconds = (Date.now() - (feed.answered ?? feed.since)) / 1000;
  let text = STATES[state];
  if (state === "lost") text += ` for ${age(seconds)}${feed.why ? `: ${feed.why}` : ""}`;
  if (state === "paused" && feed.overview) text += ` at ${clock(feed.overview.at)}`;
  const restarted = feed.restarted && Date.now() / 1000 - feed.restarted;
  if (state === "live" && restarted && restarted < 300) text += ` · restarted ${age(restarted)} ago`;
  if (root.dataset.state !== state) {
    root.dataset.state = state;
    // Once for each change, and not once a second.
    if (state !== "connecting")
      say(state === "lost" ? "No answer from the process; trying again" : STATES[state]);
  }
  if ($("state-text").textContent !== text) $("state-text").textContent = text;
  // Without the seconds: a status that changes is read out again.
  const said = state === "lost" ? `No answer since ${clock((feed.answered ?? feed.since) / 1000)}` : "";
  detail.showStanding(state === "paused" ? "Paused" : said);
  document.body.classList.toggle("is-stale", state === "lost");
}

function say(text) {
  $("said").textContent = text;
}

function showProcess() {
  const { overview } = feed;
  const { program, started_at: started, process_id: id, at, covered_seconds: covered, history } = overview;
  $("program").textContent = program ?? "a process";
  document.title = `${program ?? "a process"} · tachograph`;
  const about = [`a run of ${age(at - started)}`];
  if (covered + 1 < overview.window_seconds) about.push(`watched for ${age(covered)} of the range`);
  $("run").textContent = about.join(" · ");
  $("run").title =
    `process ${id}, since ${clock(started)}; ${history.is_of_the_program ? "its history reaches" : "watched only while somebody looks: its past reaches"} back to ${clock(history.oldest)}`;
}

function showTriggers() {
  const firing = feed.overview.triggers.filter((trigger) => trigger.is_firing);
  const root = $("alerts");
  root.hidden = firing.length === 0;
  const shown = firing.map((trigger) => trigger.name).join("\n");
  if (root.dataset.shown !== shown) {
    root.dataset.shown = shown;
    root.replaceChildren(...firing.map(makeAlert));
    if (firing.length > 0) say(`Firing: ${firing.map((trigger) => trigger.name).join(", ")}`);
  }
  firing.forEach((trigger, place) => fillAlert(root.children[place], trigger));
}

function makeAlert({ series: name, labels }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "alert";
  for (const part of ["name", "what", "since"]) {
    const span = document.createElement("span");
    span.className = `alert-${part}`;
    button.append(span);
  }
  button.addEventListener("click", () => {
    const key = keyOf({ name, labels });
    show(feed.overview.series.find((series) => series.key === key) ?? { name, labels }, null);
  });
  return button;
}

function fillAlert(button, trigger) {
  const series = { name: trigger.series, labels: trigger.labels, unit: trigger.unit };
  series.key = keyOf(series);
  const { path, leaf, labels } = titleOf(series);
  const value =
    trigger.value === null ? "without a value" : `now ${measureOf(series).show(Number(trigger.value))}`;
  const [name, what, since] = button.children;
  name.textContent = trigger.name;
  // The bound in the unit of the value beside it.
  const condition = trigger.condition.replace(/(?<= (?:above|below) )\S+$/, (bound) =>
    measureOf(series).show(Number(bound)),
  );
  what.textContent = `${path}${leaf}${labels}: ${condition}, ${value}`;
  since.textContent = trigger.since === null ? "" : `for ${age(feed.overview.at - trigger.since)}`;
}

function showCost() {
  const { overhead, overview } = { overhead: feed.overview.overhead, overview: feed.overview };
  const run = overview.at - overview.started_at;
  const told = [
    `${count(overhead.series)} series in ${count(overhead.shards)} shards`,
    `${bytes(overhead.accessible_bytes)} accessible of ${bytes(overhead.reserved_bytes)} reserved`,
    `${count(overhead.timer_calls)} timed calls and ${count(overhead.values)} values cost ${duration(overhead.cost_seconds)}, ${percent(overhead.cost_seconds / run)} of the run`,
  ];
  if (overhead.dropped > 0) told.push(`${count(overhead.dropped)} records were dropped`);
  $("cost").textContent = told.join(" · ");
}

function showRange() {
  for (const button of document.querySelectorAll("[data-range]")) {
    button.setAttribute("aria-pressed", String(button.dataset.range === view.range));
  }
}

function setRange(range) {
  view.range = range;
  view.write();
  showRange();
  feed.setWindow(view.window);
  if (detail.isOpen) detail.refresh(feed.asked);
}

function setPause(isPaused) {
  $("pause").setAttribute("aria-pressed", String(isPaused));
  $("pause").textContent = isPaused ? "Resume" : "Pause";
  feed.pause(isPaused);
}

let writing;
$("filter").addEventListener("input", () => {
  view.filter = $("filter").value;
  fillAll();
  // The address is written when the reader rests: a browser takes only so many changes.
  clearTimeout(writing);
  writing = setTimeout(() => view.write(), 300);
});
$("pause").addEventListener("click", () => setPause(!feed.isPaused));
$("link").addEventListener("click", async () => {
  view.write();
  const isDone = await copy(location.href);
  $("link").textContent = isDone ? "Copied" : "Not allowed";
  setTimeout(() => ($("link").textContent = "Copy link"), 1500);
});
for (const button of document.querySelectorAll("[data-range]")) {
  button.addEventListener("click", () => setRange(button.dataset.range));
}
document.addEventListener("keydown", (event) => {
  const isWriting = event.target.matches("input, textarea");
  if (event.ctrlKey || event.metaKey || event.altKey || detail.isOpen) return;
  if (event.key === "/" && !isWriting) {
    event.preventDefault();
    $("filter").select();
  } else if (event.key === "p" && !isWriting) {
    setPause(!feed.isPaused);
  } else if (event.key === "Escape" && event.target === $("filter")) {
    $("filter").value = "";
    $("filter").dispatchEvent(new Event("input"));
  } else if (event.key === "ArrowDown" && event.target === $("filter")) {
    event.preventDefault();
    parts.find((table) => !table.section.hidden)?.focus(0);
  }
});

/** Rows are higher where they are touched: the style sheet says how high. */
function setRowHeight() {
  const height = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--row")) || 28;
  parts.forEach((table) => (table.rowHeight = height));
}

let isDrawing = false;
function drawSoon() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    draw();
  });
}
addEventListener("scroll", drawSoon, { passive: true });
addEventListener("resize", () => {
  setRowHeight();
  drawSoon();
  strip.draw(feed);
});
addEventListener("hashchange", () => {
  // Somebody followed a link to another view of this page.
  view.read();
  $("filter").value = view.filter;
  showRange();
  feed.setWindow(view.window);
  fillAll();
  if (!view.open && detail.isOpen) $("detail").close();
  else if (view.open)
    show(feed.overview?.series.find((series) => series.key === keyOf(view.open)) ?? view.open, null);
});
// What is said of time goes on while nobody answers.
setInterval(() => {
  if (document.hidden) return;
  showState();
  strip.draw(feed);
}, 1000);

// The heads of tables stay below the head of the page, which is as high as its lines.
new ResizeObserver(([{ target }]) => {
  const isSticky = getComputedStyle(target).position === "sticky";
  document.documentElement.style.setProperty("--bar-height", `${isSticky ? target.offsetHeight : 0}px`);
}).observe(document.querySelector(".bar"));

$("tables").append(...parts.map((table) => table.section));
$("filter").value = view.filter;
setRowHeight();
showRange();
feed.window = view.window;
feed.wake();
