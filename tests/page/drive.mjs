// Drives the page in Chromium, as a reader would: by pointer, by keyboard, on a telephone, through a restart.
//
//     node drive.mjs PLAYWRIGHT CHROMIUM URL
//
// PLAYWRIGHT is the folder of the package playwright-core, CHROMIUM the program. The page at URL is that of
// tests/page/service.rs with 2,000 articles. Whoever starts this holds the served process: `stop` on standard output asks
// for its end, `start` for a new one at the same address, and a line on standard input says that it was done.
// Without anybody there (`--alone`) the restart is left out. It ends with 1 where something does not hold.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

const [playwright, program, url, alone] = process.argv.slice(2);
const { chromium } = createRequire(import.meta.url)(playwright);

/** A browser is started by its path; a name is looked for where a shell would. */
const paths = program.includes("/")
  ? [program]
  : process.env.PATH.split(delimiter).map((folder) => join(folder, program));
const executablePath = paths.find(existsSync) ?? program;

/** Longer than anything takes on a machine that is busy. */
const PATIENCE = 60_000;

/** What a browser calls a long task, in milliseconds. */
const LONG = 50;

/** The longest tasks while something is done, in milliseconds of the processor: a machine that is busy with other things makes
 * a task last, and no longer. */
async function longest(page, what) {
  await browser.startTracing(page, { categories: ["toplevel", "blink.user_timing"] });
  await what();
  // Tells the page's thread from all others; after a page is loaded it may be another than before.
  await page.evaluate(() => performance.mark("tachograph"));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const own = traceEvents.find(({ name, cat }) => name === "tachograph" && cat.includes("user_timing"));
  const isTask = ({ ph, pid, tid, name }) =>
    ph === "X" && pid === own.pid && tid === own.tid && name.endsWith("RunTask");
  const tasks = traceEvents.filter(isTask).map(({ tdur }) => Math.round(tdur / 1000));
  check(tasks.length > 100, "tasks are measured", tasks.length);
  return tasks.sort((one, other) => other - one).slice(0, 5);
}

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const ask = async (what) => {
  process.stdout.write(`${what}\n`);
  await answers.next();
};

const wrong = [];
const say = (text) => process.stderr.write(`${text}\n`);

function check(holds, claim, found) {
  if (holds) return;
  wrong.push(claim);
  say(`  does not hold: ${claim}${found === undefined ? "" : `: ${JSON.stringify(found)}`}`);
}

/** Waits until something holds. */
async function until(claim, holds, patience = PATIENCE) {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  check(false, claim);
}

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"],
});

/** True while nobody answers: a browser then logs each question that found nobody. */
let isStopped = false;
const requests = [];

/** What every page is watched for: errors, questions to elsewhere, markup that ran. */
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => check(false, "no error", error.stack));
  page.on("console", (message) => {
    const isExpected = isStopped && /ERR_CONNECTION|ERR_EMPTY/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isExpected) check(false, "a silent console", message.text());
  });
  page.on("request", (request) => {
    requests.push(request.url());
    check(request.url().startsWith(url), "no question to elsewhere", request.url());
    check(request.method() === "GET", "it only reads", request.method());
  });
  page.on("dialog", (dialog) => check(false, "nothing of a label runs", dialog.message()));
  await page.addInitScript(() => {
    window.refused = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      window.refused.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  return page;
}

const rows = (page, table) => page.locator(`.${table} tbody tr:not(.space)`);
const row = (page, text) =>
  page.locator("tbody tr:not(.space)", { has: page.locator("button.open", { hasText: text }) }).first();
const cell = (page, text, column) => row(page, text).locator(`td.is-${column}`).first();
const state = (page) => page.locator("#state").getAttribute("data-state");
const focused = (page) => page.evaluate(() => document.activeElement.textContent);

async function loads(page) {
  const tasks = await longest(page, async () => {
    await page.goto(url);
    await row(page, "query").waitFor();
    await page.waitForTimeout(1000);
  });
  say(`  the longest tasks: ${tasks.join(", ")} ms`);
  check(tasks[0] <= LONG, `no task over ${LONG} ms while it loads`, tasks);
  await until("it is live", async () => (await state(page)) === "live");
  await row(page, "query").waitFor();
  check((await page.title()).includes("tachograph"), "its title");
  const titles = await page.locator("h2").allTextContents();
  check(
    titles.some((title) => title.startsWith("Functions")) && titles.some((title) => title.startsWith("Counters")),
    "its tables",
    titles,
  );
  check(/^[\d.]+ [µm]?s$/.test(await cell(page, "render", "p99").textContent()), "human units");
  check(/^[\d.]+ seconds$/.test(await cell(page, "render", "p99").getAttribute("title")), "exact numbers behind them");
  check((await page.locator("#cost").textContent()).includes("series in"), "what it cost");
}

async function updates(page) {
  const before = await cell(page, "render", "count").textContent();
  await until("numbers go on", async () => (await cell(page, "render", "count").textContent()) !== before);
  await until(
    "a course is there",
    async () => (await row(page, "render").locator(".spark .line").getAttribute("d"))?.length > 10,
  );
}

async function sorts(page) {
  const p99 = page.locator(".functions th", { hasText: "p99" });
  await p99.getByRole("button").click();
  check((await p99.getAttribute("aria-sort")) === "descending", "from the greatest on");
  const values = async () => {
    const texts = await page.locator(".functions td.is-p99").evaluateAll((cells) => cells.map((cell) => cell.title));
    return texts.map((text) => parseFloat(text.replaceAll(",", ""))).filter(Number.isFinite);
  };
  const isOrdered = (list, sign) => list.every((value, place) => place === 0 || sign * (value - list[place - 1]) >= 0);
  check(isOrdered(await values(), -1), "sorted, descending", await values());
  await p99.getByRole("button").click();
  check(
    (await p99.getAttribute("aria-sort")) === "ascending" && isOrdered(await values(), 1),
    "and ascending",
    await values(),
  );
  check(page.url().includes("sort.functions=p99"), "the address has the order", page.url());
  await page.locator(".functions th", { hasText: "self" }).getByRole("button").click();
}

async function filters(page) {
  await page.locator("#filter").fill("table articles");
  await until("rows with all words alone", async () => (await rows(page, "functions").count()) === 1);
  check((await rows(page, "functions").first().textContent()).includes("articles"), "labels are searched");
  check((await page.locator(".functions .note").textContent()).startsWith("1 of "), "how many of how many");
  await page.locator("#filter").fill("no such thing");
  check(await page.locator("#message").isVisible(), "that nothing fits is said");
  await page.locator("#filter").fill("");
  await until("all again", async () => (await rows(page, "functions").count()) > 8);
}

/** An address may say anything, and a program may have anything to say, or nothing. */
async function saysWhyThereIsNoTable() {
  const other = await open();
  await other.goto(`${url}#filter=no+such+thing&range=toString&label.__proto__=1`);
  await until("an address that fits nothing is answered", async () => (await state(other)) === "live");
  const message = other.locator("#message");
  await until("that nothing fits is said at once", () => message.isVisible());
  const overview = await (await fetch(`${url}api/v1/overview`)).json();
  const answer = (series) =>
    other.route("**/api/v1/overview*", (route) => route.fulfill({ json: { ...overview, grid: null, triggers: [], series } }));
  await answer([]);
  await other.locator("#filter").fill("");
  await until("that there is nothing yet is said", async () => (await message.textContent()).startsWith("Nothing was"));
  const timer = { kind: "timer", unit: null, total: 1, rate: 1, count: 1, total_seconds: 1, self_seconds: 1 };
  const labels = JSON.parse('{"function":"f","outcome":"__proto__","__proto__":"x"}');
  await answer(["constructor", "__proto__"].map((name) => ({ name, labels, ...timer })));
  await until("every name is a row", async () => (await rows(other, "functions").count()) === 2);
  check(!(await message.isVisible()), "and the message is gone");
  await other.context().close();
}

async function countsAllCallsOfWhichSomeAreTimed(page) {
  const count = async (column) => {
    const [, number] = (await cell(page, "rank", column).getAttribute("title")).match(/([\d,]+)(?: calls that were timed)?$/);
    return Number(number.replaceAll(",", ""));
  };
  await until("calls of a sampled function", async () => (await count("count")) > 20);
  const [timed, all] = [await count("self"), await count("count")];
  check(all > 3 * timed && all < 5 * timed, "all calls, and how many were timed", [all, timed]);
}

async function opens(page) {
  await row(page, 'table="orders"').click();
  const dialog = page.locator("dialog");
  await dialog.locator(".chart").first().waitFor();
  const titles = await dialog.locator("figcaption .title").allTextContents();
  check(
    ["Latency", "Distribution", "Busy against wall"].every((title) => titles.includes(title)),
    "its charts",
    titles,
  );
  const drawn = () =>
    dialog.locator("canvas").evaluate((canvas) =>
      canvas
        .getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height)
        .data.some((byte) => byte > 0),
    );
  await until("a heat map", drawn);
  await until("PromQL", async () => (await dialog.locator("code").count()) > 2);
  check(
    (await dialog.locator("code").first().textContent()).startsWith("histogram_quantile(0.99"),
    "of the same quantile",
  );
  await dialog.locator(".plot").first().hover();
  check((await dialog.locator(".when").first().textContent()).startsWith("at "), "values under the pointer");
  const link = page.url();
  check(
    link.includes("name=function_duration_seconds") && link.includes("label.table=orders"),
    "the address has it",
    link,
  );
  await page.keyboard.press("Escape");
  check(!(await dialog.isVisible()), "Escape closes it");
  const other = await open();
  await other.goto(link);
  await other.locator("dialog h2", { hasText: "query" }).waitFor();
  await other.context().close();
  await row(page, "::request").click();
  await until("outcomes and calls in flight", async () => {
    const titles = await dialog.locator("figcaption .title").allTextContents();
    return titles.includes("Outcomes") && titles.includes("In flight");
  });
  await page.locator("dialog").getByRole("button", { name: "Close" }).click();
}

async function pauses(page) {
  await page.locator("#pause").click();
  check(
    (await state(page)) === "paused" && (await page.locator("#pause").getAttribute("aria-pressed")) === "true",
    "it says so",
  );
  await page.waitForTimeout(300);
  const [before, asked] = [await page.locator(".functions").textContent(), requests.length];
  await page.waitForTimeout(3000);
  check((await page.locator(".functions").textContent()) === before, "numbers stand still");
  check(requests.length === asked, "nobody is asked meanwhile", requests.slice(asked));
  await page.locator("#pause").click();
  await until("and go on", async () => (await page.locator(".functions").textContent()) !== before);
  // A tab that nobody sees asks nobody.
  const hide = (isHidden) =>
    page.evaluate((isHidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await hide(true);
  await page.waitForTimeout(500);
  const unseen = requests.length;
  await page.waitForTimeout(3000);
  check(requests.length === unseen, "nobody is asked by a tab that nobody sees");
  await hide(false);
  await until("until it is seen again", () => requests.length > unseen);
}

async function ranges(page) {
  await page.getByRole("button", { name: "1 h" }).click();
  check((await page.getByRole("button", { name: "1 h" }).getAttribute("aria-pressed")) === "true", "which range");
  await until("an hour is asked for", () => requests.at(-1).includes("window=3600"));
  await page.getByRole("button", { name: "all", exact: true }).click();
  const asked = () => Number(new URL(requests.at(-1)).searchParams.get("window"));
  await until("all that is known, and no more", () => asked() >= 300 && asked() < 3600);
  check(page.url().includes("range=all"), "the address has the range", page.url());
  await page.getByRole("button", { name: "5 min" }).click();
}

async function isNoMarkup(page) {
  const note = page.locator(".counters button.open", { hasText: "notes_total" });
  await note.scrollIntoViewIfNeeded();
  check((await note.textContent()).includes("<img src=x onerror="), "a label is its text");
  await note.click();
  await page.locator("dialog .chart").first().waitFor();
  check((await page.locator("dialog h2").textContent()).includes("<img src=x"), "also where it is opened");
  await page.keyboard.press("Escape");
  await page.evaluate(() => scrollTo(0, 0));
  check((await page.evaluate(() => window.hostile)) === undefined, "nothing of it runs");
  check((await page.locator("img").count()) === 1, "no image but the page's own");
  const refused = await page.evaluate(() => window.refused);
  check(refused.length === 0, "nothing that the policy refuses", refused);
}

async function byKeyboard(page) {
  await page.keyboard.press("/");
  check((await page.evaluate(() => document.activeElement.id)) === "filter", "/ goes to the filter");
  await page.keyboard.type("http_requests");
  await until("filtered", async () => (await rows(page, "functions").count()) === 0);
  await page.keyboard.press("Escape");
  await until("and not", async () => (await rows(page, "functions").count()) > 8);
  await page.keyboard.press("ArrowDown");
  const first = await focused(page);
  await page.keyboard.press("ArrowDown");
  const second = await focused(page);
  check(first !== second && second.length > 0, "arrows go from row to row", [first, second]);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  check(outline !== "none", "where the keyboard is can be seen");
  await page.waitForTimeout(2500);
  check((await focused(page)) === second, "and stays through updates", await focused(page));
  await page.keyboard.press("Enter");
  await page.locator("dialog .chart").first().waitFor();
  await page.keyboard.press("Escape");
  await until("back in the row that it came from", async () => (await focused(page)) === second);
  // Backwards from the row: the heads of the table, which sort.
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  check((await page.locator(".functions th[aria-sort]").count()) === 1, "heads are buttons");
  await page.keyboard.press("p");
  check((await state(page)) === "paused", "p pauses");
  await page.keyboard.press("p");
  const unnamed = await page.evaluate(
    () =>
      [...document.querySelectorAll("button, input")].filter(
        (one) => !(one.textContent.trim() || one.labels?.length || one.ariaLabel),
      ).length,
  );
  check(unnamed === 0, "every control has a name", unnamed);
}

async function staysSmooth(page) {
  const family = page.locator(".counters button.open", { hasText: "article_views_total" }).first();
  await family.focus();
  await page.keyboard.press("ArrowRight");
  await until(
    "all of a family",
    async () => Number(await page.locator(".counters table").getAttribute("aria-rowcount")) > 2000,
  );
  const elements = await page.locator("tbody tr").count();
  check(elements < 300, "only rows that can be seen exist", elements);
  await page.keyboard.press("End");
  check((await focused(page)).length > 0, "End goes to the last row");
  const tasks = await longest(page, async () => {
    for (let step = 0; step < 40; step += 1) {
      await page.mouse.wheel(0, step % 20 < 10 ? 1500 : -1500);
      await page.waitForTimeout(100);
    }
    await page.locator("#filter").pressSequentially("article 19", { delay: 60 });
    await page.waitForTimeout(2500);
    await page.locator("#filter").fill("");
    // Courses come once in a while, and are more than numbers.
    await page.waitForTimeout(8000);
  });
  say(`  the longest tasks: ${tasks.join(", ")} ms`);
  check(tasks[0] <= LONG, `no task over ${LONG} ms with 2,000 series`, tasks);
  await page.keyboard.press("Escape");
  await page.evaluate(() => scrollTo(0, 0));
}

async function firesOnTop(page) {
  const alert = page.locator(".alert", { hasText: "slow orders" });
  await until("what fires is on top", () => alert.isVisible(), 120_000);
  await alert.click();
  await page.locator("dialog h2", { hasText: "query" }).waitFor();
  await page.keyboard.press("Escape");
}

async function survivesARestart(page) {
  await page.evaluate(() => scrollTo(0, 0));
  await row(page, "::request").click();
  const standing = page.locator("dialog .standing");
  check(!(await standing.isVisible()), "nothing is said of a connection that is live");
  isStopped = true;
  await ask("stop");
  await until("that nobody answers is said", async () => (await state(page)) === "lost");
  check((await page.locator("#state-text").textContent()).startsWith("no answer for"), "and for how long");
  check((await rows(page, "functions").count()) > 8, "what was known stays");
  check((await standing.textContent()).startsWith("No answer since"), "what is open says it, too");
  await page.waitForTimeout(6000);
  await ask("start");
  await until("it comes back by itself", async () => (await state(page)) === "live");
  isStopped = false;
  await until("and what is open is live, too", async () => !(await standing.isVisible()));
  await page.keyboard.press("Escape");
  await until("a restart is said", async () => (await page.locator("#state-text").textContent()).includes("restarted"));
  const strip = await page.locator("#strip").getAttribute("aria-label");
  check(strip.includes("no answer from"), "and the gap is shown", strip);
  await updates(page);
}

async function fitsATelephone() {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ viewport: { width: 390, height: 800 }, colorScheme });
    await page.goto(url);
    await row(page, "render").waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    check(width <= 390, "nothing is wider than a telephone", width);
    const labels = await row(page, 'route="/search"').locator(".labels").evaluate((one) => one.scrollWidth - one.clientWidth);
    check(labels <= 0, "labels tell rows with one name apart", labels);
    await row(page, "render").click();
    await page.locator("dialog .chart").first().waitFor();
    const wide = await page.evaluate(() => document.querySelector("dialog").scrollWidth);
    check(wide <= 390, "nor what is opened", wide);
    await page.context().close();
  }
}

const page = await open();
const steps = {
  loads,
  updates,
  sorts,
  filters,
  saysWhyThereIsNoTable,
  countsAllCallsOfWhichSomeAreTimed,
  opens,
  pauses,
  ranges,
  isNoMarkup,
  byKeyboard,
  staysSmooth,
  firesOnTop,
  fitsATelephone,
};
if (alone !== "--alone") steps.survivesARestart = survivesARestart;
for (const [name, step] of Object.entries(steps)) {
  say(name);
  try {
    await step(page);
  } catch (error) {
    check(false, name, error.stack);
  }
}
await browser.close();
process.exit(wrong.length === 0 ? 0 : 1);
