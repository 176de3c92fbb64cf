"""Accessibility: axe finds nothing to fault on any page or in any dialog, light and dark, on desktops and phones."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, Route, ViewportSize, expect

from fitness.config import ROOT
from fitness.web.dashboard import BUNDLE
from tests.browser.conftest import PHONE, WIDE, Someone, Watch

AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
EXPORT = ROOT / "tests" / "data" / "mapmyfitness.csv"
PAGES = ["", "log", "log?kind=run", "log?kind=run&trash=yes", "log?search=nothing", "trends", "strength", "live"]
PAGES += ["plan", "plan?view=month", "shoes", "inbox", "changes", "settings", "nowhere"]
# The rule on the size of targets, new in WCAG 2.2, is off unless it is asked for.
ALL = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# What a theme changes is colours alone.
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
THEMES: list[tuple[Literal["light", "dark"], dict[str, Any]]] = [("light", ALL), ("dark", COLOURS)]
FIND = """async ([root, options]) => (await axe.run(root, options)).violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any, all, none }) => `${id}: ${html} ${[...any, ...all, ...none].map((why) => why.message)}`))"""
SIZES = (WIDE, PHONE)
OPENED = "[role=dialog], [role=menu]"

# The page is made as wide and as narrow as it takes, so that one log-in is enough.
pytestmark = pytest.mark.parametrize("size", [WIDE], ids=["both"])


@pytest.fixture(autouse=True)
def _axe(context: BrowserContext) -> None:
    """Have axe on every page from its beginning: the policy refuses a script tag later."""
    if not AXE.exists():
        assert os.environ.get("CI") != "true", "axe-core must be there in CI"
        pytest.skip("without axe-core, a development package of the dashboard")
    context.add_init_script(path=AXE)


def faults_of(page: Page, place: str, root: str = "html", sizes: tuple[ViewportSize, ...] = SIZES) -> list[str]:
    """Return what axe finds in what the page shows: all of it in the light theme, colours in the dark one too.

    A theme colours what is wide and what is narrow alike: the first of the sizes is enough.
    """
    found: list[str] = []
    for size in sizes:
        page.set_viewport_size(size)
        expect(page.get_by_label("Loading", exact=True)).to_have_count(0)
        width = page.evaluate("document.documentElement.scrollWidth")
        found += [f"{place}: as wide as {width} on a screen of {size['width']}"] if width > size["width"] else []
        for theme, options in THEMES if size == sizes[0] else THEMES[:1]:
            page.emulate_media(color_scheme=theme)
            page.locator(f":root[data-theme={theme}]").wait_for()
            faults = page.evaluate(FIND, [root, options])
            found += [f"{place}, {size['width']}, {theme}: {fault}" for fault in faults]
    page.set_viewport_size(sizes[0])
    return found


def press(*names: str) -> Callable[[Page], None]:
    """Return what presses the first buttons that have these names, one after the other."""

    def run(page: Page) -> None:
        for name in names:
            page.get_by_role("button", name=re.compile(f"^({name})")).first.click()

    return run


def keys(key: str) -> Callable[[Page], None]:
    return lambda page: page.keyboard.press(key)


def choose_and_edit(page: Page) -> None:
    page.get_by_role("row").nth(1).locator("label").click()
    page.get_by_role("region", name="Chosen rows").get_by_role("button", name="Edit").click()


def edit_what_changed_meanwhile(page: Page) -> None:
    """Edit a run that has another version by now, as the answer says."""

    def refuse(route: Route) -> None:
        if route.request.method == "PATCH":
            route.fulfill(status=412, json={"detail": "Changed meanwhile"})
        else:
            route.fallback()

    page.route("**/v1/runs/*", refuse)
    press("Edit")(page)
    page.get_by_label("Distance").fill("5.5")
    press("Save")(page)
    page.get_by_role("button", name="Save mine over it").wait_for()


def merge(page: Page) -> None:
    press("Merge")(page)
    page.get_by_label("Into").select_option(index=1)
    page.get_by_role("region", name="Preview").wait_for()


def preview_an_import(page: Page) -> None:
    broken = EXPORT.read_bytes() + b"\nno day,no day,Run,1,-3,60\n"
    with page.expect_file_chooser() as chooser:
        press("Import")(page)
    chooser.value.set_files({"name": "mapmyfitness.csv", "mimeType": "text/csv", "buffer": broken})
    press("Preview")(page)
    page.get_by_role("button", name="Apply").wait_for()


def disconnect(page: Page) -> None:
    """Ask to disconnect Hevy, as if it were connected."""

    def connected(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "connected": True})

    page.route("**/v1/oauth/hevy/status", connected)
    page.reload()
    press("Disconnect Hevy")(page)


@dataclass(frozen=True)
class Dialog:
    """A dialog or menu, and how it is opened on a page."""

    path: str
    open: Callable[[Page], None]
    name: str
    sizes: tuple[ViewportSize, ...] = SIZES


def go(page: Page, path: str) -> None:
    page.goto(f"/dashboard/{path}")
    page.locator("main h1").wait_for()
    expect(page.get_by_label("Loading", exact=True)).to_have_count(0)


PLANNED = "Run (Tempo|Easy run|Long run)"


def recorded_run(demo: Someone) -> str:
    """Return the path of a run with points."""
    runs = demo.api("GET", "/runs?limit=500")["items"]
    return f"runs/{next(run['id'] for run in runs if run['points_id'] and run['avg_heart_rate'])}"


def dialogs(run: str, recorded: str, workout: str, exercise: str) -> list[Dialog]:
    return [
        Dialog("", keys("Control+k"), "find"),
        Dialog("", keys("?"), "keys"),
        Dialog("", press("More"), "more", (PHONE,)),
        Dialog("log?add=run", lambda page: None, "add run"),
        Dialog("log?kind=run", press("Shoe of"), "shoe menu", (WIDE,)),
        Dialog("log?kind=run", choose_and_edit, "bulk edit"),
        Dialog(run, press("Edit"), "edit run"),
        Dialog(run, press("Compare"), "compare"),
        Dialog(run, press("Restore"), "restore"),
        Dialog(run, edit_what_changed_meanwhile, "changed meanwhile"),
        Dialog(recorded, press("Remove points"), "remove points"),
        Dialog(recorded, press("Remove TCX file"), "remove a file"),
        Dialog(workout, press("Edit$"), "edit workout"),
        Dialog(workout, press("Edit sets"), "edit sets"),
        Dialog("plan", press("Add planned workout"), "add planned workout"),
        Dialog("plan", press(PLANNED), "planned workout"),
        Dialog("plan", press(PLANNED, "History"), "history of a planned workout"),
        Dialog("plan", press(PLANNED, "Edit"), "edit planned workout"),
        Dialog("shoes", press("Add shoe"), "add shoe"),
        Dialog("shoes", press("Edit"), "edit shoe"),
        Dialog("shoes", press("History"), "history of a shoe"),
        Dialog("shoes", press("Retire "), "retire shoe"),
        Dialog("shoes", press("Trash"), "deleted shoes"),
        Dialog("shoes", merge, "merge shoes"),
        Dialog(exercise, press("History"), "history of an exercise"),
        Dialog(exercise, merge, "merge exercises"),
        Dialog("changes", press("Revert|Redo"), "revert"),
        Dialog("changes", preview_an_import, "import"),
        Dialog("live", press("Start workout", "Add exercise"), "add exercise"),
        Dialog("live", press("Add exercise", "New exercise"), "new exercise"),
        Dialog("settings", press("New token"), "new token"),
        Dialog("settings", press("Change password"), "change password"),
        Dialog("settings", press("Change e-mail"), "change e-mail"),
        Dialog("settings", press("Deactivate account"), "deactivate account"),
        Dialog("settings", press("Delete account"), "delete account"),
        Dialog("settings", press("Use your own application"), "own application"),
        Dialog("settings", press("Rewind to"), "rewind"),
        Dialog("settings", disconnect, "disconnect"),
    ]


def test_axe_finds_nothing_on_the_way_in(page: Page) -> None:
    found: list[str] = []
    for path in ("", "signup"):
        page.goto(f"/dashboard/{path}")
        page.get_by_role("heading", level=2).wait_for()
        found += faults_of(page, f"/{path}")
    assert "\n".join(found) == ""


def test_axe_finds_nothing_on_any_page_or_in_any_dialog_of_the_demo(demo: Someone, watch: Watch) -> None:
    watch.expected = (412,)
    runs = demo.api("GET", "/runs?limit=500")["items"]
    run = f"runs/{quote(max(runs, key=lambda one: one['version'])['id'])}"
    workout = f"workouts/{demo.api('GET', '/workouts?workout_type=STRENGTH&limit=1')['items'][0]['id']}"
    exercise = f"strength?exercise={demo.api('GET', '/exercises?source=own&limit=1')['items'][0]['id']}"
    change = f"changes/{demo.api('GET', '/changesets')['items'][-1]['changeset_id']}"
    found: list[str] = []
    recorded = recorded_run(demo)
    for path in [*PAGES, run, recorded, workout, change]:
        go(demo.page, path)
        found += faults_of(demo.page, f"/{path}")
    at = None
    for dialog in dialogs(run, recorded, workout, exercise):
        demo.page.set_viewport_size(dialog.sizes[0])
        if at != dialog.path:
            go(demo.page, dialog.path)
        dialog.open(demo.page)
        demo.page.locator(OPENED).first.wait_for()
        found += faults_of(demo.page, f"/{dialog.path}, {dialog.name}", OPENED, dialog.sizes)
        demo.page.keyboard.press("Escape")
        # What has to be answered stays open.
        at = dialog.path if demo.page.locator(OPENED).count() == 0 else None
    assert "\n".join(found) == ""


@pytest.mark.parametrize(
    ("path", "at"),
    [
        ("log", WIDE),
        ("settings", WIDE),
        ("trends", PHONE),
        ("strength", WIDE),
        ("recorded", WIDE),
        ("plan", PHONE),
        ("shoes", PHONE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nothing_moves_while_a_page_is_loading(demo: Someone, path: str, at: ViewportSize) -> None:
    """A button that moves away between press and release is not pressed."""
    page = demo.page
    page.set_viewport_size(at)
    page.add_init_script(
        """
        window.moved = [];
        new PerformanceObserver((list) => {
            for (const { value, sources } of list.getEntries())
                if (value > 0.005) window.moved.push(sources.map(({ node }) => node?.textContent?.slice(0, 40)));
        }).observe({ type: "layout-shift", buffered: true });
        """
    )
    page.goto(f"/dashboard/{recorded_run(demo) if path == 'recorded' else path}")
    expect(page.get_by_label("Loading", exact=True)).to_have_count(0)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.moved") == []


BOXES = """
() => [...document.querySelectorAll(':is(main, [role=dialog]) :is(a, button, input, select)')].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return `${one.textContent.slice(0, 20)} ${[x, y, width, height].map(Math.round)}`;
})
"""


ALL_STYLES = """
async (sheets) => {
    while (document.styleSheets.length < sheets) await new Promise(requestAnimationFrame);
}
"""


def boxes(page: Page) -> list[str]:
    """Return where everything is that can be pressed, once the page is there."""
    expect(page.get_by_label("Loading", exact=True)).to_have_count(0)
    page.wait_for_load_state("networkidle")
    return page.evaluate(BOXES)


def fetch_all_styles(page: Page) -> None:
    """Move the pointer: the first time, that fetches all parts that are not in the first view, with their styles."""
    page.mouse.move(200, 5)
    page.evaluate(ALL_STYLES, len(list((BUNDLE / "assets").glob("*.css"))))


@pytest.mark.parametrize("at", [WIDE, PHONE], ids=["wide", "phone"])
def test_styles_that_come_later_move_nothing(demo: Someone, at: ViewportSize) -> None:
    page = demo.page
    page.set_viewport_size(at)
    for path in ("", "log", "trends", "strength", "plan", "shoes", "inbox", "changes", "settings"):
        page.goto(f"/dashboard/{path}")
        before = boxes(page)
        fetch_all_styles(page)

        assert boxes(page) == before, path


@pytest.mark.parametrize("at", [WIDE, PHONE], ids=["wide", "phone"])
def test_styles_that_come_later_move_no_dialog(demo: Someone, at: ViewportSize) -> None:
    page = demo.page
    page.set_viewport_size(at)
    page.goto("/dashboard/plan")
    # By a script: a key or the pointer would fetch them now.
    page.locator(".plan-open").first.evaluate("card => card.click()")
    expect(page.get_by_role("dialog").get_by_role("heading", level=3)).to_be_visible()
    before = boxes(page)
    fetch_all_styles(page)

    assert boxes(page) == before


def test_today_is_the_same_whichever_page_came_first(demo: Someone) -> None:
    """The page that is opened first decides the order of the style sheets."""
    page = demo.page
    page.set_viewport_size(WIDE)
    page.goto("/dashboard/")
    alone = boxes(page)
    for path in ("trends", "settings"):
        page.goto(f"/dashboard/{path}")
        boxes(page)
        fetch_all_styles(page)
        page.get_by_role("link", name="Today", exact=True).click()
        page.get_by_role("heading", name="Today").wait_for()

        assert boxes(page) == alone, path
