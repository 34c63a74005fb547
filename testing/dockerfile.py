"""Runs the steps of a Dockerfile without a container engine: each stage is a directory tree, entered with chroot in
mount and process namespaces of its own. Only root can do that.

What differs from an engine: the system is this machine's, mounted read-only, and the base image's Python is an
environment made with the Python that runs the tests. The network is this machine's.
"""

import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pathspec
from dockerfile_parse import DockerfileParser

BASE_PYTHON = "/opt/base-python"
BASE_PATH = f"{BASE_PYTHON}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# How this machine reaches a package index; an engine gets the same as build arguments.
INDEX_VARIABLES = ("PIP_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "SSL_CERT")


@dataclass
class Stage:
    """A directory tree, and what the instructions said about processes in it."""

    root: Path
    environ: dict[str, str] = field(default_factory=lambda: {"PATH": BASE_PATH})
    user: str = "0"
    workdir: str = "/"
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)
    stop_signal: signal.Signals = signal.SIGTERM
    volumes: list[str] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)

    def inside(self, path: str) -> Path:
        """Where a path of the container lies on this machine."""
        return self.root / str(Path("/", self.workdir, path)).lstrip("/")

    def entering(self, arguments: list[str], *, volumes: dict[str, Path] | None = None, **variables: str) -> list[str]:
        """The command that runs these arguments as process 1 in the tree. With volumes, all else is read-only."""
        mounts = [f"mount --bind {q(self.root)} {q(self.root)}", f"mount -t proc proc {q(self.root / 'proc')}"]
        for source in ("/dev", "/usr", *(["/" + sys.base_prefix.strip("/")] if not in_usr(sys.base_prefix) else [])):
            target = self.root / source.lstrip("/")
            mounts += [f"mount --bind {q(source)} {q(target)}", f"mount -o remount,bind,ro {q(target)}"]
        if volumes is not None:
            mounts += [f"mount --bind {q(path)} {q(self.inside(name))}" for name, path in volumes.items()]
            mounts += [f"mount -t tmpfs tmpfs {q(self.root / 'tmp')}", f"mount -o remount,bind,ro {q(self.root)}"]
        script = " && ".join([*mounts, 'exec "$@"'])
        chroot = ["chroot", f"--userspec={self.user}:{self.user}", "--groups=", str(self.root)]
        # --kill-child: nothing outlives the tests.
        isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh"]
        return [*isolated, *chroot, *self.with_environment(arguments, variables)]

    def with_environment(self, arguments: list[str], variables: dict[str, str]) -> list[str]:
        """The arguments with the variables of the stage, and nothing of this machine's."""
        environ = {**self.environ, "HOME": self.workdir, **variables}
        pairs = [f"{name}={value}" for name, value in environ.items()]
        return ["/usr/bin/env", "-i", f"--chdir={self.workdir}", *pairs, *arguments]


class Build:
    """Carries out the instructions of a Dockerfile, one after the other."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.folder = folder
        self.context = copy_context(source, folder / "context")
        self.stages: dict[str, Stage] = {}
        with (source / "Dockerfile").open("rb") as file:
            for step in DockerfileParser(fileobj=file).structure:
                if step["instruction"] != "COMMENT":
                    getattr(self, f"do_{step['instruction'].lower()}")(step["value"])

    @property
    def stage(self) -> Stage:
        """The one that the instructions are about; in the end, the image."""
        return list(self.stages.values())[-1]

    def do_from(self, value: str) -> None:
        image, *name = value.split()
        assert image.startswith("python:"), f"there is no stand-in for {image}"
        number = str(len(self.stages))
        self.stages[name[1] if name else number] = Stage(base_tree(self.folder / f"stage-{number}"))

    def do_run(self, value: str) -> None:
        given = {name: text for name, text in os.environ.items() if name.startswith(INDEX_VARIABLES)}
        subprocess.run(self.stage.entering(["/bin/sh", "-c", value], volumes=None, **given), check=True)

    def do_copy(self, value: str) -> None:
        words = shlex.split(value)
        options = [words.pop(0) for _ in words[:] if words[0].startswith("--")]
        origin = self.context
        for option in options:
            name, _, argument = option.partition("=")
            assert name == "--from", f"COPY {name} has no stand-in"
            origin = self.stages[argument].root
        *sources, target = words
        for source in sources:
            found = [origin] if source == "." else list(origin.glob(source.strip("/")))
            assert found, f"COPY found no {source}"
            for path in found:
                copy(path, self.stage.inside(target), into=target.endswith("/") or len(sources) > 1)

    def do_env(self, value: str) -> None:
        self.stage.environ |= dict(word.split("=", 1) for word in shlex.split(value))

    def do_workdir(self, value: str) -> None:
        self.stage.inside(value).mkdir(parents=True, exist_ok=True)
        self.stage.workdir = value

    def do_user(self, value: str) -> None:
        self.stage.user = value

    def do_volume(self, value: str) -> None:
        self.stage.volumes.append(value)

    def do_expose(self, value: str) -> None:
        self.stage.ports.append(value)

    def do_stopsignal(self, value: str) -> None:
        self.stage.stop_signal = signal.Signals[value]

    def do_healthcheck(self, value: str) -> None:
        self.stage.healthcheck = json.loads(value.partition("CMD")[2])

    def do_cmd(self, value: str) -> None:
        self.stage.command = json.loads(value)


class Container:
    """A process of an image on a read-only root, with what it prints in a file."""

    def __init__(
        self,
        image: Stage,
        output: Path,
        *,
        volumes: dict[str, Path],
        command: list[str] | None = None,
        **variables: str,
    ) -> None:
        self.image = image
        self.output = output
        self.variables = variables
        entering = image.entering(command or image.command, volumes=volumes, **variables)
        with output.open("wb") as file:
            self.process = subprocess.Popen(entering, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self.wait_until_inside()

    def wait_until_inside(self) -> None:
        """Wait until its process 1 is in the tree: what is run beside it goes where that is."""
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                if (pid := self.first_process()) and Path(f"/proc/{pid}/root").samefile(self.image.root):
                    return
            time.sleep(0.02)

    def first_process(self) -> int:
        """The id on this machine of its process 1; 0 where there is none."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else 0

    def execute(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command beside it, as `docker exec` does."""
        assert self.process.poll() is None, self.output.read_text()
        user = self.image.user
        entering = ["nsenter", f"--target={self.first_process()}", "--mount", "--pid", "--root", "--wd"]
        return subprocess.run(
            [
                *entering,
                f"--setuid={user}",
                f"--setgid={user}",
                *self.image.with_environment([*arguments], self.variables),
            ],
            capture_output=True,
            text=True,
            check=False,
        )

    def stop(self) -> int:
        """Stop it as an engine does. Returns the exit code of its process 1."""
        if self.process.poll() is None:
            os.kill(self.first_process(), self.image.stop_signal)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        """End all of it now."""
        self.process.kill()
        self.process.wait()


def base_tree(root: Path) -> Path:
    """A tree like a base image with Python: places to mount this machine's system, and an environment."""
    for name in ("dev", "etc", "home", "opt", "proc", "run", "srv", "tmp", "usr", "var/lib", "var/log"):
        (root / name).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        if (found := Path("/", name)).is_symlink():
            (root / name).symlink_to(found.readlink())
    shutil.copytree("/etc", root / "etc", symlinks=True, dirs_exist_ok=True)
    if not in_usr(sys.base_prefix):
        (root / sys.base_prefix.lstrip("/")).mkdir(parents=True)
    python = str(Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}"))
    subprocess.run(Stage(root).entering([python, "-m", "venv", BASE_PYTHON]), check=True)
    return root


def in_usr(prefix: str) -> bool:
    """Whether this Python comes with the system's folder."""
    return Path(prefix).is_relative_to("/usr")


def copy_context(source: Path, target: Path) -> Path:
    """What an engine is sent of a folder: all that .dockerignore does not exclude."""
    ignored = pathspec.PathSpec.from_lines("gitignore", (source / ".dockerignore").read_text().splitlines())
    for path in source.iterdir():
        if ignored.match_file(path.name):
            continue
        for each in [path] if path.is_file() else path.rglob("*"):
            name = each.relative_to(source)
            if each.is_file() and not ignored.match_file(str(name)):
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(each, target / name)
    return target


def copy(source: Path, target: Path, *, into: bool) -> None:
    """As COPY does: a folder's content into the target, a file to the target or into it."""
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        return
    (target if into else target.parent).mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target / source.name if into else target)


def q(path: Path | str) -> str:
    """Quoted for the shell."""
    return shlex.quote(str(path))
