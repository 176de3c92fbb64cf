"""The exercises of the catalog. Add new ones in a migration, never here."""

from typing import NamedTuple
from uuid import UUID, uuid5

_NAMESPACE = UUID("8b8f7f0c-3c55-4f0e-9a57-3f6d8a2b9c11")


class CatalogExercise(NamedTuple):
    """A catalog exercise; `modality` is its equipment."""

    name: str
    body_part: str
    modality: str

    @property
    def id(self) -> UUID:
        return uuid5(_NAMESPACE, self.name.lower())


_BY_BODY_PART_AND_MODALITY: dict[tuple[str, str], tuple[str, ...]] = {
    ("Chest", "BARBELL"): (
        "Bench Press", "Incline Bench Press", "Decline Bench Press", "Paused Bench Press", "Floor Press",
        "Spoto Press",
    ),
    ("Chest", "DUMBBELL"): (
        "Dumbbell Bench Press", "Incline Dumbbell Press", "Decline Dumbbell Press", "Dumbbell Floor Press",
        "Dumbbell Fly", "Incline Dumbbell Fly", "Dumbbell Squeeze Press",
    ),
    ("Chest", "CABLE"): ("Cable Fly", "Low Cable Fly", "High Cable Fly", "Cable Chest Press"),
    ("Chest", "MACHINE"): (
        "Machine Chest Press", "Incline Machine Press", "Pec Deck", "Smith Machine Bench Press",
        "Smith Machine Incline Press", "Machine Dip",
    ),
    ("Chest", "BODYWEIGHT"): (
        "Push Up", "Incline Push Up", "Decline Push Up", "Wide Push Up", "Chest Dip", "Ring Push Up",
    ),
    ("Back", "BARBELL"): (
        "Deadlift", "Sumo Deadlift", "Deficit Deadlift", "Trap Bar Deadlift", "Rack Pull", "Barbell Row", "Pendlay Row",
        "Underhand Barbell Row", "T-Bar Row", "Barbell Shrug",
    ),
    ("Back", "DUMBBELL"): (
        "Dumbbell Row", "Chest Supported Dumbbell Row", "Renegade Row", "Dumbbell Pullover", "Dumbbell Shrug",
    ),
    ("Back", "CABLE"): (
        "Cable Row", "Wide Grip Cable Row", "Single Arm Cable Row", "Lat Pulldown", "Close Grip Lat Pulldown",
        "Reverse Grip Lat Pulldown", "Single Arm Lat Pulldown", "Straight Arm Pulldown", "Cable Shrug",
    ),
    ("Back", "MACHINE"): (
        "Machine Row", "Chest Supported Machine Row", "Machine Pulldown", "Assisted Pull Up", "Machine Pullover",
        "Back Extension Machine",
    ),
    ("Back", "BODYWEIGHT"): (
        "Pull Up", "Wide Grip Pull Up", "Neutral Grip Pull Up", "Inverted Row", "Ring Row", "Back Extension",
        "Superman",
    ),
    ("Shoulders", "BARBELL"): (
        "Overhead Press", "Seated Overhead Press", "Push Press", "Behind the Neck Press", "Barbell Upright Row",
        "Barbell Front Raise", "Landmine Press",
    ),
    ("Shoulders", "DUMBBELL"): (
        "Dumbbell Shoulder Press", "Seated Dumbbell Press", "Arnold Press", "Lateral Raise", "Seated Lateral Raise",
        "Front Raise", "Rear Delt Fly", "Dumbbell Upright Row",
    ),
    ("Shoulders", "CABLE"): (
        "Cable Lateral Raise", "Cable Front Raise", "Cable Rear Delt Fly", "Face Pull", "Cable Upright Row",
        "Cable External Rotation", "Cable Internal Rotation",
    ),
    ("Shoulders", "MACHINE"): (
        "Machine Shoulder Press", "Machine Lateral Raise", "Reverse Pec Deck", "Smith Machine Shoulder Press",
    ),
    ("Shoulders", "BODYWEIGHT"): ("Pike Push Up", "Handstand Push Up", "Handstand Hold", "Scapular Push Up"),
    ("Biceps", "BARBELL"): ("Barbell Curl", "EZ Bar Curl", "EZ Bar Preacher Curl", "Drag Curl"),
    ("Biceps", "DUMBBELL"): (
        "Dumbbell Curl", "Alternating Dumbbell Curl", "Incline Dumbbell Curl", "Hammer Curl",
        "Cross Body Hammer Curl", "Concentration Curl", "Dumbbell Preacher Curl", "Spider Curl", "Zottman Curl",
    ),
    ("Biceps", "CABLE"): ("Cable Curl", "Rope Hammer Curl", "Bayesian Curl", "High Cable Curl"),
    ("Biceps", "MACHINE"): ("Machine Curl", "Machine Preacher Curl"),
    ("Biceps", "BODYWEIGHT"): ("Chin Up",),
    ("Triceps", "BARBELL"): ("Close Grip Bench Press", "Skull Crusher", "JM Press"),
    ("Triceps", "DUMBBELL"): (
        "Dumbbell Overhead Triceps Extension", "Dumbbell Skull Crusher", "Dumbbell Kickback", "Tate Press",
    ),
    ("Triceps", "CABLE"): (
        "Triceps Pushdown", "Rope Pushdown", "Reverse Grip Pushdown", "Single Arm Pushdown",
        "Overhead Cable Triceps Extension", "Cable Kickback",
    ),
    ("Triceps", "MACHINE"): ("Machine Triceps Extension", "Assisted Dip"),
    ("Triceps", "BODYWEIGHT"): ("Triceps Dip", "Bench Dip", "Diamond Push Up", "Close Grip Push Up"),
    ("Forearms", "BARBELL"): ("Wrist Curl", "Reverse Wrist Curl", "Reverse Curl"),
    ("Forearms", "DUMBBELL"): ("Dumbbell Wrist Curl", "Dumbbell Reverse Curl"),
    ("Forearms", "CABLE"): ("Cable Wrist Curl",),
    ("Forearms", "BODYWEIGHT"): ("Dead Hang",),
    ("Core", "BARBELL"): ("Barbell Rollout", "Landmine Rotation"),
    ("Core", "DUMBBELL"): ("Dumbbell Side Bend", "Weighted Russian Twist", "Weighted Sit Up"),
    ("Core", "CABLE"): ("Cable Crunch", "Cable Woodchop", "Pallof Press"),
    ("Core", "MACHINE"): ("Machine Crunch", "Torso Rotation Machine"),
    ("Core", "BODYWEIGHT"): (
        "Plank", "Side Plank", "Crunch", "Bicycle Crunch", "Reverse Crunch", "Sit Up", "Decline Sit Up", "Leg Raise",
        "Hanging Leg Raise", "Hanging Knee Raise", "Toes to Bar", "Russian Twist", "V Up", "Hollow Hold", "Dead Bug",
        "Bird Dog", "Ab Wheel Rollout", "Flutter Kick", "L Sit", "Dragon Flag",
    ),
    ("Quadriceps", "BARBELL"): (
        "Squat", "Front Squat", "Paused Squat", "Box Squat", "Safety Bar Squat", "Overhead Squat", "Zercher Squat",
        "Barbell Lunge", "Barbell Split Squat", "Barbell Step Up", "Landmine Squat",
    ),
    ("Quadriceps", "DUMBBELL"): (
        "Goblet Squat", "Dumbbell Squat", "Dumbbell Lunge", "Walking Lunge", "Reverse Lunge",
        "Bulgarian Split Squat", "Dumbbell Step Up",
    ),
    ("Quadriceps", "CABLE"): ("Cable Squat", "Cable Leg Extension"),
    ("Quadriceps", "MACHINE"): (
        "Leg Press", "Single Leg Press", "Leg Extension", "Single Leg Extension", "Hack Squat",
        "Smith Machine Squat", "Pendulum Squat", "Belt Squat",
    ),
    ("Quadriceps", "BODYWEIGHT"): (
        "Air Squat", "Jump Squat", "Pistol Squat", "Sissy Squat", "Bodyweight Lunge", "Split Squat", "Step Up",
        "Box Jump", "Wall Sit",
    ),
    ("Hamstrings", "BARBELL"): ("Romanian Deadlift", "Stiff Leg Deadlift", "Good Morning"),
    ("Hamstrings", "DUMBBELL"): ("Dumbbell Romanian Deadlift", "Single Leg Romanian Deadlift", "Dumbbell Leg Curl"),
    ("Hamstrings", "CABLE"): ("Cable Leg Curl",),
    ("Hamstrings", "MACHINE"): ("Lying Leg Curl", "Seated Leg Curl", "Standing Leg Curl", "Glute Ham Raise"),
    ("Hamstrings", "BODYWEIGHT"): ("Nordic Curl", "Sliding Leg Curl"),
    ("Glutes", "BARBELL"): ("Hip Thrust", "Barbell Glute Bridge", "Curtsy Lunge"),
    ("Glutes", "DUMBBELL"): ("Dumbbell Hip Thrust", "Dumbbell Sumo Squat"),
    ("Glutes", "CABLE"): ("Cable Pull Through", "Cable Glute Kickback", "Cable Hip Abduction", "Cable Hip Adduction"),
    ("Glutes", "MACHINE"): (
        "Hip Abduction", "Hip Adduction", "Machine Hip Thrust", "Glute Kickback Machine", "Reverse Hyperextension",
    ),
    ("Glutes", "BODYWEIGHT"): (
        "Glute Bridge", "Single Leg Glute Bridge", "Single Leg Hip Thrust", "Donkey Kick", "Fire Hydrant",
        "Clamshell",
    ),
    ("Calves", "BARBELL"): ("Barbell Calf Raise",),
    ("Calves", "DUMBBELL"): ("Dumbbell Calf Raise", "Single Leg Dumbbell Calf Raise"),
    ("Calves", "MACHINE"): (
        "Standing Calf Raise", "Seated Calf Raise", "Leg Press Calf Raise", "Donkey Calf Raise", "Tibialis Raise",
    ),
    ("Calves", "BODYWEIGHT"): ("Bodyweight Calf Raise", "Single Leg Calf Raise"),
    ("Neck", "CABLE"): ("Cable Neck Extension",),
    ("Neck", "MACHINE"): ("Neck Flexion", "Neck Extension"),
    ("Neck", "BODYWEIGHT"): ("Neck Curl",),
    ("Full Body", "BARBELL"): (
        "Power Clean", "Hang Clean", "Clean and Jerk", "Clean Pull", "Snatch", "Power Snatch", "Split Jerk",
        "Thruster",
    ),
    ("Full Body", "DUMBBELL"): (
        "Kettlebell Swing", "Kettlebell Clean", "Kettlebell Snatch", "Turkish Get Up", "Dumbbell Thruster",
        "Dumbbell Snatch", "Man Maker", "Farmers Walk", "Suitcase Carry",
    ),
    ("Full Body", "MACHINE"): (
        "Rowing Machine", "Ski Erg", "Air Bike", "Elliptical", "Stair Climber", "Sled Push", "Sled Pull",
    ),
    ("Full Body", "BODYWEIGHT"): (
        "Burpee", "Mountain Climber", "Bear Crawl", "Muscle Up", "Jump Rope", "Jumping Jack", "Battle Ropes",
        "Rope Climb", "High Knees",
    ),
}  # fmt: skip

EXERCISES = tuple(
    CatalogExercise(name, body_part, modality)
    for (body_part, modality), names in _BY_BODY_PART_AND_MODALITY.items()
    for name in names
)
