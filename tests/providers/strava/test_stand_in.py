"""The stand-in of Strava is as strict as Strava."""

import threading

import httpx

from tests import loopback
from tests.providers.strava.calls import RUN, client_of, sample
from tests.standins.server import Answer, StandIn, json_answer
from tests.standins.strava import API, make_activity, make_gear


def test_webhooks_are_subscribed_after_the_callback_has_answered(stand_in):
    address = f"{stand_in.url}{API}/push_subscriptions"
    application = {"client_id": stand_in.client_id, "client_secret": stand_in.client_secret}

    class Callback(StandIn):
        def answer(self, request):
            right = request.query["hub.verify_token"] == "ours"
            return json_answer({"hub.challenge": request.query["hub.challenge"]}) if right else Answer(403)

    with Callback() as callback:
        form = application | {"callback_url": f"{callback.url}/hook", "verify_token": "theirs"}
        assert loopback.post(address, data=form).status_code == 400
        made = loopback.post(address, data=form | {"verify_token": "ours"})
        assert loopback.post(address, data=form | {"verify_token": "ours"}).status_code == 400

    assert made.status_code == 201
    assert loopback.get(address, params=application).json() == [made.json()]
    assert loopback.get(address).status_code == 400
    assert httpx.delete(f"{address}/{made.json()['id']}", params=application).status_code == 204
    assert loopback.get(address, params=application).json() == []


def test_the_stand_in_answers_many_at_once(stand_in):
    stand_in.add(*map(make_activity, range(300)))
    stand_in.read_limits = stand_in.limits = (10_000, 10_000)
    access, _ = stand_in.connect()
    counts: list[int] = []

    def fetch():
        with client_of(stand_in, access_token=access) as strava:
            counts.append(sum(len(page.activities) for page in strava.pages()))

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == [300] * 8
    assert stand_in.used == (32, 32)


def test_made_activities_have_the_shape_of_the_samples():
    assert RUN.keys() - make_activity(1).keys() <= {"average_cadence", "average_temp", "suffer_score"}
    assert make_activity(1).keys() <= RUN.keys()
    assert make_gear("g1", "Brooks Ghost 16").keys() == sample("strava_gear.json").keys()
    assert "name" not in make_activity(1, name=...)
