"""With `Prefer: respond-async`, an upload or a sync is a job: stored first, done afterwards, asked for its result."""

import dataclasses
import io
from datetime import timedelta

import pytest

from fitness.db import jobs as stored_jobs
from fitness.db.connection import transaction
from fitness.web import jobs
from tests.jobs import do_all
from tests.samples import DATA
from tests.standins.hevy import HevyStandIn
from tests.sync.hevy.reports import store_key

UPLOADS = {
    "/v1/mmf/upload-csv": "mapmyfitness.csv",
    "/v1/strava/upload-csv": "strava_export_activities.csv",
    "/v1/hevy/upload-csv": "hevy_export.csv",
    "/v1/planned-workouts/import": "trainingpeaks_plan.csv",
    "/v1/imports": "hevy_export.csv",
}
HISTORY = (DATA / "mapmyfitness.csv").read_bytes()


def send(client, headers, content=HISTORY, path="/v1/mmf/upload-csv", *, prefer: str | None = "respond-async", **form):
    data = {"file": (io.BytesIO(content), "export.csv"), **form}
    return client.post(path, data=data, headers={**headers, **({"Prefer": prefer} if prefer else {})})


def read(client, person, job_id):
    return client.get(f"/v1/jobs/{job_id}", headers=person.headers)


def counts(owner):
    return owner.execute(
        "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM workouts), (SELECT count(*) FROM changesets)"
    ).fetchone()


@pytest.mark.parametrize("path", UPLOADS)
def test_an_upload_can_be_a_job_whose_result_is_the_answer_of_the_upload(app, client, alice, bob, owner, path):
    content = (DATA / UPLOADS[path]).read_bytes()

    accepted = send(client, alice.headers, content, path, timezone="Europe/London")

    assert (accepted.status_code, accepted.headers["Preference-Applied"]) == (202, "respond-async")
    job_id = accepted.json["job_id"]
    assert accepted.headers["Location"] == f"/v1/jobs/{job_id}"
    assert (accepted.json["path"], accepted.json["state"], accepted.json["result"]) == (path, "waiting", None)
    assert counts(owner) == (0, 0, 0)

    do_all(app)

    job = client.get(accepted.headers["Location"], headers=alice.headers).json
    direct = send(client, bob.headers, content, path, prefer=None, timezone="Europe/London")
    assert (job["state"], job["status"], job["found"]) == ("done", 200, direct.json["found"])
    assert {**job["result"], "changeset_id": 0} == {**direct.json, "changeset_id": 0}
    assert job["created_at"] <= job["started_at"] <= job["ended_at"]
    assert job["result"]["changeset_id"] is not None


@pytest.mark.parametrize(
    ("content", "form"),
    [(b"a,b\n1,2\n", {}), (b"", {}), (HISTORY, {"timezone": "Nowhere"}), ((DATA / "hevy_export.csv").read_bytes(), {})],
)
@pytest.mark.parametrize("path", ["/v1/mmf/upload-csv", "/v1/hevy/upload-csv"])
def test_a_job_that_fails_has_the_status_and_the_error_of_the_upload(app, client, alice, content, form, path):
    direct = send(client, alice.headers, content, path, prefer=None, **form)
    assert direct.status_code == 422 or path.startswith("/v1/mmf")

    job_id = send(client, alice.headers, content, path, **form).json["job_id"]
    do_all(app)

    job = read(client, alice, job_id).json
    assert (job["status"], job["result"]) == (direct.status_code, direct.json)
    assert job["state"] == ("failed" if direct.status_code == 422 else "done")


def test_options_of_the_query_are_those_of_the_job(app, client, alice, owner):
    job_id = send(client, alice.headers, path="/v1/mmf/upload-csv?dry_run=true").json["job_id"]
    do_all(app)

    job = read(client, alice, job_id).json
    assert (job["path"], job["state"]) == ("/v1/mmf/upload-csv?dry_run=true", "done")
    assert (job["result"]["dry_run"], job["result"]["created"]) == (True, 15)
    assert counts(owner) == (0, 0, 0)


@pytest.mark.parametrize("prefer", [None, "", "wait=10", "return=minimal", "not-respond-async", "respond-asynchronous"])
def test_without_the_preference_the_client_waits(client, alice, prefer):
    answer = send(client, alice.headers, prefer=prefer)

    assert (answer.status_code, answer.json["created"]) == (200, 15)
    assert "Preference-Applied" not in answer.headers


@pytest.mark.parametrize("prefer", ["respond-async", "Respond-Async", "wait=10, respond-async", "respond-async; x=1"])
def test_the_preference_may_stand_among_others(client, alice, prefer):
    assert send(client, alice.headers, prefer=prefer).status_code == 202


def test_other_calls_ignore_the_preference(client, alice):
    answer = client.post("/v1/shoes", json={"name": "Ghost"}, headers={**alice.headers, "Prefer": "respond-async"})

    assert answer.status_code == 201


def test_a_large_file_is_stored_in_parts_which_go_when_the_job_ends(app, client, alice, owner, monkeypatch):
    monkeypatch.setattr(jobs, "PART_BYTES", 100)
    job_id = send(client, alice.headers).json["job_id"]
    stored = owner.execute("SELECT count(*), sum(length(content)) FROM job_parts").fetchone()
    assert stored is not None
    assert stored[0] > len(HISTORY) // 100
    assert stored[1] > len(HISTORY)

    do_all(app)

    assert read(client, alice, job_id).json["result"]["created"] == 15
    assert owner.execute("SELECT count(*) FROM job_parts").fetchone() == (0,)


def test_a_job_that_ended_is_kept_for_a_day(app, client, alice, owner):
    ended, old, unfinished = (send(client, alice.headers).json["job_id"] for _ in range(3))
    owner.execute("UPDATE jobs SET lease_until = now() + interval '1 hour' WHERE job_id = %s", [unfinished])
    owner.execute("UPDATE jobs SET ended_at = now(), status = 200 WHERE job_id = %s", [ended])
    owner.execute("UPDATE jobs SET ended_at = now() - interval '25 h', status = 200 WHERE job_id = %s", [old])

    do_all(app)

    listed = client.get("/v1/jobs", headers=alice.headers).json["items"]
    assert [job["job_id"] for job in listed] == [unfinished, ended]
    assert read(client, alice, old).status_code == 404


def test_jobs_are_listed_newest_first_by_page_without_results(app, client, alice, bob):
    ids = [send(client, alice.headers).json["job_id"] for _ in range(3)]
    send(client, bob.headers)
    do_all(app)

    first = client.get("/v1/jobs?limit=2", headers=alice.headers).json
    rest = client.get(f"/v1/jobs?limit=2&cursor={first['next_cursor']}", headers=alice.headers).json

    assert [job["job_id"] for job in (*first["items"], *rest["items"])] == ids[::-1]
    assert rest["next_cursor"] is None
    assert all("result" not in job for job in first["items"])


def test_a_strangers_job_is_absent(app, client, alice, bob):
    job_id = send(client, alice.headers).json["job_id"]

    assert read(client, bob, job_id).status_code == 404
    assert read(client, bob, job_id).json == read(client, bob, 999_999).json
    assert client.get("/v1/jobs", headers=bob.headers).json["items"] == []


def test_a_token_that_may_import_may_ask_for_its_jobs(app, client, alice, make_token):
    importing, reading = make_token(alice, "import"), make_token(alice, "read")

    location = send(client, importing).headers["Location"]
    do_all(app)

    assert client.get(location, headers=importing).json["state"] == "done"
    assert client.get(location, headers=reading).status_code == 403
    assert send(client, reading).status_code == 403


def test_a_job_is_done_after_its_user_logged_out_but_not_for_a_deactivated_account(app, client, alice, bob, owner):
    of_alice = send(client, alice.headers).json["job_id"]
    of_bob = send(client, bob.headers).json["job_id"]
    assert client.post("/v1/auth/logout", headers=alice.headers).status_code == 204
    owner.execute("UPDATE users SET is_active = false WHERE user_id = %s", [bob.user_id])

    do_all(app)

    assert owner.execute("SELECT job_id, status FROM jobs ORDER BY job_id").fetchall() == [
        (of_alice, 200),
        (of_bob, 401),
    ]
    assert owner.execute("SELECT DISTINCT user_id FROM runs").fetchall() == [(alice.user_id,)]


def test_too_many_unfinished_jobs_are_refused(app, client, alice, bob, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_UNFINISHED", 2)
    for _ in range(2):
        assert send(client, alice.headers).status_code == 202

    refused = send(client, alice.headers)

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert send(client, bob.headers).status_code == 202
    do_all(app)
    assert send(client, alice.headers).status_code == 202


# Leases


def test_jobs_of_a_person_are_done_one_after_the_other_and_those_of_others_meanwhile(client, alice, bob):
    first, second = (send(client, alice.headers).json["job_id"] for _ in range(2))
    of_bob = send(client, bob.headers).json["job_id"]

    claimed = [jobs.claim_next() for _ in range(3)]

    assert [one and one.job.job_id for one in claimed] == [first, of_bob, None]
    assert [read(client, alice, job_id).json["state"] for job_id in (first, second)] == ["running", "waiting"]


def test_the_records_found_so_far_can_be_asked_for(client, alice):
    job_id = send(client, alice.headers).json["job_id"]
    running = jobs.claim_next()
    assert running is not None
    running.watch(jobs.Report(found=7))
    running.renew()

    job = read(client, alice, job_id).json
    assert (job["state"], job["found"], job["ended_at"]) == ("running", 7, None)


def test_a_job_whose_process_is_gone_is_done_by_another(app, client, alice, owner):
    job_id = send(client, alice.headers).json["job_id"]
    assert jobs.claim_next() is not None
    assert jobs.claim_next() is None
    owner.execute("UPDATE jobs SET lease_until = now()")

    do_all(app)

    assert read(client, alice, job_id).json["result"]["created"] == 15


def test_a_process_that_lost_a_job_stores_nothing(app, client, alice, owner):
    job_id = send(client, alice.headers).json["job_id"]
    slow = jobs.claim_next()
    owner.execute("UPDATE jobs SET lease_until = now()")
    quick = jobs.claim_next()
    assert slow is not None
    assert quick is not None

    jobs.do(app, slow)
    assert counts(owner) == (0, 0, 0)
    assert read(client, alice, job_id).json["state"] == "running"

    jobs.do(app, quick)
    assert read(client, alice, job_id).json["result"]["created"] == 15
    assert counts(owner) == (11, 4, 1)


def test_a_job_that_ended_its_server_too_often_fails(app, client, alice, owner):
    job_id = send(client, alice.headers).json["job_id"]
    owner.execute("UPDATE jobs SET attempts = %s", [jobs.MOST_ATTEMPTS])

    do_all(app)

    job = read(client, alice, job_id).json
    assert (job["state"], job["status"]) == ("failed", 500)
    assert "stopped" in job["result"]["detail"]
    assert counts(owner) == (0, 0, 0)


# Syncs


@pytest.fixture
def hevy(app, client, alice):
    """Alice's Hevy, with the samples in it."""
    with HevyStandIn.of_samples() as stand_in:
        app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], hevy_api_url=stand_in.url)
        assert store_key(client, alice).status_code == 200
        yield stand_in


def sync(client, person):
    return client.post("/v1/hevy/sync", headers={**person.headers, "Prefer": "respond-async"})


def test_a_sync_can_be_a_job(app, client, alice, hevy, owner):
    accepted = sync(client, alice)
    assert (accepted.status_code, accepted.json["path"]) == (202, "/v1/hevy/sync")
    assert counts(owner) == (0, 0, 0)

    do_all(app)

    job = client.get(accepted.headers["Location"], headers=alice.headers).json
    assert (job["state"], job["status"], job["result"]["complete"]) == ("done", 200, True)
    assert job["result"]["created"] == job["found"] > 0
    again = client.post("/v1/hevy/sync", headers=alice.headers).json
    assert again["created"] == 0


def test_a_sync_without_a_connection_fails_as_the_sync_itself(app, client, bob):
    direct = client.post("/v1/hevy/sync", headers=bob.headers)
    job_id = sync(client, bob).json["job_id"]
    do_all(app)

    job = read(client, bob, job_id).json
    assert (job["state"], job["status"], job["result"]) == ("failed", direct.status_code, direct.json)


def test_the_sync_of_a_killed_attempt_is_waited_for(app, client, alice, hevy, owner):
    job_id = sync(client, alice).json["job_id"]
    owner.execute("UPDATE jobs SET attempts = 1")
    owner.execute(
        """
        INSERT INTO sync_metadata (user_id, provider, lease_id, lease_until)
        VALUES (%s, 'hevy', gen_random_uuid(), now() + interval '1 minute')
        """,
        [alice.user_id],
    )

    do_all(app)

    job = read(client, alice, job_id).json
    assert (job["state"], job["status"]) == ("waiting", None)
    wait = owner.execute("SELECT lease_until - now() FROM jobs").fetchone()
    assert wait is not None
    assert timedelta(seconds=50) < wait[0] <= timedelta(seconds=60)

    owner.execute("UPDATE jobs SET lease_until = now()")
    owner.execute("UPDATE sync_metadata SET lease_until = now()")
    do_all(app)
    assert read(client, alice, job_id).json["state"] == "done"


def test_a_sync_that_is_already_running_fails_the_job_at_once(app, client, alice, hevy, owner):
    job_id = sync(client, alice).json["job_id"]
    owner.execute(
        """
        INSERT INTO sync_metadata (user_id, provider, lease_id, lease_until)
        VALUES (%s, 'hevy', gen_random_uuid(), now() + interval '1 minute')
        """,
        [alice.user_id],
    )

    do_all(app)

    job = read(client, alice, job_id).json
    assert (job["state"], job["status"]) == ("failed", 409)


def test_a_job_goes_with_its_account(app, client, alice, owner):
    send(client, alice.headers)
    owner.execute("DELETE FROM users WHERE user_id = %s", [alice.user_id])

    assert owner.execute("SELECT (SELECT count(*) FROM jobs), (SELECT count(*) FROM job_parts)").fetchone() == (0, 0)
    do_all(app)


def test_a_jobs_file_is_seen_by_its_owner_alone(client, alice, bob):
    job_id = send(client, alice.headers).json["job_id"]

    with transaction(bob.user_id):
        assert list(stored_jobs.stream_parts(job_id)) == []
    with transaction(alice.user_id):
        assert HISTORY in b"".join(stored_jobs.stream_parts(job_id))
