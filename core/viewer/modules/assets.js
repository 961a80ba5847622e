// What the viewer is served beside its modules: its style sheet and the colour maps.

async function asset(name) {
  const response = await fetch(new URL(name, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return response;
}

const [style, maps] = await Promise.all([asset("./viewer.css"), asset("./colours.json")]);

export const STYLE = await style.text();
export const COLOUR_MAPS = await maps.json();
