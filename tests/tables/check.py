"""Reads the tables in `tables/` with every tool, and holds each to what the CSV says, cell by cell and in sums."""

import csv
import datetime as dt
import json
import sqlite3
from collections import Counter

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

WORDS = "command version state campaign_id language status progress code entry".split()
SECONDS = "started_at finished_at window_start window_end dispatch_at contact_at sms_at".split()
MILLISECONDS = "updated_at written_at".split()
NUMBERS = "number exit_code rows utc_offset_minutes attempts seq".split()
COUNTED = (
    "confirmed scheduled sms_waiting already_done duplicate rejected failed sms_failed expired pending in_doubt sms_in_doubt"
).split()
# Columns in which something may be unknown.
KNOWN_LATER = (
    "finished_at exit_code rows dispatch_at code detail contact_id sms_session_id contact_at sms_at updated_at value"
).split() + COUNTED


def kind(column):
    if column in WORDS:
        return "word"
    if column in SECONDS + MILLISECONDS:
        return "time"
    return "integer" if column in NUMBERS + COUNTED else "text"


TYPES = {
    "pandas": {"word": "category", "time": "datetime64[ms, UTC]", "integer": "int64", "text": "str"},
    "polars": {"word": pl.Categorical, "time": pl.Datetime("ms", "UTC"), "integer": pl.Int64, "text": pl.String},
    "duckdb": {"word": "VARCHAR", "time": "TIMESTAMP WITH TIME ZONE", "integer": "BIGINT", "text": "VARCHAR"},
    "pyarrow": {
        "word": pa.dictionary(pa.int32(), pa.string()),
        "time": pa.timestamp("ms", "UTC"),
        "integer": pa.int64(),
        "text": pa.string(),
    },
}


def spelled(value, column):
    """A value as the CSV has it."""
    if value is None or value is pd.NaT or value != value:
        return ""
    if isinstance(value, dt.datetime):
        assert value.utcoffset() == dt.timedelta(0) or value.tzinfo is not None, (column, value)
        value = value.astimezone(dt.timezone.utc)
        fine = "milliseconds" if column in MILLISECONDS else "seconds"
        return value.replace(tzinfo=None).isoformat(timespec=fine) + "Z"
    return str(int(value)) if isinstance(value, float) else str(value)


def check_types(tool, columns, has, nullable=lambda column: False):
    for column in columns:
        expected, found = TYPES[tool][kind(column)], has[column]
        # What pandas has for whole numbers of which some are not known.
        also = "float64" if tool == "pandas" and kind(column) == "integer" and nullable(column) else expected
        assert found in (expected, also), (tool, column, found, expected)


def check_cells(tool, columns, expected, rows):
    found = [[spelled(cell, column) for column, cell in zip(columns, row)] for row in rows]
    assert len(found) == len(expected), (tool, len(found), len(expected))
    for ours, theirs in zip(expected, found):
        assert ours == theirs, (tool, ours, theirs)


def check(table):
    path = f"tables/{table}.parquet"
    with open(f"tables/{table}.csv", newline="", encoding="utf-8") as file:
        columns, *expected = csv.reader(file)
    assert expected, table

    schema = pq.read_schema(path)
    assert schema.names == columns, (schema.names, columns)
    check_types("pyarrow", columns, {field.name: field.type for field in schema})
    assert [field.name for field in schema if field.nullable] == [c for c in columns if c in KNOWN_LATER]
    arrow = pq.read_table(path)
    arrow.validate(full=True)
    check_cells("pyarrow", columns, expected, zip(*(arrow[column].to_pylist() for column in columns)))

    # What is not known is nothing, and never an empty text.
    for at, column in enumerate(columns):
        assert arrow[column].null_count == [row[at] for row in expected].count(""), column

    frame = pd.read_parquet(path)
    check_types("pandas", columns, {c: str(t) for c, t in frame.dtypes.items()}, lambda c: frame[c].hasnans)
    check_cells("pandas", columns, expected, frame.astype(object).itertuples(index=False))

    polars = pl.read_parquet(path)
    check_types("polars", columns, polars.schema)
    check_cells("polars", columns, expected, polars.iter_rows())

    duck = duckdb.sql(f"SELECT * FROM '{path}'")
    check_types("duckdb", columns, dict(zip(duck.columns, map(str, duck.types))))
    # A time with a zone comes to Python by a package more. No name needs quotes, wherever it stands.
    cells = ", ".join(f"epoch_ms({c}) AS {c}" if kind(c) == "time" else f"coalesce({c}) AS {c}" for c in columns)
    rows = duckdb.sql(f"SELECT {cells} FROM '{path}'").fetchall()
    at = lambda ms: None if ms is None else dt.datetime.fromtimestamp(0, dt.timezone.utc) + dt.timedelta(milliseconds=ms)
    check_cells("duckdb", columns, expected, [[at(v) if kind(c) == "time" else v for c, v in zip(columns, r)] for r in rows])

    encodings = duckdb.sql(f"SELECT path_in_schema, encodings, compression FROM parquet_metadata('{path}')").fetchall()
    for column, encoding, compression in encodings:
        assert compression == "ZSTD", column
        assert kind(column) != "word" or "RLE_DICTIONARY" in encoding, (column, encoding)

    with open(f"tables/{table}.ndjson", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    assert all(list(line) == columns for line in lines)
    check_cells("ndjson", columns, expected, [line.values() for line in lines])

    view = sqlite3.connect("file:ringback.db?mode=ro", uri=True).execute(f"SELECT * FROM v_{table}")
    names = [name for name, *_ in view.description]
    view = view.fetchall()
    assert not any("" in row for row in view), table
    rows = {tuple(spelled(row[names.index(c)], c) for c in columns if c in names) for row in view}
    ours = {tuple(cell for column, cell in zip(columns, row) if column in names) for row in expected}
    assert rows == ours, (table, len(rows), len(ours))
    return columns, expected, frame, polars


def check_sums(columns, expected, frame, polars):
    """The sums that people ask for first: by status, by code, attempts."""
    column = lambda name: [row[columns.index(name)] for row in expected]
    by_status = Counter(column("status"))
    assert len(by_status) >= 4, by_status
    assert frame.groupby("status", observed=True).size().to_dict() == by_status
    assert dict(polars.group_by("status").len().iter_rows()) == by_status
    assert dict(duckdb.sql("SELECT status, count(*) FROM 'tables/callbacks.parquet' GROUP BY 1").fetchall()) == by_status
    attempts = sum(map(int, column("attempts")))
    assert frame["attempts"].sum() == polars["attempts"].sum() == attempts > 0
    assert duckdb.sql("SELECT sum(attempts) FROM 'tables/callbacks.parquet'").fetchall()[0][0] == attempts
    unplaced = column("dispatch_at").count("")
    assert frame["dispatch_at"].isna().sum() == polars["dispatch_at"].null_count() == unplaced
    print(dict(by_status), "attempts", attempts)


for table in ("runs", "entries"):
    check(table)
check_sums(*check("callbacks"))
