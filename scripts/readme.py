"""Takes the programs out of README.md and README.zh-CN.md, builds them as the README says, runs them,
and compares what they print with the comment on the line that prints it. Further, both say the same:
their code is equal, and every link leads to a file that is there."""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build/test/readme"
SWIFT = os.environ.get("SWIFT", "swift")
passed = failed = 0


def check(what, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print("ok      " + what if good else f"FAILED  {what}\n{detail}")


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, **options)


def ran(what, code, result):
    """Holds a program's output against the trailing comment of the line that prints."""
    comment = re.search(r"print.*(?:/\*|#|//) (.*?)(?: \*/)?$", code, re.M)
    expected = comment[1].strip() if comment else None
    check(f"{what} prints {expected}", result.returncode == 0 and result.stdout.strip() == expected,
          result.stdout + result.stderr)


def c(code):
    source, program = WORK / "program.c", WORK / "program"
    source.write_text(code)
    line = next(l for l in (ROOT / "README.md").read_text().splitlines() if l.startswith("gcc program.c -Ibuild/include"))
    line = line.replace("program.c", str(source)).replace("-o program", f"-o {program}")
    built = run(["bash", "-c", line + " -Wall -Wextra -Werror"])
    check("the README's gcc line builds the C program", built.returncode == 0, built.stderr)
    ran("the C program", code, run([program]))


def python(code):
    source = WORK / "program.py"
    source.write_text(code)
    ran("the Python program", code, run([ROOT / ".venv/bin/python", source]))


def swift(code):
    """As an example's package would hold it; built beside the example, whose engine is there already."""
    package = WORK / "swift"
    (package / "Sources/Readme").mkdir(parents=True, exist_ok=True)
    (package / "Package.swift").write_text(
        re.sub(r"let programs = \[.*\]", 'let programs = ["Readme"]', (ROOT / "examples/swift/Package.swift").read_text())
        .replace('path: "../.."', f'path: "{ROOT}"'))
    (package / "Sources/Readme/main.swift").write_text(code)
    built = run([SWIFT, "build", "-c", "release", "--package-path", package,
                 "--scratch-path", ROOT / "examples/swift/.build"])
    check("the Swift program builds", built.returncode == 0, built.stdout + built.stderr)
    ran("the Swift program", code, run([ROOT / "examples/swift/.build/release/Readme"]))


def blocks(text):
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S)


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    english, chinese = (ROOT / "README.md").read_text(), (ROOT / "README.zh-CN.md").read_text()
    tests = re.findall(r"<!-- test: (\w+) -->\n```\w+\n(.*?)^```$", english, re.M | re.S)
    check("README.md has a program each in C, Python and Swift", sorted(t[0] for t in tests) == ["c", "python", "swift"])
    for language, code in tests:
        {"c": c, "python": python, "swift": swift}[language](code)

    def code_of(text):
        return [(language, re.sub(r"#[^\n]*", "", code) if language == "sh" else code) for language, code in blocks(text)]

    check("both READMEs hold the same code", code_of(english) == code_of(chinese))
    check("both READMEs have as many headings", english.count("\n## ") == chinese.count("\n## "))
    for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text())
        broken = [link for link in links if not (ROOT / link).exists()]
        check(f"the links of {name}", not broken, f"not there: {broken}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
