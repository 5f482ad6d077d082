// Asks for the overview again and again, while somebody looks, and knows how the connection stands.
//
// It asks only while the tab is visible and nobody paused. When nobody answers it goes on asking, more and more
// seldom; when another instance answers than before, the process was started again, and what its predecessor showed
// is kept, so that the gap can be seen.

/** How often is asked, in milliseconds: with many series half as often. */
const INTERVAL = 1000;
const MANY = 800;

/** Nobody answers when nobody did for so long; after that it is asked again within so long. */
const PATIENCE = 8000;
const RETRY_MAX = 5000;

/** An answer that takes so long is told as none, while it is waited for still. */
const LATE = 4000;

/** A course is asked for again when its last part may be over. */
const COURSE_PARTS = 30;

export class Feed {
  /** `told` gets the state and, if there is one, the latest overview, with `courses` by key of its series. */
  constructor(told) {
    this.told = told;
    this.window = "300";
    this.isPaused = false;
    this.state = "connecting";
    this.since = Date.now();
    this.overview = null;
    this.keyOf = new Map();
    this.courses = null;
    this.past = null;
    /** What is known of the connection: spans of `{from, to, state}`, in seconds of the reader's clock. */
    this.spans = [];
    this.failures = 0;
    document.addEventListener("visibilitychange", () => {
      // What was true when the tab was seen last is known no more.
      if (!document.hidden && this.state === "live") this.tell("connecting");
      this.wake();
    });
    window.addEventListener("online", () => this.wake());
  }

  /** Asks now, or stops asking, as it fits the tab and the pause. */
  wake() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.asking = null;
    if (this.isPaused || document.hidden) {
      this.tell(this.isPaused ? "paused" : this.state);
      return;
    }
    this.ask();
  }

  pause(isPaused) {
    this.isPaused = isPaused;
    if (!isPaused) this.tell("connecting");
    this.wake();
  }

  setWindow(window) {
    if (window === this.window) return;
    this.window = window;
    this.courses = null;
    this.past = null;
    if (this.isPaused) this.once();
    else this.wake();
  }

  /** One look, also while it is paused: the reader asked for something else. */
  async once() {
    const asking = new AbortController();
    this.asking?.abort();
    this.asking = asking;
    try {
      const overview = await this.fetch(asking);
      if (this.asking !== asking) return;
      this.take(overview);
      this.tell(this.isPaused ? "paused" : "live");
    } catch {
      if (this.asking === asking) this.tell(this.isPaused ? "paused" : "lost");
    }
  }

  async ask() {
    const asking = new AbortController();
    this.asking = asking;
    const patience = setTimeout(() => asking.abort(), PATIENCE);
    try {
      const overview = await this.fetch(asking);
      await breath();
      if (this.asking !== asking) return;
      this.take(overview);
      await breath();
      if (this.asking !== asking) return;
      this.failures = 0;
      this.note("live");
      this.tell("live");
    } catch (error) {
      if (this.asking !== asking) return;
      this.failures += 1;
      this.note("lost");
      this.tell("lost", error.told);
    } finally {
      clearTimeout(patience);
      if (this.asking === asking) {
        this.asking = null;
        this.timer = setTimeout(() => this.ask(), this.wait());
      }
    }
  }

  wait() {
    if (this.failures > 0) return Math.min(RETRY_MAX, 500 * 2 ** Math.min(this.failures, 4));
    return this.overview?.series.length > MANY ? 2 * INTERVAL : INTERVAL;
  }

  async fetch(asking) {
    const parts = this.wantsCourses() ? COURSE_PARTS : 0;
    const url = `api/v1/overview?window=${this.asked}&parts=${parts}`;
    const response = await fetch(url, { signal: asking.signal, cache: "no-store" });
    if (!response.ok) {
      const told = response.status === 401 ? "access is refused" : `status ${response.status}`;
      throw Object.assign(new Error(told), { told });
    }
    return response.json();
  }

  /** How the connection stands: `live` is what was answered just now. */
  get standing() {
    const isLate = this.state === "live" && Date.now() - this.answered > this.wait() + LATE;
    return isLate && !document.hidden ? "lost" : this.state;
  }

  /** The window that is asked for. All that is kept may be a day, of which a young process has minutes: no more than the page
   * ever heard of is shown, so that it fills the charts. */
  get asked() {
    if (this.window !== "retention" || !this.overview) return this.window;
    const known = Math.ceil((this.overview.at - this.oldest) / 60) * 60;
    return String(Math.min(this.overview.history.retention_seconds, Math.max(300, known)));
  }

  wantsCourses() {
    const courses = this.courses;
    if (!courses) return true;
    if (courses.asked !== this.asked) return true;
    const age = Date.now() - courses.taken;
    return age > Math.min(15000, Math.max(4000, courses.partSeconds * 500));
  }

  take(overview) {
    const before = this.overview;
    if (before && before.instance !== overview.instance) {
      this.past = this.courses;
      this.courses = null;
      this.restarted = Date.now() / 1000;
      this.spans.push({ from: this.restarted, to: this.restarted, state: "restart" });
    }
    this.answered = Date.now();
    this.oldest = Math.min(this.oldest ?? Infinity, overview.history.oldest);
    for (const series of overview.series) series.key = keyOf(series);
    if (overview.grid) this.takeCourses(overview);
    this.overview = overview;
  }

  takeCourses(overview) {
    const { begin, part_seconds: partSeconds, parts } = overview.grid;
    // The last part has just begun: what was recorded in a moment says little of ten seconds.
    const isYoung = overview.at - (begin + (parts - 1) * partSeconds) < partSeconds / 2;
    const known = parts - (isYoung ? 1 : 0);
    const byKey = new Map();
    for (const series of overview.series) {
      const course = {};
      for (const which of ["rates", "means"]) {
        if (series[which] !== undefined) course[which] = decode(series[which], known);
      }
      byKey.set(series.key, course);
    }
    this.courses = { begin, partSeconds, parts: known, byKey, asked: this.asked, taken: Date.now() };
    this.prepend(overview.history.oldest);
  }

  /** Lets the courses begin with what the process before this one showed, as far as this one knows nothing of that time. */
  prepend(oldest) {
    const { past, courses } = this;
    if (!past || past.partSeconds !== courses.partSeconds) return;
    const shift = Math.round((courses.begin - past.begin) / past.partSeconds);
    if (shift >= past.parts) {
      this.past = null;
      return;
    }
    for (const [key, course] of courses.byKey) {
      const before = past.byKey.get(key);
      if (!before) continue;
      for (const which of Object.keys(course)) {
        for (let place = 0; place < courses.parts; place += 1) {
          const end = courses.begin + (place + 1) * courses.partSeconds;
          const old = before[which]?.[place + shift];
          if (end <= oldest && old !== undefined) course[which][place] = old;
        }
      }
    }
  }

  course(key, which) {
    return this.courses?.byKey.get(key)?.[which];
  }

  note(state) {
    const now = Date.now() / 1000;
    const last = this.spans.at(-1);
    if (last && last.state === state && now - last.to < 30) last.to = now;
    else
      this.spans.push({
        from: last && last.state !== "restart" && now - last.to < 30 ? last.to : now,
        to: now,
        state,
      });
    if (this.spans.length > 500) this.spans.shift();
  }

  tell(state, why) {
    if (state !== this.state) this.since = Date.now();
    this.state = state;
    this.why = why;
    this.told(this);
  }
}

/** Lets the browser draw and the reader type: thousands of series are taken in several steps. */
export function breath() {
  return new Promise((resolve) => setTimeout(resolve));
}

/** What tells a series from all others. */
export function keyOf(series) {
  return `${series.name}\n${JSON.stringify(series.labels)}`;
}

/** A course as numbers, NaN where nothing is known; its form stands in docs/api.md. */
function decode(course, parts) {
  if (course === null) return new Array(parts).fill(NaN);
  if (typeof course === "number") return new Array(parts).fill(course);
  const [low, high, steps] = course;
  const scale = (high - low) / 255;
  return steps.slice(0, parts).map((step) => (step === null ? NaN : low + step * scale));
}
