// What a viewer asks for: a frame of the browser, and a run of Python.

export function requestDraw(viewer, rearrange = false) {
  viewer.rearrange = viewer.rearrange || rearrange;
  if (viewer.frame) return;
  viewer.frame = requestAnimationFrame(() => {
    viewer.frame = 0;
    viewer.draw();
  });
}

// Python is called only when the value differs from what this viewer sent last, and the person may
// mean the same thing again after it changed elsewhere: the serial makes every value differ.

let serial = 0;

export function tell(viewer, name, value) {
  viewer.component.setStateValue(name, { ...value, serial: ++serial });
}
