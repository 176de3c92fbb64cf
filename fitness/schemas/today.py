"""What a first page shows: the answers of the single calls together."""

from marshmallow import fields

from fitness.schemas.base import FIRST_DAY, Day, Schema, ZoneQuery, described, page_of
from fitness.schemas.changesets import ChangesetSchema
from fitness.schemas.inbox import InboxSchema
from fitness.schemas.plan import AdherenceSchema
from fitness.schemas.planned_workouts import PlannedWorkoutSchema
from fitness.schemas.run_metrics import LimitedRange, MileageByDaySchema
from fitness.schemas.shoes import ShoeSchema
from fitness.schemas.timeline import ActivitySchema
from fitness.schemas.training_load import TrainingLoadSchema


class TodayQuery(LimitedRange, ZoneQuery):
    """Where the series and the week begin."""

    start = Day(required=True, metadata=FIRST_DAY)
    week = Day(required=True, metadata=described("First day of the week whose plan is compared", "2026-02-23"))


class TodaySchema(Schema):
    """What a first page shows; each field has the answer of one call."""

    mileage = fields.Nested(MileageByDaySchema, required=True)
    training_load = fields.Nested(TrainingLoadSchema, required=True)
    adherence = fields.Nested(AdherenceSchema, required=True)
    planned = fields.Nested(page_of(PlannedWorkoutSchema), required=True)
    timeline = fields.Nested(page_of(ActivitySchema), required=True)
    changesets = fields.Nested(page_of(ChangesetSchema), required=True)
    shoes = fields.Nested(page_of(ShoeSchema), required=True)
    inbox = fields.Nested(InboxSchema, required=True)
