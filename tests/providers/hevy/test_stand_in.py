"""The stand-in of Hevy is as strict as Hevy."""

import threading
from functools import partial

import pytest

from fitness.providers.hevy.client import Hevy
from tests import loopback
from tests.providers.hevy.records import all_of
from tests.standins.hevy import KEY, sample


def ask(stand_in, method, path, **given):
    return loopback.request(method, stand_in.url + path, headers={"api-key": KEY}, **given)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/workouts?pageSize=11", 400),
        ("/v1/workouts?page=0", 400),
        ("/v1/workouts?page=one", 400),
        ("/v1/workouts/events?since=yesterday", 400),
        ("/v1/workouts/events?pageSize=11", 400),
        ("/v1/exercise_templates?pageSize=101", 400),
        ("/v1/exercise_templates/79D0BB3A", 200),
        ("/v1/exercise_templates/nothing", 404),
        ("/v1/workouts/nothing", 404),
        ("/v2/workouts", 404),
    ],
)
def test_the_stand_in_refuses_what_hevy_refuses(stand_in, path, status):
    assert ask(stand_in, "GET", path).status_code == status


def test_the_stand_in_has_pages_of_five_by_default(stand_in):
    page = ask(stand_in, "GET", "/v1/workouts?page=2").json()

    assert page == sample("hevy_workouts_page2.json")
    assert ask(stand_in, "GET", "/v1/workouts").json() == sample("hevy_workouts_page1.json")


def test_the_stand_in_keeps_one_webhook(stand_in):
    subscribe = partial(ask, stand_in, path="/v1/webhook-subscription")

    assert subscribe("GET").status_code == 404
    assert subscribe("POST", json={"authToken": "t", "url": "http://127.0.0.1/hook"}).status_code == 201
    assert subscribe("GET").json() == {"url": "http://127.0.0.1/hook", "auth_token": "t"}
    assert subscribe("DELETE").status_code == 200
    assert subscribe("GET").status_code == 404


def test_the_stand_in_serves_several_at_once(long_list):
    def read_all():
        with Hevy(long_list.url, KEY) as hevy:
            counts.append(len(all_of(hevy.workouts)))

    counts = []
    threads = [threading.Thread(target=read_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert counts == [35] * 8
    assert len(long_list.requests) == 32
