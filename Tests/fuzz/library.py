"""libtalweg.so by ctypes, with the prototypes that its headers declare."""

import ctypes
import os
import re
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_int, c_int64, c_size_t, c_void_p
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADERS = sorted((ROOT / "include" / "talweg").glob("*.h"))
LIBRARY = Path(os.environ.get("TALWEG_FUZZ_LIBRARY", ROOT / "build" / "lib" / "libtalweg.so"))


@dataclass(frozen=True)
class Parameter:
    type: str  # as C spells it, with one space between words
    name: str


@dataclass(frozen=True)
class Prototype:
    name: str
    result: str
    parameters: tuple
    header: str

    def __str__(self):
        return f"{self.result} {self.name}({', '.join(f'{p.type} {p.name}' for p in self.parameters)})"

    @property
    def makes_tensors(self):
        return self.result == "tw_tensor *" or any(p.type == "tw_tensor **" for p in self.parameters)


def read_headers():
    """Every function that the headers declare, by name, and the dtypes' values, by name."""
    functions, dtypes = {}, {}
    for header in HEADERS:
        text = re.sub(r"/\*.*?\*/|//[^\n]*|^#[^\n]*(?:\\\n[^\n]*)*", "", header.read_text(), flags=re.S | re.M)
        enum = re.search(r"typedef enum tw_dtype \{(.*?)\}", text, re.S)
        if enum:
            dtypes = {name.lower(): int(value) for name, value in re.findall(r"TW_(\w+) = (\d+)", enum[1])}
        pattern = r"(?:^|[;{}])\s*([\w ]+?[ *]+)(tw_\w+)\s*\(((?:[^();]|\([^()]*\))*)\)\s*(?:TW_CHECK\s*)?(?=;)"
        for result, name, inside in re.findall(pattern, text):
            if not result.startswith("typedef"):
                functions[name] = Prototype(name, plain(result), parameters(inside), header.name)
    return functions, dtypes


def plain(c_type):
    """`const tw_tensor*const *` as `const tw_tensor *const *`."""
    c_type = re.sub(r"\s+", " ", c_type.strip())
    return re.sub(r"\s*(\*+)\s*", r" \1", c_type).replace("* *", "**").strip()


def parameters(inside):
    found = []
    for text in re.split(r",(?![^()]*\))", inside.strip()):
        if text.strip() in ("", "void"):
            continue
        callback = re.match(r"(.*\(\*)(\w+)(\).*)", text.strip(), re.S)
        type_, name = (callback[1] + callback[3], callback[2]) if callback else re.match(
            r"(.*[ *])(\w+)$", text.strip(), re.S).groups()
        found.append(Parameter(plain(type_), name))
    return tuple(found)


FUNCTIONS, DTYPES = read_headers()

_SCALARS = {
    "int64_t": c_int64, "double": c_double, "bool": c_bool, "size_t": c_size_t, "uint64_t": ctypes.c_uint64,
    "const char *": c_char_p, "char *": c_char_p, "void": None,
}  # fmt: skip


def ctype(c_type):
    """Pointers of all kinds are addresses; enums are ints."""
    if c_type in _SCALARS:
        return _SCALARS[c_type]
    return c_void_p if "*" in c_type else c_int


class Library:
    """The functions, callable by name without their prefix."""

    def __init__(self, path=LIBRARY):
        self.path = path
        handle = ctypes.CDLL(str(path))
        for name, prototype in FUNCTIONS.items():
            function = getattr(handle, name)
            function.restype = ctype(prototype.result)
            function.argtypes = [ctype(p.type) for p in prototype.parameters]
            setattr(self, name.removeprefix("tw_"), function)

    def message(self):
        return f"{self.status_name(self.last_status()).decode()}: {self.last_message().decode()}"


def integers(values):
    """An array of int64 for a call; NULL for None."""
    return None if values is None else (c_int64 * max(len(values), 1))(*values)


__all__ = [
    "DTYPES", "FUNCTIONS", "LIBRARY", "Library", "POINTER", "byref", "c_double", "c_int64", "c_void_p", "integers",
]  # fmt: skip
