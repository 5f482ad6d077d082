// Numbers as people read them: three significant digits and a unit that fits, as in the table at exit; and exact
// ones, for who looks twice.

/** What stands where there is no value. */
export const NOTHING = "–";

/** From here on three digits round to four. */
const CARRIES = 999.5;
const KIB = 1024;

function threeDigits(value) {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

function two(value) {
  return String(value).padStart(2, "0");
}

/** `12.3 µs`, `1.20 ms`, `3.40 s`, `2m 05s`, `3h 20m`, `12d 04h`. */
export function duration(seconds) {
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds < 5e-12) return "0 s";
  for (const [one, unit] of [
    [1e-9, " ns"],
    [1e-6, " µs"],
    [1e-3, " ms"],
  ]) {
    if (seconds / one < CARRIES) return threeDigits(seconds / one) + unit;
  }
  if (!Number.isFinite(seconds)) return number(seconds);
  if (seconds < 99.95) return `${threeDigits(seconds)} s`;
  if (seconds < 3599.5) {
    const whole = Math.round(seconds);
    return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  const hours = Math.round(seconds / 3600);
  if (hours >= 24 * 1000) return `${number(hours / 24)}d`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

/** How long ago, in whole seconds: `39 s`, `2m 05s`. */
export function age(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return whole < 60 ? `${whole} s` : whole < 100 ? `1m ${two(whole - 60)}s` : duration(whole);
}

/** `512 B`, `12.3 KiB`, `0.98 MiB`. */
export function bytes(value) {
  if (value < 0) return `-${bytes(-value)}`;
  if (value < CARRIES && Number.isInteger(value)) return `${value} B`;
  let rest = value;
  for (const unit of [" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"]) {
    if (rest < CARRIES) return threeDigits(rest) + unit;
    rest /= KIB;
  }
  return `${number(value)} B`;
}

/** `0`, `3`, `0.00123`, `42.3`, `12.3k`, `1.20M`, `1.23e+18`. */
export function number(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  if (size < CARRIES && Number.isInteger(value)) return String(value);
  if (size < 0.0009995) return value.toExponential(2);
  if (size < 0.995) return value.toFixed(2 - Math.floor(Math.log10(size)));
  const sign = value < 0 ? "-" : "";
  for (const [one, unit] of [
    [1, ""],
    [1e3, "k"],
    [1e6, "M"],
    [1e9, "G"],
    [1e12, "T"],
  ]) {
    if (size / one < CARRIES) return sign + threeDigits(size / one) + unit;
  }
  return value.toExponential(2);
}

// Made once: a formatter takes longer to make than to use a thousand times.
const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
const ALL_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 17 });

/** `1,234,567`. */
export function count(value) {
  return GROUPED.format(value);
}

/** A whole number with all its digits, another one with six. */
export function whole(value) {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || (size > 0 && (size < 1e-4 || size >= 1e15))) return number(value);
  return Number.isInteger(value) ? GROUPED.format(value) : DIGITS.format(value);
}

/** A share of one: `12.3 %`. */
export function percent(share) {
  const value = 100 * share;
  if (!Number.isFinite(value)) return NOTHING;
  return value > 0 && value < 0.05 ? "<0.1 %" : `${value.toFixed(1)} %`;
}

const SECONDS = { seconds: 1, milliseconds: 1e-3, microseconds: 1e-6, nanoseconds: 1e-9 };
const BYTES = { bytes: 1, kibibytes: KIB, mebibytes: KIB ** 2, gibibytes: KIB ** 3, tebibytes: KIB ** 4 };
const BITS = {
  bits_per_second: 1,
  kilobits_per_second: 1e3,
  megabits_per_second: 1e6,
  gigabits_per_second: 1e9,
  terabits_per_second: 1e12,
};

/** How names end of gauges that hold a moment, in seconds since 1970, and no duration. */
const MOMENT = /_(timestamp|start_time)_seconds$/;

/** The unit that was described, or what the end of the name says. */
function unitOf(series) {
  const isOfSeconds = !series.unit || series.unit === "seconds";
  if (isOfSeconds && series.kind === "gauge" && MOMENT.test(series.name)) return "moment";
  if (series.unit) return series.unit;
  if (series.kind === "timer") return "seconds";
  const stem = series.name.replace(/_total$/, "");
  if (stem.endsWith("_seconds")) return "seconds";
  return stem.endsWith("_bytes") ? "bytes" : "count";
}

const MEASURES = new Map();

/** How values of a series are shown: `show` and `rate` for people, `exact` with all digits. */
export function measureOf(series) {
  const unit = unitOf(series);
  let measure = MEASURES.get(unit);
  if (!measure) {
    measure = makeMeasure(unit);
    MEASURES.set(unit, measure);
  }
  return measure;
}

function makeMeasure(unit) {
  let show = number;
  let full = whole;
  if (unit === "moment") full = show = (value) => (value >= 1 && value < 1e11 ? clock(value) : duration(value));
  else if (unit in SECONDS) full = show = (value) => duration(value * SECONDS[unit]);
  else if (unit in BYTES) full = show = (value) => bytes(value * BYTES[unit]);
  else if (unit in BITS) full = show = (value) => `${number(value * BITS[unit])} bit/s`;
  else if (unit === "percent") {
    show = (value) => `${number(value)} %`;
    full = (value) => `${whole(value)} %`;
  } else if (unit === "count_per_second") full = show = (value) => `${number(value)}/s`;
  const said = unit === "moment" ? "seconds since 1970" : unit.replaceAll("_", " ");
  const name = unit === "count" ? "" : ` ${said}`;
  return {
    show,
    full,
    rate: (value) => `${show(value)}/s`,
    exact: (value) => (Number.isFinite(value) ? ALL_DIGITS.format(value) : String(value)) + name,
  };
}

/** A number of the JSON, in which some are texts; null stays null. */
export function numberOf(value) {
  return value === null || value === undefined ? null : Number(value);
}

/** `12:03:20` of the reader's day, with the date where that is another one. */
export function clock(seconds, now = Date.now() / 1000) {
  const time = new Date(seconds * 1000);
  const text = time.toLocaleTimeString("en-GB");
  return time.toDateString() === new Date(now * 1000).toDateString()
    ? text
    : `${time.toLocaleDateString("en-CA")} ${text}`;
}
