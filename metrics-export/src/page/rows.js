// From series to the rows of tables: which table, which numbers, and which rows are folded into one.

import { count, duration, measureOf, NOTHING, number as decimal, numberOf, percent, whole } from "./human.js";

const FUNCTIONS = "function_duration_seconds";
const OWN = "tachograph_";
const MACHINE = /^(system|process|container)_/;

/** What `#[timed]` records beside durations is part of the function's row. */
const BESIDE = {
  function_outcomes_total: "outcomes",
  function_in_flight: "in_flight",
  function_calls_total: "calls",
  function_polls_total: "polls",
  function_busy_seconds: "busy",
};

/** A family with more series than this is one row until somebody opens it. */
const FOLDED_FROM = 4;

/** The titles of series, which do not change: by key. Those that are gone are forgotten when there are too many. */
const titles = new Map();
const TITLES_MAX = 20000;

/** A series in words: a path that may be cut, a name that is not, and labels. */
export function titleOf(series) {
  let title = titles.get(series.key);
  if (title) return title;
  if (titles.size > TITLES_MAX) titles.clear();
  const pairs = Object.entries(series.labels);
  const isFunction = series.name === FUNCTIONS && series.labels.function !== undefined;
  const name = isFunction ? series.labels.function : series.name;
  // A path ends at its last `::`, but a `<T as Trait>` in it is no path of its own.
  const at = isFunction && !name.includes("<") ? name.lastIndexOf("::") + 2 : 1;
  const shown = isFunction ? pairs.filter(([key]) => key !== "function") : pairs;
  const labels = shown.map(([key, value]) =>
    key === "otel_metric_overflow" ? "overflow" : `${key}=${JSON.stringify(value)}`,
  );
  title = {
    path: at > 1 ? name.slice(0, at) : "",
    leaf: at > 1 ? name.slice(at) : name,
    labels: labels.length > 0 ? `{${labels.join(", ")}}` : "",
    whole: `${series.name}{${pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}}`,
  };
  title.search = `${title.whole} ${title.path}${title.leaf}`.toLowerCase();
  titles.set(series.key, title);
  return title;
}

/** A column: how the value of a row is shown, and exactly. Those of higher rank go first where there is little room. */
function column(id, title, rank, show, exact, about) {
  return { id, title, rank, show, exact, about };
}

const own = (row) => measureOf(row.series);
const number = (id, title, rank, about) =>
  column(
    id,
    title,
    rank,
    (value) => count(value),
    (value) => count(value),
    about,
  );
const measured = (id, title, rank, about) =>
  column(
    id,
    title,
    rank,
    (value, row) => own(row).show(value),
    (value, row) => own(row).exact(value),
    about,
  );
const seconds = (id, title, rank, about) =>
  column(id, title, rank, duration, (value) => `${value} seconds`, about);
const isCounted = ({ kind }) => kind === "counter" || kind === "rate";
/** How fast a series went: what is counted has a unit of its own, values are so many. */
const rate = (id, title, rank, about) =>
  column(
    id,
    title,
    rank,
    (value, row) => (isCounted(row.series) ? own(row).rate(value) : `${decimal(value)}/s`),
    (value) => `${value} per second`,
    about,
  );
const trend = (about) => ({ id: "trend", title: "trend", rank: 1, about, isTrend: true });

const DISTRIBUTION = [
  measured("mean", "mean", 3, "Mean in the range"),
  measured("p50", "p50", 3, "Half of all took no longer"),
  measured("p95", "p95", 3, "95 % took no longer"),
  measured("p99", "p99", 1, "99 % took no longer"),
  measured("max", "max", 4, "The greatest value in the range, or the upper edge of its bucket"),
];

/** The tables, in their order. `key` is the column that rows are sorted by at first. */
export const TABLES = [
  {
    id: "functions",
    title: "Functions",
    first: "function",
    sort: { column: "self", isDescending: true },
    columns: [
      number("count", "calls", 2, "Calls in the range"),
      rate("rate", "rate", 3, "Calls per second"),
      seconds(
        "self",
        "self",
        1,
        "Time in the function itself, without timed calls inside; all threads together",
      ),
      column(
        "share",
        "of range",
        3,
        percent,
        (value) => `${value * 100} %`,
        "Self time as a share of the range",
      ),
      seconds("total", "total", 4, "Time between begin and end, calls inside included"),
      ...DISTRIBUTION,
      column(
        "errors",
        "errors",
        2,
        percent,
        (value) => `${value * 100} % of the calls that ended did not end well`,
        "Calls that ended in an error, a panic or a cancellation",
      ),
      column("in_flight", "in flight", 4, whole, whole, "Calls that have begun and not ended"),
      trend("Mean time over the range"),
    ],
    course: "means",
  },
  {
    id: "counters",
    title: "Counters",
    first: "counter",
    sort: { column: "name", isDescending: false },
    columns: [
      number("total", "total", 2, "Since the process began"),
      rate("rate", "rate", 1, "Per second in the range"),
      trend("Rate over the range"),
    ],
    course: "rates",
  },
  {
    id: "gauges",
    title: "Gauges",
    first: "gauge",
    sort: { column: "name", isDescending: false },
    columns: [
      column(
        "value",
        "value",
        1,
        (value, row) => own(row).full(value),
        (value, row) => own(row).exact(value),
        "Now",
      ),
      measured("mean", "mean", 3, "Mean of what was seen each second of the range"),
      measured("min", "min", 3, "Least in the range"),
      measured("max", "max", 3, "Greatest in the range"),
      trend("Mean over the range"),
    ],
    course: "means",
  },
  {
    id: "histograms",
    title: "Histograms and summaries",
    first: "histogram",
    sort: { column: "name", isDescending: false },
    columns: [
      number("count", "count", 2, "Values in the range"),
      rate("rate", "rate", 3, "Values per second"),
      ...DISTRIBUTION,
      trend("Mean over the range"),
    ],
    course: "means",
  },
];

const MIXED = [
  column(
    "value",
    "value",
    1,
    (value, row) => (isCounted(row.series) ? own(row).rate(value) : own(row).full(value)),
    (value, row) => own(row).exact(value),
    "Now; of what is counted, per second in the range",
  ),
  measured("mean", "mean", 3, "Mean over the range"),
  measured("min", "min", 3, "Least in the range"),
  measured("max", "max", 3, "Greatest in the range"),
  trend("Over the range"),
];
for (const [id, title] of [
  ["machine", "Machine and process"],
  ["own", "The recorder itself"],
]) {
  TABLES.push({
    id,
    title,
    first: "series",
    sort: { column: "name", isDescending: false },
    columns: MIXED,
    course: "means",
  });
}

function tableOf(series) {
  if (series.name.startsWith(OWN)) return "own";
  if (MACHINE.test(series.name)) return "machine";
  switch (series.kind) {
    case "timer":
      return "functions";
    case "counter":
    case "rate":
      return "counters";
    case "gauge":
      return "gauges";
    default:
      return "histograms";
  }
}

/** The rows of every table, by its id. */
export function rowsOf(feed) {
  const { overview } = feed;
  const tables = Object.fromEntries(TABLES.map((table) => [table.id, []]));
  const beside = new Map();
  for (const series of overview.series) {
    if (Object.hasOwn(BESIDE, series.name) && series.labels.function !== undefined) {
      const { outcome, ...labels } = series.labels;
      const key = JSON.stringify(labels);
      const found = beside.get(key) ?? Object.create(null);
      found[outcome ?? BESIDE[series.name]] = series;
      beside.set(key, found);
      continue;
    }
    tables[tableOf(series)].push(rowOf(series));
  }
  for (const row of tables.functions) addBeside(row, beside, overview.covered_seconds);
  for (const row of [...tables.machine, ...tables.own]) {
    if (isCounted(row.series)) row.values.value = row.values.rate;
  }
  return tables;
}

function rowOf(series) {
  const title = titleOf(series);
  const values = {
    name: title.search,
    count: numberOf(series.count),
    total: numberOf(series.total),
    rate: numberOf(series.rate),
    value: numberOf(series.value),
    mean: numberOf(series.mean),
    min: numberOf(series.min),
    max: numberOf(series.max),
    p50: numberOf(series.p50),
    p95: numberOf(series.p95),
    p99: numberOf(series.p99),
  };
  return { key: series.key, series, title, values };
}

function addBeside(row, beside, covered) {
  const { series, values } = row;
  values.self = numberOf(series.self_seconds);
  values.total = numberOf(series.total_seconds);
  values.share = values.self === null || !(covered > 0) ? null : values.self / covered;
  const found = series.labels.function === undefined ? undefined : beside.get(JSON.stringify(series.labels));
  if (!found) return;
  const bad = ["err", "panic", "cancelled"].reduce((sum, outcome) => sum + (found[outcome]?.rate ?? 0), 0);
  const all = bad + (found.ok?.rate ?? 0);
  if (found.ok || found.err) values.errors = all > 0 ? bad / all : null;
  if (found.in_flight) values.in_flight = numberOf(found.in_flight.value);
  // Of which only some calls are timed, all are counted: what is measured says of how many it is.
  if (found.calls) {
    row.timed = values.count;
    values.count = numberOf(found.calls.count);
    values.rate = numberOf(found.calls.rate);
  }
}

/** True where there is no value, and of what is no number: it has no place among numbers. */
function isNone(value) {
  return value === null || value === undefined || Number.isNaN(value);
}

/** Sorts rows. What has no value comes last, whichever way it goes; equal ones stay in the order of their names. */
export function sorted(rows, { column, isDescending }) {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one.values[column], other.values[column]];
    const [hasNone, otherHasNone] = [isNone(a), isNone(b)];
    if (hasNone || otherHasNone) return hasNone - otherHasNone;
    if (a !== b) return a < b ? -sign : sign;
    return one.values.name < other.values.name ? -1 : one.values.name > other.values.name ? 1 : 0;
  });
}

/** True for rows that have all words of a filter in them. */
export function matcher(filter) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return (row) => words.every((word) => row.title.search.includes(word));
}

/** Folds families of many series into one row each, under which those that are open have their series. */
export function folded(rows, sort, open, isFiltered) {
  const families = new Map();
  for (const row of rows) {
    const family = families.get(row.series.name);
    if (family) family.push(row);
    else families.set(row.series.name, [row]);
  }
  const tops = [];
  for (const [name, members] of families) {
    if (name === FUNCTIONS || members.length < FOLDED_FROM) tops.push(...members);
    else tops.push(familyOf(name, members));
  }
  const shown = [];
  for (const row of sorted(tops, sort)) {
    shown.push(row);
    if (!row.members) continue;
    row.isOpen = open.has(row.key) || (isFiltered && row.members.length <= 50);
    if (row.isOpen) for (const member of sorted(row.members, sort)) shown.push({ ...member, isMember: true });
  }
  return shown;
}

function familyOf(name, members) {
  const [{ series }] = members;
  const sum = (id) => members.reduce((sum, { values }) => sum + (values[id] ?? 0), 0);
  const isSum = series.kind !== "gauge";
  const values = { name: name.toLowerCase() };
  if (isSum) {
    for (const id of ["count", "total", "rate", "self", "share"]) {
      if (members.some((row) => typeof row.values[id] === "number")) values[id] = sum(id);
    }
  } else {
    for (const [id, least] of [
      ["min", Math.min],
      ["max", Math.max],
    ]) {
      const known = members.map((row) => row.values[id]).filter((value) => typeof value === "number");
      if (known.length > 0) values[id] = known.reduce((one, other) => least(one, other));
    }
  }
  return {
    key: `family\n${name}`,
    series,
    title: {
      path: "",
      leaf: name,
      labels: `${members.length} series`,
      whole: name,
      search: name.toLowerCase(),
    },
    values,
    members,
  };
}

/** How a row went: of a family of counters the sum of its series, of another family nothing. */
export function courseOf(row, which, feed) {
  if (!row.members) return feed.course(row.key, which);
  const { courses } = feed;
  if (which !== "rates" || !courses) return undefined;
  courses.sums ??= new Map();
  let sum = courses.sums.get(row.key);
  if (!sum) {
    sum = new Array(courses.parts).fill(NaN);
    for (const member of row.members) {
      feed.course(member.key, which)?.forEach((value, place) => {
        if (Number.isFinite(value)) sum[place] = (Number.isFinite(sum[place]) ? sum[place] : 0) + value;
      });
    }
    courses.sums.set(row.key, sum);
  }
  return sum;
}

/** Which course of a series is shown beside it. */
export function whichCourse(series, usual) {
  return isCounted(series) ? "rates" : usual;
}

/** What is known of timed calls alone. */
const OF_TIMED = new Set(["self", "share", "total", "mean", "p50", "p95", "p99", "max"]);

/** The text and the exact text of a row in a column. */
export function cellOf(row, column) {
  const value = row.values[column.id];
  if (value === undefined) return ["", ""];
  if (value === null) return [NOTHING, "nothing is known, or nothing came in the range"];
  const exact = column.exact(value, row);
  const isOfTimed = typeof row.timed === "number" && OF_TIMED.has(column.id);
  return [column.show(value, row), isOfTimed ? `${exact}, of the ${count(row.timed)} calls that were timed` : exact];
}
