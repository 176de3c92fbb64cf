"""The files of deploy/: they fit the program, and what their own tools can check without starting anything."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import kubernetes_validate
import pytest
import yaml
from click.testing import CliRunner

from fitness.cli import main
from fitness.config import FROM_FILE, ROOT, VARIABLES, load_settings

DEPLOY = ROOT / "deploy"
SETTINGS = {f"{variable.name}{suffix}" for variable in VARIABLES for suffix in ("", FROM_FILE)}
OF_OTHERS = {"PATH", "PYTHONDONTWRITEBYTECODE"}
"""What the image sets for Python and its programs."""
CONTAINERFILE = (DEPLOY / "Containerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
KUBERNETES: list[dict[str, Any]] = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "fitness.yaml").read_text()))
UNITS = sorted((DEPLOY / "systemd").iterdir())
QUADLET = DEPLOY / "podman" / "fitness.container"
OURS = ("migrate", "server")
"""The services of the compose file that run this program."""
KEYS_OF_QUADLETS = {
    *("Image", "Pull", "PublishPort", "Volume", "ReadOnly", "Tmpfs", "DropCapability", "NoNewPrivileges"),
    *("Environment", "Secret"),
}


def unit_of(file: Path) -> list[tuple[str, str, str]]:
    """Return section, key and value of each line of a unit."""
    section, found = "", []
    for line in file.read_text().splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith("#"):
            key, equals, value = line.partition("=")
            assert section and equals and key.isidentifier(), line
            found.append((section, key, value))
    return found


def pods() -> Iterator[dict[str, Any]]:
    return (one["spec"]["template"]["spec"] for one in KUBERNETES if "template" in one["spec"])


def named_settings() -> Iterator[tuple[str, str]]:
    """Yield the names of environment variables of the program that a file sets, with the file."""
    for line in re.findall(r"^ENV (.*)$", CONTAINERFILE, re.MULTILINE):
        yield from (("Containerfile", one.partition("=")[0]) for one in line.split())
    for name in OURS:
        yield from (("compose.yaml", one) for one in COMPOSE["services"][name]["environment"])
    for pod in pods():
        yield from (("fitness.yaml", one["name"]) for one in pod["containers"][0]["env"])
    for file in (*UNITS, QUADLET):
        for _, key, value in unit_of(file):
            if key == "Environment":
                yield file.name, value.partition("=")[0]
            if key == "Secret":
                yield file.name, value.rpartition("target=")[2]


def test_every_variable_of_these_files_is_a_setting() -> None:
    named = list(named_settings())
    assert {file for file, _ in named} >= {
        "Containerfile",
        "compose.yaml",
        "fitness.yaml",
        "fitness.service",
        QUADLET.name,
    }
    assert {(file, name) for file, name in named if name not in SETTINGS | OF_OTHERS} == set()


def test_images_name_no_registry_and_not_the_latest_of_others() -> None:
    images = [
        *re.findall(r"^FROM (\S+)", CONTAINERFILE + (DEPLOY / "pgbouncer" / "Containerfile").read_text(), re.MULTILINE),
        *(service["image"] for service in COMPOSE["services"].values()),
        *(pod["containers"][0]["image"] for pod in pods()),
    ]
    assert all(
        re.fullmatch(r"(python|debian|postgres):[\w.-]*\d[\w.-]*|fitness(-pgbouncer)?(:0\.1\.0)?", one)
        for one in images
    )
    assert "postgres:18" in images


def test_the_image_runs_as_no_root_with_a_health_check() -> None:
    last = CONTAINERFILE[CONTAINERFILE.rindex("\nFROM ") :]
    assert re.findall(r"^USER (\S+)$", last, re.MULTILINE) == ["fitness"]
    assert "--uid 10001" in last
    assert re.findall(r"^STOPSIGNAL (\S+)$", last, re.MULTILINE) == ["SIGTERM"]
    assert json.loads(re.findall(r"^CMD (.*)$", last, re.MULTILINE)[0]) == ["fitness", "serve"]
    copied = [
        name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", CONTAINERFILE, re.MULTILINE) for name in line.split()
    ]
    assert len(copied) > 5
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_health_check_fails_where_nothing_answers() -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    (check,) = re.findall(r"^HEALTHCHECK .*? CMD (\[.*)$", CONTAINERFILE, re.MULTILINE)
    _, *arguments = json.loads(check)

    def healthy(port: int) -> bool:
        environ = os.environ | {"PORT": str(port)}
        return subprocess.run([sys.executable, *arguments], env=environ, capture_output=True).returncode == 0

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        assert healthy(server.server_port)
        server.shutdown()
        thread.join()
    assert not healthy(server.server_port)


def test_the_small_set_up_is_reached_from_this_machine_alone() -> None:
    services = COMPOSE["services"]
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports == ["127.0.0.1:8000:8000"]
    for name in ("migrate", "server", "pooler"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert "/tmp" in services["server"]["tmpfs"]  # noqa: S108 - of the container


def test_the_small_set_up_names_only_what_it_has() -> None:
    services, secrets = COMPOSE["services"], COMPOSE["secrets"]
    used = {secret for service in services.values() for secret in service["secrets"]}
    assert used == secrets.keys()
    assert {one for service in services.values() for one in service.get("depends_on", {})} <= services.keys()
    files = [
        value
        for service in services.values()
        for value in service.get("environment", {}).values()
        if value.startswith("/run/secrets/")
    ]
    assert {Path(file).name for file in files} | {"pgbouncer_users"} == used
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (DEPLOY / source).is_file()
    assert (DEPLOY / "compose.yaml").parent / services["server"]["build"]["context"] == DEPLOY / ".."
    assert (ROOT / services["server"]["build"]["dockerfile"]).is_file()


def test_podman_compose_reads_the_small_set_up(tmp_path: Path) -> None:
    (tmp_path / "podman").write_text("#!/bin/sh\necho podman version 5.4.0\n")
    (tmp_path / "podman").chmod(0o755)

    def config(text: str) -> int:
        file = tmp_path / "compose.yaml"
        file.write_text(text)
        command = [sys.executable, "-m", "podman_compose", "--file", file, "config"]
        environ = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        return subprocess.run(command, capture_output=True, env=environ).returncode

    text = (DEPLOY / "compose.yaml").read_text()
    assert config(text) == 0
    assert config(text.replace("service_healthy", "service_well")) != 0


def test_the_script_makes_secrets_that_the_server_accepts(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "make-secrets", tmp_path)
    subprocess.run([tmp_path / "make-secrets"], check=True)
    secrets = tmp_path / "secrets"
    listed = {Path(one["file"]).name for one in COMPOSE["secrets"].values()}

    assert {file.name for file in secrets.iterdir()} == listed
    assert secrets.stat().st_mode & 0o777 == 0o700
    environment = COMPOSE["services"]["server"]["environment"]
    settings = load_settings({name: value.replace("/run/secrets", str(secrets)) for name, value in environment.items()})
    password = (secrets / "database_password").read_text()
    assert settings.database_url == f"postgresql://fitness:{password}@pooler:6432/fitness"
    assert (secrets / "pgbouncer_users").read_text() == f'"fitness" "{password}"\n'
    again = subprocess.run([tmp_path / "make-secrets"], capture_output=True, text=True)
    assert again.returncode == 1
    assert (secrets / "database_password").read_text() == password


@pytest.mark.parametrize("resource", KUBERNETES, ids=lambda one: one["kind"])
def test_the_example_for_kubernetes_has_its_schema(resource: dict[str, Any]) -> None:
    kubernetes_validate.validate(resource, "1.33", strict=True)


def test_containers_in_kubernetes_are_closed_and_watched() -> None:
    for pod in pods():
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    by_kind = {one["kind"]: one for one in KUBERNETES}
    (server,) = by_kind["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert server["readinessProbe"]["httpGet"]["path"] == "/health/db"
    assert server["livenessProbe"]["httpGet"]["path"] == "/health"
    job = by_kind["Job"]["spec"]["template"]["spec"]["containers"][0]
    assert is_command(job["command"])


def is_command(words: list[str]) -> bool:
    program, *rest = words
    return program == "fitness" and CliRunner().invoke(main, [*rest, "--help"]).exit_code == 0


def test_commands_of_the_other_files_exist_as_well() -> None:
    commands = [value.split()[1:] for file in UNITS for _, key, value in unit_of(file) if key == "ExecStart"]
    assert commands == [["db", "backup", "--to", "/var/lib/fitness/backups", "--keep", "14"], ["serve"]]
    assert is_command(COMPOSE["services"]["migrate"]["command"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_its_units(tmp_path: Path) -> None:
    for file in UNITS:
        (tmp_path / file.name).write_text(file.read_text().replace("/opt/fitness/bin/fitness", "/bin/true"))
    command = ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.iterdir())]
    verified = subprocess.run(command, capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")

    (tmp_path / "fitness.service").write_text((tmp_path / "fitness.service").read_text() + "Unknown=yes\n")
    assert "Unknown" in subprocess.run(command, capture_output=True, text=True).stderr


def test_units_of_the_server_and_its_backup_have_the_same_settings() -> None:
    settings = {
        file.name: {(key, value) for _, key, value in unit_of(file) if key in ("Environment", "LoadCredential", "User")}
        for file in UNITS
        if file.suffix == ".service"
    }
    assert settings["fitness.service"] == settings["fitness-backup.service"]


def test_the_quadlet_has_known_keys_and_a_closed_container() -> None:
    lines = unit_of(QUADLET)
    container = {key: value for section, key, value in lines if section == "Container"}
    assert {section for section, _, _ in lines} == {"Unit", "Container", "Service", "Install"}
    assert container.keys() <= KEYS_OF_QUADLETS
    assert container["PublishPort"].startswith("127.0.0.1:")
    assert (container["ReadOnly"], container["NoNewPrivileges"], container["DropCapability"]) == ("true", "true", "ALL")
    assert container["Volume"].partition(":")[2] in re.findall(r"^VOLUME (\S+)$", CONTAINERFILE, re.MULTILINE)


def test_pgbouncer_pools_transactions_and_knows_prepared_statements() -> None:
    lines = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text()
    settings = dict(re.findall(r"^(\w+) = (.+)$", lines, re.MULTILINE))
    assert settings["pool_mode"] == "transaction"
    assert int(settings["max_prepared_statements"]) > 0
    assert settings["auth_file"] == "/run/secrets/pgbouncer_users"
    assert re.search(r"^fitness = host=database ", lines, re.MULTILINE)
    assert COMPOSE["services"]["server"]["environment"]["DATABASE_POOLER"] == "prepared"
