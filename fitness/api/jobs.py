"""Jobs: list, read."""

from typing import Any

from flask.views import MethodView

from fitness.db import jobs
from fitness.errors import found
from fitness.schemas.base import PageQuery, page_of
from fitness.schemas.jobs import JobSchema, JobWithResultSchema
from fitness.web.blueprint import Blueprint, numbered_list

blp = Blueprint("jobs", __name__, url_prefix="/jobs", description="Uploads and syncs that are done after the answer")


@blp.route("")
class Jobs(MethodView):
    @blp.scope("import")
    @blp.untagged
    @blp.arguments(PageQuery, location="query")
    @blp.response(200, page_of(JobSchema))
    def get(self, query: dict[str, Any]) -> Any:
        """List jobs

        Newest first, without their results. Jobs are kept for a day after they ended.
        """
        return numbered_list(query, "job_id", jobs.list_jobs)


@blp.route("/<int:job_id>")
class JobItem(MethodView):
    @blp.scope("import")
    @blp.untagged
    @blp.response(200, JobWithResultSchema)
    def get(self, job_id: int) -> Any:
        """Read one job

        An upload or a sync that is sent with `Prefer: respond-async` answers 202 with a job. `result` is what the call
        itself would have answered, with the HTTP status `status`.
        """
        return found(jobs.get_job(job_id), "Job")
