// When the tab's connection to the server is back after it was lost, the page is run again: the
// server may be another one by now, which knows nothing of this tab until the tab says what it
// shows. The platform itself runs an idle page again only where something on it is refreshed.
const watchers = new WeakMap();

export default function reconnect({ parentElement, setTriggerValue }) {
  watchers.get(parentElement)?.disconnect();
  const app = document.querySelector("[data-test-connection-state]");
  let lost = false;
  const watcher = new MutationObserver(() => {
    const connected = app.dataset.testConnectionState === "CONNECTED";
    if (connected && lost) setTriggerValue("back", true);
    lost = !connected;
  });
  watcher.observe(app, { attributeFilter: ["data-test-connection-state"] });
  watchers.set(parentElement, watcher);
  return () => watcher.disconnect();
}
