"""What supervisors and load balancers are told: under real conditions, with a worker or a broker really gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import connections
from django.test import Client

from dashboard.celery import app
from testing.backing_services import ROOT, free_port

pytestmark = pytest.mark.database

ASK = """
import django, json
django.setup()
from django.test import Client
answer = Client().get("/healthz", headers={"Host": "127.0.0.1"})
print(json.dumps([answer.status_code, answer.json()]))
"""


def elsewhere(**environment: str) -> tuple[int, dict[str, str]]:
    """What a dashboard of its own with these settings answers."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dashboard.settings", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    status, answer = json.loads(done.stdout)
    return status, answer


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Any]:
    with start_worker(app, pool="solo", perform_ping_check=False, loglevel="ERROR") as found:
        yield found
    connections.close_all()


def test_all_is_well_with_a_worker(worker: Any, client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (
        200,
        {"status": "ok", "database": "ok", "broker": "ok", "worker": "ok"},
    )
    assert "no-store" in response["Cache-Control"]


def test_without_a_worker_it_is_unwell(transactional_db: None, client: Client) -> None:
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"status": "unwell", "database": "ok", "broker": "ok", "worker": "none answers"}


@pytest.mark.parametrize("kind", ["redis", "socket", "amqp"])
def test_without_a_broker_it_says_so_and_answers_soon(tmp_path: Path, kind: str) -> None:
    where = {
        "redis": f"redis://:a-password@127.0.0.1:{free_port()}/0",
        "socket": f"redis+socket://{tmp_path}/none.sock",
        "amqp": f"amqp://guest:a-password@127.0.0.1:{free_port()}//",
    }
    status, answer = elsewhere(BROKER_URL=where[kind])
    assert status == 503
    assert answer["broker"].startswith("does not answer")
    assert answer["worker"].startswith("not asked")
    assert "a-password" not in str(answer)


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    status, answer = elsewhere(DATABASE_URL=f"postgres://a:a-password@127.0.0.1:{free_port()}/none")
    assert status == 503
    assert answer["database"].startswith("does not answer")
    assert "a-password" not in str(answer)
