"""A first sync that was stopped goes on where it was, and loses and doubles nothing although Hevy's list moves."""

from datetime import UTC, datetime

import pytest

from tests.standins.hevy import made_workout, made_workouts
from tests.standins.server import Answer, Fault, json_answer
from tests.sync.hevy.reports import changed, counts, listed, read, status, store_key, sync


@pytest.fixture
def stop(many):
    """Let Hevy refuse what is asked for after some of it was answered: of pages, or of all that is about workouts."""

    def refuse(*, after, answer=None, on="/v1/workouts"):
        many.fail(*[Fault(on=on)] * after, Fault(answer or Answer(429), on=on))

    return refuse


@pytest.fixture
def go_on(client, owner, alice):
    """Sync until one is complete; return its report."""

    def run():
        for _ in range(20):
            owner.execute("UPDATE sync_metadata SET retry_at = NULL")
            answer = sync(client, alice, "?allow_deletes=true")
            if answer.status_code == 200 and answer.json["complete"]:
                return answer.json
        raise AssertionError("It never ends")

    return run


def now():
    return datetime.now(UTC).isoformat()


def new_workout(name, start):
    return made_workout(name, start, [], updated_at=now(), title=name)


def there(hevy):
    """Return {id: title} of what Hevy has."""
    return {id: workout["title"] for id, workout in hevy._workouts.items()}


def here(client, person):
    """Return {id: title} of what is stored, which must have no workout twice."""
    stored = [(one["external_id"], one["title"]) for one in listed(client, person)]
    assert len(dict(stored)) == len(stored)
    return dict(stored)


def add_newest(hevy):
    hevy.put(new_workout("newest", datetime(2026, 1, 1, tzinfo=UTC)))


def add_a_page_of_newest(hevy):
    for day in range(1, 13):
        hevy.put(new_workout(f"newest {day}", datetime(2026, 1, day, tzinfo=UTC)))


def add_an_old_one(hevy):
    hevy.put(new_workout("between", datetime(2025, 10, 27, tzinfo=UTC)))


def change_a_title(hevy):
    hevy.put(changed(made_workouts(2)[1], title="Changed", updated_at=now()))


def move_the_last_to_the_top(hevy):
    last = made_workouts(25)[24]
    moved = {"start_time": "2026-01-02T07:00:00+00:00", "end_time": "2026-01-02T08:00:00+00:00"}
    hevy.put(changed(last, **moved, updated_at=now()))


def delete_the_first(hevy):
    hevy.delete(made_workouts(1)[0]["id"], now())


def delete_one_that_is_not_listed_yet(hevy):
    hevy.delete(made_workouts(25)[24]["id"], now())


def delete_a_page(hevy):
    for workout in made_workouts(12):
        hevy.delete(workout["id"], now())


MEANWHILE = (
    add_newest,
    add_a_page_of_newest,
    add_an_old_one,
    change_a_title,
    move_the_last_to_the_top,
    delete_the_first,
    delete_one_that_is_not_listed_yet,
    delete_a_page,
)


@pytest.mark.parametrize("answered", [1, 2, 3])
@pytest.mark.parametrize("meanwhile", MEANWHILE, ids=lambda one: one.__name__)
def test_nothing_is_lost_or_doubled_wherever_it_was_stopped(client, alice, many, stop, go_on, answered, meanwhile):
    stop(after=answered)
    stopped = sync(client, alice).json
    assert (stopped["complete"], stopped["created"]) == (False, min(10 * answered, 25))
    meanwhile(many)

    go_on()

    assert here(client, alice) == there(many)
    assert status(client, alice)["last_success_at"] is not None


@pytest.mark.parametrize("meanwhile", MEANWHILE, ids=lambda one: one.__name__)
def test_nothing_is_lost_when_the_list_moves_between_two_pages(client, alice, many, go_on, meanwhile):
    def answer(request, right):
        meanwhile(many)
        return right()

    many.fail(Fault(on="/v1/workouts"), Fault(answer, on="/v1/workouts"))

    go_on()
    sync(client, alice)  # what is new has an event

    assert here(client, alice) == there(many)


def test_a_sync_goes_on_with_the_page_that_was_refused(client, alice, many, stop, go_on):
    stop(after=2)
    sync(client, alice)
    asked = len(many.requests)

    assert counts(go_on()) == {"created": 5}

    pages = [request.query["page"] for request in many.requests[asked:] if request.path == "/v1/workouts"]
    assert pages == ["3"]
    assert counts(sync(client, alice).json) == {}


def test_a_limit_of_one_page_at_a_time_still_ends(client, alice, many, stop, go_on):
    for _ in range(3):
        stop(after=1)

    go_on()

    assert here(client, alice) == there(many)
    assert len(many.asked("/v1/workouts/events")) == 2


def test_a_full_sync_that_was_stopped_goes_on_too(client, alice, many, stop, go_on):
    sync(client, alice)
    many.has_events = False
    gone = made_workouts(25)[24]["id"]
    many.delete(gone, now())
    stop(after=1)
    sync(client, alice, "?full_sync=true")

    assert counts(go_on()) == {"unchanged": 24, "deleted": 1}

    assert read(client, alice, gone)["deleted_at"] is not None


def test_what_a_revert_took_comes_back_with_the_sync_that_goes_on(client, alice, many, stop, go_on):
    stop(after=2)
    changeset = sync(client, alice).json["changeset_id"]
    client.post(f"/v1/changesets/{changeset}/revert", headers=alice.headers)

    go_on()

    assert here(client, alice) == there(many)


def test_what_a_revert_took_from_a_running_sync_comes_back(app, client, alice, many, stop, go_on):
    def revert(request, right):
        (running,) = client.get("/v1/changesets?limit=1", headers=alice.headers).json["items"]
        app.test_client().post(f"/v1/changesets/{running['changeset_id']}/revert", headers=alice.headers)
        return right()

    many.fail(Fault(on="/v1/workouts"), Fault(revert, on="/v1/workouts"), Fault(Answer(429), on="/v1/workouts"))
    sync(client, alice)

    go_on()

    assert here(client, alice) == there(many)


def test_another_account_begins_with_its_first_page(client, alice, many, stop, go_on):
    stop(after=2)
    sync(client, alice)
    many.fail(Fault(json_answer({"data": {"name": "eve"}}), on="/v1/user/info"))
    store_key(client, alice)

    assert counts(go_on()) == {"created": 5, "unchanged": 20}


def test_a_sync_that_was_stopped_goes_on_as_soon_as_it_may(client, owner, alice, many, stop):
    stop(after=2)
    sync(client, alice)

    told = status(client, alice)

    assert told["next_sync_at"] == told["retry_at"]
