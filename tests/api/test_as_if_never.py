"""A reverted change is as if it had never been: what happens afterwards answers the same as without it."""

import io
import random
from dataclasses import dataclass, field
from typing import Any

import pytest

PAIRS = 100
BACK = 40
RUNS = "Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link"
SETS = (
    '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
    '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"'
)
PLANS = '"Title","WorkoutType","WorkoutDescription","PlannedDuration","WorkoutDay"'
UNTOLD = ("version", "last_edited_at", "last_edited_by", "created_at", "updated_at", "deleted_at", "live_edits")

Step = tuple[Any, ...]


@dataclass
class Log:
    """Somebody's training log, and the changesets made in it so far."""

    client: Any
    headers: dict[str, str]
    changesets: list[int] = field(default_factory=list)

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = self.client.open(f"/v1{path}", method=method, headers=self.headers, **kwargs)
        assert answer.status_code < 300 or answer.status_code == 404, answer.json
        return answer.json if answer.data else None

    def do(self, step: Step) -> Any:
        """Take a step; return what the answer says that does not depend on numbers given here."""
        name, *arguments = step
        answer = getattr(self, name)(*arguments)
        number = answer and answer.get("changeset_id")
        if number:
            self.changesets.append(number)
        return answer and {key: value for key, value in answer.items() if key not in {"changeset_id", "shoe"}}

    def upload(self, path: str, heading: str, rows: list[str]) -> Any:
        data = {"file": (io.BytesIO("\n".join((heading, *rows)).encode()), "file.csv"), "timezone": "UTC"}
        answer = self.call("POST", path, data=data)
        plan = {str(number): title for title, number in self.planned().items()}
        for conflict in answer["conflicts"]:
            conflict["id"] = plan.get(conflict["id"], conflict["id"])
            conflict["theirs"] = conflict["yours"] = told(conflict["theirs"]), told(conflict["yours"])
        answer["deleted_here_ids"] = sorted(str(plan.get(one, one)) for one in answer["deleted_here_ids"])
        return answer

    def edit(self, noun: str, id: str, changes: dict[str, Any]) -> None:
        self.call("PATCH", f"/{noun}/{self.number(noun, id)}", json=changes)

    def delete(self, noun: str, id: str) -> None:
        self.call("DELETE", f"/{noun}/{self.number(noun, id)}")

    def restore(self, noun: str, id: str) -> None:
        self.call("POST", f"/{noun}/{self.number(noun, id)}/restore/1")

    def merge(self, shoe: str, into: str) -> Any:
        answer = self.call("POST", f"/shoes/{shoe}/merge", json={"into": into})
        return answer if "moved" in answer else None

    def revert(self, steps_ago: int) -> Any:
        if len(self.changesets) < steps_ago:
            return None
        answer = self.call("POST", f"/changesets/{self.changesets[-steps_ago]}/revert")
        return {"changeset_id": answer["changeset_id"]}

    def planned(self) -> dict[str, int]:
        items = self.call("GET", "/planned-workouts?limit=500&include_deleted=true")["items"]
        return {f"{item['title']} {item['is_custom']}": item["id"] for item in items}

    def number(self, noun: str, id: str) -> Any:
        return self.planned().get(id, 0) if noun == "planned-workouts" else id

    def state(self) -> dict[str, Any]:
        """Return all that the log shows, but for numbers and times given here."""
        nouns = ("runs", "shoes", "workouts", "planned-workouts", "exercises/my-exercises")
        return {
            noun: sorted(
                (told(item) for item in self.call("GET", f"/{noun}")["items"]),
                key=lambda item: (str(item.get("title")), str(item.get("id")), str(item.get("name"))),
            )
            for noun in nouns
        }


def told(value: Any) -> Any:
    """Return a value without ids and times that this server made up."""
    if isinstance(value, list):
        return [told(one) for one in value]
    if not isinstance(value, dict):
        return value
    without = {"exercise_id", *UNTOLD}
    if "set_index" in value or "workout_type" in value or "modality" in value:
        without |= {"id", "selection"}
    return {key: told(one) for key, one in value.items() if key not in without}


def run_file(dice: random.Random) -> Step:
    rows = [
        f'"May {dice.choice((6, 7))}, 2025",Run,{dice.choice((3, 4, 5))},1500,'
        f"{dice.choice(('', 'Shoes: Ghost', 'Shoes: Ride'))},http://x.example/workout/{number}"
        for number in dice.sample((1, 2, 3), dice.randint(1, 3))
    ]
    return "upload", "/mmf/upload-csv", RUNS, rows


def workout_file(dice: random.Random) -> Step:
    rows = [
        f'"{title}","12 Mar 2025, 07:00","12 Mar 2025, {dice.choice(("08:00", "08:30"))}",'
        f'"{dice.choice(("", "Good"))}",'
        f'"{exercise}","","",{number},"normal",{dice.choice((80, 82.5))},5,"","",""'
        for title in dice.sample(("Legs", "Push"), dice.randint(1, 2))
        for exercise in dice.sample(("Squat", "My Lift"), dice.randint(1, 2))
        for number in range(dice.randint(1, 2))
    ]
    return "upload", "/hevy/upload-csv", SETS, rows


def plan_file(dice: random.Random) -> Step:
    rows = [
        f'"{title}","Run","{dice.choice(("", "Easy"))}","{dice.choice((1, 2))}","2025-11-03"'
        for title in dice.sample(("Tempo", "Long"), dice.randint(1, 2))
    ]
    return "upload", "/planned-workouts/import", PLANS, rows


FILES = (run_file, run_file, workout_file, plan_file)


def by_person(dice: random.Random) -> Step:
    run = f"mmf_{dice.choice((1, 2, 3))}"
    planned = f"{dice.choice(('Tempo', 'Long'))} False"
    return dice.choice(
        (
            ("edit", "runs", run, {"distance": dice.choice((3, 4, 9))}),
            ("edit", "runs", run, {"name": dice.choice(("Mine", None))}),
            ("edit", "planned-workouts", planned, {"description": dice.choice(("Easy", "Mine"))}),
            ("edit", "shoes", "ghost", {"notes": "Mine"}),
            ("delete", "runs", run),
            ("delete", "shoes", "ride"),
            ("delete", "planned-workouts", planned),
            ("restore", "runs", run),
            ("restore", "shoes", "ride"),
            ("merge", "ghost", "ride"),
            ("revert", 1),
            ("revert", 2),
        )
    )


def any_step(dice: random.Random) -> Step:
    return dice.choice(FILES)(dice) if dice.random() < 0.6 else by_person(dice)


@pytest.mark.parametrize("tenth", range(10))
def test_what_comes_after_a_revert_answers_as_without_what_was_reverted(client, make_person, tenth):
    for seed in range(tenth * PAIRS // 10, (tenth + 1) * PAIRS // 10):
        dice = random.Random(seed)
        before = [any_step(dice) for _ in range(dice.randint(0, 5))]
        with_it = Log(client, make_person(f"with{seed}").headers)
        without = Log(client, make_person(f"without{seed}").headers)
        for step in before:
            assert with_it.do(step) == without.do(step)

        # A step that makes no changeset cannot be reverted.
        made = len(with_it.changesets)
        for _ in range(20):
            extra = dice.choice((*FILES, lambda _: ("merge", "ghost", "ride")))(dice)
            answer = with_it.do(extra)
            if len(with_it.changesets) > made:
                break
            assert without.do(extra) == answer
        else:
            continue
        with_it.call("POST", f"/changesets/{with_it.changesets.pop()}/revert")
        after = dice.choice(FILES)(dice)

        assert with_it.state() == without.state(), (seed, before, extra)
        assert with_it.do(after) == without.do(after), (seed, before, extra, after)
        assert with_it.state() == without.state(), (seed, before, extra, after)


@pytest.mark.parametrize("tenth", range(10))
def test_what_came_back_is_reverted_as_what_came_first(client, make_person, tenth):
    for seed in range(tenth * BACK // 10, (tenth + 1) * BACK // 10):
        dice = random.Random(seed)
        file, redone = dice.choice(FILES)(dice), dice.random() < 0.5
        between = [any_step(dice) for _ in range(dice.randint(1, 4))]
        again, first = (
            Log(client, make_person(f"again{seed}").headers),
            Log(client, make_person(f"first{seed}").headers),
        )
        for log in (again, first):
            log.do(file)
        again.do(("revert", 1))
        again.do(("revert", 1) if redone else file)
        again.changesets = again.changesets[-1:]
        made = (again.changesets[0], first.changesets[0])
        for step in between:
            again.do(step)
            first.do(step)
        assert again.state() == first.state(), (seed, file, redone, between)

        for log, number in zip((again, first), made, strict=True):
            log.call("POST", f"/changesets/{number}/revert")

        assert again.state() == first.state(), (seed, file, redone, between)
        assert again.do(file)["created"] == first.do(file)["created"], (seed, file, redone, between)
        assert again.state() == first.state(), (seed, file, redone, between)
