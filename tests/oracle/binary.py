"""Reads binary expositions back with Google's package for protocol buffers, and compares them with the text as
prometheus_client reads it.

    python3 binary.py FOLDER...

Each folder holds `prometheus.txt` and `prometheus.pb`, both of one snapshot, with all classic buckets. The messages are
declared here once more, from io/prometheus/client/metrics.proto of client_model, because prometheus_client has none.
"""

import math
import sys
from pathlib import Path

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal.decoder import _DecodeVarint32
from google.protobuf.timestamp_pb2 import DESCRIPTOR as TIMESTAMP
from prometheus_client.parser import text_string_to_metric_families as read_text

FIELD = descriptor_pb2.FieldDescriptorProto
PACKAGE = "io.prometheus.client"

# Fields: name, number, type, and `*` where there may be several.
MESSAGES = {
    "LabelPair": "name 1 string, value 2 string",
    "Gauge": "value 1 double",
    "Untyped": "value 1 double",
    "Counter": "value 1 double, created_timestamp 3 Timestamp",
    "Quantile": "quantile 1 double, value 2 double",
    "Summary": "sample_count 1 uint64, sample_sum 2 double, quantile 3 Quantile*, created_timestamp 4 Timestamp",
    "Bucket": "cumulative_count 1 uint64, upper_bound 2 double",
    "BucketSpan": "offset 1 sint32, length 2 uint32",
    "Histogram": "sample_count 1 uint64, sample_count_float 4 double, sample_sum 2 double, bucket 3 Bucket*, "
    "schema 5 sint32, zero_threshold 6 double, zero_count 7 uint64, zero_count_float 8 double, "
    "negative_span 9 BucketSpan*, negative_delta 10 sint64*, negative_count 11 double*, "
    "positive_span 12 BucketSpan*, positive_delta 13 sint64*, positive_count 14 double*, "
    "created_timestamp 15 Timestamp",
    "Metric": "label 1 LabelPair*, gauge 2 Gauge, counter 3 Counter, summary 4 Summary, untyped 5 Untyped, "
    "histogram 7 Histogram, timestamp_ms 6 int64",
    "MetricFamily": "name 1 string, help 2 string, type 3 MetricType, metric 4 Metric*, unit 5 string",
}
TYPES = ("counter", "gauge", "summary", "untyped", "histogram", "gauge_histogram")


def main():
    family_class = declared()
    samples = 0
    for folder in map(Path, sys.argv[1:]):
        try:
            samples += check(folder, family_class)
        except Exception as error:
            raise SystemExit(f"{folder}: {type(error).__name__}: {str(error)[:2_000]}")
    print(f"{len(sys.argv) - 1} registries, {samples} samples")


def declared():
    file = descriptor_pb2.FileDescriptorProto(name="metrics.proto", package=PACKAGE, syntax="proto2")
    file.dependency.append(TIMESTAMP.name)
    enum = file.enum_type.add(name="MetricType")
    for number, name in enumerate(TYPES):
        enum.value.add(name=name.upper(), number=number)
    for message, fields in MESSAGES.items():
        made = file.message_type.add(name=message)
        for field in fields.split(", "):
            name, number, kind = field.split()
            one = made.field.add(name=name, number=int(number))
            one.label = FIELD.LABEL_REPEATED if kind.endswith("*") else FIELD.LABEL_OPTIONAL
            kind = kind.rstrip("*")
            if kind.islower():
                one.type = getattr(FIELD, f"TYPE_{kind.upper()}")
            else:
                one.type = FIELD.TYPE_ENUM if kind == "MetricType" else FIELD.TYPE_MESSAGE
                one.type_name = ".google.protobuf.Timestamp" if kind == "Timestamp" else f".{PACKAGE}.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(TIMESTAMP.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.MetricFamily"))


def families(data, family_class):
    """All of a body. What a message holds beside its declared fields would be lost when it is written again."""
    place = 0
    while place < len(data):
        length, place = _DecodeVarint32(data, place)
        piece = data[place : place + length]
        assert len(piece) == length, "the last message is cut"
        family = family_class.FromString(piece)
        assert family.IsInitialized()
        before = family.ByteSize()
        family.DiscardUnknownFields()
        assert family.ByteSize() == before, f"unknown fields in {family.name}"
        yield family
        place += length


def check(folder, family_class):
    binary = list(families((folder / "prometheus.pb").read_bytes(), family_class))
    # Line ends are left as they are.
    text = (folder / "prometheus.txt").read_bytes().decode("utf-8")
    expected = by_identity(
        (sample.name, sample.labels, sample.value) for family in read_text(text) for sample in family.samples
    )
    found = by_identity(sample for family in binary for sample in samples_of(family))
    assert found.keys() == expected.keys(), sorted(found.keys() ^ expected.keys())[:5]
    for key, values in expected.items():
        assert found[key] == values, f"{key}: {found[key]} for {values}"
    types = {}
    for line in text.split("\n"):
        if line.startswith("# TYPE "):
            name, kind = line[len("# TYPE ") :].split(" ")
            types[name] = kind
    assert types == {family.name: TYPES[family.type] for family in binary}
    return len(found)


def samples_of(family):
    kind = TYPES[family.type]
    for metric in family.metric:
        labels = {pair.name: pair.value for pair in metric.label}
        assert len(labels) == len(metric.label), f"a label of {family.name} is there twice"
        set_fields = [field.name for field, _ in metric.ListFields() if field.name != "label"]
        assert set_fields == [kind], f"{family.name}: {set_fields}"
        if kind == "histogram":
            histogram = metric.histogram
            assert histogram.HasField("created_timestamp") and histogram.zero_threshold > 0
            for bucket in histogram.bucket:
                yield f"{family.name}_bucket", labels | {"le": bucket.upper_bound}, bucket.cumulative_count
            yield f"{family.name}_bucket", labels | {"le": math.inf}, histogram.sample_count
            yield f"{family.name}_sum", labels, histogram.sample_sum
            yield f"{family.name}_count", labels, histogram.sample_count
        elif kind == "summary":
            for one in metric.summary.quantile:
                yield family.name, labels | {"quantile": one.quantile}, one.value
            yield f"{family.name}_sum", labels, metric.summary.sample_sum
            yield f"{family.name}_count", labels, metric.summary.sample_count
        else:
            # prometheus_client gives `_total` to every counter that it reads in text.
            is_bare = kind == "counter" and not family.name.endswith("_total")
            yield family.name + "_total" * is_bare, labels, getattr(metric, kind).value


def by_identity(samples):
    """The values of each series: more than one where `jobs` and `jobs_total` are both counters."""
    found = {}
    for name, labels, value in samples:
        # One NaN is like another.
        value = "NaN" if math.isnan(value) else float(value)
        found.setdefault(identity(name, labels), []).append(value)
    return {key: sorted(values, key=str) for key, values in found.items()}


def identity(name, labels):
    """The same for the same labels, and for the same bound however it is written."""
    own = {key: float(value) if key in ("le", "quantile") and is_number(value) else value for key, value in labels.items()}
    return name, tuple(sorted((key, str(value)) for key, value in own.items()))


def is_number(value):
    try:
        float(value)
        return True
    except ValueError:
        return False


main()
