"""The library exports just the functions that the headers declare, all of them, under one version node.

Usage: symbols.py LIBRARY INCLUDE_FOLDER CLANG. The headers are parsed by clang.
"""
import json
import re
import subprocess
import sys


def declared(include, clang):
    """The names of the functions whose declarations stand in the include folder."""
    tree = json.loads(subprocess.run(
        [clang, "-x", "c", "-std=c11", f"-I{include}", "-fsyntax-only", "-Xclang", "-ast-dump=json", f"{include}/talweg.h"],
        check=True, capture_output=True).stdout)
    names = set()
    file = ""  # the dump names a file only where it changes
    for node in tree["inner"]:
        for place in (node.get("loc", {}), node.get("loc", {}).get("expansionLoc", {})):
            file = place.get("file", file)
        if node["kind"] == "FunctionDecl" and file.startswith(include):
            names.add(node["name"])
    return names


def exported(library):
    """The defined dynamic symbols, with their kinds and versions."""
    lines = subprocess.run(["nm", "-D", "--defined-only", "--with-symbol-versions", library],
                           check=True, capture_output=True, text=True).stdout.splitlines()
    symbols = []
    for line in lines:
        _, kind, name = line.split()[-3:]
        name, _, version = name.partition("@")
        symbols.append((name, kind, version.lstrip("@")))
    return symbols


def main():
    library, include, clang = sys.argv[1:]
    failures = []
    functions = declared(include, clang)
    symbols = exported(library)
    nodes = {name for name, kind, _ in symbols if kind == "A"}  # a version node is an absolute symbol
    names = {name for name, kind, _ in symbols if kind != "A"}
    text = subprocess.run(["cat"] + sorted(subprocess.run(
        ["find", include, "-name", "*.h"], check=True, capture_output=True, text=True).stdout.split()),
        check=True, capture_output=True, text=True).stdout

    def check(condition, message):
        if not condition:
            failures.append(message)

    # The parser itself, against a count by a rough pattern: a header that clang skipped would show.
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    rough = set(re.findall(r"\b(tw_\w+)\s*\([^;{}]*?\)\s*(?:TW_CHECK\s*)?;", re.sub(r"typedef[^;]*;", "", text)))
    check(functions == rough, f"the parsed declarations differ from the text: {sorted(functions ^ rough)}")
    check(len(functions) > 100, f"only {len(functions)} functions were found in the headers")
    check(names - functions == set(), f"exported but not declared: {sorted(names - functions)}")
    check(functions - names == set(), f"declared but not exported: {sorted(functions - names)}")
    check(all(name.startswith("tw_") for name in names), "there are names without the prefix")
    check(all(kind == "T" for _, kind, _ in symbols if _ not in nodes and kind != "A"),
          f"not functions: {[s for s in symbols if s[1] not in 'TA']}")
    versions = {version for _, kind, version in symbols if kind != "A"}
    check(len(versions) == 1 and versions != {""}, f"the version nodes are {sorted(versions)}")
    check(nodes <= versions, f"absolute symbols that are no version node: {sorted(nodes - versions)}")
    soname = re.search(r"SONAME.*\[(.*)\]", subprocess.run(["readelf", "-d", library], check=True, capture_output=True, text=True).stdout)
    check(soname and soname[1] == "libtalweg.so.0", f"the SONAME is {soname and soname[1]}")

    for failure in failures:
        print("FAILED ", failure)
    print(f"{len(functions)} functions declared, {len(names)} symbols exported at {', '.join(sorted(versions))}")
    print(f"{9 - len(failures)} passed, {len(failures)} failed")
    return bool(failures)


sys.exit(main())
