"""The metrics of a server, as Prometheus reads them."""

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

TOKEN = "a-token-for-reading-metrics-0123456789"
READER = {"Authorization": f"Bearer {TOKEN}"}

Metrics = dict[tuple[str, ...], float]
"""Name and values of the labels, by the labels' names → value."""


def scrape(client: FlaskClient) -> Metrics:
    """Read the metrics."""
    answer = client.get("/internal/metrics", headers=READER)
    assert answer.status_code == 200
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
