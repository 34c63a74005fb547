"""Whether servers answer."""

import http.client
import json
import os
import sys
from typing import Any
from urllib.parse import urlsplit


def answer(url: str, *, seconds: float) -> tuple[int, dict[str, Any]]:
    """GET the URL: the status and the JSON object in it. Status 0 where nobody answers in time."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=seconds)
    try:
        connection.request("GET", place.path)
        response = connection.getresponse()
        return response.status, json_object(response.read(65536))
    except (OSError, http.client.HTTPException):
        return 0, {}
    finally:
        connection.close()


def json_object(body: bytes) -> dict[str, Any]:
    """The object, or an empty one where the body is something else."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def main() -> int:
    """Ask a server of this container, as its health check does: `python -m launcher.readiness /healthz`."""
    status, found = answer(f"http://127.0.0.1:{os.environ.get('PORT') or '8000'}{sys.argv[1]}", seconds=4)
    sys.stdout.write(f"{status} {json.dumps(found)}\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
