"""Training load of runs, by heart rate."""

from typing import Any

from flask.views import MethodView

from fitness.api.run_metrics import selection
from fitness.db import training_load
from fitness.schemas.run_metrics import RunMetricsQuery
from fitness.schemas.training_load import TrainingLoadSchema, TrimpByDaySchema
from fitness.web.blueprint import Blueprint

blp = Blueprint("training_load", __name__, url_prefix="/metrics", description="How hard your runs were, by heart rate")


@blp.route("/trimp/by-day")
class TrimpByDay(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, TrimpByDaySchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Add up the training impulse (TRIMP) of your runs, day by day

        TRIMP = minutes × x × k × e^(b × x), where x is where your average heart rate lies between your resting (0) and
        maximum (1) heart rate, taken as 0 below and as 1 above. For men k = 0.64 and b = 1.92, for women k = 0.86 and
        b = 1.67; whose profile says neither gets the mean of the two.

        Sources: E. W. Banister, *Modeling elite athletic performance*, in: Physiological Testing of Elite Athletes
        (1991), 403–424; R. H. Morton, J. R. Fitz-Clarke, E. W. Banister, *Modeling human performance in running*,
        Journal of Applied Physiology 69 (1990), 1171–1177.
        """
        return training_load.get_trimp(selection(query))


@blp.route("/training-load/by-day")
class TrainingLoad(MethodView):
    @blp.arguments(RunMetricsQuery, location="query")
    @blp.response(200, TrainingLoadSchema)
    def get(self, query: dict[str, Any]) -> Any:
        """Follow fitness, fatigue and form, day by day

        - hrTSS = 100 × TRIMP / TRIMP of an hour at your lactate threshold heart rate (for TRIMP see
          `/metrics/trimp/by-day`). A threshold that the profile lacks, or that is not between the resting and the
          maximum heart rate, is taken as resting + 0.85 × (maximum − resting).
        - ATL (fatigue) = ATL of the day before + (hrTSS − ATL of the day before) / 7
        - CTL (fitness) = CTL of the day before + (hrTSS − CTL of the day before) / 42
        - TSB (form) = CTL − ATL, both of the day before

        ATL and CTL are 0 before your first run; what you ran before `start` counts in them. With a `type` or `source`
        only such runs do.

        Sources: E. W. Banister and others, *A systems model of training for athletic performance*, Australian Journal
        of Sports Medicine 7 (1975), 57–61; A. Coggan, *The Performance Manager* (TSS, ATL, CTL, TSB), in: H. Allen,
        A. Coggan, *Training and Racing with a Power Meter* (2010); 0.85 is what the training log Elevate takes.
        """
        return training_load.get_training_load(selection(query))
