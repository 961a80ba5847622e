// Puts the rows of a table in order and says which one was clicked. The table comes from Python,
// which has escaped what is in it. The sort outlives reruns; Python is told, for the address.
const kept = new WeakMap();

export default function ranking({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".ranking");
  const scroll = scrolled(root);
  const box = root.querySelector(".scroll") ?? root.appendChild(document.createElement("div"));
  box.className = "scroll";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", data.caption);
  box.innerHTML = data.table;
  box.scrollTo(...scroll);

  const turn = (key) => {
    const former = kept.get(parentElement);
    const sort = { key, turned: former.key === key && !former.turned };
    show(sort);
    setStateValue("sorted", sort);
  };
  const show = (sort) => {
    kept.set(parentElement, sort);
    const at = heads(box).findIndex((head) => head.dataset.column === sort.key);
    heads(box).forEach((head, place) => point(head, place === at, sort.turned));
    if (at >= 0) order(box.querySelector("tbody"), at, heads(box)[at], sort.turned);
  };
  for (const head of heads(box)) head.onclick = () => turn(head.dataset.column);
  for (const row of box.querySelectorAll("tbody tr")) {
    row.onclick = () => getSelection().isCollapsed && click(row, setTriggerValue);
  }
  show(kept.get(parentElement) ?? data.sort);
}

function scrolled(root) {
  const box = root.querySelector(".scroll");
  return box ? [box.scrollLeft, box.scrollTop] : [0, 0];
}

function heads(box) {
  return [...box.querySelectorAll("thead button")];
}

/** Whether values fall from the top down in a column. */
function falls(head, turned) {
  return head.hasAttribute("data-high") !== turned;
}

/** Mark the header of the column that rows are sorted by. */
function point(head, chosen, turned) {
  const down = falls(head, turned);
  head.querySelector(".arrow").textContent = chosen ? (down ? "▼" : "▲") : "";
  head.parentElement.removeAttribute("aria-sort");
  if (chosen) head.parentElement.setAttribute("aria-sort", down ? "descending" : "ascending");
}

/** Sort the rows by a column, those without a number last, and show their ranks in it. */
function order(body, at, head, turned) {
  const sign = falls(head, turned) ? -1 : 1;
  const cell = (row) => row.cells[at + 1].dataset;
  const value = (row) => (cell(row).sort === undefined ? Infinity : sign * cell(row).sort);
  const rows = [...body.rows].sort((a, b) => (value(a) > value(b)) - (value(a) < value(b)));
  for (const row of rows) row.querySelector(".place").textContent = cell(row).rank ?? "";
  body.append(...rows);
}

/** A row opens, or says why it cannot. */
function click(row, setTriggerValue) {
  const why = row.querySelector(".why");
  if (why) why.hidden = !why.hidden;
  else setTriggerValue("opened", row.dataset.name);
}
