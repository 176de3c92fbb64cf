"""Makes the pictures of README.md anew, from the demo in Chromium: `python -m benchmarks.pictures`."""

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize

from benchmarks.dashboard import browsing
from benchmarks.database import make_database
from benchmarks.service import serving
from fitness import demo
from fitness.config import ROOT
from fitness.server.postgres import throwaway_postgres

DIRECTORY = ROOT / "docs" / "pictures"
SIZE: ViewportSize = {"width": 1100, "height": 720}
LOGIN = {"email": demo.EMAIL, "password": demo.PASSWORD}


def main() -> None:
    """Make a picture of the first page, and one of a run with its history."""
    with throwaway_postgres() as postgres, tempfile.TemporaryDirectory(prefix="fitness-") as directory:
        database = make_database(postgres, "demo", lambda connection: None)
        with serving(database, Path(directory)) as service:
            subprocess.run([sys.executable, "-m", "fitness.cli", "demo"], env=service.environment(), check=True)
            with browsing(service, "login", LOGIN, SIZE) as session:
                runs = session.get("runs?limit=500")["items"]
                edited = max(runs, key=lambda run: run["version"])
                for name, path in (("today", ""), ("run", f"runs/{edited['id']}")):
                    session.page.goto(f"/dashboard/{path}")
                    session.page.wait_for_load_state("networkidle")
                    session.page.screenshot(path=DIRECTORY / f"{name}.png")


if __name__ == "__main__":
    main()
