// A table of which only those rows exist that can be seen, however many there are.
//
// Rows keep their element by key, and only what changed is written. While the reader points at the table or is in it
// with the keyboard, rows keep their places, so that nothing moves under the hand.

import { Spark } from "./charts.js";
import { cellOf } from "./rows.js";

/** More rows than can be seen, above and below. */
const BEYOND = 8;

/** So many rows that went out of sight are kept for those that come into it. */
const SPARE = 60;

const make = (name, className, text) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
};

export class Table {
  /** `on.open(row)`, `on.fold(row)` and `on.sort(column)` are told what the reader does. */
  constructor(about, on) {
    this.about = about;
    this.on = on;
    this.rows = [];
    this.elements = new Map();
    this.spare = [];
    this.top = 0;
    this.rowHeight = 28;
    this.active = null;
    this.section = make("section", `block ${about.id}`);
    this.section.hidden = true;
    this.heading = make("h2", "", about.title);
    this.heading.id = `${about.id}-title`;
    this.note = make("span", "note");
    this.heading.append(" ", this.note);
    this.table = make("table");
    this.table.setAttribute("aria-labelledby", this.heading.id);
    this.table.append(this.makeHead());
    this.body = make("tbody");
    this.above = this.makeSpace();
    this.below = this.makeSpace();
    this.body.append(this.above, this.below);
    this.table.append(this.body);
    this.section.append(this.heading, this.table);
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.body.addEventListener("click", (event) => this.click(event));
  }

  makeHead() {
    const head = make("thead");
    const row = make("tr");
    row.setAttribute("aria-rowindex", "1");
    this.heads = new Map();
    const titles = [
      { id: "name", title: this.about.first, rank: 0, about: "Name and labels" },
      ...this.about.columns,
    ];
    for (const column of titles) {
      const cell = make("th", this.classOf(column));
      cell.scope = "col";
      if (column.isTrend) {
        cell.textContent = column.title;
      } else {
        const button = make("button", "sort", column.title);
        button.type = "button";
        button.addEventListener("click", () => this.on.sort(column));
        cell.append(button);
      }
      cell.title = column.about;
      this.heads.set(column.id, cell);
      row.append(cell);
    }
    head.append(row);
    return head;
  }

  classOf(column) {
    return `${column.id === "name" ? "name" : column.isTrend ? "trend" : "number"} rank${column.rank} is-${column.id}`;
  }

  makeSpace() {
    const row = make("tr", "space");
    row.setAttribute("aria-hidden", "true");
    // One cell: more would make columns of those that are not shown.
    row.append(make("td"));
    return row;
  }

  /** Shows which column the rows are sorted by. */
  showSort({ column, isDescending }) {
    for (const [id, cell] of this.heads) {
      if (id === column) cell.setAttribute("aria-sort", isDescending ? "descending" : "ascending");
      else cell.removeAttribute("aria-sort");
    }
  }

  /** True while the reader's hand is on it. */
  get isHeld() {
    return this.body.matches(":hover") || this.body.contains(document.activeElement);
  }

  /** Takes new rows, in their order. `isNewOrder` says that the reader asked for another one. */
  set(rows, note, isNewOrder) {
    this.rows = !isNewOrder && this.isHeld ? this.inPlace(rows) : rows;
    this.note.textContent = note;
    this.section.hidden = rows.length === 0;
    this.table.setAttribute("aria-rowcount", String(rows.length + 1));
    // A column in which nothing stands takes no room.
    for (const column of this.about.columns) {
      const isEmpty = !column.isTrend && rows.every((row) => row.values[column.id] === undefined);
      this.table.classList.toggle(`without-${column.id}`, isEmpty);
    }
    this.greatest = rows.reduce((greatest, row) => Math.max(greatest, row.values.self ?? 0), 0);
  }

  /** The rows in the places that they have. Where one came or went, all stand in their order. */
  inPlace(rows) {
    const byKey = new Map(rows.map((row) => [row.key, row]));
    const isSame = this.rows.length === rows.length && this.rows.every((row) => byKey.has(row.key));
    return isSame ? this.rows.map((row) => byKey.get(row.key)) : rows;
  }

  /** Where the first row is, and how high each. All tables are measured before any is drawn, so that the browser lays the page
   * out once. */
  measure() {
    if (this.section.hidden) return;
    this.top = this.above.getBoundingClientRect().top;
  }

  /** Makes those rows that can be seen, and no others. */
  draw() {
    const { rowHeight: height, top } = this;
    const first = Math.max(0, Math.min(Math.floor(-top / height) - BEYOND, this.rows.length));
    const last = Math.max(
      first,
      Math.min(this.rows.length, Math.ceil((innerHeight - top) / height) + BEYOND),
    );
    const shown = this.rows.slice(first, last);
    // The one that has the keyboard stays, wherever it is: else the keyboard would be nowhere.
    const held = document.activeElement?.closest?.("tr");
    const keys = new Set(shown.map((row) => row.key));
    for (const [key, element] of this.elements) {
      if (!keys.has(key) && element.row !== held) {
        element.row.remove();
        this.elements.delete(key);
        if (this.spare.length < SPARE) this.spare.push(element);
      }
    }
    let before = this.above;
    shown.forEach((row, place) => {
      const element = this.elements.get(row.key) ?? this.makeRow(row);
      if (before.nextSibling !== element.row) before.after(element.row);
      before = element.row;
      element.row.setAttribute("aria-rowindex", String(first + place + 2));
      this.fill(element, row);
    });
    this.space(this.above, first * height);
    this.space(this.below, (this.rows.length - last) * height);
    if (!this.active || !this.rows.some((row) => row.key === this.active))
      this.active = this.rows[0]?.key ?? null;
    for (const [key, element] of this.elements) element.button.tabIndex = key === this.active ? 0 : -1;
    // The one place of the keyboard may be out of sight: then it is the first that can be seen.
    if (!this.elements.has(this.active) && shown.length > 0)
      this.elements.get(shown[0].key).button.tabIndex = 0;
  }

  space(row, height) {
    const value = `${height}px`;
    const cell = row.firstChild;
    if (cell.style.height !== value) cell.style.height = value;
    row.hidden = false;
  }

  makeRow(row) {
    const element = this.spare.pop() ?? this.makeElements();
    element.row.dataset.key = row.key;
    this.elements.set(row.key, element);
    return element;
  }

  makeElements() {
    const element = { row: make("tr"), cells: [], shown: [] };
    const head = make("th", "name");
    head.scope = "row";
    element.button = make("button", "open");
    element.button.type = "button";
    element.path = make("span", "path");
    element.leaf = make("span", "leaf");
    element.labels = make("span", "labels");
    element.button.append(element.path, element.leaf, element.labels);
    head.append(element.button);
    element.row.append(head);
    for (const column of this.about.columns) {
      const cell = make("td", this.classOf(column));
      element.row.append(cell);
      element.cells.push(cell);
      if (column.isTrend) {
        element.spark = new Spark();
        cell.append(element.spark.element);
      }
    }
    return element;
  }

  fill(element, row) {
    const { title } = row;
    if (element.title !== title || element.isOpen !== row.isOpen || element.isMember !== row.isMember) {
      element.title = title;
      element.isOpen = row.isOpen;
      element.isMember = row.isMember;
      element.path.textContent = title.path;
      element.leaf.textContent = title.leaf;
      element.labels.textContent = title.labels;
      element.button.title = title.whole;
      element.row.className = row.members ? "family" : row.isMember ? "member" : "";
      // An element that showed a family before may show a series now.
      if (row.members) element.button.setAttribute("aria-expanded", String(row.isOpen));
      else element.button.removeAttribute("aria-expanded");
      element.button.setAttribute("aria-haspopup", row.members ? "false" : "dialog");
    }
    this.about.columns.forEach((column, place) => {
      const cell = element.cells[place];
      if (column.isTrend) {
        element.spark.draw(this.on.course(row));
        return;
      }
      const [text, exact] = cellOf(row, column);
      if (element.shown[place] === text + exact) return;
      element.shown[place] = text + exact;
      cell.textContent = text;
      cell.title = exact;
    });
    this.fillBar(element, row);
  }

  /** The bar behind the self time: its part of the greatest. */
  fillBar(element, { values }) {
    const share = this.greatest > 0 && values.self > 0 ? (values.self / this.greatest).toFixed(3) : "0";
    if (element.share === share) return;
    element.share = share;
    element.row.style.setProperty("--share", share);
  }

  rowOf(event) {
    const key = event.target.closest("tr")?.dataset.key;
    return this.rows.find((row) => row.key === key);
  }

  click(event) {
    const row = this.rowOf(event);
    if (!row) return;
    this.active = row.key;
    if (row.members) this.on.fold(row);
    else this.on.open(row);
  }

  key(event) {
    const at = this.rows.findIndex((row) => row.key === this.rowOf(event)?.key);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(innerHeight / this.rowHeight) - 4);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: this.rows.length - 1,
    }[event.key];
    const row = this.rows[at];
    if (to !== undefined) {
      event.preventDefault();
      this.focus(Math.max(0, Math.min(this.rows.length - 1, to)));
    } else if (row.members && event.key === "ArrowRight" && !row.isOpen) {
      this.on.fold(row);
    } else if (row.members && event.key === "ArrowLeft" && row.isOpen) {
      this.on.fold(row);
    }
  }

  /** Brings a row into sight, and gives it the keyboard. */
  focus(place) {
    const row = this.rows[place];
    if (!row) return;
    const height = this.rowHeight;
    const y = this.above.getBoundingClientRect().top + place * height;
    const head = this.table.tHead.getBoundingClientRect().bottom;
    if (y < head) scrollBy({ top: y - head - height, behavior: "instant" });
    else if (y + 2 * height > innerHeight)
      scrollBy({ top: y + 2 * height - innerHeight, behavior: "instant" });
    this.active = row.key;
    this.measure();
    this.draw();
    this.elements.get(row.key)?.button.focus({ preventScroll: true });
  }

  /** Gives the keyboard to the row of a key, if it is there. */
  focusKey(key) {
    this.focus(this.rows.findIndex((row) => row.key === key));
  }
}
