// The platform sends this text again with every message, so it only imports the viewer itself,
// which is served once and kept by the browser.
export default function mount(component) {
  let gone = false;
  let cleanUp = null;
  import(new URL(component.data.script, window.location.origin).href).then((viewer) => {
    if (!gone) cleanUp = viewer.default(component);
  });
  return () => {
    gone = true;
    if (cleanUp) cleanUp();
  };
}
