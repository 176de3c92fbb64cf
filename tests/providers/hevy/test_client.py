"""Hevy's client: keys, pages and faults."""

from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import pytest

from fitness.providers.client import ConnectionRefused, NotThere, ProviderError, RateLimited, Unreachable
from fitness.providers.hevy import client
from fitness.providers.hevy.client import Hevy, Page, pages
from fitness.providers.hevy.workouts import parse_workout
from fitness.readers.records import ParsedWorkout
from tests.providers.hevy.records import ID, SAMPLE_WORKOUTS, WHEN, all_of
from tests.standins.hevy import KEY, HevyStandIn, made_workout, made_workouts, sample, without_items
from tests.standins.server import Answer, Fault, json_answer

QUICK = httpx.Timeout(0.2)


def test_the_key_is_checked_and_sent(stand_in, hevy):
    assert hevy.check_key() == "ada"
    assert stand_in.requests[0].headers["api-key"] == KEY


def test_workouts_come_in_pages_of_ten_newest_first(stand_in):
    made = made_workouts(25)
    with HevyStandIn(made) as stand_in, Hevy(stand_in.url, KEY) as hevy:
        assert hevy.workout_count() == 25
        assert hevy.workouts(3) == Page(made[20:], 3)
        assert all_of(hevy.workouts) == made
        assert [request.query for request in stand_in.asked("/v1/workouts")[2:]] == [
            {"page": str(page), "pageSize": "10"} for page in (1, 2, 3)
        ]
    assert all(isinstance(parse_workout(workout, 1), ParsedWorkout) for workout in made)


def test_the_samples_come_through_the_client_as_they_are(stand_in, hevy):
    assert all_of(hevy.workouts) == SAMPLE_WORKOUTS
    assert hevy.workout_count() == sample("hevy_workout_count.json")["workout_count"]
    assert hevy.workout(ID) == SAMPLE_WORKOUTS[0]
    assert hevy.templates(1).items == sample("hevy_exercise_templates.json")["exercise_templates"]
    assert stand_in.asked("/v1/exercise_templates")[0].query == {"page": "1", "pageSize": "100"}


def test_edits_and_deletions_are_events_newest_first(stand_in, hevy):
    newest, deleted, _ = sample("hevy_events.json")["events"]
    stand_in.put(newest["workout"])
    stand_in.delete(deleted["id"], deleted["deleted_at"])

    since = datetime(2025, 10, 30, 18, 2, 44, 900_000, tzinfo=UTC)
    found = all_of(partial(hevy.events, since))

    assert found == [newest, deleted]
    assert stand_in.requests[-1].query["since"] == "2025-10-30T18:02:44Z"
    assert len(all_of(partial(hevy.events, datetime(1970, 1, 1, tzinfo=UTC)))) == 8
    with pytest.raises(NotThere):
        hevy.workout(deleted["id"])


def test_a_new_key_has_no_events_and_an_empty_account_no_pages(stand_in, hevy):
    stand_in.has_events = False
    assert hevy.events(WHEN, 1) == Page([], 0)

    with HevyStandIn() as empty, Hevy(empty.url, KEY) as its_hevy:
        assert its_hevy.workouts(1) == Page([], 0)
        assert list(pages(its_hevy.workouts)) == []
        assert its_hevy.workout_count() == 0
        assert len(empty.requests) == 3


@pytest.mark.parametrize("beyond", ["404", "empty"])
def test_a_page_beyond_the_end_is_empty(stand_in, hevy, beyond):
    stand_in.beyond = beyond

    assert hevy.workouts(2).items == []
    assert hevy.workouts(99).items == []


def test_a_first_page_that_is_not_there_is_an_error_and_no_empty_list(stand_in):
    with Hevy(f"{stand_in.url}/elsewhere", KEY) as lost, pytest.raises(NotThere):
        lost.workouts(1)


@pytest.mark.parametrize("workout_id", ["", "..", "../exercise_templates", "count?x=1", "a/b", "é"])
def test_an_id_cannot_lead_to_another_path(stand_in, hevy, workout_id):
    with pytest.raises(NotThere):
        hevy.workout(workout_id)

    assert stand_in.requests == []


def test_a_wrong_key_must_be_entered_anew_and_shows_nowhere(stand_in):
    with Hevy(stand_in.url, "wrong-key-4711") as hevy:
        with pytest.raises(ConnectionRefused) as refused:
            hevy.check_key()
        assert "4711" not in f"{refused.value!r} {hevy!r} {vars(hevy)!r}"


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "schlüssel", "x" * 201])
def test_what_cannot_be_a_key_is_refused_without_being_shown(key):
    with pytest.raises(ConnectionRefused) as refused:
        Hevy("http://127.0.0.1:9", key)

    assert not key or key not in repr(refused.value)


PLAIN_TEXT = {"Content-Type": "text/plain"}


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault(Answer(401, b"InvalidApiKey", PLAIN_TEXT)), ConnectionRefused, "does not accept the key"),
        (Fault(Answer(500, b"<html>oops</html>")), Unreachable, "Hevy answered with status 500"),
        (Fault(Answer(502)), Unreachable, "Hevy answered with status 502"),
        (Fault(Answer(503, b"busy")), Unreachable, "Hevy answered with status 503"),
        (Fault(Answer(403, b"<html>blocked</html>")), Unreachable, "Hevy answered with status 403"),
        (Fault(json_answer({"error": "pageSize"}, 400)), Unreachable, "Hevy answered with status 400"),
        (Fault(Answer(302, b"", {"Location": "https://example.org/"})), Unreachable, "Hevy answered with status 302"),
        (Fault(cut=True), Unreachable, "could not be reached"),
        (Fault(Answer(200, b'{"page": 1, "workou')), Unreachable, "not JSON"),
        (Fault(Answer(200, b"")), Unreachable, "not JSON"),
        (Fault(Answer(200, b"\xff\xfe\x00")), Unreachable, "not JSON"),
        (Fault(Answer(200, b"<html>maintenance</html>")), Unreachable, "not JSON"),
        (Fault(json_answer([])), Unreachable, "JSON that is not an object"),
        (Fault(json_answer({})), Unreachable, "a page without workouts"),
        (Fault(json_answer({"page": 1, "page_count": 1, "workouts": {}})), Unreachable, "a page without workouts"),
        (Fault(json_answer({"page": 1, "workouts": []})), Unreachable, "without page_count"),
        (Fault(json_answer({"page": 1, "page_count": -1, "workouts": []})), Unreachable, "without page_count"),
        (Fault(json_answer({"page": 1, "page_count": "1", "workouts": []})), Unreachable, "without page_count"),
        (Fault(json_answer({"page": 2, "page_count": 2, "workouts": []})), Unreachable, "a different page"),
    ],
)
def test_every_fault_is_its_error_and_the_next_request_goes_through(stand_in, hevy, fault, error, says):
    stand_in.fail(fault)

    with pytest.raises(ProviderError) as raised:
        hevy.workouts(1)

    assert type(raised.value) is error
    assert says in raised.value.detail
    assert KEY not in raised.value.detail
    assert len(hevy.workouts(1).items) == 6


def test_a_slow_answer_is_given_up(stand_in):
    stand_in.fail(Fault(delay=60))

    with Hevy(stand_in.url, KEY, time_limits=QUICK) as hevy, pytest.raises(Unreachable, match="did not answer in time"):
        hevy.workouts(1)


def test_a_server_that_is_gone_is_unreachable():
    with HevyStandIn() as gone:
        pass

    with Hevy(gone.url, KEY) as hevy, pytest.raises(Unreachable, match="could not be reached: ConnectError"):
        hevy.check_key()


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (None, 60), ("30", 30), ("0", 0), ("86400000", 86_400), ("soon", 60), ("-5", 60), ("1.5", 60),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Wed, 21 Oct 2065 07:28:00 GMT", 86_400),
        ("Wed, 21 Oct 2065 07:28:00 -0000", 86_400), ("Wed, 99 Oct 2065 07:28:00 GMT", 60),
    ],
)  # fmt: skip
def test_too_many_requests_say_when_to_ask_again(stand_in, hevy, retry_after, seconds):
    headers = {"Retry-After": retry_after} if retry_after else {}
    stand_in.fail(Fault(Answer(429, b"slow down", headers)))
    before = datetime.now(UTC)

    with pytest.raises(RateLimited) as limited:
        hevy.workouts(1)

    waits = timedelta(seconds=seconds)
    assert before + waits <= limited.value.retry_at <= datetime.now(UTC) + waits


def read_until_error(stand_in):
    """Return how many pages came, and the error after them."""
    came = []
    with Hevy(stand_in.url, KEY) as hevy, pytest.raises(ProviderError) as raised:
        came.extend(pages(hevy.workouts))
    return len(came), raised.value


FINE = Fault()


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (Fault(Answer(401, b"InvalidApiKey", PLAIN_TEXT)), ConnectionRefused, "key"),
        (Fault(Answer(429)), RateLimited, "try again"),
        (Fault(Answer(500)), Unreachable, "500"),
        (Fault(cut=True), Unreachable, "could not be reached"),
        (Fault(without_items), Unreachable, "an empty page 2 of 4"),
        (Fault(json_answer({"error": "Page not found"}, 404)), Unreachable, "an empty page 2 of 4"),
        (Fault(Answer(200, b"{")), Unreachable, "not JSON"),
    ],
)
def test_a_fault_in_the_middle_of_a_list_comes_after_the_pages_before_it(long_list, fault, error, says):
    long_list.fail(FINE, fault)

    came, raised = read_until_error(long_list)

    assert (came, type(raised), len(long_list.requests)) == (1, error, 2)
    assert says in raised.detail


def test_the_same_page_twice_ends_the_reading(long_list):
    long_list.fail(FINE, Fault(long_list.page_before))

    came, raised = read_until_error(long_list)

    assert (came, type(raised), raised.detail) == (1, Unreachable, "Hevy sent page 1 again as page 2")


def test_the_same_page_for_ever_ends_the_reading(long_list):
    first = {"page": 1, "page_count": 4, "workouts": made_workouts(1)}
    long_list.fail(*[Fault(json_answer(first))] * 10)

    came, raised = read_until_error(long_list)

    assert (came, raised.detail) == (1, "Hevy sent a different page than requested")


def test_a_list_that_grows_for_ever_ends_too(stand_in, monkeypatch):
    monkeypatch.setattr(client, "MOST_PAGES", 5)

    with pytest.raises(Unreachable, match="more than 5 pages"):
        list(pages(lambda number: Page([number], number + 1)))


def test_the_last_page_may_vanish_on_the_way(long_list):
    def delete_one(request, right):
        for workout in made_workouts(35)[-5:]:
            long_list.delete(workout["id"], "2025-10-30T18:02:44.120Z")
        return right()

    long_list.fail(FINE, FINE, FINE, Fault(delete_one))

    with Hevy(long_list.url, KEY) as hevy:
        assert len(all_of(hevy.workouts)) == 30


def test_a_workout_that_arrives_on_the_way_moves_one_to_the_next_page(long_list):
    def add_one(request, right):
        long_list.put(made_workout("new", datetime(2025, 11, 1, tzinfo=UTC), []))
        return right()

    long_list.fail(FINE, Fault(add_one))

    with Hevy(long_list.url, KEY) as hevy:
        ids = [workout["id"] for workout in all_of(hevy.workouts)]
    assert len(ids) == 36 and len(set(ids)) == 35
