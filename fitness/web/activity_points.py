"""The routes of what was measured beside a record: its points, what follows from them, and the files they came in."""

from typing import Any

from flask import Response
from flask.views import MethodView

from fitness.auth import actor
from fitness.db import activity_files, activity_points, without_points
from fitness.db.activity_points import PointsOf
from fitness.db.history import reading
from fitness.db.history.versioned import Versioned
from fitness.db.turns import take_turn
from fitness.db.users import User, get_user
from fitness.errors import NotFound, PointsMissing, PointsRemoved, found
from fitness.readers import points_bytes
from fitness.readers.activity import Points
from fitness.readers.analysis import HeartRates, analysis_of, columns_of
from fitness.readers.sorting import laps_in
from fitness.schemas.activity_points import (
    AnalysisQuery,
    AnalysisSchema,
    OriginalsSchema,
    PointsQuery,
    PointsSchema,
)
from fitness.schemas.imports import ImportReportSchema
from fitness.sync.report import Report
from fitness.sync.reread import reread
from fitness.units import METRES_PER_MILE
from fitness.web.blueprint import Blueprint
from fitness.web.history import item_path
from fitness.web.uploads import answer_of, refusing_unreadable

METRES = {"km": 1000.0, "mi": METRES_PER_MILE}
"""Unit → the metres of a split."""
UNITS = {"kilometres": "km", "miles": "mi"}
"""Unit of a profile → that of splits."""


def add_points(blp: Blueprint, kind: Versioned[Any, Any]) -> None:
    """Add `/<id>/points`, `/<id>/analysis`, `/<id>/originals`, `/<id>/originals/<sha256>` and `/<id>/reread`."""
    noun = kind.noun.lower()
    item = item_path(kind)

    @blp.route(f"{item}/points", endpoint=f"{noun}_points")
    class PointsOfRecord(MethodView):
        @blp.arguments(PointsQuery, location="query")
        @blp.response(200, PointsSchema)
        @blp.alt_response(410, "GONE")
        @blp.doc(
            summary=f"Read the points of a {noun}",
            description="""What the device measured on the way, in columns of one length: at most `most` of the points,
at even distances. 404 where the record has none, 410 where they were removed.""",
        )
        def get(self, query: dict[str, Any], **path: Any) -> Any:
            stored, points = _points(kind, path[kind.key])
            return {"points_id": stored.points_id, **columns_of(points, query["most"])}

        @blp.response(204)
        @blp.doc(
            summary=f"Remove the points of a {noun} for good",
            description=f"""Also those that only earlier versions had, with laps and best efforts. **This cannot be
undone**: no restore or revert brings them back, only an import of the file. The {noun} itself stays as it is.""",
        )
        def delete(self, **path: Any) -> None:
            found(reading.latest_version_number(kind, path[kind.key]), kind.noun)
            if not activity_points.remove_points(kind, path[kind.key]):
                raise PointsMissing(f"The {noun} has no points")
            without_points.add(kind, path[kind.key])

    @blp.route(f"{item}/analysis", endpoint=f"{noun}_analysis")
    class Analysis(MethodView):
        @blp.arguments(AnalysisQuery, location="query")
        @blp.response(200, AnalysisSchema)
        @blp.alt_response(410, "GONE")
        @blp.doc(
            summary=f"Read what follows from the points of a {noun}",
            description="""Splits, laps, pauses, best efforts, zones of the heart rate, training impulse and route.
Zones need the maximum heart rate of your profile, the training impulse the resting one as well. Of a record whose file
has laps and no points, only the laps are known.""",
        )
        def get(self, query: dict[str, Any], **path: Any) -> Any:
            try:
                stored, points = _points(kind, path[kind.key])
                laps, pauses = stored.laps or [], stored.pauses or []
            except PointsMissing:
                points, laps, pauses = Points(), _laps_of_files(path[kind.key]), []
                if not laps:
                    raise
            user = found(get_user(), "User")
            return analysis_of(
                points,
                laps,
                pauses,
                metres=METRES[query.get("unit") or UNITS[user.units]],
                heart=_heart_rates(user),
            )

    @blp.route(f"{item}/originals", endpoint=f"{noun}_originals")
    class Originals(MethodView):
        @blp.response(200, OriginalsSchema)
        @blp.doc(
            summary=f"List the files of a {noun}",
            description=f"The files that the {noun} was read from, the oldest first. They are kept as they came.",
        )
        def get(self, **path: Any) -> Any:
            found(reading.latest_version_number(kind, path[kind.key]), kind.noun)
            return {"items": activity_files.list_files(str(path[kind.key]))}

    @blp.route(f"{item}/originals/<sha256>", endpoint=f"{noun}_original")
    class Original(MethodView):
        @blp.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
        @blp.doc(
            summary=f"Download a file of a {noun}",
            description="Byte for byte as it came; a file that was packed by gzip comes unpacked.",
        )
        def get(self, sha256: str, **path: Any) -> Response:
            content = found(activity_files.get_content(str(path[kind.key]), sha256), "File")
            response = Response(content, mimetype="application/octet-stream")
            response.headers["Content-Disposition"] = f'attachment; filename="{sha256}"'
            return response

        @blp.response(204)
        @blp.doc(
            summary=f"Remove a file of a {noun} for good",
            description=f"**This cannot be undone.** The {noun} and its points stay, but cannot be read again.",
        )
        def delete(self, sha256: str, **path: Any) -> None:
            if not activity_files.remove_file(str(path[kind.key]), sha256):
                raise NotFound("File not found")

    @blp.route(f"{item}/reread", endpoint=f"{noun}_reread")
    class Reread(MethodView):
        @blp.response(200, ImportReportSchema)
        @blp.doc(
            summary=f"Read the files of a {noun} again",
            description=f"""With the readers of today, which may know more than those that read them first. What
differs becomes a new version, that of an import: what you have edited stays. 404 where the {noun} has no files.""",
        )
        def post(self, **path: Any) -> Any:
            take_turn()
            report = Report()
            with refusing_unreadable():
                reread(kind, path[kind.key], report, actor=actor())
            return answer_of(report, ImportReportSchema)


def _points(kind: Versioned[Any, Any], id: Any) -> tuple[PointsOf, Points]:
    """Return the points of a record; raises NotFound, PointsMissing and PointsRemoved."""
    stored = found(activity_points.get_points(kind, id), kind.noun)
    if stored.points_id is None:
        raise PointsMissing(f"The {kind.noun.lower()} has no points")
    if stored.content is None:
        raise PointsRemoved
    return stored, points_bytes.decode(stored.content)


def _laps_of_files(id: Any) -> list[dict[str, float | None]]:
    """Return the laps of the first file of a record that has any; files without points are short."""
    for link in activity_files.list_places(str(id)):
        content = activity_files.get_content(str(id), link.sha256)
        with refusing_unreadable():
            if content is not None and (laps := laps_in(content, link.place)):
                return laps
    return []


def _heart_rates(user: User) -> HeartRates:
    return HeartRates(user.resting_heart_rate, user.max_heart_rate, user.sex)
