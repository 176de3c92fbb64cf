"""Archives of accounts: exported, looked into, changed and imported."""

import hashlib
import io
import json
import zipfile
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart


def export(client: FlaskClient, headers: dict[str, str]) -> bytes:
    answer = client.get("/v1/users/me/export", headers=headers, buffered=True)
    assert (answer.status_code, answer.content_type) == (200, "application/zip")
    assert answer.content_length == len(answer.data)
    return answer.data


def load(client: FlaskClient, headers: dict[str, str], content: bytes, query: str = "") -> Any:
    # Encoded here: the test client does not close the temporary file to which it writes a large form.
    boundary, data = encode_multipart({"file": FileStorage(io.BytesIO(content), "fitness.zip")})
    content_type = f"multipart/form-data; boundary={boundary}"
    return client.post(f"/v1/users/me/import{query}", data=data, content_type=content_type, headers=headers)


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        return {info.filename: packed.read(info) for info in packed.infolist()}


def manifest_of(content: bytes) -> dict[str, Any]:
    return json.loads(files_of(content)["manifest.json"])


def packed(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as into:
        for name, data in files.items():
            into.writestr(name, data)
    return content.getvalue()


def sealed(files: dict[str, bytes]) -> bytes:
    """Pack files with the counts and the hash that they should have, however wrong they are."""
    manifest = json.loads(files["manifest.json"])
    digest = hashlib.sha256()
    for name in manifest["tables"]:
        lines = files[f"data/{name}.jsonl"]
        manifest["tables"][name] = lines.count(b"\n")
        digest.update(lines)
    return packed({**files, "manifest.json": json.dumps({**manifest, "sha256": digest.hexdigest()}).encode()})


def feed_of(client: FlaskClient, headers: dict[str, str]) -> list[tuple[str, int, str]]:
    """Return the noun, the version and the kind of every change; ids may be others on another server."""
    answer = client.get("/v1/changes?limit=500", headers=headers).json
    assert answer is not None
    return [(change["noun"], change["version"], change["change_type"]) for change in answer["items"]]
