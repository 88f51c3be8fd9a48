"""Each type that a btree index can order: its values as JSON, and a table and view for each."""

from dataclasses import dataclass
from typing import Any

EXTENSIONS = ("citext", "cube", "hstore", "isn", "lo", "ltree", "seg")


@dataclass(frozen=True, slots=True)
class Case:
    """A type. `values`: what a client writes; `more`: what it can't, as literals of SQL."""

    sql: str
    values: tuple[Any, ...]
    more: tuple[str, ...] = ()
    of: str = ""
    """The type of which the operators are, if it is not the type itself."""

    @property
    def name(self) -> str:
        """Give the name of the view."""
        return self.sql.replace("ext.", "")


SETUP = """
CREATE SCHEMA lab;
CREATE SCHEMA IF NOT EXISTS api;
CREATE SCHEMA IF NOT EXISTS reporting;
GRANT USAGE ON SCHEMA lab, ext, api TO superbill_api;
CREATE TYPE lab.mood AS ENUM ('sad', 'so, so', 'happy');
CREATE TYPE lab.pair AS (name text, amount numeric);
CREATE DOMAIN lab.nickname AS ext.citext;
"""
CASES = (
    Case("bigint", (-9223372036854775808, 9007199254740993, 0)),
    Case("bit(3)", ("101", "000", "111"), of="bit"),
    Case("boolean", (True, False), of="bool"),
    Case("bytea", ("\\x00ff", "\\x", "\\x27")),
    Case('"char"', ("a", "%", "/"), (r"\377",)),
    Case("char(3)", ("a", "a b", "é/?"), of="bpchar"),
    Case("cidr", ("10.0.0.0/8", "::/0", "10.0.0.0/9"), of="inet"),
    Case("date", ("2024-02-29", "0001-01-01"), ("0044-03-15 BC", "infinity", "12024-01-01")),
    Case("double precision", (0.1, -1e300, 1.5e-7), ("NaN", "-Infinity", "0.30000000000000004")),
    Case("inet", ("10.0.0.1", "10.0.0.1/8", "::1")),
    Case("integer", (-2147483648, 7, 0)),
    Case("interval", ("P1Y2M3DT4H5M6.5S", "PT0S", "P-1DT-1H"), ("1 mon", "-178000000 years")),
    Case("jsonb", ({"a": [1, None]}, "text", 7, [])),
    Case("macaddr", ("00:00:5e:00:53:01", "00:00:5e:00:53:00")),
    Case("macaddr8", ("00:00:5e:00:53:01:02:03", "00:00:5e:00:53:00:00:00")),
    Case("money", ("$1,234.50", "-$0.07", "$0.00")),
    Case("name", ("a", "B", "é,/")),
    Case("numeric", ("1.50", "-0.001", "12345678901234567890.5"), ("NaN", "-Infinity")),
    Case("oid", ("0", "4294967295", "7")),
    Case("oidvector", (["1", "2"], ["1"], ["3"])),
    Case("pg_lsn", ("0/16B3748", "FF/0", "0/0")),
    Case("real", (0.1, -1.5e30, 16777216), ("NaN", "Infinity")),
    Case("regtype", ("integer", "text"), of="oid"),
    Case("smallint", (-32768, 1, 0)),
    Case("text", ("a", "B", "é, /?#%", "")),
    Case("tid", ("(0,1)", "(7,2)")),
    Case("time", ("09:30:00", "23:59:59.999999", "24:00:00")),
    Case("timetz", ("09:30:00+00", "09:30:00-03:30", "10:00:00+01")),
    Case("timestamp", ("2024-02-29T09:30:00", "0001-01-01T00:00:00.000001"), (
        "0044-03-15 12:00 BC", "infinity", "12024-01-01 00:00:00.5")),
    Case("timestamptz", ("2024-02-29T09:30:00+00:00", "2024-02-29T09:30:00.000001+00:00"), (
        "0044-03-15 12:00Z BC", "-infinity", "12024-01-01 00:00Z")),
    Case("tsquery", ("'a' & 'b'", "'a'", "!'c'")),
    Case("tsvector", ("'a':1 'b':2", "'a'", "'b'")),
    Case("uuid", ("01890a5d-ac96-774b-bcce-b302099a8057", "00000000-0000-0000-0000-000000000000")),
    Case("varbit", ("101", "", "0")),
    Case("varchar", ("a", "B", "é"), of="text"),
    Case("xid8", ("0", "18446744073709551615", "7")),
    Case("ext.citext", ("Bob", "alice", "Ärger, /")),
    Case("ext.cube", ("(1, 2),(3, 4)", "(0)", "(0.1, 0.30000000000000004)")),
    Case("ext.ean13", ("978-0-393-04002-9", "978-0-201-53082-7")),
    Case("ext.hstore", ('"a"=>"1", "b"=>NULL', "", '"a"=>"2"')),
    Case("ext.isbn", ("0-393-04002-X", "0-201-53082-1")),
    Case("ext.isbn13", ("978-0-393-04002-9", "978-0-201-53082-7")),
    Case("ext.ismn", ("M-060-11561-5",)),
    Case("ext.ismn13", ("979-0-060-11561-5",)),
    Case("ext.issn", ("1436-4522", "0264-3561")),
    Case("ext.issn13", ("977-1436-452-00-8", "977-0264-356-00-7")),
    Case("ext.lo", ("0", "4294967295"), of="oid"),
    Case("ext.ltree", ("a.b", "a", "b.c_1")),
    Case("ext.seg", ("1.50 .. 2.0", "~0.30", "-3 ..")),
    Case("ext.upc", ("220356483481", "036000291452")),
    Case("lab.mood", ("sad", "so, so", "happy"), of="anyenum"),
    Case("lab.nickname", ("Bob", "alice"), of="citext"),
    Case("lab.pair", ({"name": "a, b", "amount": "1.50"}, {"name": None, "amount": "2"}),
         of="record"),
    Case("integer[]", ([1, 2], [], [1, None]), ("{{1,2},{3,4}}",), of="anyarray"),
    Case("text[]", (["a, b", "é/"], ["NULL", None], [""]), of="anyarray"),
    Case("numeric[]", (["1.50"], ["-2"]), ("{NaN}",), of="anyarray"),
    Case("jsonb[]", ([[1], {"a": None}], ["x"]), of="anyarray"),
    Case("ext.citext[]", (["Bob"], ["alice", "x"]), of="anyarray"),
    Case("ext.hstore[]", (['"a"=>"1"'], []), of="anyarray"),
    Case("lab.pair[]", ([{"name": "a", "amount": "1.5"}, None], []), of="anyarray"),
    Case("timestamptz[]", (["2024-02-29T09:30:00+00:00"], []), of="anyarray"),
    Case("int4range", ("[1,10)", "empty", "(,3)"), of="anyrange"),
    Case("numrange", ("[1.50,2)", "(,)", "(0.1,0.2]"), of="anyrange"),
    Case("daterange", ("[2024-03-01,2024-04-01)", "[2024-03-01,)"), of="anyrange"),
    Case("tstzrange", ('["2024-02-29 09:30:00+00","2024-03-01 00:00:00+00")', "empty"),
         of="anyrange"),
    Case("int4multirange", ("{[1,3),[5,7)}", "{}"), of="anymultirange"),
)  # fmt: skip
