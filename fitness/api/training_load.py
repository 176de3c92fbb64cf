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
        """Get the training impulse (TRIMP) of your runs by day

        TRIMP = minutes × x × k × e^(b × x), where x = (average − resting) / (maximum − resting heart rate), limited to
        0 to 1. For men k = 0.64 and b = 1.92, for women k = 0.86 and b = 1.67. If the profile has no sex, the mean of
        both results is used.

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
        """Get fitness, fatigue and form by day

        - hrTSS = 100 × TRIMP / TRIMP of one hour at your lactate threshold heart rate (for TRIMP see
          `/metrics/trimp/by-day`). If the profile has no threshold, or it is not between the resting and the maximum
          heart rate, resting + 0.85 × (maximum − resting) is used.
        - ATL (fatigue) = ATL of the day before + (hrTSS − ATL of the day before) / 7
        - CTL (fitness) = CTL of the day before + (hrTSS − CTL of the day before) / 42
        - TSB (form) = CTL − ATL, both of the day before

        ATL and CTL are 0 before your first run. Runs before `start` count in them. With `type` or `source`, only
        matching runs count.

        Sources: E. W. Banister and others, *A systems model of training for athletic performance*, Australian Journal
        of Sports Medicine 7 (1975), 57–61; A. Coggan, *The Performance Manager* (TSS, ATL, CTL, TSB), in: H. Allen,
        A. Coggan, *Training and Racing with a Power Meter* (2010). The training log Elevate also uses 0.85.
        """
        return training_load.get_training_load(selection(query))
