"""Every call about accounts, providers and the calendar answers what its description says."""

import dataclasses
import hashlib
import io
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from pyotp.totp import TOTP

from fitness.accounts import by_mail
from fitness.connections import oauth
from fitness.connections.encryption import digest
from fitness.db import connection, mail_codes
from fitness.db.history import feed
from fitness.db.webhook_subscriptions import Subscription, set_subscription
from fitness.web import jobs
from tests import loopback
from tests.api.docs.description import ACCOUNT
from tests.google_browser import begin_login, enter, say_yes
from tests.samples import ACTIVITIES, DATA
from tests.standins.authenticator import Authenticator
from tests.standins.hevy import KEY

pytestmark = pytest.mark.usefixtures("quick_hashes")

RUN = {"datetime_utc": "2025-11-02T12:05:31Z", "type": "Outdoor Run", "distance": 5, "duration": 2400}


def test_accounts_answer_as_described(tour, bob):
    tour("GET", "/v1/health")
    tour("GET", "/v1/health/db")
    tokens = tour("POST", "/v1/auth/signup", json=ACCOUNT)
    tokens = tour("POST", "/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    login = {"username": "ada", "password": ACCOUNT["password"]}
    tokens = tour("POST", "/v1/auth/login", json=login)
    tour.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    tour("GET", "/v1/users/me")
    changes = {"time_zone": "Europe/Berlin", "max_heart_rate": 186, "units": "kilometres"}
    tour("PATCH", "/v1/users/me", json=changes)
    made = tour("POST", "/v1/auth/tokens", json={"name": "Watch", "scopes": ["read"]})
    tour("GET", "/v1/auth/tokens", headers={"Authorization": f"Bearer {made['token']}"})
    tour("GET", "/v1/auth/tokens")
    tour("DELETE", "/v1/auth/tokens/{token_id}", made["id"])
    old, new = ACCOUNT["password"], "another pass phrase"
    tour("PUT", "/v1/auth/password", json={"current_password": old, "new_password": new})
    tour("PUT", "/v1/auth/email", json={"current_password": new, "email": "ada@example.org"})
    tour("PUT", "/v1/auth/email", json={"current_password": new, "email": bob.email})
    tour("POST", "/v1/auth/logout")
    leaving = {"current_password": old}
    for number, (method, path) in enumerate((("DELETE", "/v1/users/me"), ("POST", "/v1/auth/deactivate"))):
        account = {"email": f"carol{number}@example.com", "name": "Carol", "password": old}
        tokens = tour("POST", "/v1/auth/signup", json=account)
        tour.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        tour(method, path, json=leaving)

    tour.saw_all_of("accounts")


def test_what_protects_an_account_answers_as_described(tour, app, owner, monkeypatch, alice):
    # What is sent after the answers is tested in tests/security/test_09_mail.py.
    monkeypatch.setattr(by_mail, "later", lambda *_: None)
    mail = {"smtp_host": "127.0.0.1", "mail_from": "log@example.com"}
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **mail))
    tour.headers = alice.headers
    tour("POST", "/v1/auth/password", json={"new_password": ACCOUNT["password"]})
    tour("POST", "/v1/auth/password", json={"new_password": ACCOUNT["password"]})
    same = {"current_password": ACCOUNT["password"], "new_password": ACCOUNT["password"]}
    tour("PUT", "/v1/auth/password", json=same)
    tour("POST", "/v1/auth/confirm", json={"current_password": ACCOUNT["password"]})
    tour("GET", "/v1/auth/protection")
    secret = tour("POST", "/v1/auth/second-factor")["secret"]
    code = {"second_factor": TOTP(secret).now()}
    tour("POST", "/v1/auth/second-factor/confirm", json=code)
    login = {"username": "alice", "password": ACCOUNT["password"]}
    tour("POST", "/v1/auth/login", json=login, headers={})
    (recovery, *_) = tour("POST", "/v1/auth/second-factor/recovery-codes")["recovery_codes"]
    tour("DELETE", "/v1/auth/second-factor", json={"second_factor": recovery})
    tour("DELETE", "/v1/auth/second-factor", json=code)
    tour("POST", "/v1/auth/login", json=login, headers={})
    other = next(session for session in tour("GET", "/v1/auth/sessions")["items"] if not session["current"])
    tour("DELETE", "/v1/auth/sessions/{session_id}", other["id"])
    tour("DELETE", "/v1/auth/sessions")
    tour("GET", "/v1/auth/security-log", query="?limit=2")
    owner.execute("UPDATE sessions SET confirmed_at = '2020-01-01'")
    tour("POST", "/v1/auth/second-factor")
    tour("POST", "/v1/auth/email/verification")
    tour("POST", "/v1/auth/password/forgotten", json={"email": alice.email}, headers={})
    lasts = timedelta(hours=1)
    with connection.system_transaction():
        addressee = mail_codes.get_addressee(alice.email)
        assert addressee is not None
        mail_codes.create_code(addressee, digest("verify"), purpose="verify", lasts=lasts)
        mail_codes.create_code(addressee, digest("reset"), purpose="reset", lasts=lasts)
    tour("POST", "/v1/auth/email/verify", json={"code": "verify"}, headers={})
    for _ in range(2):
        reset = {"code": "reset", "new_password": "another pass phrase"}
        tour("POST", "/v1/auth/password/reset", json=reset, headers={})

    tour.saw_all_of("protection")


def test_passkeys_answer_as_described(tour, alice):
    device = Authenticator()
    tour.headers = alice.headers
    made = device.make(tour("POST", "/v1/auth/passkeys/options")["public_key"])
    passkey = tour("POST", "/v1/auth/passkeys", json={"name": "Phone", "passkey": made})
    tour("POST", "/v1/auth/passkeys", json={"name": "Phone", "passkey": made})
    tour("GET", "/v1/auth/passkeys")
    tour("PATCH", "/v1/auth/passkeys/{passkey_id}", passkey["id"], json={"name": "Old phone"})
    signed = device.sign(tour("POST", "/v1/auth/confirm/options")["public_key"])
    tour("POST", "/v1/auth/confirm", json={"passkey": signed})
    asked = tour("POST", "/v1/auth/passkeys/login/options", json={"email": alice.email}, headers={})
    signed = device.sign(asked["public_key"])
    for _ in range(2):
        tour("POST", "/v1/auth/passkeys/login", json={"passkey": signed, "email": alice.email}, headers={})
    tour("DELETE", "/v1/auth/passkeys/{passkey_id}", passkey["id"])
    tour("POST", "/v1/auth/password", json={"new_password": ACCOUNT["password"]})
    tour("DELETE", "/v1/auth/passkeys/{passkey_id}", passkey["id"])

    tour.saw_all_of("passkeys")


def test_an_archive_answers_as_described(tour, full, bob):
    tour.headers = full.headers
    tour("GET", "/v1/users/me/usage")
    archive = tour("GET", "/v1/users/me/export")
    tour.headers = bob.headers
    tour("POST", "/v1/users/me/import", data={"file": (io.BytesIO(archive), "fitness.zip")})

    tour.saw_all_of("archive")


def test_google_login_answers_as_described(tour):
    tokens = tour("POST", "/v1/auth/signup", json=ACCOUNT)
    tour.headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    tour("GET", "/v1/auth/google/login", headers={})
    callback, as_json = "/v1/auth/google/callback", {"Accept": "application/json"}
    back = urlsplit(say_yes(begin_login(tour.client))).query
    link_token = tour("GET", callback, query=f"?{back}", headers=as_json)["link_token"]
    tour("POST", "/v1/auth/google/link", json={"link_token": link_token}, headers={})
    tour("POST", "/v1/auth/google/link", json={"link_token": link_token})
    for headers in (as_json, {}):
        back = urlsplit(say_yes(begin_login(tour.client))).query
        tour("GET", callback, query=f"?{back}", headers=headers)
    tour("POST", "/v1/auth/google/session", json={"code": enter(tour.client)}, headers={})
    tour("POST", "/v1/auth/google/session", json={"code": "used"}, headers={})
    tour("DELETE", "/v1/auth/google")

    tour.saw_all_of("google_login")


def test_imports_answer_as_described(tour, alice):
    tour.headers = alice.headers
    upload = {
        "file": (io.BytesIO((DATA / "mapmyfitness.csv").read_bytes()), "export.csv"),
        "timezone": "America/New_York",
    }
    changeset = tour("POST", "/v1/mmf/upload-csv", data=upload)["changeset_id"]
    upload["file"] = (io.BytesIO((DATA / "mapmyfitness.csv").read_bytes()), "export.csv")
    tour("POST", "/v1/mmf/upload-csv", query="?dry_run=true", data=upload)
    imported = tour("GET", "/v1/runs", query="?source=MapMyFitness")["items"][0]["id"]
    tour("PATCH", "/v1/runs/{run_id}", imported, json={"notes": "edited since"})
    tour("GET", "/v1/changesets", query="?limit=1")
    tour("GET", "/v1/changesets/{changeset_id}", changeset)
    tour("GET", "/v1/changesets/{changeset_id}/records", changeset, query="?limit=2&noun=runs&what=created")
    tour("POST", "/v1/changesets/{changeset_id}/revert", changeset, query="?dry_run=true")
    tour("POST", "/v1/changesets/{changeset_id}/revert", changeset)
    tour("POST", "/v1/changesets/{changeset_id}/revert", changeset)
    archive = {"file": (io.BytesIO((DATA / "strava_export_activities.csv").read_bytes()), "activities.csv")}
    tour("POST", "/v1/strava/upload-csv", data=archive)
    lifts = (DATA / "hevy_export.csv").read_bytes()
    tour("POST", "/v1/imports", data={"file": (io.BytesIO(lifts), "workouts.csv")})  # asks for the zone
    tour("POST", "/v1/hevy/upload-csv", data={"file": (io.BytesIO(lifts), "workouts.csv")})
    for path in ("/v1/hevy/upload-csv", "/v1/imports"):
        tour("POST", path, data={"file": (io.BytesIO(lifts), "workouts.csv"), "timezone": "America/New_York"})
    several = tour("POST", "/v1/imports")["import_id"]
    strong = (ACTIVITIES / "strong" / "strong_ios_comma.csv").read_bytes()
    for content in (lifts, b"a,b\n", strong):
        name = hashlib.sha256(content).hexdigest()
        tour("PUT", "/v1/imports/{import_id}/files/{file_sha256}", several, name, data=content)
    tour("PUT", "/v1/imports/{import_id}/files/{file_sha256}", several, "0" * 64, data=b"a")
    tour("GET", "/v1/imports")
    tour("POST", "/v1/imports/{import_id}/finish", several, query="?dry_run=true")
    tour("POST", "/v1/imports/{import_id}/answers", several, json={"timezone": "Europe/Berlin"})
    tour("POST", "/v1/imports/{import_id}/answers", several, json={"kind": "Strong", "weight_unit": "kg"})
    tour("POST", "/v1/imports/{import_id}/finish", several)
    tour("POST", "/v1/imports/{import_id}/answers", several, json={"timezone": "Europe/Berlin"})
    tour("GET", "/v1/imports/answers")
    for _ in range(2):
        tour("DELETE", "/v1/imports/answers", query="?kind=Strong&key=weight_unit")
    tour("GET", "/v1/imports/{import_id}", several)
    tour("DELETE", "/v1/imports/{import_id}", several)

    tour.saw_all_of("imports")


def test_the_feed_of_changes_answers_as_described(tour, alice, make_run):
    tour.headers = alice.headers
    make_run(alice)
    cursor = tour("GET", "/v1/changes")["next_cursor"]
    tour("GET", "/v1/changes", query="?fields=ids")
    tour("GET", "/v1/changes", query=f"?after={cursor[:-4]}")
    tag = tour.client.get("/v1/changes", headers=alice.headers).headers["ETag"]
    tour("GET", "/v1/changes", headers={**alice.headers, "If-None-Match": tag})
    with connection.system_transaction():
        feed.begin_epoch()
    tour("GET", "/v1/changes", query=f"?after={cursor}")

    tour.saw_all_of("changes")


def test_bookmarks_and_rewinds_answer_as_described(tour, alice, make_run):
    tour.headers = alice.headers
    bookmark = tour("POST", "/v1/bookmarks", json={"name": "Before"})
    tour("POST", "/v1/bookmarks", json={"name": "Before"})
    run_id = make_run(alice).id
    tour("GET", "/v1/bookmarks")
    tour("POST", "/v1/users/me/rewind", json={"to": bookmark["instant"], "dry_run": True})
    assert tour("POST", "/v1/users/me/rewind", json={"to": bookmark["instant"]})["reverted"] == 1
    tour("GET", "/v1/runs/{run_id}", run_id)
    tour("DELETE", "/v1/bookmarks/{bookmark_id}", bookmark["id"])
    tour("DELETE", "/v1/bookmarks/{bookmark_id}", bookmark["id"])

    tour.saw_all_of("rewind")


def test_jobs_answer_as_described(tour, app, alice):
    tour.headers = alice.headers
    later = {"headers": {**alice.headers, "Prefer": "respond-async"}}
    uploads = ("/v1/mmf/upload-csv", "/v1/strava/upload-csv", "/v1/hevy/upload-csv", "/v1/imports")
    numbers = [tour("POST", path, data={"file": (io.BytesIO(b"a,b"), "a.csv")}, **later)["job_id"] for path in uploads]
    numbers += [tour("POST", path, **later)["job_id"] for path in ("/v1/hevy/sync", "/v1/strava/sync")]
    running = jobs.claim_next()
    assert running is not None
    tour("GET", "/v1/jobs/{job_id}", running.job.job_id)
    jobs.do(app, running)
    for number in numbers:
        tour("GET", "/v1/jobs/{job_id}", number)
    tour("GET", "/v1/jobs", query="?limit=2")
    tour("GET", "/v1/jobs/{job_id}", 999_999)

    tour.saw_all_of("jobs")


def test_connections_answer_as_described(tour, app, alice):
    tour.headers = alice.headers
    connect = tour("GET", "/v1/oauth/{provider}/authorize-url", "strava")["url"]
    tour("GET", "/v1/oauth/{provider}/authorize", "strava")
    back = urlsplit(loopback.get(connect).headers["Location"]).query
    tour.client.delete_cookie("fitness_connect")
    tour("GET", "/v1/oauth/{provider}/callback", "strava", query=f"?{back}", headers={})
    tour("POST", "/v1/oauth/{provider}/connect", "strava", json=dict(parse_qsl(back)))
    tour("POST", "/v1/oauth/{provider}/connect", "strava", json=dict(parse_qsl(back)))
    tour("GET", "/v1/oauth/{provider}/callback", "strava", query=f"?{back}", headers={})
    tour("GET", "/v1/oauth/{provider}/status", "strava")
    tour("POST", "/v1/strava/sync")
    tour("POST", "/v1/strava/sync", query="?full_sync=true&allow_deletes=true")
    tour("POST", "/v1/hevy/sync")
    own = {"client_id": "12345", "client_secret": "a secret"}
    tour("PUT", "/v1/oauth/{provider}/application", "strava", json=own)
    tour("DELETE", "/v1/oauth/{provider}/application", "strava")
    tour("PUT", "/v1/oauth/hevy/key", json={"key": KEY})
    tour("POST", "/v1/hevy/sync", query="?dry_run=true")
    tour("POST", "/v1/hevy/sync")
    tour("DELETE", "/v1/oauth/{provider}", "hevy")
    tour("DELETE", "/v1/oauth/{provider}", "strava")
    confirm = {"hub.mode": "subscribe", "hub.challenge": "15f7d1a9", "hub.verify_token": "wrong"}
    tour("GET", "/v1/strava/webhook/{secret}", "secret", query=f"?{urlencode(confirm)}", headers={})
    confirm["hub.verify_token"] = oauth.webhook_token("strava", app.config["SETTINGS"])
    tour("GET", "/v1/strava/webhook/{secret}", "secret", query=f"?{urlencode(confirm)}", headers={})
    event = {"object_type": "activity", "object_id": 7, "owner_id": 8, "subscription_id": 9, "aspect_type": "create"}
    tour("POST", "/v1/strava/webhook/{secret}", "secret", json=event, headers={})
    with connection.system_transaction():
        set_subscription("strava", Subscription(9, digest("secret")))
    tour("POST", "/v1/strava/webhook/{secret}", "secret", json=event, headers={})

    tour.saw_all_of("connections")


def test_the_calendar_answers_as_described(tour, alice, make_run):
    tour.headers = alice.headers
    run = make_run(alice).id
    done = {"workout_type": "STRENGTH", "strength_sets": [{"exercise_name": "Squat"}]}
    workout = tour("POST", "/v1/workouts", json=done)["workout_id"]
    connect = tour("GET", "/v1/oauth/{provider}/authorize-url", "google")["url"]
    back = urlsplit(loopback.get(connect).headers["Location"]).query
    tour("GET", "/v1/oauth/{provider}/callback", "google", query=f"?{back}", headers={})
    tour("POST", "/v1/sync/runs/{run_id}", run)
    tour("GET", "/v1/sync/runs/{run_id}/status", run)
    tour("POST", "/v1/sync/runs", query="?start=2025-11-01&end=2025-11-30")
    tour("GET", "/v1/sync/runs", query="?limit=1")
    tour("GET", "/v1/sync/runs/failed")
    tour("DELETE", "/v1/sync/runs/{run_id}", run)
    tour("POST", "/v1/sync/workouts")
    tour("POST", "/v1/sync/workouts/{workout_id}", workout)
    tour("GET", "/v1/sync/workouts/{workout_id}/status", workout)
    tour("GET", "/v1/sync/workouts")
    tour("GET", "/v1/sync/workouts/failed")
    tour("DELETE", "/v1/sync/workouts/{workout_id}", workout)

    tour.saw_all_of("calendar")
