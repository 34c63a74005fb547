"""`python -m benchmarks [name...]`: measures, prints tables, saves them as JSON."""

from __future__ import annotations

import importlib

from benchmarks import options, report

NAMES = ["pages", "polling", "streaming", "glass", "desk", "start", "weigh"]


def main() -> None:
    given = options.read(NAMES)
    found: dict[str, list[report.Table]] = {}
    last_lines = []
    for name in given.names:
        benchmark = importlib.import_module(f"benchmarks.{name}.run")
        found[name] = []
        for table in benchmark.run(given):
            table.show()
            found[name].append(table)
            report.save(found, given.save)
        if hasattr(benchmark, "last_line"):
            last_lines.append(benchmark.last_line(found[name]))
    print(f"Saved in {given.save} and {report.markdown_of(given.save)}", *last_lines, sep="\n")


if __name__ == "__main__":
    main()
