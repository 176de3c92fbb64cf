"""Sports in the words of files of text, and in those of FIT, which all readers of activities use."""

import re

_WORDS = {
    "run": "running", "run_walk": "running", "jogging": "running", "race": "running", "9": "running",
    "outdoor_run": "running", "outdoor_walk": "walking", "indoor_walk": "walking", "outdoor_cycle": "cycling",
    "ride": "cycling", "biking": "cycling", "bike": "cycling", "bicycling": "cycling", "road_biking": "cycling",
    "road_cycling": "cycling", "1": "cycling", "e_bike_ride": "e_biking", "ebikeride": "e_biking",
    "walk": "walking", "10": "walking", "hike": "hiking", "4": "hiking",
    "swim": "swimming", "pool_swim": "swimming", "nordic_ski": "cross_country_skiing", "skiing": "alpine_skiing",
    "row": "rowing", "kayak": "kayaking", "other": "generic", "workout": "generic", "fitness": "generic",
    "activity": "generic", "unknown": "generic",
}  # fmt: skip
_KINDS = {
    "trail_running": ("running", "trail"), "trail_run": ("running", "trail"), "trailrun": ("running", "trail"),
    "treadmill_running": ("running", "treadmill"), "treadmill": ("running", "treadmill"),
    "running_treadmill": ("running", "treadmill"), "indoor_running": ("running", "treadmill"),
    "virtual_run": ("running", "virtual_activity"), "virtualrun": ("running", "virtual_activity"),
    "track_running": ("running", "track"), "street_running": ("running", "street"),
    "virtual_ride": ("cycling", "virtual_activity"), "virtualride": ("cycling", "virtual_activity"),
    "indoor_cycling": ("cycling", "indoor_cycling"), "mountain_biking": ("cycling", "mountain"),
    "gravel_cycling": ("cycling", "gravel_cycling"), "lap_swimming": ("swimming", "lap_swimming"),
    "pool_swimming": ("swimming", "lap_swimming"), "open_water_swimming": ("swimming", "open_water"),
    "strength_training": ("training", "strength_training"), "weight_training": ("training", "strength_training"),
    "weights": ("training", "strength_training"), "strength": ("training", "strength_training"),
    "elliptical": ("fitness_equipment", "elliptical"), "yoga": ("training", "yoga"),
    "pilates": ("training", "pilates"), "indoor_rowing": ("rowing", "indoor_rowing"),
    "traditional_strength_training": ("training", "strength_training"),
    "functional_strength_training": ("training", "strength_training"),
    "high_intensity_interval_training": ("training", "hiit"), "indoor_run": ("running", "treadmill"),
    "indoor_cycle": ("cycling", "indoor_cycling"), "open_water_swim": ("swimming", "open_water"),
    "stairs": ("fitness_equipment", "stair_climbing"), "stair_climbing": ("fitness_equipment", "stair_climbing"),
    "stair_stepper": ("fitness_equipment", "stair_climbing"), "hiit": ("training", "hiit"),
    "rowing_machine": ("rowing", "indoor_rowing"),
}  # fmt: skip
_LONGEST = 50


def sport_of(written: str | None) -> tuple[str, str | None]:
    """Return sport and sub-sport of a word, such as "Trail Running"; a word that is not known is the sport itself."""
    word = re.sub(r"\W+", "_", written or "").strip("_").casefold()[:_LONGEST]
    return _KINDS.get(word) or (_WORDS.get(word, word) or "generic", None)
