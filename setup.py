"""Refuse to build a wheel without the dashboard; everything else about the package is in pyproject.toml."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithDashboard(build_py):
    def run(self) -> None:
        if not self.editable_mode and not Path("fitness", "dashboard", "index.html").is_file():
            raise SystemExit("The dashboard is not built, and the wheel would lack it: run scripts/wheel")
        super().run()


setup(cmdclass={"build_py": BuildWithDashboard})
