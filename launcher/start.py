"""Start everything, say when it is ready, stop everything when told to."""

import contextlib
import json
import os
import shutil
import sys
import time
from pathlib import Path

from launcher import broker, folder, locations, options, programs
from launcher.interrupts import Interrupts, Stopped
from launcher.locations import Refusal
from launcher.options import Options
from launcher.processes import Errand, Processes, tail
from launcher.readiness import answer

STOP_SECONDS = 4.5


class Failure(Exception):
    """A process that should run does not. The text says which; `log` is where it wrote why."""

    def __init__(self, text: str, log: Path) -> None:
        super().__init__(text)
        self.log = log


class Start:
    """One start of the dashboard, from the first process to the last."""

    def __init__(self, chosen: Options, lock: int) -> None:
        self.sockets = sockets = locations.sockets(chosen.folder)
        table = programs.table(chosen, sockets)
        self.options = chosen
        self.environ = programs.environment(chosen, sockets)
        self.late = [program.name for program in table if not program.early]
        self.errands: list[Errand] = []
        self.interrupts = Interrupts(self.give_up)
        self.processes = Processes(
            folder=chosen.folder,
            sockets=sockets,
            config=programs.configuration(table, sockets),
            environ=self.environ,
            lock=lock,
        )

    def run(self) -> None:
        """Bring everything up and stay. Raises Stopped when asked to stop, Failure when something died."""
        prepare = self.errand("prepare", "-m", "dashboard", "prepare", "--sign-in-link")
        self.wait_for(prepare)
        sign_in = sign_in_path(prepare)
        self.wait_for_supervisor()
        self.processes.start(*self.late)
        demonstration = self.demonstrate()
        self.wait_until_ready()
        if demonstration:
            self.wait_for(demonstration)
        say(f"Ready: {self.options.url}/")
        say(f"Sign in: {self.options.url}{sign_in}")
        self.stay()

    def wait_for_supervisor(self) -> None:
        """Wait until it takes orders."""
        while not self.processes.reports():
            self.check()
            self.interrupts.pause(0.05)

    def errand(self, name: str, *arguments: str) -> Errand:
        """Run Python with these arguments beside the rest."""
        errand = Errand(
            name,
            command=[sys.executable, *arguments],
            folder=self.options.folder,
            environ=self.environ,
        )
        self.errands.append(errand)
        return errand

    def wait_for(self, errand: Errand) -> None:
        """Wait for its end. Raises Failure where it failed."""
        while not errand.ended():
            self.check()
            self.interrupts.pause(0.1)
        if not errand.succeeded():
            raise Failure(f"`{errand.name}` failed.", errand.log)

    def demonstrate(self) -> Errand | None:
        """Fill the local API with the demonstration, once it answers."""
        if not (self.options.local_api and self.options.demonstration):
            return None
        self.wait_for_answer("local_api", f"{self.options.local_api_url}/health")
        return self.errand(
            "demonstration",
            *(*programs.DEMONSTRATION, "--url", f"{self.options.local_api_url}/v1"),
            *("--key", self.options.local_api_key),
        )

    def wait_until_ready(self) -> None:
        """Wait until the web server vouches for database, broker and worker, and the schedule runs."""
        if self.options.local_api:
            self.wait_for_answer("local_api", f"{self.options.local_api_url}/health")
        self.wait_for_answer("web", f"{self.options.url}/healthz")
        while not self.processes.running("beat"):
            self.check()
            self.interrupts.pause(0.05)

    def wait_for_answer(self, name: str, url: str) -> None:
        """Wait until that URL answers 200. Raises Failure where it takes too long."""
        until = time.monotonic() + self.options.ready_seconds
        patience = 1.0
        while (reply := answer(url, seconds=patience))[0] != 200:
            self.check()
            # Once it answers at all, ask often: while there is no worker, each answer takes a second.
            patience = 0.3 if reply[0] else patience
            if time.monotonic() > until:
                raise Failure(
                    f"{name} was not ready after {self.options.ready_seconds} s (it answered {reply}).",
                    self.log(name),
                )
            self.interrupts.pause(0.05)

    def check(self) -> None:
        """Raise Failure where a process has ended by itself."""
        if not self.processes.alive():
            raise Failure("The supervisor ended by itself.", self.log("supervisor"))
        for name in self.processes.failing():
            raise Failure(f"{name} ended by itself.", self.log(name))

    def stay(self) -> None:
        """Stay until asked to stop; the supervisor starts again what ends meanwhile."""
        while self.processes.alive():
            for name in self.processes.given_up():
                raise Failure(f"{name} was started many times in vain.", self.log(name))
            self.interrupts.pause(5)
        raise Failure("The supervisor ended by itself.", self.log("supervisor"))

    def stop(self) -> None:
        """Stop everything in order, and by force what is left after 4.5 s."""
        until = time.monotonic() + STOP_SECONDS
        for errand in self.errands:
            errand.kill()
        self.processes.ask_to_stop()
        while self.processes.alive() and time.monotonic() < until:
            # Asking wakes the supervisor, which otherwise looks once a second.
            self.processes.reports()
            self.interrupts.rest(0.05)
        self.kill()
        if self.sockets != self.options.folder / "run":
            shutil.rmtree(self.sockets, ignore_errors=True)

    def kill(self) -> None:
        """Stop everything by force."""
        for errand in self.errands:
            errand.kill()
        self.processes.kill()

    def give_up(self) -> None:
        """End everything and this process now; called from a signal handler, so it waits for nothing."""
        for popen in (*(errand.popen for errand in self.errands), self.processes.popen):
            popen.kill()
        os._exit(130)

    def log(self, name: str) -> Path:
        """Where that process writes."""
        return self.options.folder / "logs" / f"{name}.log"


def sign_in_path(prepare: Errand) -> str:
    """The path of the sign-in link, out of the last line that `prepare` wrote."""
    try:
        return str(json.loads(prepare.last_line())["sign_in"])
    except (ValueError, KeyError, TypeError):
        raise Failure("`prepare` gave no sign-in link.", prepare.log) from None


def say(text: str) -> None:
    """One line to the person who started us, who may have gone away."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def complain(text: str) -> int:
    """The same for bad news. Returns the exit code for it."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    return 1


def main() -> int:
    """The exit code: 0 after an orderly stop."""
    try:
        chosen = options.read(os.environ)
        lock = folder.claim(chosen.folder)
        folder.check_ports(chosen)
        if not chosen.broker_url:
            broker.find()
        return run(Start(chosen, lock))
    except Refusal as refusal:
        return complain(str(refusal))


def run(start: Start) -> int:
    """Run it to its end, and leave nothing behind."""
    try:
        start.run()
    except Stopped:
        return 0
    except Failure as failure:
        return complain(f"{failure} The end of {failure.log}:\n{tail(failure.log)}")
    finally:
        start.stop()
    return 0
