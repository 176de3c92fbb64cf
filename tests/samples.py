"""Where the made-up samples of files and answers are; `data/README.md` says what each of them is."""

from pathlib import Path

DATA = Path(__file__).with_name("data")
ACTIVITIES = DATA / "activities"
