// What is looked at, as the part of the address behind `#`: whoever opens the same address sees the same view.

const RANGES = { "5m": "300", "1h": "3600", all: "retention" };

export class View {
  constructor() {
    this.read();
  }

  /** Takes over what the address says; what it does not say, or says wrongly, is as usual. */
  read() {
    const params = new URLSearchParams(location.hash.slice(1));
    const range = params.get("range") ?? "5m";
    this.range = Object.hasOwn(RANGES, range) ? range : "5m";
    this.filter = params.get("filter") ?? "";
    // Without what all objects have: a key may be any text, `__proto__` too.
    this.sorts = Object.create(null);
    this.open = null;
    const labels = Object.create(null);
    for (const [key, value] of params) {
      if (key.startsWith("sort.")) {
        const isDescending = value.startsWith("-");
        this.sorts[key.slice(5)] = { column: isDescending ? value.slice(1) : value, isDescending };
      }
      if (key.startsWith("label.")) labels[key.slice(6)] = value;
    }
    if (params.has("name")) this.open = { name: params.get("name"), labels };
  }

  get window() {
    return RANGES[this.range];
  }

  /** Writes itself into the address, without a step of its own for the back button. */
  write() {
    const params = new URLSearchParams();
    if (this.range !== "5m") params.set("range", this.range);
    if (this.filter) params.set("filter", this.filter);
    for (const [table, { column, isDescending }] of Object.entries(this.sorts)) {
      params.set(`sort.${table}`, (isDescending ? "-" : "") + column);
    }
    if (this.open) for (const [key, value] of seriesParams(this.open)) params.append(key, value);
    const text = params.toString();
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  }
}

/** The parameters that name a series, here and in questions. */
export function seriesParams({ name, labels }) {
  const params = new URLSearchParams({ name });
  for (const [key, value] of Object.entries(labels)) params.append(`label.${key}`, value);
  return params;
}

/** Puts a text where the reader can paste it from. Where a page may not do that itself, the reader is asked to. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not on an address without TLS: the old way, which asks for a selection.
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "copied";
    (document.querySelector("dialog[open]") ?? document.body).append(field);
    field.select();
    const isDone = document.execCommand("copy");
    field.remove();
    return isDone;
  }
}
