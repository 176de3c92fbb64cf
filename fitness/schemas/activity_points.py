"""The points of activities, what follows from them, and the files they came in.

Distances and heights are metres, times seconds from the first point on, positions degrees.
"""

from marshmallow import fields, validate

from fitness.schemas.base import FILES, AsOfQuery, DaysQuery, Digits, Schema, described
from fitness.schemas.runs import RUN_ID


def _column(description: str, examples: list[float | None]) -> fields.List:
    return fields.List(
        fields.Float(allow_none=True), required=True, allow_none=True, metadata=described(description, examples)
    )


class PointsQuery(Schema):
    """How many points to return."""

    most = Digits(
        load_default=600, validate=validate.Range(2, 5000), metadata=described("The most points to return", 600)
    )


class PointsSchema(Schema):
    """Points in columns of one length; a column that is not known is null, as is a value that was not measured."""

    points_id = fields.String(required=True, metadata=described("Id of the points", "7d1a54127b222502f5b7"))
    count = fields.Integer(required=True, metadata=described("How many points are stored", 3181))
    most = fields.Integer(required=True, metadata=described("The most that are returned, at even distances", 600))
    start = fields.AwareDateTime(required=True, metadata=described("Time of the first point", "2025-11-02T12:05:31Z"))
    time = fields.List(
        fields.Float(), required=True, metadata=described("Seconds from the first point on", [0, 5.3, 10.6])
    )
    lat = _column("Latitude", [52.5201, 52.5202, None])
    lon = _column("Longitude", [13.4049, 13.4051, None])
    altitude = _column("Metres above the sea", [34.2, 34.4, 34.4])
    distance = _column("Metres from the start", [0, 14.8, 29.9])
    speed = _column("Metres a second", [2.8, 2.85, 2.9])
    heart_rate = _column("Beats per minute", [98, 101, 104])
    cadence = _column("Steps of one foot, turns or strokes per minute", [84, 84.5, 85])
    power = _column("Watts", [230, 241, 238])
    temperature = _column("Degrees Celsius", [11, 11, 11])


class AnalysisQuery(Schema):
    """The length of the splits."""

    unit = fields.String(
        validate=validate.OneOf(("km", "mi")),
        metadata=described("Length of the splits: km or mi; default: the unit of your profile", "km"),
    )


class PartSchema(Schema):
    """A split or a lap."""

    start = fields.Float(required=True, metadata=described("Seconds from the first point on", 0))
    distance = fields.Float(required=True, allow_none=True, metadata=described("Metres", 1000))
    seconds = fields.Float(required=True, allow_none=True, metadata=described("Seconds", 312.4))
    avg_heart_rate = fields.Float(required=True, allow_none=True, metadata=described("Beats per minute", 149))
    ascent = fields.Float(required=True, allow_none=True, metadata=described("Metres climbed", 12))


class ZoneSchema(Schema.from_dict(
    {
        "from": fields.Float(required=True, allow_none=True, metadata=described("Beats per minute; null: any", 112)),
        "to": fields.Float(required=True, allow_none=True, metadata=described("Below; null: any", 131)),
    },
    name="ZoneBounds",
)):  # fmt: skip
    """A zone of the heart rate."""

    seconds = fields.Float(required=True, metadata=described("Seconds in the zone", 840.5))


class AnalysisSchema(Schema):
    """What follows from the points."""

    splits = fields.List(fields.Nested(PartSchema), required=True)
    laps = fields.List(fields.Nested(PartSchema), required=True)
    pauses = fields.List(
        fields.List(fields.Float()), required=True, metadata=described("From and to, in seconds", [[1201.0, 1279.5]])
    )
    best_efforts = fields.Dict(
        keys=fields.String(),
        values=fields.Float(),
        required=True,
        metadata=described("Seconds of the fastest stretch of each length", {"400 m": 88.4, "1 km": 243.0}),
    )
    zones = fields.List(
        fields.Nested(ZoneSchema),
        required=True,
        allow_none=True,
        metadata={
            "description": "From 60, 70, 80 and 90 % of your maximum heart rate on; null without that, and without"
            " heart rates of the points"
        },
    )
    trimp_from_points = fields.Float(
        required=True,
        allow_none=True,
        metadata=described("Training impulse, each moment by itself; null as the one of the average", 91.7),
    )
    route = fields.List(
        fields.List(fields.Float()),
        required=True,
        allow_none=True,
        metadata=described("At most 100 positions: latitude, longitude", [[52.5201, 13.4049], [52.521, 13.4062]]),
    )


class OriginalSchema(Schema):
    """A file that a record was read from."""

    sha256 = fields.String(required=True, metadata=described("SHA-256 of the file", "9f86d081884c7d659a2feaa0c55ad015"))
    kind = fields.String(
        required=True, validate=validate.OneOf(FILES), metadata=described("Kind of file, or app it came from", "FIT")
    )
    size = fields.Integer(required=True, metadata=described("Bytes", 84_213))
    created_at = fields.AwareDateTime(required=True, metadata=described("When it was stored", "2025-11-02T13:00:00Z"))
    laps = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described("Laps of the record in it; null until a file of earlier versions is read again", 5),
    )


class OriginalsSchema(Schema):
    """The files that a record was read from."""

    items = fields.List(fields.Nested(OriginalSchema), required=True)


class BestEffortsQuery(AsOfQuery, DaysQuery):
    """Which runs to look at."""


class BestEffortSchema(Schema):
    """The fastest stretch of a length in all runs."""

    effort = fields.String(required=True, metadata=described("Length of the stretch", "5 km"))
    seconds = fields.Float(required=True, metadata=described("Seconds", 1432.5))
    run_id = fields.String(required=True, metadata=RUN_ID)
    datetime_utc = fields.AwareDateTime(required=True, metadata=described("When the run began", "2025-11-02T12:05:31Z"))


class BestEffortsSchema(Schema):
    """The fastest stretches, from the shortest to the longest."""

    items = fields.List(fields.Nested(BestEffortSchema), required=True)
