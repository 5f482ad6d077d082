"""Reads text expositions back with the strict parsers of prometheus_client, and compares them with what
was recorded.

    python3 check.py FOLDER...

Each folder holds four files about one registry: `prometheus.txt`, `openmetrics.txt` and `snapshot.json`,
as it was written, and `recorded.json`: what was recorded and how names and labels were to be shown, in a form that
shares no code with what wrote the others. This file knows the rules of names and labels a second time, in the words of
the documentation.
"""

import json
import math
import re
import struct
import sys
from collections import Counter
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_prometheus

KINDS = ("counter", "gauge", "histogram", "timer", "rate", "summary")
COUNTS = ("counter", "rate")
DISTRIBUTIONS = ("histogram", "timer", "summary")
# What tells the lines of one series apart, and the names that these have besides the metric's own.
OWN_KEYS = {"histogram": "le", "timer": "le", "summary": "quantile"}
PARTS = {"histogram": ("_bucket", "_sum", "_count"), "timer": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
TYPES = {"timer": "histogram", "rate": "counter"}


def main():
    folders = [Path(argument) for argument in sys.argv[1:]]
    samples = 0
    for folder in folders:
        try:
            samples += check(folder)
        except Exception as error:
            raise SystemExit(f"{folder}: {type(error).__name__}: {str(error)[:2_000]}")
    print(f"{len(folders)} registries, {samples} samples")


def check(folder):
    recorded = json.loads((folder / "recorded.json").read_bytes())
    presentation, recorded = recorded["presentation"], recorded["series"]
    for series in recorded:
        present(series, presentation)
    prometheus_text = (folder / "prometheus.txt").read_bytes().decode()
    openmetrics_text = (folder / "openmetrics.txt").read_bytes().decode()
    check_lines(prometheus_text)
    check_lines(openmetrics_text)
    families = list(read_openmetrics(openmetrics_text))
    openmetrics = [sample for family in families for sample in family.samples]
    prometheus = prometheus_samples(prometheus_text)
    one, other = identities(prometheus), identities(openmetrics)
    equal(one - other, other - one, "samples that the other format does not have")
    names = check_samples(recorded, openmetrics)
    check_families(recorded, names, families, prometheus_text)
    check_json(recorded, names, presentation, folder / "snapshot.json")
    return len(prometheus)


def check_lines(text):
    """One TYPE for each family, no series twice, and each line below its own family."""
    types, series, family = set(), set(), ""
    for line in text.split("\n"):
        if line.startswith("# TYPE "):
            family = line.split(" ")[2]
            true(family not in types, f"second TYPE of {family}")
            types.add(family)
        elif line and not line.startswith("#"):
            true(line.startswith(family), f"not of {family}: {line}")
            identity = line.rpartition(" ")[0]
            true(identity not in series, f"twice: {identity}")
            series.add(identity)


def prometheus_samples(text):
    """The parser appends `_total` to counters that lack it; here they keep the name they have."""
    written = re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE)
    families = list(read_prometheus(text))
    equal(len(families), len(written), "the number of families")
    samples = []
    for name, family in zip(written, families):
        for sample in family.samples:
            true(sample.name.startswith(family.name), f"{sample.name} is not of {family.name}")
            changed = family.type == "counter" and not name.endswith("_total")
            samples.append(sample._replace(name=name) if changed else sample)
    return samples


def identities(samples):
    labels = Counter((sample.name, frozenset(sample.labels.items())) for sample in samples)
    true(max(labels.values(), default=1) == 1, f"twice: {labels.most_common(1)}")
    return Counter((sample.name, frozenset(sample.labels.items()), bits(sample.value)) for sample in samples)


def bits(value):
    if isinstance(value, int):
        return value
    return "NaN" if math.isnan(value) else (int(value) if value.is_integer() else struct.pack("d", value))


def check_samples(recorded, samples):
    """Finds each recorded series among the samples, and no other sample. Returns the names of metrics."""
    left = {}
    for sample in samples:
        left.setdefault(sample.name, []).append(sample)
    names = {}
    # A zero could be anybody's: first come distributions, whose samples stand in groups, then metrics that
    # are written as they go out, and self times last.
    order = lambda series: (series["kind"] not in DISTRIBUTIONS, not series["is_as_written"])
    for series in sorted(recorded, key=order):
        written, kind, value = series["name"], series["kind"], series["value"]
        labels = series["shown_labels"]
        if kind in DISTRIBUTIONS:
            taken = take_distribution(left, series, labels)
        else:
            same = lambda sample: bits(sample.value) == bits(number(value))
            taken = take(left, candidates(left, series), labels, same)
        true(names.setdefault((written, kind), taken) == taken, f"{written} is in two families")
    for series in recorded:
        if series["kind"] == "timer":
            take_self_time(left, series)
    rest = [sample for samples in left.values() for sample in samples]
    true(not rest, f"never recorded: {rest[:3]}")
    return names


def take(left, names, labels, holds):
    """Removes the one sample that fits, and returns its name."""
    for name in names:
        for place, sample in enumerate(left.get(name, [])):
            if without_conflict(sample.labels) == labels and holds(sample):
                del left[name][place]
                return name
    raise ValueError(f"no sample {names} {labels!r}")


def take_distribution(left, series, labels):
    written, kind, value = series["name"], series["kind"], series["value"]
    values = value["values"]
    size = sum(abs(one) for one in values)
    slack = 1e-6 if kind == "timer" else 0.0

    def group(count):
        name = count.removesuffix("_count")
        is_summary = kind == "summary"
        sums, buckets = left.get(name + "_sum", []), left.get(name if is_summary else name + "_bucket", [])
        for sample in left[count]:
            if without_conflict(sample.labels) != labels or sample.value != len(values):
                continue
            key = OWN_KEYS[kind]
            mine = [one for one in buckets if key in one.labels and without(one.labels, key) == sample.labels]
            total = [one for one in sums if one.labels == sample.labels]
            true(len(total) == 1, f"{len(total)} sums of {written}")
            near = math.isclose(total[0].value, sum(values), rel_tol=1e-9, abs_tol=1e-9 * size + slack)
            if near and all(is_quantile(one, values) if is_summary else fits(one, values, slack) for one in mine):
                if is_summary:
                    equal([one.labels[key] for one in mine], ["0.5", "0.9", "0.95", "0.99"], "the quantiles")
                else:
                    check_bounds(mine, value["bounds"], len(values))
                for one in mine:
                    buckets.remove(one)
                sums.remove(total[0])
                left[count].remove(sample)
                return name
        return None

    for count in candidates(left, series, "_count"):
        name = group(count)
        if name is not None:
            return name
    raise ValueError(f"no samples for {kind} {written!r} {labels!r}")


def take_self_time(left, series):
    written, total = series["name"], sum(series["value"]["values"])
    stem = series["shown_name"].removesuffix("_seconds").removesuffix("_duration")
    name = stem + "_self_seconds_total"
    near = lambda sample: math.isclose(sample.value, total, rel_tol=1e-6, abs_tol=1e-6)
    take(left, [with_digits(name, written, "timer"), name], series["shown_labels"], near)


def is_quantile(sample, values):
    """The value of the rank that is asked for, counted in hundredths."""
    if not values:
        return math.isnan(sample.value)
    hundredths = round(float(sample.labels["quantile"]) * 100)
    rank = max(1, -(-hundredths * len(values) // 100))
    return sample.value == sorted(values)[rank - 1]


def fits(bucket, values, slack):
    """How many values are at most the bound. A timer's ticks are not exactly those of its clock."""
    bound = float(bucket.labels["le"])
    least = sum(1 for value in values if value * (1 + slack) + slack <= bound)
    most = sum(1 for value in values if value * (1 - slack) - slack <= bound)
    return least <= bucket.value <= most


def check_bounds(buckets, declared, count):
    bounds = [float(bucket.labels["le"]) for bucket in buckets]
    true(bounds == sorted(set(bounds)), f"bounds {bounds}")
    equal(bounds[-1], math.inf, "the last bound")
    equal(buckets[-1].value, count, "the last bucket")
    if declared:
        equal(bounds[:-1], declared, "the declared bounds")
    else:
        true(1 <= len(bounds) <= 12, f"{len(bounds)} bounds")
        true(all(math.frexp(bound)[0] == 0.5 for bound in bounds[:-1]), f"no powers of two: {bounds}")


def check_families(recorded, names, families, prometheus_text):
    """Digits and the type `unknown` stand only where a name is taken; help and units are those described."""
    own = {(series["name"], series["kind"]): series["shown_name"] for series in recorded}
    taken = {key: reserved(own[key], key[1]) for key in names}
    final = {key: reserved(name, key[1]) | reserved_by_openmetrics(name, key[1]) for key, name in names.items()}
    types = {sample.name: family for family in families for sample in family.samples}
    for key, name in names.items():
        written, kind = key
        if name != own[key]:
            mine = taken[key]
            others = set().union(*(names for other, names in taken.items() if other != key))
            true(mine & others, f"{written!r} has no reason to be {name}")
        family = types[name + "_sum" if kind in DISTRIBUTIONS else name]
        series = [one for one in recorded if (one["name"], one["kind"]) == key]
        if family.type == "unknown":
            others = set().union(*(final[other] | taken[other] for other in names if other != key))
            own_times = {one.name for one in families if one.name.endswith("_self_seconds")}
            negative = kind in ("histogram", "summary") and any(v < 0 for one in series for v in one["value"]["values"])
            lacks_total = kind in COUNTS and (not name.endswith("_total") or name == "_total")
            clash = reserved_by_openmetrics(name, kind) & (others | own_times)
            true(negative or lacks_total or clash, f"{name} has no reason to be unknown")
        else:
            equal(family.type, TYPES.get(kind, kind), f"the type of {name}")
        check_about(series[0], name, family, prometheus_text)


def check_about(series, name, family, prometheus_text):
    description, unit = series["description"].strip(), series["unit"]
    if name == series["shown_name"]:
        equal(family.documentation.strip(), description, f"the help of {name}")
    else:
        true(family.documentation.endswith(description), f"the help of {name}")
    if description:
        part = r"_(bucket|sum|count)" if family.type == "unknown" else ""
        true(re.search(rf"^# HELP {name}({part})? ", prometheus_text + "\n", re.MULTILINE), f"no help of {name}")
    ends_in_unit = unit and family.name.endswith("_" + unit)
    equal(family.unit, unit if ends_in_unit else "", f"the unit of {name}")


def check_json(recorded, names, presentation, path):
    """The same series, under the names and with the labels of the text formats, or as they were written."""
    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    def unique(pairs):
        equal(len(dict(pairs)), len(pairs), f"keys that are there twice: {pairs}")
        return dict(pairs)

    body = json.loads(path.read_bytes(), parse_constant=refuse, object_pairs_hook=unique)
    equal(body["schema_version"], 1, "the schema's version")
    identities = {(one["name"], tuple(sorted(one["labels"].items()))) for one in body["series"]}
    equal(len(identities), len(body["series"]), "a series is there twice")
    equal(len(body["series"]), len(recorded), "the number of series")
    # Series stand in the order of their written names and labels, however they are shown.
    by_bytes = lambda one: (one["name"].encode(), sorted((k.encode(), v.encode()) for k, v in one["labels"].items()))
    for one, found in zip(sorted(recorded, key=by_bytes), body["series"]):
        if presentation["is_recommended"]:
            name, labels = names[one["name"], one["kind"]], one["shown_labels"]
        else:
            name, labels = one["full_name"], presentation["labels"] | one["labels"]
        equal(found["name"], name, "the name")
        rest = {key: value for key, value in found["labels"].items() if labels.get(key) != value}
        equal({key: value for key, value in found["labels"].items() if key not in rest}, labels, "the labels")
        true(not rest or (len(rest) == 1 and [*rest][0].startswith("tachograph_conflict")), f"labels {rest}")
        equal(found["kind"], one["kind"], "the kind")
        equal(found["description"] or "", one["description"], "the description")
        equal(found["unit"] or "", one["unit"], "the unit")
        if one["kind"] not in DISTRIBUTIONS:
            value = found["value"]
            if one["kind"] == "rate":
                value, per_second = value["total"], value["per_second"]
                true(per_second > 0 if value else per_second == 0, f"{per_second} per second")
            equal(bits(number(value)), bits(number(one["value"])), f"the value of {one['name']}")
            continue
        value, values = found["value"], one["value"]["values"]
        equal(value["count"], len(values), "the count")
        equal(sum(count for _, _, count in value["buckets"]), len(values), "the sum of the buckets")
        if one["kind"] == "summary":
            equal(value["kept"], len(values), "how many are kept")
        if one["kind"] != "timer":
            for lower, upper, count in value["buckets"]:
                lower, upper = number(lower), number(upper)
                # The zero bucket holds its lower bound, the one below it not its upper one.
                inside = [v for v in values if (lower <= v if lower == 0 else lower < v) and v <= upper
                          and not (upper == 0 and v == 0)]
                equal(len(inside), count, f"the bucket {lower} to {upper} of {one['name']}")
            if values:
                equal((value["min"], value["max"]), (min(values), max(values)), "the range")
        elif values:
            true(math.isclose(value["total_seconds"], sum(values), rel_tol=1e-6, abs_tol=1e-6), "the total")
            true(value["self_seconds"] <= value["total_seconds"] + 1e-9, "self time")
        quantiles = list(value["quantiles"].values())
        true(quantiles == sorted(quantiles) if values else set(quantiles) == {None}, "the quantiles")


def present(series, presentation):
    """How a series is shown where no other one is shown alike."""
    written, kind, unit = series["name"], series["kind"], series["unit"]
    prefix, is_recommended = presentation["prefix"], presentation["is_recommended"]
    own = written.startswith("tachograph_")
    name = recommended_name(written, kind, unit) if is_recommended else written
    if prefix and not own:
        if is_recommended:
            prefix = recommended(prefix, ":")
            prefix = "_" + prefix if prefix[0].isdigit() else prefix
        prefix += "" if prefix[-1] in "_.:" else "_"
        series["full_name"] = prefix + name
    else:
        series["full_name"] = name
    series["shown_name"] = rendered_name(series["full_name"])
    series["is_as_written"] = name == written and series["shown_name"].endswith(written) and (
        bool(prefix and not own) or series["shown_name"] == written)
    labels = presentation["labels"] | series["labels"]
    series["shown_labels"] = rendered_labels(labels, kind, is_recommended)


def recommended(written, also=""):
    """One `_` for all in a row that is not allowed, and for those of the program's that stand beside; none at an end."""
    allowed = rf"[a-zA-Z0-9_{also}]"
    pieces = re.findall(rf"{allowed}+", written)
    name = ""
    for piece in pieces:
        joined = name and not name.endswith("_") and not piece.startswith("_")
        name += ("_" if joined else "") + piece
    return name or "_"


def recommended_name(written, kind, unit):
    name = recommended(written, ":")
    unit = {"": "", "count": "", "count_per_second": "per_second"}.get(unit, unit)
    stem = name.removesuffix("_total") if kind in COUNTS else name
    if unit and not re.search(rf"(^|[_:]){unit}$", stem):
        stem += ("" if stem.endswith("_") else "_") + unit
    elif stem != name:
        return name
    if kind in COUNTS:
        stem += ("" if stem.endswith("_") else "_") + "total"
    return stem


def rendered_name(written):
    name = re.sub(r"[^a-zA-Z0-9_:]", "_", written)
    return "_" + name if name[0].isdigit() else name


def rendered_labels(labels, kind, is_recommended):
    """In the order of the written keys, as the documentation of `Format::Prometheus` has it."""
    keys = {}
    for key in sorted(labels, key=lambda key: key.encode()):
        new = re.sub(r"[^a-zA-Z0-9_]", "_", recommended(key) if is_recommended else key)
        if new[0].isdigit():
            new = "_" + new
        while True:
            has_meaning = new == "tachograph_conflict" or new == OWN_KEYS.get(kind)
            if new.startswith("__") or has_meaning:
                new = "exported_" + new
            elif new != key and (new in labels or new in keys):
                new += "_"
            else:
                break
        keys[new] = labels[key]
    return keys


def candidates(left, series, suffix=""):
    """The names that a metric may go out under: one with digits, which is nobody else's where it is there, or its own."""
    name = series["shown_name"]
    names = (with_digits(name, series["name"], series["kind"]), name)
    return [one + suffix for one in names if one + suffix in left]


def with_digits(name, written, kind):
    """FNV-1a of the kind's number and the written name."""
    digits = 0x811C9DC5
    for byte in struct.pack("<I", KINDS.index(kind) + 1) + written.encode():
        digits = (digits ^ byte) * 0x01000193 % 2**32
    stem, total = (name[:-6], "_total") if name.endswith("_total") else (name, "")
    return f"{stem}_{digits:08x}{total}"


def reserved(name, kind):
    return {name} | {name + part for part in PARTS.get(kind, ())}


def reserved_by_openmetrics(name, kind):
    if kind in DISTRIBUTIONS:
        return {name + "_created"}
    if kind in COUNTS and name.endswith("_total"):
        return {name[:-6], name[:-6] + "_created"}
    return set()


def without(labels, key):
    return {other: value for other, value in labels.items() if other != key}


def without_conflict(labels):
    return without(labels, "tachograph_conflict")


def number(value):
    return float(value) if isinstance(value, str) else value


def true(holds, what):
    if not holds:
        raise ValueError(what)


def equal(found, expected, what):
    true(found == expected, f"{what}: {found!r}, not {expected!r}")


if __name__ == "__main__":
    main()
