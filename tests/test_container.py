"""The Dockerfile and compose.yaml, without a container engine: checked by their linters, and carried out in directory
trees (testing/dockerfile.py)."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml

from testing.api_actor import ApiActor
from testing.backing_services import ROOT, free_port
from testing.dockerfile import Build, Container, Stage
from testing.http_desk import HttpDesk, until
from testing.stack import ApiAddress, Stack, stack_environment
from tests.test_package import answer_the_demonstration

Start = Callable[..., Container]
carried_out = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount and chroot"),
]


def test_the_linter_finds_nothing_in_the_dockerfile() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([program, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_compose_yaml_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_compose_builds_the_image_once_and_passes_every_variable_of_the_dashboard_on() -> None:
    ours = {name: each for name, each in compose_services().items() if each["image"] == "switchboard"}
    assert [name for name, each in ours.items() if "build" in each] == ["prepare"]
    assert {each["pull_policy"] for each in ours.values()} == {"never"}
    assert {name for name, each in ours.items() if "env_file" in each} == {"prepare", "web", "worker", "beat"}


def test_no_service_of_compose_yaml_writes_to_its_root_or_has_a_secret_in_the_file() -> None:
    services = compose_services()
    assert {"web", "worker", "beat", "local-api", "postgres", "valkey"} <= set(services)
    assert [name for name, service in services.items() if service.get("read_only") is not True] == []
    assert "POSTGRES_PASSWORD:?" in services["postgres"]["environment"]["POSTGRES_PASSWORD"]
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["web"]  # it has the image's


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """What the steps of the Dockerfile make."""
    return Build(ROOT, tmp_path_factory.mktemp("image")).stage


@pytest.fixture
def start(image: Stage, tmp_path: Path) -> Iterator[Start]:
    """Starts containers of the image, which share their volume."""
    volume = tmp_path / "volume"
    volume.mkdir()
    volume.chmod(0o700)
    os.chown(volume, int(image.user), int(image.user))
    running: list[Container] = []

    def begin(name: str, command: list[str] | None = None, **variables: str) -> Container:
        volumes = dict.fromkeys(image.volumes, volume)
        running.append(Container(image, tmp_path / f"{name}.log", volumes=volumes, command=command, **variables))
        return running[-1]

    yield begin
    for container in running:
        container.kill()


class TestImage:
    """The image by itself: everything in one container."""

    pytestmark = carried_out

    def test_it_answers_a_tool_call_on_a_read_only_root_and_without_rights(self, start: Start, image: Stage) -> None:
        ports = {"PORT": str(free_port()), "LOCAL_API_PORT": str(free_port())}
        container = start("run", READY_SECONDS="300", **ports)
        stack = Stack(image.root, ports, container.process, container.output)
        stack.wait_until_ready(seconds=320)
        answer_the_demonstration(HttpDesk(stack.url, stack.sign_in_url), ApiActor(stack.local_api()))
        assert container.execute(*image.healthcheck).returncode == 0
        assert container.execute("id", "--user").stdout == "10001\n"
        refused = container.execute("touch", "/opt/written")
        assert "Read-only file system" in refused.stderr
        assert container.stop() == 0

    def test_its_health_check_fails_where_nothing_answers(self, start: Start, image: Stage) -> None:
        container = start("nothing", ["sleep", "60"], PORT=str(free_port()))
        until(lambda: container.execute("true").returncode == 0 or None, what="the container")
        assert container.execute(*image.healthcheck).returncode == 1


class TestCompose:
    """The services of compose.yaml that have this image, on other addresses than there."""

    pytestmark = carried_out

    def test_its_services_answer_a_tool_call(self, start: Start, tmp_path: Path) -> None:
        places = addresses(start, tmp_path)
        services = {name: each for name, each in compose_services().items() if each["image"] == "switchboard"}
        needs = {name: set(each.get("depends_on", {})) & set(services) for name, each in services.items()}
        running = {}
        for name in TopologicalSorter(needs).static_order():
            running[name] = start(name, command(services[name], places), **environment(services[name], places))
            wait_for(name, services, running)
        web = running["web"]
        until(lambda: web.execute(*web.image.healthcheck).returncode == 0 or None, what="the health of web")
        assert running["demonstration"].process.wait(timeout=120) == 0
        link = web.execute("switchboard", "sign-in-link").stdout.strip()
        actor = ApiActor(ApiAddress(places["LOCAL_API_URL"]))
        answer_the_demonstration(HttpDesk(places["PUBLIC_URL"], link), actor)
        assert {name: running[name].stop() for name in ("web", "worker", "beat", "local-api")} == dict.fromkeys(
            ("web", "worker", "beat", "local-api"), 0
        )


def compose_services() -> dict[str, Any]:
    """The services by their names."""
    return dict(yaml.safe_load((ROOT / "compose.yaml").read_text())["services"])


def addresses(start: Start, folder: Path) -> dict[str, str]:
    """Stand-ins for the addresses in compose.yaml: ports of this machine, its PostgreSQL where the tests have one."""
    web, api, broker = (str(free_port()) for _ in range(3))
    start("broker", ["python", "-m", "launcher.broker", "--port", broker, "--save", ""])
    database = stack_environment(folder).get("DATABASE_URL", "sqlite:////data/switchboard.sqlite3")
    return {
        "DATABASE_URL": database,
        "BROKER_URL": f"redis://127.0.0.1:{broker}/0",
        "LOCAL_API_URL": f"http://127.0.0.1:{api}/v1",
        "PUBLIC_URL": f"http://127.0.0.1:{web}",
        "PORT": web,
        "LOCAL_API_PORT": api,
    }


def command(service: dict[str, Any], places: dict[str, str]) -> list[str]:
    """The service's command, at the stand-in for the local API server."""
    return [word.replace("http://local-api:8001/v1", places["LOCAL_API_URL"]) for word in service["command"]]


def environment(service: dict[str, Any], places: dict[str, str]) -> dict[str, str]:
    """The service's variables at the stand-ins."""
    named = {name: places.get(name, value) for name, value in service["environment"].items()}
    if "LOCAL_API_HOST" in named:
        return named | {"LOCAL_API_PORT": places["LOCAL_API_PORT"], "PORT": places["LOCAL_API_PORT"]}
    return named | {"PORT": places["PORT"]}


def wait_for(name: str, services: dict[str, Any], running: dict[str, Container]) -> None:
    """Wait as long as those services do that depend on this one."""
    conditions = {
        each["depends_on"][name]["condition"] for each in services.values() if name in each.get("depends_on", {})
    }
    if "service_completed_successfully" in conditions:
        assert running[name].process.wait(timeout=240) == 0, running[name].output.read_text()
    if "service_healthy" in conditions:
        _, *check = services[name]["healthcheck"]["test"]
        until(lambda: running[name].execute(*check).returncode == 0 or None, what=f"the health of {name}")
