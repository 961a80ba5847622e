"""News in a real Chromium: told one by one, not while a person acts, again where they are lost."""

from __future__ import annotations

import pytest

from pages.shared.news import WATCH

pytestmark = pytest.mark.browser

# As the platform does: what it is told within one task goes in one message.
PLATFORM = """async (source) => {
  const module = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const watch = (await import(module)).default;
  window.sent = [];
  let batch = null;
  window.flush = (name) => {
    if (!batch) {
      batch = [];
      setTimeout(() => { sent.push(batch); batch = null; }, 0);
    }
    batch.push(name);
  };
  window.mount = (name) => watch({
    data: { news: "data:," }, parentElement: document.createElement("div"),
    setTriggerValue: () => flush(name),
  });
}"""


@pytest.fixture
def page(chromium):
    context = chromium.new_context()  # the clock is that of all its pages, those to come as well
    page = context.new_page()
    page.clock.install(time=0)
    page.clock.pause_at(1000)  # installed alone, it goes on by itself
    page.evaluate(PLATFORM, WATCH.files["watch.js"].decode())
    yield page
    context.close()


def passes(page, milliseconds: int) -> list:
    """What was sent until some time has passed; answers to questions come in between."""
    for _ in range(0, milliseconds, 50):
        page.clock.run_for(50)
    return page.evaluate("sent")


def test_the_news_of_two_parts_go_in_two_messages(page):
    page.evaluate("() => ['a', 'b', 'c'].forEach(mount)")
    assert sorted(passes(page, 1000)) == [["a"], ["b"], ["c"]]


def test_a_click_beside_news_keeps_its_message(page):
    page.evaluate("() => { mount('a'); mount('b'); }")
    passes(page, 350)
    page.evaluate("document.dispatchEvent(new Event('pointerdown'))")
    assert passes(page, 100) == []
    page.evaluate("() => { document.dispatchEvent(new Event('click')); flush('click'); }")
    assert passes(page, 100) == [["click"]]
    assert sorted(passes(page, 500)[1:]) == [["a"], ["b"]]


def test_a_click_right_after_news_has_a_message_of_its_own(page):
    """The browser delivers it before what waits for the next task."""
    page.evaluate("""() => {
      const told = window.flush;
      window.flush = (name) => { told(name); queueMicrotask(() => told("click")); };
      mount("a");
    }""")
    assert passes(page, 600) == [["a"], ["click"]]


def test_a_part_that_did_not_run_is_told_again_until_it_is_gone(page):
    page.evaluate("() => { window.leave = mount('a'); }")
    assert passes(page, 5000) == [["a"]]
    assert passes(page, 1500) == [["a"], ["a"]]
    page.evaluate("() => { leave(); }")
    assert len(passes(page, 20000)) == 2
