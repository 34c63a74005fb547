"""The table of programs, and how the supervisor is told about it."""

import io
import os
import shlex
import sys
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

from launcher import locations
from launcher.locations import PACKAGES
from launcher.options import Options

PYTHON = Path(sys.executable).name
# Without `site` it starts in 15 ms; the program that it becomes starts as usual.
LEASH = (PYTHON, "-S", "-m", "launcher.leash", "KILL")
# What Python runs in each process; `switchboard web` and its like run the same.
WEB = ("-m", "launcher.web")
CELERY = ("-m", "celery", "-A", "dashboard")
WORKER = (
    *(*CELERY, "worker", "--pool", "threads", "--concurrency", "8"),
    *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
)
BEAT = (*CELERY, "beat", "--loglevel", "WARNING", "--pidfile=")
LOCAL_API = ("-m", "local_api")
DEMONSTRATION = ("-m", "local_api.demonstration")


@dataclass(frozen=True, kw_only=True)
class Program:
    """One kind of process.

    `early` ones start before the database is prepared; `listens` makes the supervisor hold that
    listening socket for all copies.
    """

    name: str
    command: tuple[str, ...]
    copies: int = 1
    early: bool = False
    listens: str = ""
    directory: str = ""


def table(options: Options, sockets: Path) -> list[Program]:
    """The programs of this start. The first ones are stopped last."""
    programs = [] if options.broker_url else [embedded_broker(sockets)]
    if options.local_api:
        programs.append(Program(name="local_api", command=(PYTHON, *LOCAL_API), early=True))
    return [
        *programs,
        Program(
            name="worker",
            command=(PYTHON, *WORKER, "--hostname", "worker%(process_num)d@%%h"),
            copies=options.workers,
        ),
        Program(name="beat", command=(PYTHON, *BEAT)),
        Program(
            name="web",
            command=(PYTHON, *WEB, "--inherit"),
            copies=options.web_workers,
            listens=f"tcp://{options.host}:{options.port}",
        ),
    ]


def embedded_broker(sockets: Path) -> Program:
    """A Valkey server on a unix socket that keeps its queue on disk."""
    return Program(
        name="broker",
        command=(
            *(PYTHON, "-m", "launcher.broker", "--port", "0", "--loglevel", "warning"),
            *("--unixsocket", escaped(str(sockets / "broker.sock")), "--unixsocketperm", "700"),
            *(
                "--appendonly",
                "yes",
                "--save",
                "",
                "--maxmemory",
                "256mb",
                "--maxmemory-policy",
                "noeviction",
            ),
        ),
        directory="broker",
        early=True,
    )


def broker_url(options: Options, sockets: Path) -> str:
    """The broker of this start: the one that was set, else the embedded one."""
    return options.broker_url or locations.broker_url(sockets)


def environment(options: Options, sockets: Path) -> dict[str, str]:
    """The variables that every process of this start gets."""
    local_api = {
        "LOCAL_API_PORT": str(options.local_api_port),
        "LOCAL_API_DATA": str(options.folder / "local_api"),
    }
    return {
        **{name: value for name, value in os.environ.items() if name not in local_api},
        **(local_api if options.local_api else {}),
        **base_environment(options.folder),
        "BROKER_URL": broker_url(options, sockets),
        "LEASH_PARENT": str(os.getpid()),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
    }


def base_environment(folder: Path) -> dict[str, str]:
    """The variables that a process gets however it is started."""
    return {
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        # Threads of one process share two heaps: a third less memory.
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
        "PYTHONPATH": os.pathsep.join(filter(None, [str(PACKAGES), os.environ.get("PYTHONPATH")])),
        "PYTHONUNBUFFERED": "1",
    }


def configuration(programs: list[Program], sockets: Path) -> str:
    """The supervisor's configuration file.

    Paths are relative to the data folder, in which the supervisor runs: a path with ` #` in it would
    be cut off there, as a comment.
    """
    parser = ConfigParser(interpolation=None)
    parser["supervisord"] = {
        "nodaemon": "true",
        "silent": "true",
        "logfile": "logs/supervisor.log",
        "logfile_maxbytes": "2MB",
        "logfile_backups": "1",
        "pidfile": "run/supervisor.pid",
        "childlogdir": "logs",
        "minfds": "256",
        "minprocs": "16",
    }
    parser["unix_http_server"] = {"file": escaped(str(sockets / "supervisor.sock")), "chmod": "0700"}
    parser["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    for place, program in enumerate(programs, start=1):
        kind = "fcgi-program" if program.listens else "program"
        parser[f"{kind}:{program.name}"] = section(program, place)
    text = io.StringIO()
    parser.write(text)
    return text.getvalue()


def section(program: Program, place: int) -> dict[str, str]:
    """One program for the supervisor: started again whenever it ends, stopped within three seconds."""
    name = program.name if program.copies == 1 else f"{program.name}-%(process_num)d"
    values = {
        "command": shlex.join((*LEASH, *program.command)),
        "process_name": name,
        "numprocs": str(program.copies),
        "priority": str(place),
        "autostart": str(program.early).lower(),
        "autorestart": "true",
        "startsecs": "1",
        # The wait grows by a second each time: given up after about eight minutes of failing.
        "startretries": "30",
        "stopwaitsecs": "3",
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": f"logs/{name}.log",
        "stdout_logfile_maxbytes": "5MB",
        "stdout_logfile_backups": "2",
    }
    if program.directory:
        values["directory"] = program.directory
    if program.listens:
        values["socket"] = program.listens
    return values


def escaped(value: str) -> str:
    """The value for a file in which a percent sign begins a placeholder."""
    return value.replace("%", "%%")
