"""Prints each record of Avro files as a line of JSON, as a Python library reads it: python3 read_avro.py LIBRARY FILE...

python3 read_avro.py LIBRARY --messages FILE reads a file of messages in Avro's single-object encoding, one a line:
{"schema": ..., "value": hexadecimal digits}.

Instants are numbers in milliseconds or microseconds, as their schema says; bytes are {"bytes": hexadecimal digits}.
"""

import io
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


def messages(library, path):
    with open(path) as file:
        for line in file:
            message = json.loads(line)
            schema, value = message["schema"], bytes.fromhex(message["value"])
            marker, fingerprint, datum = value[:2], value[2:10], io.BytesIO(value[10:])
            if marker != b"\xc3\x01":
                sys.exit(f"no message of single-object encoding begins with {marker.hex()}")
            if library == "fastavro":
                import fastavro

                canonical = fastavro.schema.to_parsing_canonical_form(schema)
                want = fastavro.schema.fingerprint(canonical, "CRC-64-AVRO")
                if fingerprint.hex() != want:
                    sys.exit(f"the fingerprint of {schema['name']} is {want}, not {fingerprint.hex()}")
                record = fastavro.schemaless_reader(datum, schema, None)
            else:
                from avro.io import BinaryDecoder, DatumReader
                from avro.schema import parse

                record = DatumReader(parse(json.dumps(schema))).read(BinaryDecoder(datum))
            if datum.read():
                sys.exit("something is behind the record")
            yield schema, record


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


if sys.argv[2] == "--messages":
    found = messages(sys.argv[1], sys.argv[3])
else:
    found = (pair for path in sys.argv[2:] for pair in records(sys.argv[1], path))
for schema, record in found:
    kinds = {field["name"]: field["type"] for field in schema["fields"]}
    print(json.dumps({name: plain(value, kinds[name]) for name, value in record.items()}))
