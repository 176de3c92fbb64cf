"""A reader's terminal: commands in one shell, and answers compared as a person would compare them."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# The moment of a write has a fraction of a second; an instant that a command sends has none.
MOMENT = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z"
VARYING = re.compile(f"(?P<uuid>{UUID})|(?P<moment>{MOMENT})|(?P<rest>…)")
END = "@@@ "


class Terminal:
    """A bash that keeps its variables. The ids on a page stand for those that the server returned."""

    def __init__(self, directory: Path, environ: Mapping[str, str]) -> None:
        self.ids: dict[str, str] = {}
        self.process = subprocess.Popen(
            ["bash"],
            cwd=directory,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def close(self) -> None:
        self.process.communicate()

    def run(self, command: str) -> str:
        """Return what a command prints; it must succeed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        for shown, given in self.ids.items():
            command = command.replace(shown, given)
        self.process.stdin.write(f'{command}\nprintf "\\n{END}%s\\n" $?\n')
        self.process.stdin.flush()
        lines: list[str] = []
        while not (line := self.process.stdout.readline()).startswith(END):
            assert line, f"the shell ended at {command}\n{lines}"
            lines.append(line.rstrip())
        printed = "\n".join(lines).strip()
        assert line == f"{END}0\n", f"{command}\n{printed}"
        return printed

    def agrees(self, shown: str, printed: str) -> bool:
        """Whether the answer is the one shown, except for moments and ids; … stands for the rest of a value or line."""
        uuids: list[str] = []
        pattern, position = "", 0
        for match in VARYING.finditer(shown):
            pattern += re.escape(shown[position : match.start()])
            pattern += {"uuid": f"({UUID})", "moment": MOMENT, "rest": ".*?"}[str(match.lastgroup)]
            uuids += [match[0]] if match["uuid"] else []
            position = match.end()
        found = re.fullmatch(pattern + re.escape(shown[position:]), printed)
        if found is None:
            return False
        learned = list(zip(uuids, found.groups(), strict=True))
        if any(self.ids.setdefault(uuid, given) != given for uuid, given in learned):
            return False
        return len(set(self.ids.values())) == len(self.ids)
