"""Runs each statement of a page with DuckDB in a folder: python3 run_sql.py PAGE FOLDER

Prints a line of JSON for each: the rows, with dates and times as text.
"""

import json
import os
import re
import sys
from pathlib import Path

import duckdb
import duckdb_extension_avro

page = Path(sys.argv[1]).read_text()
os.chdir(sys.argv[2])
connection = duckdb.connect()
(extension,) = Path(duckdb_extension_avro.__file__).parent.glob("extensions/*/avro.duckdb_extension")
connection.execute(f"LOAD '{extension}'")
for statement in re.findall(r"^```sql\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
    rows = connection.execute(statement).fetchall()
    print(json.dumps(rows, default=str))
