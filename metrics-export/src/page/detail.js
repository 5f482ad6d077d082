// One series, opened: its numbers in the range, how they went, and how to ask a Prometheus for the same.

import { Heat, Lines } from "./charts.js";
import { clock, count, duration, measureOf, NOTHING, number, numberOf, percent } from "./human.js";
import { keyOf } from "./feed.js";
import { fillIn, isPast } from "./kept.js";
import { titleOf } from "./rows.js";
import { copy, seriesParams } from "./view.js";

/** A part for about so many pixels is as fine as it can be seen. */
const PARTS = 120;

/** An answer that takes longer is not waited for, in milliseconds: the connection may be gone. */
const PATIENCE = 8000;

const make = (name, className, text) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

const column = (parts, key) => (parts?.[key] ?? []).map((value) => (value === null ? NaN : Number(value)));

export class Detail {
  constructor(dialog, onClose) {
    this.dialog = dialog;
    this.charts = [];
    this.said = "";
    dialog.addEventListener("close", () => {
      this.stop();
      onClose();
    });
    // A click beside it closes it: the dialog itself is what lies beneath its content.
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    new ResizeObserver(() => this.answer && this.draw()).observe(dialog);
  }

  get isOpen() {
    return this.dialog.open;
  }

  open(series, window) {
    this.stop();
    this.series = { name: series.name, labels: series.labels };
    this.series.key = keyOf(this.series);
    this.window = window;
    this.answer = null;
    this.kept = null;
    this.build({ ...this.series, unit: series.unit, kind: series.kind });
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.scrollTop = 0;
    this.refresh();
    this.askPromql();
  }

  stop() {
    this.asking?.abort();
    this.asking = null;
  }

  build(series) {
    const title = titleOf(series);
    const head = make("header", "detail-head");
    const heading = make("h2", "");
    heading.id = "detail-title";
    heading.append(
      make("span", "path", title.path),
      make("span", "leaf", title.leaf),
      make("span", "labels", title.labels),
    );
    const buttons = make("div", "buttons");
    const link = make("button", "", "Copy link");
    link.type = "button";
    link.addEventListener("click", () => done(link, copy(location.href)));
    const close = make("button", "close", "Close");
    close.type = "button";
    close.addEventListener("click", () => this.dialog.close());
    buttons.append(link, close);
    head.append(heading, buttons);
    // The head of the page lies below, and nobody may see or hear it now.
    this.standing = make("p", "standing", this.said);
    this.standing.hidden = !this.said;
    this.standing.setAttribute("role", "status");
    this.about = make("p", "about", "");
    this.message = make("p", "message");
    this.message.setAttribute("role", "status");
    this.numbers = make("dl", "numbers");
    this.plots = make("div", "plots");
    this.promql = make("section", "promql");
    const inner = make("div", "detail");
    inner.append(head, this.standing, this.about, this.message, this.numbers, this.plots, this.promql);
    this.dialog.replaceChildren(inner);
    this.charts = [];
    this.shape = "";
  }

  /** Says how the connection stands where it is not live; nothing where it is. */
  showStanding(said) {
    this.said = said;
    if (!this.standing || this.standing.textContent === said) return;
    this.standing.textContent = said;
    this.standing.hidden = !said;
  }

  /** Asks anew; what it showed before stays until there is an answer. */
  async refresh(window = this.window) {
    const isOther = window !== this.window;
    if (!this.dialog.open || (this.asking && !isOther)) return;
    this.stop();
    this.window = window;
    const asking = new AbortController();
    this.asking = asking;
    const patience = setTimeout(() => asking.abort(), PATIENCE);
    const params = seriesParams(this.series);
    params.set("window", window);
    params.set("parts", String(PARTS));
    try {
      const response = await fetch(`api/v1/series?${params}`, { signal: asking.signal, cache: "no-store" });
      const answer = await response.json();
      if (this.asking !== asking) return;
      if (!response.ok) {
        this.message.textContent =
          response.status === 404 ? "This series is not there at the moment." : answer.error;
        return;
      }
      this.message.textContent = "";
      this.keep(answer, isOther);
      this.answer = answer;
      this.draw();
    } catch {
      // The state of the connection stands above; what was shown stays.
    } finally {
      clearTimeout(patience);
      if (this.asking === asking) this.asking = null;
    }
  }

  /** After a restart the parts of the process before are put in front. */
  keep(answer, isOther) {
    if (isOther) this.kept = null;
    else if (this.answer && this.answer.instance !== answer.instance) this.kept = this.answer;
    if (this.kept && isPast(this.kept, answer)) this.kept = null;
    if (this.kept) fillIn(answer, this.kept);
  }

  draw() {
    const { answer } = this;
    const measure = measureOf(answer);
    const told = [answer.kind, answer.description, `since ${clock(answer.created_at)}`];
    this.about.textContent = told.filter(Boolean).join(" · ");
    this.drawNumbers(measure);
    const wanted = chartsOf(answer, measure);
    const shape = wanted.map(({ id }) => id).join();
    if (shape !== this.shape) {
      this.shape = shape;
      this.charts = wanted.map(({ make }) => make());
      this.charts.forEach((chart) => (chart.group = this.charts));
      this.plots.replaceChildren(...this.charts.map((chart) => chart.element));
    }
    const grid = {
      begin: answer.grid.begin,
      partSeconds: answer.grid.part_seconds,
      parts: answer.grid.parts,
      known: column(answer.parts, "covered_seconds").map(Number.isFinite),
      oldest: answer.history.oldest,
    };
    wanted.forEach(({ values }, place) => this.charts[place].draw(grid, values));
  }

  drawNumbers(measure) {
    const { answer } = this;
    const { whole } = answer;
    const show = (value, how, exact) =>
      value === null || value === undefined ? [NOTHING, ""] : [how(Number(value)), exact(Number(value))];
    const own = (value) => show(value, measure.show, measure.exact);
    const plain = (value) => show(value, count, count);
    const perSecond = (value, how) => show(value, how, (value) => `${value} per second`);
    const time = (value) => show(value, duration, (value) => `${value} seconds`);
    const rows = {
      counter: () => [
        ["total", own(answer.total)],
        ["in the range", own(whole.sum)],
        ["rate", perSecond(whole.rate, measure.rate)],
        ["least rate", perSecond(whole.min, measure.rate)],
        ["greatest rate", perSecond(whole.max, measure.rate)],
      ],
      gauge: () => [
        ["now", show(answer.current, measure.full, measure.exact)],
        ["mean", own(whole.average)],
        ["min", own(whole.min)],
        ["max", own(whole.max)],
        ["p95", own(whole.p95)],
        ["std dev", own(whole.stddev)],
      ],
    };
    rows.rate = rows.counter;
    const covered = numberOf(whole.covered_seconds);
    const distribution = () => [
      [answer.beside.calls ? "timed calls" : answer.kind === "timer" ? "calls" : "values", plain(whole.count)],
      ["rate", perSecond(whole.rate, (value) => `${number(value)}/s`)],
      ...(whole.self_seconds === undefined
        ? []
        : [
            ["self", time(whole.self_seconds)],
            [
              "of range",
              show(covered > 0 ? whole.self_seconds / covered : null, percent, (value) => `${100 * value} %`),
            ],
            ["total", time(whole.total_seconds)],
          ]),
      ["mean", own(whole.average)],
      ["p50", own(whole.median)],
      ["p95", own(whole.p95)],
      ["p99", own(whole.p99)],
      ["min", own(whole.min)],
      ["max", own(whole.max)],
      ["std dev", own(whole.stddev)],
    ];
    const told = (rows[answer.kind] ?? distribution)();
    if (this.numbers.children.length !== told.length) {
      this.numbers.replaceChildren(
        ...told.map(() => {
          const pair = make("div");
          pair.append(make("dt"), make("dd"));
          return pair;
        }),
      );
    }
    told.forEach(([title, [text, exact]], place) => {
      const [dt, dd] = this.numbers.children[place].children;
      if (dt.textContent !== title) dt.textContent = title;
      if (dd.textContent !== text) dd.textContent = text;
      if (dd.title !== exact) dd.title = exact;
    });
  }

  async askPromql() {
    const { series } = this;
    try {
      const response = await fetch(`api/v1/promql?${seriesParams(series)}`, { cache: "no-store" });
      const { expressions } = await response.json();
      if (!response.ok || this.series !== series || expressions.length === 0) return;
      this.promql.replaceChildren(make("h3", "", "As PromQL"));
      for (const { title, expression } of expressions) {
        const line = make("div", "expression");
        const button = make("button", "", "Copy");
        button.type = "button";
        button.setAttribute("aria-label", `Copy ${title} as PromQL`);
        button.addEventListener("click", () => done(button, copy(expression)));
        line.append(make("span", "title", title), make("code", "", expression), button);
        this.promql.append(line);
      }
    } catch {
      // Without an answer there is nothing to copy; the connection's state says why.
    }
  }
}

/** Says on a button for a moment whether it did what it says. */
async function done(button, doing) {
  const text = button.dataset.text ?? button.textContent;
  button.dataset.text = text;
  button.textContent = (await doing) ? "Copied" : "Not allowed";
  setTimeout(() => (button.textContent = text), 1500);
}

/** The charts that fit what is known: what each is called, how it is made, and its values. */
function chartsOf(answer, measure) {
  const { parts, beside, kind } = answer;
  const lines = (id, title, keys, values, options) => ({
    id,
    make: () => new Lines(title, keys, options),
    values,
  });
  const key = (title, className, isFilled) => ({ title, className, isFilled });
  const perSecond = (value) => `${number(value)}/s`;
  if (kind === "counter" || kind === "rate") {
    return [
      lines("rate", "Rate", [key("rate", "c3", true)], [column(parts, "rate")], {
        show: measure.rate,
        height: 190,
      }),
    ];
  }
  if (kind === "gauge") {
    return [
      lines(
        "level",
        "Value",
        [key("max", "gone"), key("mean", "c3", true), key("min", "gone")],
        [column(parts, "max"), column(parts, "mean"), column(parts, "min")],
        { show: measure.show, height: 190 },
      ),
    ];
  }
  const charts = [
    lines(
      "quantiles",
      kind === "timer" ? "Latency" : "Values",
      [key("p99", "c1"), key("p95", "c2"), key("p50", "c3", true)],
      [column(parts, "p99"), column(parts, "p95"), column(parts, "p50")],
      { show: measure.show, height: 170, about: "50, 95 and 99 of a hundred took no longer" },
    ),
    {
      id: "heat",
      make: () =>
        new Heat("Distribution", {
          show: measure.show,
          about: "The darker a cell, the more values are in it",
        }),
      values: answer.heat,
    },
  ];
  const outcomes = [
    ["ok", "good"],
    ["err", "bad"],
    ["panic", "worst"],
    ["cancelled", "gone"],
  ].filter(([outcome]) => beside[outcome]);
  if (outcomes.length > 0) {
    charts.push(
      lines(
        `outcomes${outcomes.length}`,
        "Outcomes",
        outcomes.map(([outcome, className]) => key(outcome, className)),
        outcomes.map(([outcome]) => column(beside[outcome], "rate")),
        { show: perSecond, isStacked: true, about: "How calls ended, per second" },
      ),
    );
  } else {
    charts.push(
      lines(
        "rate",
        kind === "timer" ? "Calls" : "Values per second",
        [key("rate", "c3", true)],
        // Of which only some calls are timed, all are counted.
        [column(beside.calls ?? parts, "rate")],
        { show: perSecond, height: 110 },
      ),
    );
  }
  if (beside.in_flight) {
    charts.push(
      lines(
        "flight",
        "In flight",
        [key("max", "gone"), key("mean", "c3", true)],
        [column(beside.in_flight, "max"), column(beside.in_flight, "mean")],
        { show: number, height: 110, about: "Calls that had begun and not ended" },
      ),
    );
  }
  if (kind === "timer") {
    const shares = [
      ["wall", "gone", column(parts, "total_share")],
      ["self", "c3", column(parts, "self_share")],
    ];
    if (beside.busy) shares.splice(1, 0, ["busy", "c2", column(beside.busy, "total_share")]);
    charts.push(
      lines(
        `shares${shares.length}`,
        "Busy against wall",
        shares.map(([title, className]) => key(title, className, title === "self")),
        shares.map(([, , values]) => values),
        {
          show: (value) => `${number(value)}×`,
          height: 110,
          about:
            "Seconds in it for each second that passed: how many calls ran at once. Busy is the time in polls, self that without timed calls inside",
        },
      ),
    );
  }
  return charts;
}
