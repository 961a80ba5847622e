// A table that sorts in the browser. The sort outlives reruns; Python is told, for the address.
const SIGNS = { better: "▲", worse: "▼", other: "◆" };
const WORDS = { better: "better", worse: "worse", other: "different" };
const kept = new WeakMap();

export default function ranking({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".ranking");
  const scrolled = root.querySelector(".scroll");
  const place = scrolled ? [scrolled.scrollLeft, scrolled.scrollTop] : [0, 0];
  const sort = kept.get(parentElement) ?? data.sort;

  const show = (chosen) => {
    kept.set(parentElement, chosen);
    root.replaceChildren(table(data, chosen, turn, open));
    root.firstChild.scrollTo(...place);
  };
  const turn = (key) => {
    const former = kept.get(parentElement);
    const chosen = { key, turned: former.key === key && !former.turned };
    const box = root.firstChild;
    place.splice(0, 2, box.scrollLeft, box.scrollTop);
    show(chosen);
    root.querySelector(`[data-column="${key}"]`)?.focus({ preventScroll: true });
    setStateValue("sorted", chosen);
  };
  const open = (name) => setTriggerValue("opened", name);
  show(sort);
}

function table(data, sort, turn, open) {
  const box = element("div", "scroll");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", data.caption);
  const drawn = box.appendChild(element("table"));
  drawn.appendChild(element("caption", "", data.caption));
  drawn.createTHead().appendChild(header(data.columns, sort, turn));
  const body = drawn.createTBody();
  ordered(data, sort).forEach((row, place) => body.appendChild(line(row, place + 1, open)));
  return box;
}

function header(columns, sort, turn) {
  const line = element("tr");
  line.appendChild(element("th", "name", "Variant")).scope = "col";
  for (const column of columns) {
    const head = line.appendChild(element("th"));
    head.scope = "col";
    const button = head.appendChild(element("button", "", column.label));
    button.dataset.column = column.key;
    button.title = column.about;
    if (column.unit) button.append(" ", element("small", "", column.unit));
    const chosen = column.key === sort.key;
    const down = column.high_first !== sort.turned;
    button.appendChild(element("span", "arrow", chosen ? (down ? "▼" : "▲") : ""));
    if (chosen) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    button.onclick = () => turn(column.key);
  }
  return line;
}

function ordered(data, sort) {
  const at = data.columns.findIndex((column) => column.key === sort.key);
  if (at < 0) return data.rows;
  const sign = data.columns[at].high_first !== sort.turned ? -1 : 1;
  const value = (row) => row.cells[at].sort;
  const known = data.rows.filter((row) => value(row) !== null);
  const unknown = data.rows.filter((row) => value(row) === null);
  return [...known.sort((a, b) => sign * (value(a) - value(b))), ...unknown];
}

function line(row, place, open) {
  const drawn = element("tr", row.baseline ? "baseline" : "");
  const head = drawn.appendChild(element("th", "name"));
  head.scope = "row";
  const box = head.appendChild(element("div"));
  box.appendChild(element("span", "place", String(place)));
  const words = box.appendChild(element("span", "words"));
  const label = words.appendChild(element(row.opens ? "button" : "span", "label", row.label));
  words.appendChild(element("small", "", row.baseline ? `${row.name} · baseline` : row.name));
  if (row.note) words.appendChild(element("small", "note", row.note));
  if (row.opens) {
    drawn.classList.add("opens");
    label.title = "Open in Compare beside the baseline";
    drawn.onclick = () => getSelection().isCollapsed && open(row.name);
  }
  for (const cell of row.cells) drawn.appendChild(number(cell));
  return drawn;
}

function number(cell) {
  const drawn = element("td");
  const top = drawn.appendChild(element("span", "value", cell.text));
  if (cell.spread) top.append(" ", element("small", "", cell.spread));
  if (!cell.difference) return drawn;
  const below = drawn.appendChild(element("span", `difference ${cell.mark}`));
  if (cell.mark) {
    const sign = below.appendChild(element("span", "sign", SIGNS[cell.mark]));
    sign.setAttribute("role", "img");
    sign.setAttribute("aria-label", WORDS[cell.mark]);
  }
  below.append(element("span", "", cell.difference), " ", element("small", "", cell.interval));
  return drawn;
}

function element(kind, name = "", text = "") {
  const made = document.createElement(kind);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
