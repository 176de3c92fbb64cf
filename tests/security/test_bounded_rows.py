"""No account has any number of rows that no quota counts: who makes them again and again fills no disk."""

from datetime import timedelta
from uuid import uuid4

from fitness.accounts import security_log
from fitness.db import api_tokens, drops, jobs, oauth_states, security_events
from fitness.db.connection import transaction


def count(owner, table, person):
    return owner.execute(f"SELECT count(*) FROM {table} WHERE user_id = %s", [person.user_id]).fetchone()[0]


def test_connections_that_were_begun_stay_few_and_the_newest_work(app, owner, alice, bob):
    def begin(person, name):
        with transaction(person.user_id):
            oauth_states.create_state(
                name, browser_hash="b", provider="strava", code_verifier=None, lasts=timedelta(minutes=10)
            )

    begin(bob, "of bob")
    for number in range(oauth_states.MOST + 5):
        begin(alice, str(number))

    assert (count(owner, "oauth_states", alice), count(owner, "oauth_states", bob)) == (oauth_states.MOST, 1)
    with transaction(alice.user_id):
        used = [oauth_states.use_state(str(n), provider="strava", browser_hash="b") for n in (4, 5, 24)]
    assert [state is not None for state in used] == [False, True, True]


def test_an_account_has_so_many_valid_tokens_and_the_answer_says_so(client, owner, alice, monkeypatch):
    monkeypatch.setattr(api_tokens, "MOST", 3)

    def create():
        return client.post("/v1/auth/tokens", json={"name": "A", "scopes": ["read"]}, headers=alice.headers)

    made = [create() for _ in range(4)]
    assert [answer.status_code for answer in made] == [201, 201, 201, 409]
    assert made[-1].json == {"detail": "You have 3 access tokens, the most that are kept: revoke one you do not use"}

    for answer in made[:3]:
        client.delete(f"/v1/auth/tokens/{answer.json['id']}", headers=alice.headers)
    for _ in range(6):
        client.delete(f"/v1/auth/tokens/{create().json['id']}", headers=alice.headers)

    assert create().status_code == 201
    assert count(owner, "api_tokens", alice) == 3 + 1


def test_the_security_log_keeps_the_newest_events(app, client, owner, alice, bob, monkeypatch):
    monkeypatch.setattr(security_events, "MOST", 5)
    before = count(owner, "security_events", bob)

    with app.test_request_context():
        for number in range(8):
            with transaction(alice.user_id):
                security_log.record(alice.user_id, "token_created", str(number))

    shown = client.get("/v1/auth/security-log", headers=alice.headers).json["items"]
    assert [event["detail"] for event in shown] == ["7", "6", "5", "4", "3"]
    assert count(owner, "security_events", bob) == before


def test_results_of_jobs_are_kept_for_the_newest(app, owner, alice, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_ENDED", 2)
    made = []
    for _ in range(5):
        with transaction(alice.user_id):
            job_id = jobs.create_job("/v1/imports", None)
            jobs.add_part(job_id, 0, b"content")
            claimed = jobs.claim_job(job_id, uuid4())
            assert claimed and jobs.finish_job(claimed, status=200, result="{}", found=0)
            made.append(job_id)
    with transaction(alice.user_id):
        waiting = jobs.create_job("/v1/imports", None)
        kept = [job.job_id for job in jobs.list_jobs(limit=50)]

    assert kept == [waiting, made[4], made[3]]


def test_imports_of_several_files_that_have_ended_are_kept_for_the_newest(app, owner, alice, monkeypatch):
    monkeypatch.setattr(drops, "MOST_ENDED", 2)
    made = []
    for _ in range(5):
        with transaction(alice.user_id):
            made.append(drops.create_drop().import_id)
            drops.touch_drop(made[-1], "done")
    with transaction(alice.user_id):
        made.append(drops.create_drop().import_id)
        kept = [number for number in made if drops.get_drop(number)]

    assert kept == made[3:]
