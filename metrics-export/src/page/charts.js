// Charts: a small one beside each row, and large ones of one series. Lines are SVG, so that they take the colours of
// the page; a heat map is drawn on a canvas, as it has thousands of cells.

import { clock } from "./human.js";

const SVG = "http://www.w3.org/2000/svg";

function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A path through values; where there is none it begins anew. A value alone is a short dash. */
function pathOf(values, x, y) {
  let path = "";
  let isDown = false;
  values.forEach((value, place) => {
    if (!Number.isFinite(value)) {
      isDown = false;
      return;
    }
    const [left, top] = [x(place).toFixed(1), y(value).toFixed(1)];
    path += `${isDown ? "L" : "M"}${left} ${top}`;
    if (!isDown && !Number.isFinite(values[place + 1])) path += `h1`;
    isDown = true;
  });
  return path;
}

/** The small chart of a row: how a value went, from nothing to its greatest. */
export class Spark {
  constructor() {
    this.line = svg("path", { class: "line" });
    this.area = svg("path", { class: "area" });
    this.element = svg(
      "svg",
      { class: "spark", viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" },
      this.area,
      this.line,
    );
  }

  draw(values) {
    if (values === this.values) return;
    this.values = values;
    const known = values?.filter(Number.isFinite) ?? [];
    if (known.length === 0) {
      this.line.setAttribute("d", "");
      this.area.setAttribute("d", "");
      return;
    }
    const low = Math.min(0, ...known);
    const high = Math.max(...known, low + Number.MIN_VALUE);
    const x = (place) => (place / Math.max(1, values.length - 1)) * 98 + 1;
    const y = (value) => 19 - ((value - low) / (high - low || 1)) * 18;
    const line = pathOf(values, x, y);
    this.line.setAttribute("d", line);
    this.area.setAttribute("d", areaOf(values, x, y, 20));
  }
}

/** What is between values and the ground, in pieces where some are missing. */
function areaOf(values, x, y, ground) {
  let path = "";
  let from = null;
  const close = (to) => {
    if (from !== null && to > from) path += `L${x(to).toFixed(1)} ${ground}L${x(from).toFixed(1)} ${ground}Z`;
    from = null;
  };
  values.forEach((value, place) => {
    if (!Number.isFinite(value)) return close(place - 1);
    path += `${from === null ? "M" : "L"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
    from ??= place;
  });
  close(values.length - 1);
  return path;
}

/** About so many round numbers from nothing up to a value. */
function ticksOf(high, about = 3) {
  const rough = high / about;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * ten).find((one) => one >= rough) ?? rough;
  const ticks = [];
  for (let tick = step; tick <= high * 1.001 && ticks.length < 8; tick += step) ticks.push(tick);
  return ticks;
}

const LEFT = 64;
const RIGHT = 10;
const BOTTOM = 20;
const TOP = 8;

/** A large chart: a title, a legend that tells the values under the pointer, and what `paint` draws. */
class Chart {
  constructor(title, height, about) {
    this.height = height;
    this.element = document.createElement("figure");
    this.element.className = "chart";
    const caption = document.createElement("figcaption");
    const name = document.createElement("span");
    name.className = "title";
    name.textContent = title;
    name.title = about ?? "";
    this.legend = document.createElement("span");
    this.legend.className = "legend";
    caption.append(name, this.legend);
    this.place = document.createElement("div");
    this.place.className = "plot";
    this.element.append(caption, this.place);
    this.plot = svg("svg", { role: "img", height: String(height) });
    this.place.append(this.plot);
    this.cursor = svg("line", { class: "cursor", y1: TOP, y2: height - BOTTOM });
    this.place.addEventListener("pointermove", (event) => this.point(event));
    this.place.addEventListener("pointerleave", () => this.unpoint());
  }

  /** Widths are those of the screen, so that texts keep their size. */
  get width() {
    return Math.max(240, this.place.clientWidth || 600);
  }

  x(place) {
    const parts = Math.max(1, this.parts);
    return LEFT + ((place + 0.5) / parts) * (this.width - LEFT - RIGHT);
  }

  /** The frame: where nothing is known, times below, and where the process began. */
  frame({ begin, partSeconds, parts, known, oldest }) {
    Object.assign(this, { begin, partSeconds, parts });
    const { width, height } = this;
    this.plot.setAttribute("width", String(width));
    this.plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.plot.replaceChildren();
    const half = (width - LEFT - RIGHT) / parts / 2;
    for (let from = 0; from < parts; from += 1) {
      if (known[from]) continue;
      let to = from;
      while (to + 1 < parts && !known[to + 1]) to += 1;
      this.plot.append(
        svg("rect", {
          class: "unknown",
          x: this.x(from) - half,
          y: TOP,
          width: this.x(to) - this.x(from) + 2 * half,
          height: height - TOP - BOTTOM,
        }),
      );
      from = to;
    }
    const every = Math.max(1, Math.ceil(parts / Math.max(2, Math.floor(width / 150))));
    for (let place = parts - 1 - Math.floor(every / 4); place >= 0; place -= every) {
      const text = svg("text", { class: "tick", x: this.x(place), y: height - 5, "text-anchor": "middle" });
      text.textContent = clock(begin + place * partSeconds);
      this.plot.append(text);
    }
    const born = (oldest - begin) / partSeconds - 0.5;
    if (born > 0 && born < parts) {
      this.plot.append(
        svg("line", { class: "born", x1: this.x(born), x2: this.x(born), y1: TOP, y2: height - BOTTOM }),
      );
    }
  }

  /** A line across at a value, or its label alone. */
  rule(y, label, isLabelAlone) {
    const text = svg("text", { class: "tick", x: LEFT - 8, y: y + 4, "text-anchor": "end" });
    text.textContent = label;
    const line = svg("line", {
      class: "rule",
      x1: isLabelAlone ? LEFT - 5 : LEFT,
      x2: isLabelAlone ? LEFT - 1 : this.width - RIGHT,
      y1: y,
      y2: y,
    });
    this.plot.append(line, text);
  }

  point(event) {
    if (!this.parts) return;
    const left = event.clientX - this.place.getBoundingClientRect().left;
    const place = Math.round(((left - LEFT) / (this.width - LEFT - RIGHT)) * this.parts - 0.5);
    this.group?.forEach((chart) => chart.mark(Math.max(0, Math.min(this.parts - 1, place))));
  }

  unpoint() {
    this.group?.forEach((chart) => chart.mark(null));
  }

  mark(place) {
    this.marked = place;
    if (place === null || place >= this.parts) this.cursor.remove();
    else {
      this.cursor.setAttribute("x1", this.x(place));
      this.cursor.setAttribute("x2", this.x(place));
      this.plot.append(this.cursor);
    }
    this.tell(place);
  }
}

/** Lines over time; with `isStacked` each stands on the one before. */
export class Lines extends Chart {
  constructor(title, lines, { height = 130, show, isStacked = false, about } = {}) {
    super(title, height, about);
    Object.assign(this, { lines, show, isStacked });
    this.items = lines.map(({ title, className }) => {
      const item = document.createElement("span");
      item.className = `key ${className}`;
      const value = document.createElement("b");
      item.append(`${title} `, value);
      this.legend.append(item);
      return value;
    });
    this.when = document.createElement("span");
    this.when.className = "when";
    this.legend.append(this.when);
  }

  /** `values` has an array for each line. */
  draw(grid, values) {
    this.values = values;
    this.frame(grid);
    const stacked = this.isStacked ? stack(values) : values;
    const known = stacked.flat().filter(Number.isFinite);
    const high = Math.max(...known, 0) || 1;
    const low = Math.min(...known, 0);
    const room = this.height - TOP - BOTTOM;
    const y = (value) => TOP + room - ((value - low) / (high * 1.06 - low)) * room;
    this.rule(y(low < 0 ? low : 0), this.show(low < 0 ? low : 0));
    ticksOf(high).forEach((tick) => this.rule(y(tick), this.show(tick)));
    const x = (place) => this.x(place);
    // The last one lies lowest when they are stacked, and on top when they are not.
    const order = stacked.map((_, place) => place);
    if (this.isStacked) order.reverse();
    for (const place of order) {
      const { className } = this.lines[place];
      if (this.isStacked || this.lines[place].isFilled) {
        this.plot.append(
          svg("path", { class: `area ${className}`, d: areaOf(stacked[place], x, y, y(Math.max(0, low))) }),
        );
      }
      this.plot.append(svg("path", { class: `line ${className}`, d: pathOf(stacked[place], x, y) }));
    }
    const texts = this.lines.map(({ title }, place) => {
      const some = values[place].filter(Number.isFinite);
      return some.length > 0
        ? `${title} ${this.show(Math.min(...some))} to ${this.show(Math.max(...some))}, last ${this.show(some.at(-1))}`
        : `${title} unknown`;
    });
    this.plot.setAttribute("aria-label", texts.join("; "));
    this.mark(this.marked ?? null);
  }

  tell(place) {
    this.values?.forEach((values, line) => {
      const value = place === null ? values.findLast(Number.isFinite) : values[place];
      const text = Number.isFinite(value) ? this.show(value) : "–";
      if (this.items[line].textContent !== text) this.items[line].textContent = text;
    });
    this.when.textContent = place === null ? "" : `at ${clock(this.begin + place * this.partSeconds)}`;
  }
}

function stack(values) {
  const sums = [];
  return values.map((line) =>
    line.map((value, place) => {
      if (!Number.isFinite(value)) return NaN;
      sums[place] = (sums[place] ?? 0) + value;
      return sums[place];
    }),
  );
}

/** A distribution over time: the darker a cell, the more values. */
export class Heat extends Chart {
  constructor(title, { height = 190, show, about } = {}) {
    super(title, height, about);
    this.show = show;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.place.prepend(this.canvas);
    this.when = document.createElement("span");
    this.when.className = "when";
    this.legend.append(this.when);
  }

  draw(grid, heat) {
    this.heat = heat;
    this.frame(grid);
    const { width, height } = this;
    const room = { width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
    const scale = window.devicePixelRatio || 1;
    Object.assign(this.canvas, {
      width: Math.round(room.width * scale),
      height: Math.round(room.height * scale),
    });
    Object.assign(this.canvas.style, {
      left: `${LEFT}px`,
      top: `${TOP}px`,
      width: `${room.width}px`,
      height: `${room.height}px`,
    });
    if (!heat) return;
    const bounds = heat.bounds.map(Number);
    const rows = bounds.length - 1;
    this.rows = rows;
    const greatest = Math.max(1, ...heat.counts.flatMap((counts) => counts ?? []));
    const drawn = this.canvas.getContext("2d");
    const cell = { width: this.canvas.width / grid.parts, height: this.canvas.height / rows };
    drawn.fillStyle = getComputedStyle(this.element).getPropertyValue("--heat");
    heat.counts.forEach((counts, part) =>
      counts?.forEach((count, row) => {
        if (count === 0) return;
        // By the logarithm: one value alone shall be seen beside a thousand others.
        drawn.globalAlpha = 0.12 + 0.88 * (Math.log1p(count) / Math.log1p(greatest));
        const [left, right] = [Math.round(part * cell.width), Math.round((part + 1) * cell.width)];
        const [top, bottom] = [
          Math.round((rows - row - 1) * cell.height),
          Math.round((rows - row) * cell.height),
        ];
        drawn.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
      }),
    );
    const every = Math.max(1, Math.ceil(rows / 5));
    for (let row = 0; row <= rows; row += every) {
      if (Number.isFinite(bounds[row]))
        this.rule(TOP + room.height * (1 - row / rows), this.show(bounds[row]), true);
    }
    const first = bounds.find(Number.isFinite);
    this.plot.setAttribute(
      "aria-label",
      `values from ${this.show(first ?? 0)} to ${this.show(bounds.findLast(Number.isFinite) ?? 0)}`,
    );
    this.mark(this.marked ?? null);
  }

  point(event) {
    const top = event.clientY - this.place.getBoundingClientRect().top - TOP;
    this.row = Math.floor((1 - top / (this.height - TOP - BOTTOM)) * this.rows);
    super.point(event);
  }

  tell(place) {
    const counts = place === null ? null : this.heat?.counts[place];
    if (!counts || this.row === undefined) {
      this.when.textContent = "";
      return;
    }
    const row = Math.max(0, Math.min(this.rows - 1, this.row));
    const [from, to] = [Number(this.heat.bounds[row]), Number(this.heat.bounds[row + 1])];
    this.when.textContent = `${counts[row]} of ${counts.reduce((sum, one) => sum + one, 0)} from ${this.show(from)} to ${this.show(to)} at ${clock(this.begin + place * this.partSeconds)}`;
  }
}
