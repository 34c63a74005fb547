"""Tells open pages over the broker's fanout that something changed: topics only, and of content just what is being
written at this moment, which stands in no row yet."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.entity import Exchange
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
EXCHANGE = Exchange("switchboard-events", type="fanout", durable=False, delivery_mode="transient")

QUEUE = "queue"
THREADS = "threads"
ASSISTANTS = "assistants"
CONNECTIONS = "connections"
CLAIMS = "claims"
FILES = "files"
VECTOR_STORES = "vector-stores"


def run_topic(key: int) -> str:
    """The topic of the pages that show this run."""
    return f"run-{key}"


def claim_topic(key: int) -> str:
    """The topic of the pages that show who is at this run."""
    return f"claim-{key}"


def draft_topic(key: int) -> str:
    """The topic of the pages that show the drafts of this run."""
    return f"drafts-{key}"


def thread_topic(key: int) -> str:
    """The topic of the pages that show this thread."""
    return f"thread-{key}"


def recipient_topic(key: int) -> str:
    """The topic of the pages that show what this recipient was told."""
    return f"recipient-{key}"


def assistant_topic(key: int) -> str:
    """The topic of the pages that show this assistant."""
    return f"assistant-{key}"


def assistant_topics(key: int) -> str:
    """What a page of one assistant follows: it changes where it is read alone, and where all of its server are."""
    return f"{ASSISTANTS} {assistant_topic(key)}"


def connection_topic(key: int) -> str:
    """The topic of the pages that show this connection."""
    return f"connection-{key}"


def vector_store_topic(key: int) -> str:
    """The topic of the pages that show this vector store."""
    return f"vector-store-{key}"


def tell(topics: Iterable[str]) -> None:
    """Tells every open page of these topics, after the transaction. Pages poll where the broker is away."""
    told = sorted(set(topics))
    if told:
        transaction.on_commit(lambda: _publish(told))


def write(topic: str, *, run: int, message: str, html: str) -> None:
    """Shows every open page of a topic what a run has written so far of a message. The HTML must be safe."""
    _publish({"topic": topic, "run": run, "message": message, "html": html})


def _publish(news: list[str] | dict[str, Any]) -> None:
    try:
        with current_app.producer_pool.acquire(block=True, timeout=2) as producer:
            producer.publish(news, exchange=EXCHANGE, declare=[EXCHANGE], serializer="json", retry=False)
    except (OperationalError, OSError) as error:
        log.warning("No broker to tell open pages: %s", type(error).__name__)
