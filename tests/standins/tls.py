"""A PostgreSQL server, and a PgBouncer before it, that are reached encrypted alone, with certificates made for a test.

The PostgreSQL of the wheel cannot encrypt, so this one is that of the system.
"""

import datetime
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fitness.server.postgres import OWNER, EmbeddedPostgres, create_database
from fitness.server.service_user import run_as, service_user
from tests.server.serving import free_port, wait_for
from tests.standins import pgbouncer

PASSWORD = "s3cret-of-the-database"
HOST = "127.0.0.1"


def programs() -> Path:
    """Return the directory of the system's PostgreSQL; skip the test where there is none. In CI there must be one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        reason = "the system has no PostgreSQL"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return found[-1].parent


def make_certificate(place: Path) -> Path:
    """Make a key and a certificate for HOST that signs itself, in `place`; return the file of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "database")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = place / "server.crt"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = place / "server.key"
    pem, form, none = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(pem, form, none))
    secret.chmod(0o600)
    owner = service_user(place)
    os.chown(secret, owner.pw_uid, owner.pw_gid)
    return file


class Encrypted:
    """The server, and how it is reached."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.server = EmbeddedPostgres(place / "data", 16)
        self.server.bin_dir = programs()
        self.server.port = self.port = free_port()

    def start(self) -> None:
        """Make the server with the program's database in it, and start it."""
        data, owner = self.server.data_dir, service_user(self.server.data_dir)
        data.mkdir(mode=0o700)
        os.chown(data, owner.pw_uid, owner.pw_gid)
        make = [self.server.bin_dir / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust", "--no-sync"]
        subprocess.run([*make, "--encoding=UTF8"], check=True, capture_output=True, **run_as(owner))
        self.server.start(listen_addresses=HOST, port=self.port, fsync="off")
        create_database(self.server)
        shutil.copy(make_certificate(data), self.place / "database.crt")
        (data / "pg_hba.conf").write_text(f"local all all trust\nhostssl all all {HOST}/32 scram-sha-256\n")
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as admin:
            admin.execute(f"ALTER ROLE {OWNER} PASSWORD '{PASSWORD}'".encode())
            admin.execute("ALTER SYSTEM SET ssl = on")
            admin.execute("SELECT pg_reload_conf()")
        wait_for(self._answers)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, sslmode: str = "verify-full", certificate: Path | None = None, port: int | None = None) -> str:
        """Return the URL of the program's database, which trusts the certificate; default: the server's own."""
        trusted = certificate or self.place / "database.crt"
        return (
            f"postgresql://{OWNER}:{PASSWORD}@{HOST}:{port or self.port}/{OWNER}"
            f"?sslmode={sslmode}&sslrootcert={trusted}"
        )


@contextmanager
def encrypted() -> Iterator[Encrypted]:
    """Run the server in a temporary directory, which is deleted afterwards."""
    place = Path(tempfile.mkdtemp(prefix="fitness-"))
    place.chmod(0o711)
    there = Encrypted(place)
    try:
        there.start()
        yield there
    finally:
        there.server.stop(signal.SIGQUIT)
        shutil.rmtree(place)


@contextmanager
def encrypted_pooler(there: Encrypted) -> Iterator[int]:
    """Run a PgBouncer that is reached encrypted alone, and reaches the server so; yield its port."""
    pgbouncer.require()
    port, settings, log = free_port(), there.place / "pgbouncer.ini", there.place / "pgbouncer.log"
    owner = service_user(there.server.data_dir)
    certificate = there.server.data_dir / "server.crt"
    (there.place / "users").write_text(f'"{OWNER}" "{PASSWORD}"\n')
    settings.write_text(f"""
[databases]
{OWNER} = host={HOST} port={there.port}
[pgbouncer]
listen_addr = {HOST}
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {there.place}/users
pool_mode = transaction
client_tls_sslmode = require
client_tls_cert_file = {certificate}
client_tls_key_file = {certificate.with_suffix(".key")}
server_tls_sslmode = verify-full
server_tls_ca_file = {certificate}
""")
    with log.open("w") as said:
        process = subprocess.Popen([str(pgbouncer.PROGRAM), settings], stdout=said, stderr=said, **run_as(owner))
    try:
        wait_for(lambda: "process up" in log.read_text() or process.poll() is not None)
        yield port
    finally:
        process.kill()
        process.wait()
