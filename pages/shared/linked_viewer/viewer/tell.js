// Python is called only when the value differs from what this viewer sent last, and the person may
// mean the same thing again after it changed elsewhere: the serial makes every value differ.

let serial = 0;

export default function tell(viewer, name, value) {
  viewer.component.setStateValue(name, { ...value, serial: ++serial });
}
