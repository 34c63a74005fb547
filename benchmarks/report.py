"""What a benchmark found: tables to read, and the same as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass
class Table:
    """Rows of text and numbers under a title; a number is shown with as many digits as it deserves."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str | float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def show(self) -> None:
        shown = [[str(column) for column in self.columns], *([text(value) for value in row] for row in self.rows)]
        widths = [max(len(row[place]) for row in shown) for place in range(len(self.columns))]
        print(f"\n{self.title}")
        for number, row in enumerate(shown):
            first, *others = zip(row, widths, strict=True)
            print("  ".join([first[0].ljust(first[1]), *(value.rjust(width) for value, width in others)]))
            if number == 0:
                print("  ".join("-" * width for width in widths))
        for note in self.notes:
            print(f"  {note}")
        print(flush=True)

    def markdown(self) -> str:
        """The same for a page of docs/."""
        rows = [[text(value) for value in row] for row in self.rows]
        lines = [self.columns, ["---", *["---:"] * (len(self.columns) - 1)], *rows]
        table = [f"| {' | '.join(line)} |" for line in lines]
        return "\n".join([f"**{self.title}**", "", *table, "", *self.notes, "", ""])


def text(value: str | float) -> str:
    """A number with three significant digits or all that stand before the point; text as it is."""
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "-"
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 or value == int(value) else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def save(found: dict[str, list[Table]], path: Path) -> None:
    """Writes all tables to a file, and beside it to one in Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = {name: [asdict(table) for table in each] for name, each in found.items()}
    path.write_text(json.dumps({"at": datetime.now(tz=UTC).isoformat(), "found": tables}, indent=1))
    markdown_of(path).write_text("".join(table.markdown() for each in found.values() for table in each))


def markdown_of(path: Path) -> Path:
    return path.with_suffix(".md")
