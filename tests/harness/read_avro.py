"""Prints each record of Avro files as a line of JSON, as a Python library reads it: python3 read_avro.py LIBRARY FILE...

Instants are numbers in milliseconds or microseconds, as their schema says; bytes are {"bytes": hexadecimal digits}.
"""

import json
import sys
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def records(library, path):
    with open(path, "rb") as file:
        if library == "fastavro":
            import fastavro

            reader = fastavro.reader(file)
            schema = reader.writer_schema
            yield from ((schema, record) for record in reader)
        else:
            from avro.datafile import DataFileReader
            from avro.io import DatumReader

            reader = DataFileReader(file, DatumReader())
            schema = json.loads(reader.schema)
            yield from ((schema, record) for record in reader)


def unit(kind):
    branches = kind if isinstance(kind, list) else [kind]
    logical = [branch.get("logicalType") for branch in branches if isinstance(branch, dict)]
    return timedelta(microseconds=1) if "timestamp-micros" in logical else timedelta(milliseconds=1)


def plain(value, kind):
    if isinstance(value, datetime):
        return (value - EPOCH) // unit(kind)
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return value


for path in sys.argv[2:]:
    for schema, record in records(sys.argv[1], path):
        kinds = {field["name"]: field["type"] for field in schema["fields"]}
        print(json.dumps({name: plain(value, kinds[name]) for name, value in record.items()}))
