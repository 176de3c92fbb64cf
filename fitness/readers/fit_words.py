"""What the numbers in FIT files stand for: kinds of files, sports, makers of devices, exercises."""

from collections.abc import Mapping
from typing import Any

ACTIVITY_FILE = 4
FILE_TYPES = {
    1: "a device", 2: "settings", 3: "settings of sports", 5: "a planned workout", 6: "a course", 7: "a schedule",
    9: "weights", 10: "totals", 11: "goals", 14: "blood pressure", 15: "daily monitoring", 20: "summaries",
    28: "daily monitoring", 32: "daily monitoring", 34: "a segment", 35: "a list of segments",
}  # fmt: skip

TRANSITION = 3
SPORTS: Mapping[int | None, str] = {
    0: "generic", 1: "running", 2: "cycling", 3: "transition", 4: "fitness_equipment", 5: "swimming",
    6: "basketball", 7: "soccer", 8: "tennis", 9: "american_football", 10: "training", 11: "walking",
    12: "cross_country_skiing", 13: "alpine_skiing", 14: "snowboarding", 15: "rowing", 16: "mountaineering",
    17: "hiking", 18: "multisport", 19: "paddling", 20: "flying", 21: "e_biking", 22: "motorcycling", 23: "boating",
    24: "driving", 25: "golf", 26: "hang_gliding", 27: "horseback_riding", 28: "hunting", 29: "fishing",
    30: "inline_skating", 31: "rock_climbing", 32: "sailing", 33: "ice_skating", 34: "sky_diving",
    35: "snowshoeing", 36: "snowmobiling", 37: "stand_up_paddleboarding", 38: "surfing", 39: "wakeboarding",
    40: "water_skiing", 41: "kayaking", 42: "rafting", 43: "windsurfing", 44: "kitesurfing", 45: "tactical",
    46: "jumpmaster", 47: "boxing", 48: "floor_climbing", 49: "baseball", 53: "diving", 62: "hiit", 64: "racket",
    65: "wheelchair_push_walk", 66: "wheelchair_push_run", 67: "meditation", 69: "disc_golf", 71: "cricket",
    72: "rugby", 73: "hockey", 74: "lacrosse", 75: "volleyball", 76: "water_tubing", 77: "wakesurfing",
    80: "mixed_martial_arts", 82: "snorkeling", 83: "dance", 84: "jump_rope",
}  # fmt: skip
SUB_SPORTS: Mapping[int | None, str] = {
    1: "treadmill", 2: "street", 3: "trail", 4: "track", 5: "spin", 6: "indoor_cycling", 7: "road", 8: "mountain",
    11: "cyclocross", 13: "track_cycling", 14: "indoor_rowing", 15: "elliptical", 16: "stair_climbing",
    17: "lap_swimming", 18: "open_water", 19: "flexibility_training", 20: "strength_training", 26: "cardio_training",
    27: "indoor_walking", 30: "casual_walking", 31: "speed_walking", 43: "yoga", 44: "pilates", 45: "indoor_running",
    46: "gravel_cycling", 48: "commuting", 58: "virtual_activity", 59: "obstacle", 67: "ultra", 68: "indoor_climbing",
    69: "bouldering", 70: "hiit", 84: "pickleball", 85: "padel", 94: "squash", 95: "badminton", 97: "table_tennis",
}  # fmt: skip

_MAKERS = {
    1: "Garmin", 15: "Dynastream", 23: "Suunto", 32: "Wahoo", 69: "Stages", 76: "Bryton", 89: "Tacx", 123: "Polar",
    258: "Lezyne", 260: "Zwift", 263: "Sigma", 265: "Strava", 267: "Hammerhead", 289: "Hammerhead", 294: "Coros",
}  # fmt: skip


def device_name(message: Mapping[str, Any]) -> str | None:
    """Return the name of a device, or its maker and number; None if neither is known."""
    name, maker, product = (message.get(field) for field in ("product_name", "manufacturer", "product"))
    maker = _MAKERS.get(maker) if isinstance(maker, int) else None
    if isinstance(name, str) and name:
        return name
    return f"{maker} {product}" if maker and isinstance(product, int) else maker


_CATEGORIES = (
    "Bench Press", "Calf Raise", "Cardio", "Carry", "Chop", "Core", "Crunch", "Curl", "Deadlift", "Flye",
    "Hip Raise", "Hip Stability", "Hip Swing", "Hyperextension", "Lateral Raise", "Leg Curl", "Leg Raise", "Lunge",
    "Olympic Lift", "Plank", "Plyo", "Pull Up", "Push Up", "Row", "Shoulder Press", "Shoulder Stability", "Shrug",
    "Sit Up", "Squat", "Total Body", "Triceps Extension", "Warm Up",
)  # fmt: skip
_EXERCISES = {
    "Bench Press": {
        1: "Barbell Bench Press", 4: "Close Grip Barbell Bench Press", 6: "Dumbbell Bench Press",
        8: "Incline Barbell Bench Press", 9: "Incline Dumbbell Bench Press", 22: "Smith Machine Bench Press",
    },
    "Calf Raise": {6: "Seated Calf Raise", 18: "Standing Calf Raise"},
    "Curl": {
        3: "Barbell Biceps Curl", 8: "Cable Biceps Curl", 16: "Dumbbell Hammer Curl", 19: "EZ-Bar Preacher Curl",
        22: "Incline Dumbbell Biceps Curl", 37: "Standing Dumbbell Biceps Curl", 46: "Dumbbell Biceps Curl",
    },
    "Deadlift": {
        0: "Barbell Deadlift", 1: "Barbell Straight Leg Deadlift", 2: "Dumbbell Deadlift", 7: "Rack Pull",
        15: "Sumo Deadlift", 17: "Trap Bar Deadlift", 23: "Romanian Deadlift",
    },
    "Flye": {0: "Cable Crossover", 2: "Dumbbell Flye", 3: "Incline Dumbbell Flye"},
    "Hip Raise": {0: "Barbell Hip Thrust on Floor", 1: "Barbell Hip Thrust with Bench", 23: "Kettlebell Swing"},
    "Lateral Raise": {10: "Front Raise", 24: "Seated Lateral Raise", 34: "Dumbbell Lateral Raise"},
    "Leg Curl": {2: "Good Morning"},
    "Lunge": {10: "Barbell Lunge", 18: "Dumbbell Bulgarian Split Squat", 21: "Dumbbell Lunge"},
    "Pull Up": {13: "Lat Pulldown", 24: "Weighted Pull Up", 25: "Wide Grip Lat Pulldown", 39: "Chin Up"},
    "Push Up": {13: "Decline Push Up", 15: "Diamond Push Up", 27: "Incline Push Up", 40: "Weighted Push Up"},
    "Row": {
        2: "Dumbbell Row", 5: "Face Pull", 13: "One Arm Bent Over Row", 18: "Seated Cable Row", 28: "T-Bar Row",
        35: "Inverted Row", 45: "Barbell Row", 46: "Bent Over Row with Barbell",
    },
    "Shoulder Press": {
        1: "Arnold Press", 3: "Barbell Push Press", 4: "Barbell Shoulder Press", 14: "Overhead Barbell Press",
        15: "Overhead Dumbbell Press", 17: "Seated Dumbbell Shoulder Press", 24: "Dumbbell Shoulder Press",
        25: "Military Press",
    },
    "Shrug": {1: "Barbell Shrug", 2: "Barbell Upright Row", 5: "Dumbbell Shrug"},
    "Squat": {
        0: "Leg Press", 2: "Back Squats", 6: "Barbell Back Squat", 8: "Barbell Front Squat", 9: "Barbell Hack Squat",
        29: "Dumbbell Squat", 37: "Goblet Squat", 44: "Overhead Squat",
    },
    "Triceps Extension": {
        0: "Bench Dip", 2: "Body Weight Dip", 19: "Rope Pressdown", 39: "Triceps Pressdown", 40: "Weighted Dip",
    },
}  # fmt: skip
"""The exercises that most people do; of others, the category is the name."""
UNKNOWN_EXERCISE = "Unknown"


def exercise_name(category: int | None, subtype: int | None) -> str:
    """Return the name of an exercise from the numbers of its category and of its kind within the category."""
    if category is None or not 0 <= category < len(_CATEGORIES):
        return UNKNOWN_EXERCISE
    name = _CATEGORIES[category]
    return _EXERCISES.get(name, {}).get(subtype if subtype is not None else -1, name)
