"""A mail server in a process of its own: what arrives is a line of JSON in a file; refused.example has no mailboxes."""

from __future__ import annotations

import asyncio
import json
import smtplib
import subprocess
import sys
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

from testing.backing_services import ROOT, free_port


@dataclass
class MailServer:
    """A running server on `port`."""

    process: subprocess.Popen[bytes]
    port: int
    file: Path

    @property
    def mails(self) -> list[dict[str, Any]]:
        """What arrived, in order: to, subject, text."""
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [json.loads(line) for line in lines]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


def start(folder: Path) -> MailServer:
    """Starts a server, and waits until it answers."""
    port, file = free_port(), folder / "mails.jsonl"
    command = [sys.executable, "-m", "launcher.leash", "TERM", sys.executable, "-m", "testing.mail_server"]
    process = subprocess.Popen([*command, str(port), str(file)], cwd=ROOT)
    ends = time.monotonic() + 20
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
                client.noop()
            return MailServer(process, port, file)
        except OSError:
            if process.poll() is not None or time.monotonic() > ends:
                process.kill()
                raise
            time.sleep(0.05)


class Handler:
    """Keeps mails."""

    def __init__(self, file: Path) -> None:
        self.file = file

    async def handle_RCPT(
        self, server: SMTP, session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.endswith("@refused.example"):
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        kept = {"to": envelope.rcpt_tos, "subject": mail["subject"], "text": mail.get_content()}
        with self.file.open("a") as file:
            file.write(json.dumps(kept) + "\n")
        return "250 OK"


async def serve(port: int, file: Path) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(file), hostname="mail.test"), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
