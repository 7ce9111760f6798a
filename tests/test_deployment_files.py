"""The files in `deploy/`: their own linters read them, and what they name exists."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from django.core.management import load_command_class

from exoplanet.environment import BASE_DIR, VARIABLES
from exoplanet.supervisor.roles import roles_named

if TYPE_CHECKING:
    from pathlib import Path

DEPLOY = BASE_DIR / "deploy"
UNITS = ("exoplanet.service", "exoplanet@.service")
KNOWN = {variable.name for variable in VARIABLES}


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8")))


def roles_of(arguments: list[str]) -> set[str]:
    """Return the roles that `manage.py up` takes these arguments for."""
    parser = load_command_class("exoplanet", "up").create_parser("manage.py", "up")
    return set(roles_named(vars(parser.parse_args(arguments))["role"]))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_has_nothing_to_say_about_a_unit(unit: str, tmp_path: Path) -> None:
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    # It looks whether the program is there.
    text = text.replace("/srv/exoplanet/.venv", str(BASE_DIR / ".venv"))
    copy = tmp_path / unit.replace("@", "@web")
    copy.write_text(text, encoding="utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("instance", ["web", "workers", "reaper", "all"])
def test_a_unit_starts_up_with_variables_that_exist(unit: str, instance: str) -> None:
    text = (DEPLOY / unit).read_text(encoding="utf-8").replace("%i", instance)
    assert set(re.findall(r"\bEXOPLANET_\w+", text)) <= KNOWN
    (command,) = re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE)
    program, script, name, *arguments = shlex.split(command)
    assert (program, script, name) == ("/srv/exoplanet/.venv/bin/python", "manage.py", "up")
    every = {"web", "workers", "reaper"}
    is_template = "@" in unit and instance != "all"
    assert roles_of(arguments) == ({instance} if is_template else every)


def test_the_compose_file_names_what_exists() -> None:
    file = compose()
    services = file["services"]
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= set(services), name
        assert set(service.get("secrets", ())) <= set(file["secrets"]), name
        mounted = {volume.split(":")[0] for volume in service.get("volumes", ())}
        assert {place for place in mounted if "/" not in place} <= set(file["volumes"]), name
        assert all((DEPLOY / place).exists() for place in mounted if "/" in place), name
    # With a health that others wait for.
    assert "healthcheck" in services["postgres"]


def test_the_containers_run_every_role_once_with_variables_that_exist() -> None:
    hosts = {
        name: service
        for name, service in compose()["services"].items()
        if service.get("image") == "exoplanet-playground"
    }
    roles = [roles_of(service["command"]) for service in hosts.values()]
    named = sorted(role for of_host in roles for role in of_host)
    assert named == ["reaper", "web", "workers"]
    for service in hosts.values():
        assert set(service["environment"]) <= KNOWN
        assert {"DATABASE_URL", "EXOPLANET_SECRET_KEY_FILE"} <= set(service["environment"])
        assert service["volumes"] == ["media:/media/exoplanet"]


@pytest.mark.skipif(shutil.which("docker") is None, reason="there is no docker")
def test_compose_itself_reads_the_compose_file(tmp_path: Path) -> None:
    has_compose = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if has_compose.returncode != 0:
        pytest.skip("this docker knows no compose")
    copy = shutil.copytree(DEPLOY, tmp_path / "deploy")
    (copy / "secret_key").write_text("x" * 50)
    ran = subprocess.run(
        ["docker", "compose", "--file", copy / "compose.yaml", "config", "--quiet"],
        env={"PATH": "/usr/bin:/usr/local/bin", "POSTGRES_PASSWORD": "x", "SITE": "example.org"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_the_image_has_all_that_the_project_imports_and_nothing_that_is_made() -> None:
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    copied = {word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]}
    assert copied == {
        "requirements.txt", "manage.py", "exoplanet", "mlcore", "sessions_app", "templates",
    }  # fmt: skip
    assert all((BASE_DIR / name).exists() for name in copied)
    sent = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in sent if line.startswith("!")} == copied
    variables = {word.split("=")[0] for line in lines for word in line.split() if "=" in word}
    assert {name for name in variables if name.startswith("EXOPLANET_")} <= KNOWN
    (entry,) = [line for line in lines if line.startswith("ENTRYPOINT")]
    assert entry == 'ENTRYPOINT ["python", "manage.py", "up"]'
