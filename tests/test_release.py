"""What a release says of itself in several files is the same in all of them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def read_yaml(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def supported_versions() -> list[str]:
    """The Python versions of the classifiers, oldest first."""
    found = [re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", each) for each in PROJECT["classifiers"]]
    return sorted((match[1] for match in found if match), key=lambda version: int(version.partition(".")[2]))


def test_the_newest_release_of_the_changelog_is_the_version_of_the_package() -> None:
    releases = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert releases[0] == PROJECT["version"]


def test_the_oldest_supported_python_is_the_one_that_is_required() -> None:
    assert PROJECT["requires-python"] == f">={supported_versions()[0]}"


def test_ci_runs_on_the_oldest_and_the_newest_supported_python() -> None:
    job = read_yaml(".github/workflows/ci.yaml")["jobs"]["test"]
    versions = supported_versions()
    assert job["strategy"]["matrix"]["python"] == [versions[0], versions[-1]]
    assert job["steps"][-1]["run"] == ".ci/run"


def test_pre_commit_runs_each_check_of_the_makefile() -> None:
    declared = re.search(r"^CHECKS := (.+)$", (ROOT / "Makefile").read_text(), re.M)
    assert declared is not None
    (repository,) = read_yaml(".pre-commit-config.yaml")["repos"]
    hooks = {hook["id"]: hook["entry"] for hook in repository["hooks"]}
    assert hooks == {check: f"make --no-print-directory {check}" for check in declared[1].split()}


def test_every_action_of_ci_is_pinned_to_a_commit() -> None:
    steps = read_yaml(".github/workflows/ci.yaml")["jobs"]["test"]["steps"]
    actions = [step["uses"] for step in steps if "uses" in step]
    assert actions
    assert [each for each in actions if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", each)] == []
