// What the process before this one showed of a series, put in front of what this one knows: the gap between both can
// then be seen.

/** Fills an answer with the parts of an earlier one, as far as they end before the history of the later one begins. */
export function fillIn(answer, kept) {
  const seconds = answer.grid.part_seconds;
  const shift = Math.round((answer.grid.begin - kept.grid.begin) / seconds);
  const isBefore = (place) => answer.grid.begin + (place + 1) * seconds <= answer.history.oldest;
  const fill = (now, before) => {
    for (const [key, values] of Object.entries(now ?? {})) {
      if (!Array.isArray(values) || !Array.isArray(before?.[key])) continue;
      values.forEach((value, place) => {
        if (isBefore(place)) values[place] = before[key][place + shift] ?? value;
      });
    }
  };
  fill(answer.parts, kept.parts);
  for (const key of Object.keys(answer.beside)) fill(answer.beside[key], kept.beside[key]);
  if (answer.heat && kept.heat) {
    const [now, before] = alike(answer.heat, kept.heat);
    now.counts.forEach((counts, place) => {
      if (isBefore(place)) now.counts[place] = before.counts[place + shift] ?? counts;
    });
    answer.heat = now;
  }
}

/** True when nothing of an earlier answer is in the window of a later one any more. */
export function isPast(kept, answer) {
  const seconds = answer.grid.part_seconds;
  return (
    kept.grid.part_seconds !== seconds || kept.grid.begin + kept.grid.parts * seconds <= answer.grid.begin
  );
}

/** Two heat maps with the same ranges: those of the coarser one, as far as both reach. */
function alike(one, other) {
  const [bounds, others] = [one, other].map((heat) => heat.bounds.map(Number));
  const finite = [...bounds, ...others].filter((bound) => Number.isFinite(bound) && bound > 0);
  const ratio = Math.max(ratioOf(bounds), ratioOf(others));
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
  // All bounds are powers of the finer ratio, of which the coarser one is a power itself.
  const first = Math.floor(Math.log2(low) / Math.log2(ratio) + 1e-6);
  const last = Math.ceil(Math.log2(high) / Math.log2(ratio) - 1e-6);
  const shared = [];
  for (let step = first; step <= Math.max(last, first + 1); step += 1) shared.push(ratio ** step);
  if (Math.min(bounds[0], others[0]) <= 0) shared.unshift(-Infinity);
  if (Math.max(bounds.at(-1), others.at(-1)) === Infinity) shared.push(Infinity);
  return [again(one, bounds, shared), again(other, others, shared)];
}

function ratioOf(bounds) {
  const at = bounds.findIndex((bound, place) => bound > 0 && Number.isFinite(bounds[place + 1]));
  return at < 0 ? 2 ** 0.125 : bounds[at + 1] / bounds[at];
}

/** The same counts in other ranges, of which each holds whole ones. */
function again(heat, bounds, shared) {
  const places = bounds.slice(1).map((upper) => {
    const place = shared.findIndex((bound) => bound >= upper * (1 - 1e-6)) - 1;
    return Math.max(0, Math.min(shared.length - 2, place));
  });
  const counts = heat.counts.map((row) => {
    if (!row) return null;
    const sums = new Array(shared.length - 1).fill(0);
    row.forEach((count, place) => (sums[places[place]] += count));
    return sums;
  });
  return { bounds: shared, counts };
}
