"""The query functions of shoes, and the ids that names become."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fitness.db import connection, runs_import, shoes
from fitness.db.connection import transaction
from fitness.db.history import reading, versions
from fitness.db.history.versions import Change
from fitness.db.runs import RUNS, NewRun
from fitness.db.shoes_merge import merge_shoe
from fitness.errors import Conflict, NotFound


@pytest.fixture
def as_alice(app, alice):
    """A transaction of Alice's around the test."""
    with transaction(alice.user_id):
        yield alice


def merge(shoe_id, into_id):
    return merge_shoe(shoe_id, into_id, Change("alice"))


def names_of(found):
    return [shoe.name for shoe in found]


@pytest.mark.parametrize(
    ("name", "shoe_id"),
    [
        ("Nike Air Zoom Pegasus 38", "nike_air_zoom_pegasus_38"),
        ("Brooks Ghost 15", "brooks_ghost_15"),
        ("New Balance M1080K10", "new_balance_m1080k10"),
        ("  Hoka -- Clifton/9 (wide)! ", "hoka_clifton_9_wide"),
        ("__a__b__", "a_b"),
        ("Fußschuh Größe 42", "fußschuh_größe_42"),
        ("アシックス 1", "アシックス_1"),
    ],
)
def test_an_id_is_the_normalised_name(name, shoe_id):
    assert shoes.shoe_id_of(name) == shoe_id


@given(st.text(min_size=1, max_size=60))
@example("!!!")
@example("_")
@example("İ")
@example("ẞ ß")
def test_an_id_holds_no_blank_special_character_or_doubled_underscore_and_is_its_own_id(name):
    shoe_id = shoes.shoe_id_of(name)

    assert re.fullmatch(r"[^\W_]+(_[^\W_]+)*", shoe_id) or shoe_id.startswith("shoe_")
    assert shoe_id == shoe_id.lower()
    assert shoes.shoe_id_of(shoe_id) == shoe_id


def test_names_without_a_letter_have_ids_of_their_own():
    assert len({shoes.shoe_id_of(name) for name in ("!!!", "???", "_", "👟")}) == 4


def test_shoes_are_listed_by_name_and_by_whether_they_are_retired(as_alice):
    for name in ("beta", "Alpha", "Gone", "Old"):
        shoes.create_shoe(name)
    shoes.retire_shoe_by_id("old", date(2025, 12, 1), "Worn out")
    versions.delete(shoes.SHOES, "gone", Change("alice"))

    assert names_of(shoes.get_shoes()) == ["Alpha", "beta", "Old"]
    assert names_of(shoes.get_shoes(retired=False)) == ["Alpha", "beta"]
    assert names_of(shoes.get_shoes(retired=True)) == ["Old"]
    assert names_of(shoes.get_shoes(include_deleted=True)) == ["Alpha", "beta", "Gone", "Old"]
    assert shoes.get_shoe_by_id("gone") is None
    assert shoes.get_shoe_by_id("gone", include_deleted=True) is not None


def test_retiring_and_taking_back_keep_the_day_and_the_notes_in_history(as_alice):
    shoes.bulk_create_shoes_by_names({"Nike Air Zoom Pegasus 38"})

    retired = shoes.retire_shoe_by_id("nike_air_zoom_pegasus_38", date(2025, 12, 1), "Worn out after 500 miles")
    back = shoes.unretire_shoe_by_id("nike_air_zoom_pegasus_38")

    history = reading.get_history(shoes.SHOES, "nike_air_zoom_pegasus_38")
    assert (retired.retired_at, retired.retirement_notes) == (date(2025, 12, 1), "Worn out after 500 miles")
    assert (back.retired_at, back.retirement_notes, back.version) == (None, None, 3)
    assert [(version.retired_at, version.retirement_notes) for version in history] == [
        (None, None),
        (date(2025, 12, 1), "Worn out after 500 miles"),
        (None, None),
    ]


def test_a_shoe_that_is_not_there_cannot_be_retired(as_alice):
    with pytest.raises(NotFound):
        shoes.retire_shoe_by_id("none", date(2025, 12, 1))
    with pytest.raises(NotFound):
        shoes.unretire_shoe_by_id("none")


def test_bulk_create_makes_only_missing_shoes_each_with_its_original_version(as_alice):
    first = shoes.bulk_create_shoes_by_names({"Brooks Ghost 15"}, changed_by="importer")
    second = shoes.bulk_create_shoes_by_names({"Brooks Ghost 15", "Nike Air Zoom Pegasus 38"})

    assert first == {"Brooks Ghost 15": "brooks_ghost_15"}
    assert second == {
        "Brooks Ghost 15": "brooks_ghost_15",
        "Nike Air Zoom Pegasus 38": "nike_air_zoom_pegasus_38",
    }
    (original,) = reading.get_history(shoes.SHOES, "brooks_ghost_15")
    assert (original.change_type, original.changed_by) == ("original", "importer")
    assert shoes.get_existing_shoes_by_names({"Brooks Ghost 15", "Unheard of"}) == first


def test_spellings_of_one_name_are_one_shoe(as_alice):
    ids = shoes.bulk_create_shoes_by_names({"Gym pair", "gym-pair", "GYM  PAIR"})

    assert set(ids.values()) == {"gym_pair"}
    assert len(shoes.get_shoes()) == 1


def test_no_names_make_no_shoes(as_alice):
    assert shoes.bulk_create_shoes_by_names(set()) == {}
    assert shoes.get_existing_shoes_by_names(set()) == {}


def test_a_renamed_shoe_is_found_by_either_name(as_alice):
    shoes.create_shoe("Gym pair")
    versions.edit(shoes.SHOES, "gym_pair", {"name": "Hoka Clifton 9"}, Change("alice"))

    found = shoes.bulk_create_shoes_by_names({"Gym pair", "Hoka Clifton 9"})

    assert found == {"Gym pair": "gym_pair", "Hoka Clifton 9": "gym_pair"}
    assert len(shoes.get_shoes()) == 1


def test_a_shoe_that_bears_the_name_now_wins_over_one_that_bore_it(as_alice):
    for name in ("Gym pair", "Other"):
        shoes.create_shoe(name)
    versions.edit(shoes.SHOES, "gym_pair", {"name": "Retitled"}, Change("alice"))
    versions.edit(shoes.SHOES, "other", {"name": "Gym pair"}, Change("alice"))

    assert shoes.bulk_create_shoes_by_names({"Gym pair"}) == {"Gym pair": "other"}


def test_a_deleted_shoe_is_found_by_its_name_and_stays_deleted(as_alice):
    shoes.create_shoe("Gym pair")
    versions.delete(shoes.SHOES, "gym_pair", Change("alice"))

    assert shoes.bulk_create_shoes_by_names({"Gym pair"}) == {"Gym pair": "gym_pair"}
    assert shoes.get_shoes() == []


def test_a_chain_of_merges_leads_to_its_end(as_alice):
    for name in "abc":
        shoes.create_shoe(name)
    merge("a", "b")
    merge("b", "c")

    assert shoes.bulk_create_shoes_by_names({"a", "b", "c"}) == {"a": "c", "b": "c", "c": "c"}


def test_merges_in_a_circle_still_lead_to_a_shoe(as_alice):
    for name in "ab":
        shoes.create_shoe(name)
    connection.execute(
        "UPDATE shoes SET merged_into = CASE id WHEN 'a' THEN 'b' ELSE 'a' END, deleted_at = now() "
        "WHERE user_id = %(user_id)s"
    )

    found = shoes.bulk_create_shoes_by_names({"a", "b"})

    assert found.keys() == {"a", "b"}
    assert set(found.values()) <= {"a", "b"}


def test_a_restored_shoe_is_no_longer_merged_whichever_version_it_is_restored_to(as_alice):
    for name in "ab":
        shoes.create_shoe(name)
    merge("a", "b")

    restored = versions.restore(shoes.SHOES, "a", 2, changed_by="alice")

    assert (restored.deleted_at, restored.merged_into) == (None, None)
    assert shoes.bulk_create_shoes_by_names({"a"}) == {"a": "a"}


@pytest.mark.parametrize(
    ("shoe_id", "into_id", "refusal"), [("a", "a", Conflict), ("a", "none", NotFound), ("none", "a", NotFound)]
)
def test_a_merge_needs_two_shoes(as_alice, shoe_id, into_id, refusal):
    shoes.create_shoe("a")

    with pytest.raises(refusal):
        merge(shoe_id, into_id)


def test_of_two_shoes_merged_into_each_other_at_once_one_stays(owner, alice, make_shoe):
    for name in "ab":
        make_shoe(alice, name)

    def merge_other_way():
        with transaction(alice.user_id):
            merge("b", "a")

    with ThreadPoolExecutor(1) as threads:
        with transaction(alice.user_id):
            merge("a", "b")
            second = threads.submit(merge_other_way)
            while not owner.execute("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").fetchall():
                assert not second.done()
        refusal = second.exception()

    assert isinstance(refusal, NotFound)
    assert owner.execute("SELECT id FROM shoes WHERE deleted_at IS NULL").fetchall() == [("b",)]


def test_mileage_is_the_sum_of_the_runs_that_are_not_deleted(as_alice):
    shoes.create_shoe("Worn")
    shoes.create_shoe("New")
    runs_import.bulk_create_runs(
        NewRun(f"manual_{number}", "2025-11-02T12:00:00Z", "Outdoor Run", number, 60, "Manual", shoe_id="worn")  # pyright: ignore[reportArgumentType]
        for number in range(1, 5)
    )
    versions.delete(RUNS, "manual_4", Change("alice"))

    assert [(shoe.id, shoe.mileage, shoe.run_count) for shoe in shoes.get_shoes()] == [("new", 0, 0), ("worn", 6, 3)]
    one = shoes.get_shoe_by_id("worn")
    assert one is not None and (one.mileage, one.run_count) == (6, 3)
