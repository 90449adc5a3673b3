"""Builds the extension against libtalweg.so and puts the library into the package.

The library is taken from $TALWEG_LIB_DIR, else from build/lib of the checkout, where
`make lib` is run if it is not there yet.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent
INCLUDE = CHECKOUT / "include"
BUILD = CHECKOUT / "build" / "python"
SONAME = "libtalweg.so.0"


def library_folder() -> Path:
    given = os.environ.get("TALWEG_LIB_DIR")
    if given:
        if not (Path(given) / SONAME).exists():
            raise SystemExit(f"talweg: TALWEG_LIB_DIR is {given}, and there is no {SONAME} in it")
        return Path(given).resolve()
    folder = CHECKOUT / "build" / "lib"
    if not (folder / SONAME).exists():
        if shutil.which("swift") is None:
            raise SystemExit(
                f"talweg: {folder / SONAME} is not there, and building it needs Swift 6.2 or later, "
                "which is not on PATH. Install it from https://www.swift.org/install, or set "
                "TALWEG_LIB_DIR to a folder that holds the library."
            )
        if subprocess.call(["make", "-C", str(CHECKOUT), "lib"]) != 0:
            raise SystemExit(f"talweg: `make -C {CHECKOUT} lib` failed; its output is above")
    return folder


def version() -> str:
    header = (INCLUDE / "talweg" / "base.h").read_text()
    return re.search(r'TW_VERSION_STRING "([^"]+)"', header).group(1)


class BuildExtension(build_ext):
    """Links with the library, which goes beside the extension: the loader finds it there."""

    def build_extension(self, ext: Extension) -> None:
        library = library_folder() / SONAME
        ext.extra_objects = [str(library)]
        ext.depends.append(str(library))
        super().build_extension(ext)
        target = Path(self.get_ext_fullpath(ext.name)).parent / SONAME
        shutil.copy2(library, target)

    def get_outputs(self) -> list[str]:
        return [*super().get_outputs(), *self._libraries()]

    def _libraries(self) -> list[str]:
        return [str(Path(self.get_ext_fullpath(ext.name)).parent / SONAME) for ext in self.extensions]


BUILD.mkdir(parents=True, exist_ok=True)
if "bdist_wheel" in sys.argv:  # or files that the package no longer has would stay in it
    for built in BUILD.glob("lib*"):
        shutil.rmtree(built)
setup(
    version=version(),
    ext_modules=[
        Extension(
            "talweg._talweg",
            sources=sorted(str(path.relative_to(HERE)) for path in (HERE / "src").glob("*.c")),
            depends=[str(path) for path in (*(HERE / "src").glob("*.h"), *INCLUDE.rglob("*.h"))],
            include_dirs=[str(INCLUDE)],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            extra_compile_args=["-std=c11", "-Wall", "-Wextra", "-g0"],
            extra_link_args=["-Wl,-rpath,$ORIGIN"],
            py_limited_api=True,
        )
    ],
    cmdclass={"build_ext": BuildExtension},
    options={
        "build": {"build_base": str(BUILD)},
        "egg_info": {"egg_base": str(BUILD)},
        "bdist_wheel": {"py_limited_api": "cp311"},
    },
)
