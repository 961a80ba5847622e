"""When a page in Chromium is ready to be looked at: what it has asked for is there and drawn."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 120_000  # the first page of a server, beside other work on two cores
STEP_MS = 40
LOOK_MS = 100
STILL_SECONDS = 0.8  # less, and a click on a tag that has just come is lost now and then
LEFT_OUT_MS = 15_000  # after which no run is to be expected: a left page's questions get none
READY = '.viewer[data-ready="true"]:visible'
SCHEMES = {"light": "rgb(255, 255, 255)", "dark": "rgb(26, 26, 26)"}
"""Colour scheme -> the background of the page."""
TWO_FRAMES = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
QUIET = '[data-testid="stApp"][data-test-script-state="notRunning"]'
WAITS = '[data-waits-for="results"]'
"""What asks for news, until they are there, of what is computed for the page."""
SENT = {name: BackMsg.DESCRIPTOR.fields_by_name[name].number
        for name in ("rerun_script", "file_urls_request")}  # fmt: skip
TOLD = {name: ForwardMsg.DESCRIPTOR.fields_by_name[name].number
        for name in ("new_session", "script_finished", "file_urls_response")}  # fmt: skip
# Notes what a page has asked of its server: a run that has not begun, one that goes on, files.
UNDERWAY = (
    f"const SENT = {json.dumps(SENT)}, TOLD = {json.dumps(TOLD)};"
    + """
const underway = (window.underway = { asked: 0, runs: false, names: 0, files: 0 });
function fieldsOf(message) {
  const bytes = new Uint8Array(message), found = new Set();
  let at = 0;
  const number = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = number();
    found.add(Math.floor(tag / 8));
    const skipped = { 0: () => number() && 0, 1: () => 8, 2: number, 5: () => 4 }[tag % 8]();
    at += skipped;
  }
  return found;
}
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.addEventListener("close", () => Object.assign(underway, { asked: 0, runs: false }));
    this.addEventListener("message", ({ data }) => {
      const fields = fieldsOf(data);
      if (fields.has(TOLD.new_session)) Object.assign(underway, { asked: 0, runs: true });
      if (fields.has(TOLD.script_finished)) underway.runs = false;
      if (fields.has(TOLD.file_urls_response)) underway.names--;
    });
  }
  send(data) {
    const fields = fieldsOf(data);
    if (fields.has(SENT.rerun_script)) underway.asked = performance.now();
    if (fields.has(SENT.file_urls_request)) underway.names++;
    super.send(data);
  }
};
const sendFile = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (...given) {
  underway.files++;
  this.addEventListener("loadend", () => underway.files--);
  return sendFile.apply(this, given);
};
"""
)
# What selectors find, in the components' own trees too.
ALL = """const within = (root) => [root, ...[...root.querySelectorAll("*")]
    .flatMap(({ shadowRoot }) => (shadowRoot ? within(shadowRoot) : []))];
  const all = (selector) =>
    within(document).flatMap((root) => [...root.querySelectorAll(selector)]);
  const shown = (selector) => all(selector).filter((one) => one.getClientRects().length
    && getComputedStyle(one).visibility === "visible");"""
IS_QUIET = f"document.querySelector({QUIET!r})"
# Waits within the page, which is cheaper than to ask it again and again, until something holds.
HOLDS = """async ([patience, given]) => {
  ALL
  const says = (text) => [...document.querySelectorAll("[data-testid=stMarkdown] p")]
    .some((one) => one.textContent === text);
  const begun = performance.now();
  BEFORE;
  while (!(HOLDS)) {
    if (performance.now() - begun > patience) return false;
    await new Promise((done) => setTimeout(done, 20));
  }
  await FRAMES;
  return true;
}""".replace("FRAMES", TWO_FRAMES).replace("ALL", ALL)
ONE_READY = """shown('.viewer[data-ready="true"]').length === 1"""
# Looked at within the page: to ask from without, many times a second, keeps it busy. So does a
# look at all of it, which is not worth it while the script runs. Looks are counted, not time: a
# page that was held up for a second has not been calm for that long.
STILL = """async ([selectors, waits, least, leftOut, patience, step]) => {
  ALL
  const unrest = () => {
    if (underway.asked && performance.now() - underway.asked > leftOut) underway.asked = 0;
    const way = Object.keys(underway).filter((name) => underway[name]);
    if (way.length) return way;
    if (!document.querySelector(selectors[0])) return [selectors[0]];
    const roots = within(document.querySelector("[data-testid=stApp]")?.parentNode ?? document);
    const isThere = (selector) => roots.some((root) =>
      [...root.querySelectorAll(selector)].some((node) => node.getClientRects().length));
    const missing = selectors.filter((selector) => !isThere(selector));
    const busy = [".viewer:not([data-ready=true])"].filter(isThere);
    const news = roots.some((root) => root.host?.matches(waits) || root.querySelector(waits));
    const told = roots.map((root) => root.textContent).filter((text) => /computing/i.test(text));
    const words = told.map((text) => text.match(/.{0,20}computing.{0,20}/i)[0]);
    return [...missing, ...busy, ...(news ? [waits] : []), ...words];
  };
  const begun = performance.now();
  for (let calm = 0, found = []; calm < least / step; calm = found.length ? 0 : calm + 1) {
    if (performance.now() - begun > patience) return found;
    await new Promise((done) => setTimeout(done, step));
    found = unrest();
  }
  return [];
}""".replace("ALL", ALL)


def settled(page: Page) -> None:
    wait(page, ONE_READY)


def wait(page: Page, holds: str, *given: object, before: str = "") -> None:
    """Wait until an expression of JavaScript holds in the page, and what it draws is drawn."""
    call = HOLDS.replace("BEFORE", before).replace("HOLDS", holds)
    assert page.evaluate(call, [PATIENCE, given]), (
        f"In {PATIENCE} ms it was not so: {holds} {given}"
    )


def frames(page: Page) -> None:
    """Let two animation frames pass: whatever was asked for is drawn."""
    page.evaluate(TWO_FRAMES)


def in_scheme(page: Page, scheme: str) -> None:
    """Turn a page light or dark."""
    page.emulate_media(color_scheme=scheme)
    app = page.get_by_test_id("stApp")
    expect(app).to_have_css("background-color", SCHEMES[scheme], timeout=PATIENCE)
    frames(page)


def settle(page: Page) -> None:
    """Wait until everything is computed, drawn, and the server has nothing more to say."""
    rest(page, READY)


def rest(page: Page, *drawn: str) -> None:
    """The same for a view that may have no viewer; `drawn` are selectors of what it must show.

    A click may be on its way to what the page sends, so all must hold for a moment.
    """
    asked = [QUIET, *(selector.removesuffix(":visible") for selector in drawn)]
    times = [1000 * STILL_SECONDS, LEFT_OUT_MS, PATIENCE, LOOK_MS]
    unrest = page.evaluate(STILL, [asked, WAITS, *times])
    assert page.get_by_test_id("stException").all_inner_texts() == []
    assert unrest == [], "Missing, still busy or still told, all the time"


def until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds that the page itself does not tell, `what` in words."""
    for _ in range(PATIENCE // STEP_MS):
        if holds():
            return
        page.wait_for_timeout(STEP_MS)
    pytest.fail(f"In {PATIENCE} ms it was not so: {what}.")


def soon(page: Page, read: Callable[[], object], wanted: object) -> None:
    """Wait until what is read is what it should be; where it never is, both are shown."""
    for _ in range(PATIENCE // STEP_MS):
        if (found := read()) == wanted:
            return
        page.wait_for_timeout(STEP_MS)
    assert found == wanted
