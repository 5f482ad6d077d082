// The strip below the head: when the process was watched in the range, and when nobody answered.

import { clock } from "./human.js";

export class Strip {
  constructor(canvas) {
    this.canvas = canvas;
  }

  draw({ overview, spans, asked }) {
    if (!overview) return;
    const { canvas } = this;
    const scale = window.devicePixelRatio || 1;
    const width = Math.round(canvas.clientWidth * scale);
    const height = Math.round(canvas.clientHeight * scale);
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const drawn = canvas.getContext("2d");
    const style = getComputedStyle(canvas);
    const now = Date.now() / 1000;
    // The clock of the process may show another time than the reader's.
    const ahead = this.ahead(overview, now);
    const length = Number(asked);
    const x = (at) => ((at - now + length) / length) * width;
    drawn.clearRect(0, 0, width, height);
    const fill = (from, to, color) => {
      drawn.fillStyle = style.getPropertyValue(color);
      drawn.fillRect(x(from), 0, Math.max(scale, x(to) - x(from)), height);
    };
    // What the history of the process has, up to its last answer.
    fill(overview.history.oldest - ahead, overview.at - ahead, "--strip-live");
    for (const span of spans)
      if (span.state === "live" && span.from < overview.history.oldest - ahead)
        fill(span.from, span.to, "--strip-live");
    const gaps = spans.filter((span) => span.state === "lost");
    for (const gap of gaps) fill(gap.from, gap.to, "--strip-lost");
    for (const span of spans)
      if (span.state === "restart")
        fill(span.from, span.from + (2 * scale * length) / width, "--strip-restart");
    const told = [
      `watched since ${clock(overview.history.oldest)}`,
      ...gaps.slice(-3).map((gap) => `no answer from ${clock(gap.from)} to ${clock(gap.to)}`),
    ];
    const text = told.join("; ");
    if (this.text !== text) {
      this.text = text;
      canvas.setAttribute("aria-label", text);
      canvas.title = text;
    }
  }

  /** By how much the clock of the process is ahead of the reader's, as the last answer showed it. */
  ahead({ at, instance }, now) {
    if (this.last !== at) {
      this.last = at;
      const ahead = at - now;
      // Answers take a while: the clock that is ahead most is the nearest to it.
      this.known = this.instance === instance ? Math.max(this.known, ahead) : ahead;
      this.instance = instance;
    }
    return this.known;
  }
}
