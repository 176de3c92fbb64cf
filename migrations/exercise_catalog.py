"""The exercises that everybody finds without making them. Add to them in a migration of its own, never here."""

from typing import NamedTuple
from uuid import UUID, uuid5

_NAMESPACE = UUID("8b8f7f0c-3c55-4f0e-9a57-3f6d8a2b9c11")


class CatalogExercise(NamedTuple):
    """One exercise; `modality` is what it is done with."""

    name: str
    body_part: str
    modality: str

    @property
    def id(self) -> UUID:
        return uuid5(_NAMESPACE, self.name.lower())


_BY_BODY_PART_AND_MODALITY: dict[tuple[str, str], tuple[str, ...]] = {
    ("Chest", "BARBELL"): ("Bench Press",),
    ("Back", "BARBELL"): ("Deadlift",),
    ("Quadriceps", "BARBELL"): ("Squat",),
}

EXERCISES = tuple(
    CatalogExercise(name, body_part, modality)
    for (body_part, modality), names in _BY_BODY_PART_AND_MODALITY.items()
    for name in names
)
